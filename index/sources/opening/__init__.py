"""What a text states of itself in its first and last lines, and in the name of its file."""

from index.sources.opening.front_matter import read_front_matter, split_front_matter
from index.sources.opening.reading import Opening, Suggestion, read_opening

__all__ = ["Opening", "Suggestion", "read_front_matter", "read_opening", "split_front_matter"]
