"""What a notebook holds: a quote, a disagreement, a whole answer, or a note alone; made of what was shown."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, Literal
from unicodedata import category

from index.errors import ArticleNotFound, LibraryError
from index.records import Article
from qa.conflicts.independence import Copies
from qa.conflicts.merging import merge_conflicts
from qa.conflicts.tally import tally_of
from qa.export.tally import compared_text
from qa.export.text import comparison_text, limits
from qa.records import Answer, Citation, Conflict, Polarity, Position
from qa.survey.points import Point

NOTE_CHARS = 4_000
QUESTION_CHARS = 2_000  # as long as a question may be
BY_CHARS = 200

ClippingKind = Literal["quote", "disagreement", "answer", "note"]
ClippingStatus = Literal["", "answered", "closest", "overview"]
FindArticle = Callable[[str], Article]
"""The article of an id; ArticleNotFound where there is none."""


@dataclass(frozen=True, slots=True)
class Clipping:
    """One thing that was kept, with the note beside it.

    `statements` are what is quoted: one of a "quote", of an "answer" its own citations, or the closest ones,
    as `status` says. `others` are what other sources say to the question, `conflicts` the disagreements
    beside it, or the one that was kept; `compared` says in words what was compared. `stance` is what the
    answer's own position says to a yes/no question. `checksums` are the SHA-256 of the articles' texts when
    it was kept, by id. `kept` is UTC, ISO 8601; `by` is who signed in, "" where nobody has to.
    """

    id: str
    kind: ClippingKind
    kept: str
    by: str = ""
    question: str = ""
    note: str = ""
    status: ClippingStatus = ""
    stance: Polarity | None = None
    statements: tuple[Citation, ...] = ()
    others: tuple[Position, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    compared: str = ""
    copies: tuple[tuple[str, ...], ...] = ()
    checksums: Mapping[str, str] = field(default_factory=dict)

    def quotes(self) -> Iterator[Citation]:
        """Every citation in it; one may come several times."""
        yield from self.statements
        yield from (one for position in self.others for one in position.citations)
        yield from (one for conflict in self.conflicts for one in conflict.statements)

    def article_ids(self) -> tuple[str, ...]:
        """Of all articles that it quotes, each once, the first quoted first."""
        return tuple(dict.fromkeys(one.article_id for one in self.quotes()))

    def map_quotes(self, change: Callable[[Citation], Citation]) -> "Clipping":
        """The same with each of its citations as `change` gives it."""
        return replace(
            self,
            statements=tuple(map(change, self.statements)),
            others=tuple(replace(one, citations=tuple(map(change, one.citations))) for one in self.others),
            conflicts=tuple(
                replace(one, statements=tuple(map(change, one.statements))) for one in self.conflicts
            ),
        )


def clip_quote(quote: Citation, *, question: str = "", beside: Sequence[Conflict] = ()) -> Clipping:
    """One quote, the question that it was shown to, and those of the disagreements `beside` it that it is in.

    Nothing is kept without what is known to contradict it.
    """
    place = quote.article_id, quote.sentence_start, quote.sentence_end
    opposed = tuple(
        one
        for one in beside
        if any((said.article_id, said.sentence_start, said.sentence_end) == place for said in one.statements)
    )
    return _clip("quote", question, statements=(quote,), conflicts=opposed)


def clip_disagreement(conflict: Conflict, *, question: str = "") -> Clipping:
    """Both sides of a disagreement, all who are on them, its kind and its tier."""
    return _clip("disagreement", question, conflicts=(conflict,))


def clip_point(point: Point, copies: Copies = ()) -> Clipping:
    """A point at issue of a library: all that is opposed in it, under its heading, in quotation marks.

    What is ruled none is kept too, and told as ruled: the same point is the same clipping whatever is ruled.
    """
    held = {one.article_id for one in point.statements}
    beside = tuple(group for group in map(tuple, copies) if held.intersection(group))
    opposed = tuple(one.conflict for one in point.disagreements)
    return _clip("disagreement", f"“{point.heading}”", conflicts=opposed, copies=beside)


def clip_answer(answer: Answer) -> Clipping:
    """What an answer quotes, what other sources say, and every disagreement beside it.

    Raises LibraryError for one that quotes nothing.
    """
    cited = answer.closest if answer.status == "closest" else answer.citations
    conflicts = merge_conflicts(answer)
    if answer.status == "unanswered" or not (cited or conflicts):
        raise LibraryError("This answer quotes nothing that could be kept: ask something else")
    own = {(one.article_id, one.start) for one in cited}
    mine = [one for one in answer.positions if any((c.article_id, c.start) in own for c in one.citations)]
    others = tuple(one for one in answer.positions if one not in mine)
    return _clip(
        "answer",
        answer.question,
        status=answer.status,
        stance=mine[0].polarity if mine else None,
        statements=cited,
        others=others,
        conflicts=conflicts,
        compared=_compared(answer),
        copies=answer.copies,
    )


def write_note(text: str) -> Clipping:
    """A note that stands alone. Raises LibraryError for an empty one, and for one that is too long."""
    text = check_note(text)
    if not text:
        raise LibraryError("A note needs some words: type them first")
    return Clipping(token_hex(6), "note", "", note=text)


def check_note(text: str) -> str:
    """`text` as it is kept, without what cannot be written. Raises LibraryError where it is too long."""
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    text = "".join(one for one in text if one in "\n\t" or category(one) not in ("Cc", "Cs")).strip()
    if len(text) > NOTE_CHARS:
        raise LibraryError(
            f"The note has {len(text):,} characters, and {NOTE_CHARS:,} are the most: shorten it"
        )
    return text


def date_now(now: datetime | None = None) -> str:
    """UTC, ISO 8601."""
    return (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")


def add_checksums(clipping: Clipping, find: FindArticle) -> Clipping:
    """With the checksum of each article's text; LibraryError where a quote does not stand in its article."""
    checksums = {}
    texts: dict[str, str] = {}
    for article_id in clipping.article_ids():
        try:
            texts[article_id] = find(article_id).text
        except ArticleNotFound as error:
            raise LibraryError(
                "An article of this is no longer in the library: ask again, then keep what is shown"
            ) from error
        checksums[article_id] = text_checksum(texts[article_id])
    if not all(stands(one, texts[one.article_id]) for one in clipping.quotes()):
        raise LibraryError("These words no longer stand in the library: ask again, then keep what is shown")
    return replace(clipping, checksums=checksums)


def stands(one: Citation, text: str) -> bool:
    """Whether quote and sentence are the very characters of the article's text at their places."""
    inside = 0 <= one.sentence_start <= one.start < one.end <= one.sentence_end <= len(text)
    return (
        inside
        and text[one.start : one.end] == one.quote
        and text[one.sentence_start : one.sentence_end] == one.sentence
    )


def text_checksum(text: str) -> str:
    """SHA-256 of a text in UTF-8; a lone surrogate, which JSON files can bring in, as three bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _compared(answer: Answer) -> str:
    """In words, what was compared, and that it was not where it was not."""
    check = answer.conflict_check
    if check.status == "not_checked":
        return f"Not compared, because {check.reason}."
    if answer.conflicts:
        return f"{comparison_text(check)}. {limits(check)}".rstrip()
    title, rest = compared_text(answer, tally_of(answer))
    return f"{title}. {rest}".rstrip()


def _clip(kind: ClippingKind, question: str, **held: Any) -> Clipping:
    """Its id comes from what it is made of: the same thing kept twice is one clipping."""
    made = Clipping("", kind, "", question=question[:QUESTION_CHARS], **held)
    places: Sequence[Any] = [
        kind, question, made.status,
        [(one.article_id, one.start, one.end) for one in made.statements],
        [(one.article_id, one.start, one.end) for conflict in made.conflicts for one in conflict.statements],
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(places).encode()).hexdigest()
    return replace(made, id=digest[:12])


def to_plain(clipping: Clipping) -> dict[str, Any]:
    """As JSON holds it."""
    return asdict(clipping)
