"""What an answer is made of, in the shape of the public contract.

`start` and `end` are half-open character offsets into the text of the article named beside them.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from index.names import article_name
from index.records import Hit
from index.scope import Scope

Polarity = Literal["yes", "no", "open"]
ConflictKind = Literal["number", "date", "name", "polarity", "certainty"]
ConflictTier = Literal["disagree", "may_disagree"]
OverviewSort = Literal["overview", "topic", "disagreements", "comparison", "outlets"]
TakenAs = Literal["", "sure", "source", "others", "about", "news", "outlets", "foreign"]
TimeMark = Literal["", "latest", "superseded"]
SourceOrder = Literal["best", "newest", "oldest"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim quote and its place; `sentence` is the quote's whole sentence. `score` is in 0..1.

    `name` is what the article is called, by title or first words; where not given, by title or address.
    `updated` is the day of the article's last update, `author` its byline, where it states one.
    `according_to` names the other outlet, filing or report that the article takes the sentence from, in its
    own words; see `qa.language.attribution`. `elsewhere`: what its article says to a yes/no question is said
    in other sentences of it, not in this one.
    """

    article_id: str
    title: str | None
    publisher: str | None
    published: str | None
    uri: str
    start: int
    end: int
    quote: str
    sentence: str
    sentence_start: int
    sentence_end: int
    score: float
    name: str = ""
    updated: str | None = None
    according_to: str | None = None
    elsewhere: bool = False
    author: str | None = None

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", article_name(self.title, "", self.uri))


@dataclass(frozen=True, slots=True)
class Position:
    """One answer to the question and all who give it.

    In `independent_sources` near-copies count once, and so do all who take it from the same outlet.
    `polarity` is what it says to a yes/no question, None where that is not sure enough to be shown and for
    questions of another kind. `certainty` is kept for those who read it: "", since no model tells it yet.
    """

    text: str
    citations: tuple[Citation, ...]
    independent_sources: int
    polarity: Polarity | None = None
    certainty: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Statements that cannot all hold as answers to the question. `score` is in 0..1.

    `tier`: how sure that is. Of those that "disagree" four in five do, of those that "may_disagree" one in
    two. `sides` names for each statement the side it is on, 0 or 1, in the order of the explanation.
    """

    kind: ConflictKind
    explanation: str
    statements: tuple[Citation, ...]
    score: float
    possible_update: bool = False
    sides: tuple[int, ...] = ()
    tier: ConflictTier = "disagree"

    def by_side(self) -> tuple[tuple[Citation, ...], ...]:
        """The statements of each side, in order; each alone where the sides are not told."""
        if len(self.sides) != len(self.statements):
            return tuple((statement,) for statement in self.statements)
        placed = list(zip(self.sides, self.statements, strict=True))
        return tuple(
            tuple(statement for at, statement in placed if at == side) for side in sorted(set(self.sides))
        )


@dataclass(frozen=True, slots=True)
class ConflictCheck:
    """What was compared. `reason` says why nothing was, or why not all pairs were; else it is empty.

    `ruled_out` conflicts are not among those shown, because people ruled them none.
    """

    status: Literal["checked", "not_checked"]
    statements: int = 0
    sources: int = 0
    pairs: int = 0
    reason: str = ""
    ruled_out: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved stretch of an article, verbatim."""

    article_id: str
    start: int
    end: int
    text: str
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was looked through: articles in scope, and articles and passages of them that were read.

    `publishers`, `since`, `until` and `article_ids` are what narrowed the library's `library_articles` to
    those in scope, as asked; left empty where nothing did. `undated` articles state no date, so that one of
    `since` and `until` left them out.
    """

    articles: int = 0
    articles_read: int = 0
    passages_read: int = 0
    library_articles: int = 0
    publishers: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    article_ids: tuple[str, ...] = ()
    undated: int = 0

    @property
    def asked(self) -> Scope:
        """The scope that was asked for."""
        return Scope(self.publishers, self.since, self.until, self.article_ids)

    @property
    def narrowed(self) -> bool:
        """Whether less than the whole library was asked."""
        return bool(self.publishers or self.since or self.until or self.article_ids)


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds per stage."""

    standalone: float = 0.0
    retrieve: float = 0.0
    read: float = 0.0
    conflict: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the same conversation, the answer's text, and what it was cited from.

    `question` stands alone. Where it was `asked` in other words, with the words `about` of the talk before
    it, these ask it once more.
    """

    question: str
    answer: str = ""
    citations: tuple[Citation, ...] = ()
    asked: str = ""
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Central sentences, whole, those with a date first and in time order; `heading` is a topic, "" for all.

    The score of a citation is the cosine, 0..1, of the sentence to what it stands for: no probability.
    """

    heading: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """What was asked for instead of one fact: of everything or of a topic, what is disputed, or a comparison.

    Of "outlets" each section is one: what it says, or how much; its heading says which. A
    comparison has two sections, "disagreements" one without citations: the conflicts stand in the answer.
    """

    sort: OverviewSort
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A statement on the `day` from which its article is, an ISO date as exact as stated.

    `mark` is "superseded" where a later one may be an update of it, "latest" for the last of these updates.
    """

    day: str
    citation: Citation
    mark: TimeMark = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The dated statements of an answer, oldest first, each once; `undated` counts the others."""

    entries: tuple[TimelineEntry, ...] = ()
    undated: int = 0


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """An event that an answer is about: named as the most central of its articles is, of those found."""

    name: str
    article_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """All that Whosays has to say to a question.

    `status` is "answered"; "closest", where it is not sure that anything answers; "unanswered", where
    nothing is near; or "overview", where no single fact was asked for: then `overview` says what was,
    `citations` are those of its sections, `text` is "", and `confidence` 0. `closest` holds the best whole
    sentence of each source, best first, unless answered. `about` are the words that a follow-up takes from
    the talk before it. `copies` groups the ids of quoted articles that are near-copies of each other.
    `order` is that of the sources: the surest first, unless asked otherwise; then those without a date last.
    `events` are those that the quoted articles tell of, the first quoted first. `taken_as` says what the
    words were taken for where they were no question to the articles by themselves: one about the answer
    before, which `standalone_question` then asks, about its outlets, about news, or one in a `language` other
    than English, as ISO 639-1 names it, "" where that is not known. `further` are the answers to the other
    questions that were asked in the same breath.
    """

    question: str
    standalone_question: str
    status: Literal["answered", "closest", "unanswered", "overview"]
    text: str
    confidence: float
    citations: tuple[Citation, ...]
    positions: tuple[Position, ...]
    conflicts: tuple[Conflict, ...]
    conflict_check: ConflictCheck
    passages: tuple[Passage, ...]
    timings_ms: Timings = field(default_factory=Timings)
    closest: tuple[Citation, ...] = ()
    scope: Coverage = field(default_factory=Coverage)
    about: tuple[str, ...] = ()
    overview: Overview | None = None
    timeline: Timeline = field(default_factory=Timeline)
    copies: tuple[tuple[str, ...], ...] = ()
    order: SourceOrder = "best"
    events: tuple[AnswerEvent, ...] = ()
    taken_as: TakenAs = ""
    language: str = ""
    further: tuple["Answer", ...] = ()

    @property
    def asked(self) -> str:
        """The question that, with `about`, asks for the same once more, also outside the talk."""
        return self.standalone_question if self.taken_as else self.question

    def quotes(self) -> Iterator[Citation]:
        """Every citation in it, wherever it stands; one may come several times."""
        yield from (*self.citations, *self.closest)
        yield from (one for position in self.positions for one in position.citations)
        yield from (one for conflict in self.conflicts for one in conflict.statements)
        if self.overview is not None:
            yield from (one for section in self.overview.sections for one in section.citations)
        yield from (one.citation for one in self.timeline.entries)
        yield from (one for answer in self.further for one in answer.quotes())

    def article_ids(self) -> frozenset[str]:
        """Of all articles that it quotes, or of which passages were found."""
        read = {one.article_id for one in self.passages}
        return frozenset(read.union(one.article_id for one in self.quotes()))

    def to_dict(self) -> dict[str, Any]:
        """The same as plain dictionaries, lists, strings and numbers, ready for JSON."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def _plain(value: Any) -> Any:
    """`value` with its tuples, at every level, as lists."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class Reading:
    """A stretch of one hit's article that may answer the question.

    `start`, `end`: the answer; `sentence_start`, `sentence_end`: its whole sentence. `score` is the
    probability, 0..1, that it answers: comparable between passages and articles.
    """

    hit: Hit
    start: int
    end: int
    sentence_start: int
    sentence_end: int
    score: float


Stage = Literal["searching", "reading", "comparing"]
STAGES: tuple[Stage, ...] = get_args(Stage)

OnStage = Callable[[Stage], None]
"""Called as a stage begins and between its steps. What it raises ends the work, and reaches who asked."""


OnFirst = Callable[[Answer], None]
"""Called with the first answer: where it is sure early, while other articles are read; and before its sources
are compared, where they will be."""


def ignore_stage(stage: Stage) -> None:
    """Tells nobody."""
