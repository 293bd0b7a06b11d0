"""What a program sent to an endpoint, which Gradio does not check: in its shape, or refused in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from index.errors import QuestionError
from index.names import shortened
from index.scope import Scope
from qa.app.talks.recheck import Articles, is_sound, recheck
from qa.export.typed_json import Mismatch, read_value
from qa.question.conversation import turn_of
from qa.records import Answer, Turn

MOST_LISTED = 500
MOST_TURNS = 50
MOST_ARTICLES = 10_000
MOST_PUBLISHERS = 1_000
MOST_HELD = 20  # articles against the library at once: each takes seconds
MOST_WORDS, WORD_CHARACTERS = 40, 100
TEXT_CHARACTERS = 2_000  # as long as a question may be; no name, date or address is longer


@dataclass(frozen=True, slots=True)
class _EarlierTurn:
    """A turn of the conversation, in a program's own words."""

    question: str
    answer: str = ""


def question(given: Any) -> str:
    """What is asked; whether it can be, `ask` says."""
    if not isinstance(given, str):
        raise QuestionError('question is no text: give one, such as "Who won?"')
    return given


def turns(history: Any, articles: Articles) -> tuple[Turn | Answer, ...]:
    """The conversation so far; the last turn as an answer, where it is one that stands in the articles.

    "Are you sure?" is then answered from it. Of any other answer its question and its words are heard.
    """
    given = history or ()
    heard = [_turn(one) for one in (given[-MOST_TURNS:] if isinstance(given, list | tuple) else (None,))]
    last = heard[-1:]
    return (*map(turn_of, heard[:-1]), *(_checked(one, articles) for one in last))


def _checked(turn: Turn | Answer, articles: Articles) -> Turn | Answer:
    """An answer that came back as it was given; else what a follow-up hears of it."""
    if isinstance(turn, Turn):
        return turn
    answer = turn.further[-1] if turn.further else turn
    known = _is_short(answer) and is_sound(answer)
    found = recheck(answer, articles) if known else None
    return turn_of(turn) if found is None or found.answer is None or found.gone else found.answer


def _is_short(answer: Answer) -> bool:
    """Whether it was asked in no more words than can be: what a program sends may hold any."""
    asked = (answer.question, answer.asked, answer.standalone_question)
    return all(len(one) <= 2 * TEXT_CHARACTERS for one in asked) and _are_texts(
        list(answer.about), MOST_WORDS, WORD_CHARACTERS
    )


def _turn(given: Any) -> Turn | Answer:
    try:
        if isinstance(given, Mapping) and "status" in given:
            return read_value(Answer, given)
        turn = read_value(_EarlierTurn, given)
    except Mismatch as error:
        raise QuestionError(
            'history is a list of earlier turns, oldest first, such as [{"question": "Who won?", '
            f'"answer": "Samsung"}}], or of earlier results ({error}): give it in this shape, or leave it out'
        ) from error
    return Turn(turn.question, turn.answer)


def about(words: Any) -> tuple[str, ...] | None:
    """The words that a follow-up is about."""
    if words is None:
        return None
    if not _are_texts(words, MOST_WORDS, WORD_CHARACTERS):
        raise QuestionError(
            f"about is a list of at most {MOST_WORDS} words of the conversation, such as "
            '["Samsung", "order"]: give it in this shape, or leave it out to have them chosen'
        )
    return tuple(words)


def scope(publishers: Any, since: Any, until: Any, articles: Any = None) -> Scope:
    """Which articles are asked or listed; what is no date, or no article there, is refused by the library."""
    if articles is not None and not _are_texts(articles, MOST_ARTICLES, TEXT_CHARACTERS):
        raise QuestionError(
            f"articles is a list of at most {MOST_ARTICLES:,} ids of articles, as answers and the list of "
            "articles give them: give it in this shape, or leave it out to ask the whole library"
        )
    if publishers and not _are_texts(publishers, MOST_PUBLISHERS, TEXT_CHARACTERS):
        raise QuestionError(
            f'publishers is a list of at most {MOST_PUBLISHERS:,} names, such as ["Morning Post"]: give it '
            "in this shape, or leave it out"
        )
    for name, date in (("since", since), ("until", until)):
        if date is not None and not isinstance(date, str):
            raise QuestionError(f"{name} is no text: write a day, month or year, such as 2026-07-03")
    return Scope(tuple(publishers or ()), since, until, tuple(articles or ()))


def held(of: Any) -> tuple[str, ...]:
    """Articles that are held against the others; what is no article there, the library refuses."""
    if of is not None and not _are_texts(of, MOST_HELD, TEXT_CHARACTERS):
        raise QuestionError(
            f"of is a list of at most {MOST_HELD} ids of articles, as answers and the list of articles give "
            "them: give it in this shape, or leave it out to compare all articles"
        )
    return tuple(of or ())


def text(name: str, given: Any) -> str:
    """A text for which any will do."""
    if given is None:
        return ""
    if not isinstance(given, str) or len(given) > TEXT_CHARACTERS:
        told = shortened(given, 40) if isinstance(given, str) else "no text"
        raise QuestionError(f"{name} is {told}: give a text of at most {TEXT_CHARACTERS:,} characters")
    return given


def page(limit: Any, offset: Any) -> tuple[int, int]:
    """From where to where; what is no number or out of range is refused."""
    if not isinstance(limit, int) or not 1 <= limit <= MOST_LISTED:
        raise QuestionError(f"limit is {_short(limit)}: choose a number from 1 to {MOST_LISTED}")
    if not isinstance(offset, int) or not 0 <= offset <= 10**9:
        raise QuestionError(f"offset is {_short(offset)}: choose a number from 0 on")
    return offset, offset + limit


def _are_texts(given: Any, most: int, characters: int) -> bool:
    return (
        isinstance(given, list)
        and len(given) <= most
        and all(isinstance(one, str) and len(one) <= characters for one in given)
    )


def _short(given: Any) -> str:
    return repr(given if isinstance(given, int | float | None) else str(given)[:40])
