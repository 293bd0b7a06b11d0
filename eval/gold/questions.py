"""Reading gold sets: our own, SQuAD 1.1 and 2.0, and one question a line; the content decides which.

Each may be compressed with gzip. Every complaint is a GoldError naming the file, the place and the remedy.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar, get_args

from eval.errors import GoldError
from qa.records import ConflictKind, Turn

_SHAPES = (
    'The evaluation reads three shapes: one object a line with "id", "kind", "question", "answers" and '
    '"evidence"; SQuAD 1.1 or 2.0 JSON (an object with "data"); or one object a line with "id", "context", '
    '"question" and "answers"'
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verbatim quote of the article in the file `article` (a name, without its folder)."""

    article: str
    quote: str


@dataclass(frozen=True, slots=True)
class GoldConflict:
    """What the articles disagree on: two sides or more, each with every statement that takes it."""

    kind: ConflictKind
    sides: tuple[tuple[Evidence, ...], ...]


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question over a library. Any of `answers` is right; none means that the articles do not answer."""

    id: str
    kind: str
    question: str
    history: tuple[Turn, ...] = ()
    answers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    conflicts: tuple[GoldConflict, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """A right answer and the character offset in its paragraph at which the data set places it."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one paragraph. No `answers` means that the paragraph does not answer it."""

    id: str
    title: str
    context: str
    question: str
    answers: tuple[AnswerSpan, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The right answers without their places."""
        return tuple(answer.text for answer in self.answers)


GoldSet = tuple[GoldQuestion, ...] | tuple[Question, ...]
_AnyQuestion = TypeVar("_AnyQuestion", GoldQuestion, Question)


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


_Item = TypeVar("_Item", bound=_Identified)


def read_gold(file: Path) -> GoldSet:
    """All questions of `file`, in its order and all of one kind.

    Raises GoldError when the file is missing, empty, damaged, of another shape, or repeats an id.
    """
    text = _read_text(file)
    first = text.lstrip()[:1]
    if not first:
        raise GoldError(f"{file} is empty. {_SHAPES}")
    if first != "{":
        raise GoldError(f"{file} starts with {first!r}, not with a JSON object. {_SHAPES}")
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    opening = _try_json(lines[0][1])
    if opening is None or "data" in opening:
        return _unique(_read_squad(file, text), file)
    place = f"{file}, line {lines[0][0]}"
    if "context" in opening:
        return _unique(_each_line(file, lines, _paragraph_question), file)
    if "kind" in opening and "question" in opening:
        return _unique(_each_line(file, lines, _gold_question), file)
    raise GoldError(f"{place}: an object with the keys {', '.join(map(repr, opening))}. {_SHAPES}")


def sample(items: Sequence[_Item], limit: int | None) -> tuple[_Item, ...]:
    """`limit` of the questions or stories in their order, the same ones every time; all of them for None.

    Those with the smallest SHA-256 of their id are taken, so a larger limit adds and never swaps.
    """
    if limit is None or limit >= len(items):
        return tuple(items)
    by_hash = sorted(items, key=lambda item: hashlib.sha256(item.id.encode()).digest())
    taken = {item.id for item in by_hash[:limit]}
    return tuple(item for item in items if item.id in taken)


def _read_text(file: Path) -> str:
    try:
        content = file.read_bytes()
        if content.startswith(b"\x1f\x8b"):
            content = gzip.decompress(content)
        return content.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise GoldError(
            f"there is no gold set at {file}; check the path, or write seeds for the bundled one"
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise GoldError(f"{file} cannot be read: {error}; name a readable file, or fetch it again") from error
    except UnicodeDecodeError as error:
        raise GoldError(f"{file} is not UTF-8 (byte {error.start}); save it as UTF-8") from error


def _try_json(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _each_line(
    file: Path, lines: Iterable[tuple[int, str]], make: Callable[[Mapping[str, Any], str], _AnyQuestion]
) -> tuple[_AnyQuestion, ...]:
    questions = []
    for number, line in lines:
        place = f"{file}, line {number}"
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise GoldError(
                f"{place}: broken JSON ({error.msg} at character {error.pos}); mend the line"
            ) from error
        questions.append(make(_object(record, "the line", place), place))
    return tuple(questions)


def _gold_question(record: Mapping[str, Any], place: str) -> GoldQuestion:
    _only(record, ("id", "kind", "question", "history", "answers", "evidence", "conflicts"), place)
    answers = _list(record, "answers", place)
    for answer in answers:
        if not isinstance(answer, str) or not answer.strip():
            raise GoldError(
                f'{place}: {answer!r} stands in "answers"; each answer is a text that is not empty'
            )
    question = GoldQuestion(
        id=_text(record, "id", place),
        kind=_text(record, "kind", place),
        question=_text(record, "question", place),
        history=tuple(_turn(turn, place) for turn in _list(record, "history", place, needed=False)),
        answers=tuple(answers),
        evidence=_evidence(_list(record, "evidence", place, needed=bool(answers)), place),
        conflicts=tuple(_conflict(one, place) for one in _list(record, "conflicts", place, needed=False)),
    )
    if question.answers and not question.evidence:
        raise GoldError(f'{place}: an answer without "evidence"; quote the statement that gives it')
    if question.evidence and not question.answers:
        raise GoldError(
            f'{place}: "evidence" without an answer; leave both lists empty when the articles do not answer'
        )
    return question


def _turn(value: Any, place: str) -> Turn:
    record = _object(value, 'each turn of "history"', place)
    _only(record, ("question", "answer"), place)
    return Turn(
        _text(record, "question", place), _text(record, "answer", place) if "answer" in record else ""
    )


def _conflict(value: Any, place: str) -> GoldConflict:
    record = _object(value, "each conflict", place)
    _only(record, ("kind", "sides"), place)
    kinds: tuple[ConflictKind, ...] = get_args(ConflictKind)
    kind = next((known for known in kinds if known == record.get("kind")), None)
    if kind is None:
        raise GoldError(
            f"{place}: a conflict of the kind {record.get('kind')!r}; known are {', '.join(kinds)}"
        )
    sides = []
    for side in _list(record, "sides", place):
        if not isinstance(side, list) or not side:
            raise GoldError(f"{place}: {side!r} is not a side of a conflict; a side is a list of statements")
        sides.append(_evidence(side, place))
    if len(sides) < 2:
        raise GoldError(f"{place}: a conflict with {len(sides)} side(s); it takes two or more")
    return GoldConflict(kind, tuple(sides))


def _evidence(values: Iterable[Any], place: str) -> tuple[Evidence, ...]:
    found = []
    for value in values:
        record = _object(value, "each statement", place)
        _only(record, ("article", "quote"), place)
        found.append(Evidence(_text(record, "article", place), _text(record, "quote", place)))
    return tuple(found)


def _paragraph_question(record: Mapping[str, Any], place: str) -> Question:
    return Question(
        id=_text(record, "id", place),
        title=_text(record, "title", place) if record.get("title") else "",
        context=_text(record, "context", place),
        question=_text(record, "question", place),
        answers=_spans(_list(record, "answers", place), "start", place),
    )


def _read_squad(file: Path, text: str) -> tuple[Question, ...]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise GoldError(
            f"{file}, line {error.lineno}: broken JSON ({error.msg}); mend it. {_SHAPES}"
        ) from error
    if "data" not in content:
        raise GoldError(f"{file}: an object with the keys {', '.join(map(repr, content))}. {_SHAPES}")
    return tuple(_squad_questions(content, file))


def _squad_questions(content: Mapping[str, Any], file: Path) -> Iterable[Question]:
    for article_number, article in enumerate(_list(content, "data", str(file)), 1):
        place = f"{file}, article {article_number}"
        article = _object(article, "each article", place)  # noqa: PLW2901 - the same value, its type now known
        title = _text(article, "title", place) if article.get("title") else ""
        for number, paragraph in enumerate(_list(article, "paragraphs", place), 1):
            within = f"{place}, paragraph {number}"
            context = _text(_object(paragraph, "each paragraph", within), "context", within)
            for entry in _list(paragraph, "qas", within):
                record = _object(entry, "each question", within)
                identity = _text(record, "id", within)
                here = f"{within}, question {identity}"
                answers = _spans(_list(record, "answers", here), "answer_start", here)
                yield Question(identity, title, context, _text(record, "question", here), answers)


def _spans(values: Iterable[Any], start: str, place: str) -> tuple[AnswerSpan, ...]:
    spans = []
    for value in values:
        record = _object(value, "each answer", place)
        offset = record.get(start)
        if isinstance(offset, bool) or not isinstance(offset, int):
            raise GoldError(f'{place}: an answer whose "{start}" is {offset!r}; it is a character offset')
        spans.append(AnswerSpan(_text(record, "text", place), offset))
    return tuple(spans)


def _unique(questions: tuple[_AnyQuestion, ...], file: Path) -> tuple[_AnyQuestion, ...]:
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise GoldError(f"{file}: the id {question.id!r} stands there twice; give each question its own")
        seen.add(question.id)
    if not questions:
        raise GoldError(f"{file} holds no question. {_SHAPES}")
    return questions


def _object(value: Any, what: str, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise GoldError(f"{place}: {what} is a JSON object, not {value!r}")
    return value


def _text(record: Mapping[str, Any], key: str, place: str) -> str:
    value = record.get(key)
    if not isinstance(value, str) or not value.strip():
        raise GoldError(f'{place}: "{key}" is {value!r}; it takes a text that is not empty')
    return value


def _list(record: Mapping[str, Any], key: str, place: str, *, needed: bool = True) -> list[Any]:
    value = record.get(key) if needed else record.get(key, [])
    if not isinstance(value, list):
        raise GoldError(f'{place}: "{key}" is {value!r}; it takes a list')
    return value


def _only(record: Mapping[str, Any], known: Sequence[str], place: str) -> None:
    for key in record:
        if key not in known:
            raise GoldError(f'{place}: unknown key "{key}"; known here are {", ".join(known)}')
