"""Replies about the answer before: how sure it is, who says it, what the others say; and within its event.

They are made of that answer alone, or of the articles that tell of the same event. What a program hands back
as an earlier answer is taken as such only while its quotes stand in the library and the scope is still the
same; else its question is asked once more.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from index.errors import ArticleNotFound
from index.library import Library
from index.scope import Scope
from qa.answer import coverage_of
from qa.conflicts.independence import weigh
from qa.records import Answer, Citation, Position, Turn

# A neighbour of the quoted sentence is one within so many characters. Source: own choice, two sentences.
_BESIDE = 400


class AskAnew(Protocol):
    """Asks the library a question that stands alone, or with the words of the talk that it takes."""

    def __call__(
        self,
        question: str,
        *,
        history: Sequence[Turn | Answer] = (),
        about: Sequence[str] | None = None,
        scope: Scope | None = None,
    ) -> Answer:
        """The answer; of the scope of the question at hand unless another is given."""


def last_answer(history: Sequence[Turn | Answer], library: Library, scope: Scope, ask: AskAnew) -> Answer:
    """The answer that the talk ends with, as the library and the scope are now."""
    last = history[-1]
    if isinstance(last, Answer):
        last = last.further[-1] if last.further else last
        if last.scope.asked == scope and all(_stands(one, library) for one in last.quotes()):
            return last
        return ask(last.asked, about=last.about)
    return ask(last.asked or last.question, about=last.about)


def _stands(one: Citation, library: Library) -> bool:
    try:
        text = library.article(one.article_id).text
    except ArticleNotFound:
        return False
    return (
        text[one.start : one.end] == one.quote and text[one.sentence_start : one.sentence_end] == one.sentence
    )


def tell_sureness(question: str, earlier: Answer) -> Answer:
    """The answer before, once more, as what is asked for is how sure it is."""
    return replace(earlier, question=question, about=(), taken_as="sure")


def tell_source(question: str, earlier: Answer, told: Answer) -> Answer:
    """Whom the article quotes, where `told` found that beside the earlier quote; else that quote itself."""
    if earlier.status == "answered" and told.status == "answered" and _beside(told, earlier):
        return replace(told, question=question, about=(), taken_as="source")
    return replace(earlier, question=question, about=(), taken_as="source")


def _beside(told: Answer, earlier: Answer) -> bool:
    mine, theirs = told.citations[0], earlier.citations[0]
    return mine.article_id == theirs.article_id and (
        abs(mine.sentence_start - theirs.sentence_start) <= _BESIDE
    )


def tell_others(question: str, earlier: Answer) -> Answer:
    """What the other sources say: the answer without its first source; unanswered where there is none.

    What conflicts with the first stays beside it.
    """
    if earlier.status != "answered":
        return replace(earlier, question=question, about=(), taken_as="others")
    first = earlier.citations[0].article_id
    kept = [
        (one, tuple(said for said in one.citations if said.article_id != first)) for one in earlier.positions
    ]
    positions = tuple(_without(one, said, earlier.copies) for one, said in kept if said)
    opposed = [
        said for conflict in earlier.conflicts for said in conflict.statements if said.article_id != first
    ]
    found = [said for one in positions for said in one.citations]
    more = tuple(dict.fromkeys(one for one in opposed if one not in found))
    cited = positions[0].citations if positions else ()
    closest = more if not cited else ()
    return replace(
        earlier,
        question=question,
        about=(),
        status="answered" if cited else "closest" if closest else "unanswered",
        text=cited[0].quote if cited else "",
        confidence=cited[0].score if cited else closest[0].score if closest else 0.0,
        citations=cited,
        positions=positions,
        closest=closest,
        taken_as="others",
    )


def _without(position: Position, said: tuple[Citation, ...], copies: tuple[tuple[str, ...], ...]) -> Position:
    text = position.text if any(one.quote == position.text for one in said) else said[0].quote
    if text == position.text and said[0].quote != text:
        said = tuple(sorted(said, key=lambda one: one.quote != text))
    return weigh(replace(position, text=text, citations=said), copies)


def ask_within_event(
    question: str,
    earlier: Answer,
    history: Sequence[Turn | Answer],
    *,
    library: Library,
    scope: Scope,
    ask: AskAnew,
) -> Answer:
    """The answer of the articles on the same event; of all in scope where these are not sure of one."""
    ids = {one.article_id for one in earlier.quotes()}
    ids.update(one for event in earlier.events for one in event.article_ids)
    if scope.articles:
        ids &= set(scope.articles)
    known = tuple(sorted(one for one in ids if _is_there(one, library)))
    if not known:
        return ask(question, history=history)
    inside = ask(question, history=history, scope=replace(scope, articles=known))
    if inside.status != "answered" and len(known) < len(library):
        return ask(question, history=history)
    whole = coverage_of(library, scope, ())
    read = inside.scope
    return replace(
        inside, scope=replace(whole, articles_read=read.articles_read, passages_read=read.passages_read)
    )


def _is_there(article_id: str, library: Library) -> bool:
    try:
        library.article(article_id)
    except ArticleNotFound:
        return False
    return True
