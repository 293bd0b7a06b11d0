"""What the texts of articles suggest where nothing is known of them, for people to decide."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from index.edits import DATES
from index.records import EDITABLE, Article
from index.sources.metadata import web_address
from index.sources.opening import Opening, Suggestion, read_opening, recognise_outlets

MOST_READ = 500  # articles at once: a text's own lines take about 3 ms


def suggest(articles: Sequence[Article], publishers: Mapping[str, int]) -> dict[str, tuple[Suggestion, ...]]:
    """By article id what its text suggests for fields of which nothing is known, likeliest first.

    `publishers` are those that the library knows, with the number of their articles: a name that others bear
    out comes first. What people set is left alone, also where they set nothing. A `line` is "" where a
    value is read surely, or stands in several articles. Only the first MOST_READ
    articles are read.
    """
    read = [(one, _read(one)) for one in articles[:MOST_READ]]
    known = [name for name, number in publishers.items() for _ in range(min(number, 3))]
    outlets = recognise_outlets([opening.outlets for _, opening in read], known)
    found = {}
    for (article, opening), outlet in zip(read, outlets, strict=True):
        edited = {name for name, _ in article.edited}
        wanted = [name for name in EDITABLE if not getattr(article, name) and name not in edited]
        kept = [one for one in _in_order(opening, outlet) if one.field in wanted]
        if kept:
            found[article.id] = tuple(dict.fromkeys(kept))
    return found


def likeliest(suggested: Sequence[Suggestion]) -> dict[str, str]:
    """Of each field the first value: no day that can be read in two ways, and no name for two fields."""
    values: dict[str, list[str]] = {}
    for one in suggested:
        values.setdefault(one.field, []).append(one.value)
    doubtful = {one.field for one in suggested if one.field in DATES and len(set(values[one.field])) > 1}
    likely = {name: found[0] for name, found in values.items() if name not in doubtful}
    if likely.get("author") == likely.get("publisher"):
        likely.pop("author", None)
    return likely


def _read(article: Article) -> Opening:
    file = None if web_address(article.uri) else PurePosixPath(article.uri).name
    return read_opening(article.text, file_name=file)


def _in_order(opening: Opening, outlet: str | None) -> Iterator[Suggestion]:
    """What is read surely, the outlet that others bear out, and the rest."""
    for name in EDITABLE:
        value = getattr(opening.stated, name)
        if value:
            yield Suggestion(name, value, "")
    if outlet is not None:
        lines = {one.value: one.line for one in opening.suggested if one.field == "publisher"}
        yield Suggestion("publisher", outlet, lines.get(outlet, ""))
    yield from opening.suggested
