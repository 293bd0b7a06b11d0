"""Ask a library of articles: verbatim answers, cited, with every statement that conflicts with them."""

from index.errors import WhosaysError
from index.records import Article, Outcome
from index.scope import Scope
from qa.ask import ask
from qa.library import Library
from qa.records import Answer, Citation, Conflict, ConflictCheck, Passage, Position, Turn
from qa.settings import Settings

__all__ = [
    "Answer",
    "Article",
    "Citation",
    "Conflict",
    "ConflictCheck",
    "Library",
    "Outcome",
    "Passage",
    "Position",
    "Scope",
    "Settings",
    "Turn",
    "WhosaysError",
    "ask",
]
