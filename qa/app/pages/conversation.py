"""One visitor's conversation: its turns, what is being asked, and what a follow-up knows of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

from index.errors import ArticleNotFound, WhosaysError
from index.records import Article
from qa.app.html import turn as turns
from qa.app.html import words
from qa.app.serve.catalogue import Catalogue
from qa.progress import OnStage, unwatched
from qa.question.conversation import turn_of
from qa.records import Answer, Turn

TURNS_KEPT = 50
# One for all conversations, as Gradio copies the empty one for each visitor; it is held for moments only.
_CHANGING = Lock()


class Ask(Protocol):
    """`qa.ask.ask` over the app's library."""

    def __call__(
        self, question: str, history: Sequence[Turn], *, about: Sequence[str] | None, on_stage: OnStage
    ) -> Answer:
        """The answer; raises a WhosaysError for what cannot be asked, and what `on_stage` raises."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn: its HTML, and what a follow-up needs to know.

    `question` is as typed. `answer` is None until it ends, and after a failure. `about` are the words that
    the visitor left it of the conversation, None where these are chosen; without any it stands alone.
    """

    number: int
    question: str
    html: str
    answer: Answer | None = None
    about: tuple[str, ...] | None = None


class Talk:
    """The turns of one visitor, changed by several events at a time: a second question may come early."""

    def __init__(self) -> None:
        self._ended: dict[int, Exchange] = {}
        self._sought: dict[int, Exchange] = {}
        self._last = 0

    def begin(
        self, question: str, *, number: int | None = None, about: tuple[str, ...] | None = None
    ) -> Exchange:
        """A turn whose answer is now sought: a new one, or `number` once more, in its place."""
        with _CHANGING:
            if number is None:
                self._last = number = self._last + 1
            asked = Exchange(number, question, turns.waiting(question, number), about=about)
            self._sought[number] = asked
            return asked

    def seeks(self, asked: Exchange) -> bool:
        """Whether the answer is still wanted: neither stopped nor asked once more since."""
        return self._sought.get(asked.number) is asked

    def end(self, asked: Exchange, answered: Exchange) -> None:
        """What came of `asked`; nothing changes when its answer is no longer wanted."""
        with _CHANGING:
            if not self.seeks(asked):
                return
            del self._sought[asked.number]
            self._ended[asked.number] = answered
            for number in sorted(self._ended)[:-TURNS_KEPT]:
                del self._ended[number]

    def stop(self) -> list[str]:
        """Seek nothing any more; what was asked, oldest first. A turn asked once more is as it was."""
        with _CHANGING:
            asked = [one.question for _, one in sorted(self._sought.items())]
            self._sought.clear()
            return asked

    def clear(self) -> None:
        """Start over: no turns, nothing sought."""
        with _CHANGING:
            self._ended.clear()
            self._sought.clear()

    def exchange(self, number: int) -> Exchange | None:
        """The turn of this number, once it has ended."""
        return self._ended.get(number)

    def before(self, asked: Exchange) -> list[Turn]:
        """What a follow-up knows: the turns before it, with the words that they took, and the answers."""
        with _CHANGING:
            earlier = [one for number, one in sorted(self._ended.items()) if number < asked.number]
        return [turn_of(one.answer) for one in earlier if one.answer is not None]

    def answers(self) -> list[Answer]:
        """All answers so far, oldest first."""
        with _CHANGING:
            return [one.answer for _, one in sorted(self._ended.items()) if one.answer is not None]

    def html(self, *, status: str = "", notice: str = "") -> str:
        """All turns, those whose answer is sought among them."""
        with _CHANGING:
            shown = sorted({**self._ended, **self._sought}.items())
        return turns.conversation([one.html for _, one in shown], status=status, notice=notice)


def answered(
    ask: Ask,
    articles: Catalogue,
    asked: Exchange,
    history: Sequence[Turn],
    on_stage: OnStage = unwatched,
) -> tuple[Exchange, str]:
    """Ask, and give the turn with what a screen reader says of it. A WhosaysError becomes a turn."""
    question, number = asked.question, asked.number
    try:
        answer = ask(question, history, about=asked.about, on_stage=on_stage)
        named = named_articles(answer, articles)
    except WhosaysError as error:
        html = turns.failed(question, str(error), number)
        return Exchange(number, question, html, about=asked.about), str(error)
    html = turns.turn(answer, named, number, about=asked.about)
    return Exchange(number, question, html, answer, asked.about), turns.spoken(answer, named)


def named_articles(answer: Answer, articles: Catalogue) -> dict[str, Article]:
    """The articles that an answer names, by id; without those that were removed in the meantime."""
    found = {}
    named = words.heard(answer) | {one.article_id for one in answer.closest}
    for article_id in sorted(named | {one.article_id for one in answer.passages}):
        try:
            found[article_id] = articles.article(article_id)
        except ArticleNotFound:
            continue
    return found
