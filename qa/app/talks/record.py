"""A talk as it is kept between visits: plain JSON without a word of HTML, made turns again on the server.

What comes back may have been kept anywhere: its shape and size are checked, and its quotes held against the
articles of the library. An answer whose quotes are gone is kept as it was, and shown as gone.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from index.errors import WhosaysError
from index.scope import EVERYTHING, Scope
from qa.answer import MAX_QUESTION_CHARACTERS
from qa.app.html import turn as turns
from qa.app.shelf.catalogue import Catalogue
from qa.app.talks.conversation import TURNS_KEPT, Exchange, Talk, draw_turn, link_of, named_articles
from qa.app.talks.link import MOST_WORDS, NAME_CHARS, WORD_CHARS, link_query
from qa.app.talks.recheck import Articles, gone_note, is_sound, recheck
from qa.app.talks.seal import is_sealed
from qa.app.talks.unsealed import WholeSentences, doubt, is_doubted
from qa.export.bounded_json import read_json
from qa.export.conversation import read_conversation
from qa.export.typed_json import Mismatch, read_value
from qa.records import Answer, Timeline

VERSION = 1
# Fifty turns take about a tenth. Beyond it the oldest turns give way.
RECORD_CHARS = 4_000_000
ID_CHARS = 32
PROBLEM_CHARS = 1_000
LEFT = "You left the page before the answer came. Ask again to see it."


class RecordError(WhosaysError):
    """A text is no talk that this app kept."""


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """One turn: `answer` is None where there was none, and `problem` says why.

    `limits` is its scope: talks that browsers hold already call it so.
    """

    number: int
    question: str
    about: tuple[str, ...] | None = None
    limits: Scope = EVERYTHING
    answer: Answer | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A talk as it was kept. `library` is the name of the one that it asks, `limits` the scope in force."""

    id: str
    library: str
    limits: Scope
    turns: tuple[KeptTurn, ...]

    @property
    def questions(self) -> tuple[str, ...]:
        """As they were typed, oldest first."""
        return tuple(one.question for one in self.turns)


def write(talk: Talk) -> str:
    """The talk as JSON of at most `RECORD_CHARS` characters; "" where nothing has been asked."""
    kept = [_plain(one) for one in talk.exchanges()]
    while kept:
        record = {
            "version": VERSION,
            "id": talk.id,
            "library": talk.library,
            "limits": asdict(talk.scope),
            "turns": kept,
        }
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        if len(text) <= RECORD_CHARS:
            return text
        kept = kept[1:]
    return ""


def read(text: str) -> Record:
    """The record that `write` made. Raises RecordError, which says what is wrong with any other text."""
    none = "This kept conversation cannot be read"
    if len(text) > RECORD_CHARS:
        raise RecordError(f"{none}: it is longer than {RECORD_CHARS:,} characters")
    try:
        plain = read_json(text)
        if not isinstance(plain, dict) or plain.get("version") != VERSION:
            raise RecordError(f"{none}: it is from another version of Whosays")
        record = read_value(Record, plain)
    except Mismatch as error:
        raise RecordError(f"{none}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{none}: it is not JSON ({error})") from error
    numbers = [one.number for one in record.turns]
    if len(record.library) > NAME_CHARS:
        raise RecordError(f"{none}: the name of its library is too long")
    if not (0 < len(record.id) <= ID_CHARS and record.id.isalnum() and record.id.isascii()):
        raise RecordError(f"{none}: its id is not valid")
    if not 1 <= len(numbers) <= TURNS_KEPT or numbers != sorted(set(numbers)) or numbers[0] < 1:
        raise RecordError(f"{none}: its turns are not in order, or more than {TURNS_KEPT}")
    if numbers[-1] > 10**6 or not all(map(_is_sound, record.turns)) or not _are_sound(record.limits):
        raise RecordError(f"{none}: it holds values that no answer has")
    return record


def resume(talk: Talk, record: Record, articles: Catalogue) -> None:
    """Make the talk go on where the record ended; the talk's library is set by whoever opened it."""
    known = Articles(articles)
    shown = [_show(one, talk.library, known, articles) for one in record.turns]
    talk.scope = record.limits
    talk.resume(record.id, shown)


def import_conversation(talk: Talk, text: str, articles: Catalogue) -> int:
    """Make the talk go on where an exported conversation ended; how many of its turns do not stand here.

    Of a file without our seal only the articles' sentences are believed; see `qa.app.talks.unsealed`.
    Raises ConversationError or RecordError for what is no such file; then the talk is as it was.
    """
    if len(text) > 4 * RECORD_CHARS:
        raise RecordError(
            f"This file is larger than {4 * RECORD_CHARS // 1_000_000} MB: choose one that Whosays exported"
        )
    told = read_conversation(text)
    known = Articles(articles)
    answers, sealed = told.answers[-TURNS_KEPT:], is_sealed(told.answers, told.seal)
    if not sealed and all(map(is_sound, answers)):
        whole = WholeSentences(known)
        answers = tuple(doubt(one, whole) for one in answers)
    kept = tuple(
        KeptTurn(number, one.question, None, one.scope.asked, one) for number, one in enumerate(answers, 1)
    )
    if not kept or not all(map(_is_sound, kept)):
        raise RecordError(
            "This file holds no answer that can be shown: choose a conversation that Whosays exported as JSON"
        )
    shown = [_show(one, talk.library, known, articles) for one in kept]
    talk.clear()
    talk.scope = EVERYTHING
    talk.resume(Talk.new_id(), shown)
    return sum(one.answer is None for one in shown)


def _plain(turn: Exchange) -> dict[str, Any]:
    answer = turn.kept or turn.answer
    kept = KeptTurn(turn.number, turn.question, turn.about, turn.scope, None, turn.problem[:PROBLEM_CHARS])
    return {**asdict(kept), "answer": _shorten(answer).to_dict() if answer is not None else None}


def _shorten(answer: Answer) -> Answer:
    """Without what `recheck` makes anew: the passages' words, the larger part of a talk, and the timeline."""
    passages = tuple(replace(one, text="") for one in answer.passages)
    return replace(answer, passages=passages, timeline=Timeline())


def _show(turn: KeptTurn, library: str, known: Articles, articles: Catalogue) -> Exchange:
    exchange = Exchange(turn.number, turn.question, "", about=turn.about, scope=turn.limits, library=library)
    if turn.answer is None:
        return _fail(exchange, turn.problem or LEFT)
    found = recheck(turn.answer, known)
    if is_doubted(turn.answer):
        named = named_articles(found.answer, articles) if found.answer is not None else {}
        quoted = tuple(dict.fromkeys(found.answer.quotes())) if found.answer is not None else ()
        html = turns.file_turn(turn.question, quoted, named, turn.number, left_out=found.gone)
        return replace(exchange, html=html, answer=found.answer, kept=turn.answer)
    if found.answer is None:
        problem = gone_note(found.gone, all_of_it=True)
        return replace(_fail(exchange, problem), problem="", kept=turn.answer)
    note = gone_note(found.gone, all_of_it=False)
    ended, _ = draw_turn(replace(exchange, answer=found.answer, kept=turn.answer), articles, note)
    return ended


def _fail(turn: Exchange, problem: str) -> Exchange:
    html = turns.failed_turn(turn.question, problem, turn.number, link=link_query(link_of(turn)))
    return replace(turn, html=html, problem=problem)


def _is_sound(turn: KeptTurn) -> bool:
    return (
        0 < len(turn.question) <= MAX_QUESTION_CHARACTERS
        and len(turn.problem) <= PROBLEM_CHARS
        and _are_words(turn.about or ())
        and _are_sound(turn.limits)
        and (turn.answer is None or (is_sound(turn.answer) and turn.answer.question == turn.question))
    )


def _are_words(about: Sequence[str]) -> bool:
    return len(about) <= MOST_WORDS and all(len(one) <= WORD_CHARS for one in about)


def _are_sound(scope: Scope) -> bool:
    named = (*scope.publishers, *scope.articles, scope.since or "", scope.until or "")
    return len(named) <= 10_000 and all(len(one) <= NAME_CHARS for one in named)
