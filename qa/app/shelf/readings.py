"""What an article's own text may state of it, for those of its fields that nobody has filled yet."""

from pathlib import PurePosixPath

from index.records import EDITABLE, Article
from index.sources.metadata import web_address
from index.sources.opening import Suggestion, read_opening


def suggestions_of(article: Article) -> tuple[Suggestion, ...]:
    """Values of EDITABLE fields, each with the line that it stands in; "" where it is read surely.

    Both are only suggested: the article was added before its text was read for them, or the reading is not
    sure. None for a field that is known, and none where a person has said that there is nothing.
    """
    file = None if web_address(article.uri) else PurePosixPath(article.uri).name
    opening = read_opening(article.text, file_name=file)
    stated = [
        Suggestion(name, value, "") for name in EDITABLE if (value := getattr(opening.stated, name, None))
    ]
    held = {name for name, _ in article.edited} | {name for name in EDITABLE if getattr(article, name)}
    found = {
        (one.field, one.value): one
        for one in reversed([*stated, *opening.suggested])
        if one.field in EDITABLE and one.field not in held
    }
    return tuple(reversed(found.values()))
