"""One visitor's conversation: its turns, what is being asked, and what a follow-up knows of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from secrets import token_hex
from threading import Lock
from typing import Protocol

from index.errors import ArticleNotFound, WhosaysError
from index.records import Article
from index.scope import EVERYTHING, Scope
from qa.app.html import turn as turns
from qa.app.html import words
from qa.app.shelf.catalogue import Catalogue
from qa.app.talks.link import Link, link_query
from qa.question.conversation import turn_of
from qa.records import Answer, OnFirst, OnStage, Turn, ignore_stage

TURNS_KEPT = 50
TITLED = 3  # of chosen articles, so many are named
# One for all conversations, as Gradio copies the empty one for each visitor; it is held for moments only.
_CHANGING = Lock()


class Ask(Protocol):
    """`qa.ask.ask` over the app's library."""

    def __call__(
        self,
        question: str,
        history: Sequence[Turn | Answer],
        *,
        about: Sequence[str] | None,
        on_stage: OnStage,
        scope: Scope = EVERYTHING,
        on_first: OnFirst | None = None,
    ) -> Answer:
        """The answer; raises a WhosaysError for what cannot be asked, and what `on_stage` raises."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn: its HTML, and what a follow-up needs to know.

    `question` is as typed. `answer` is None until it ends, and after a failure. `about` are the words that
    the visitor left it of the conversation, None where these are chosen; without any it stands alone.
    `scope` says of which articles of which `library` it is asked. `problem` is what came in the place of an
    answer. `kept` is an answer as it was kept, of which `answer` is what still stands in the library.
    """

    number: int
    question: str
    html: str
    answer: Answer | None = None
    about: tuple[str, ...] | None = None
    scope: Scope = EVERYTHING
    library: str = ""
    problem: str = ""
    kept: Answer | None = None


class Talk:
    """The turns of one visitor, changed by several events at a time: a second question may come early.

    `scope` is that of what is asked next, `library` is the name of the one that is asked. `id` tells this
    talk from the visitor's others; it is "" until something is asked. `linked` is a question of
    the page's address that is still to be asked. `offered` is the turn that questions to go on with are
    offered under.
    """

    def __init__(self) -> None:
        self.id = ""
        self.library = ""
        self.scope = EVERYTHING
        self.linked: Link | None = None
        self.offered: Exchange | None = None
        self._ended: dict[int, Exchange] = {}
        self._sought: dict[int, Exchange] = {}
        self._sketched: dict[int, str] = {}
        self._last = 0

    @staticmethod
    def new_id() -> str:
        """What no other talk is called."""
        return token_hex(8)

    def begin(
        self, question: str, *, number: int | None = None, about: tuple[str, ...] | None = None
    ) -> Exchange:
        """A turn whose answer is now sought: a new one, or `number` once more, in its place."""
        with _CHANGING:
            if number is None:
                self._last = number = self._last + 1
            self.id = self.id or self.new_id()
            html = turns.waiting_turn(question, number)
            asked = Exchange(number, question, html, about=about, scope=self.scope, library=self.library)
            self._sought[number] = asked
            self._sketched.pop(number, None)
            return asked

    def sketch(self, asked: Exchange, html: str) -> None:
        """Show this of a turn until its answer is there; nothing changes when it is no longer wanted."""
        with _CHANGING:
            if self.seeks(asked):
                self._sketched[asked.number] = html

    def seeks(self, asked: Exchange) -> bool:
        """Whether the answer is still wanted: neither stopped nor asked once more since."""
        return self._sought.get(asked.number) is asked

    def end(self, asked: Exchange, answered: Exchange) -> None:
        """What came of `asked`; nothing changes when its answer is no longer wanted."""
        with _CHANGING:
            if not self.seeks(asked):
                return
            del self._sought[asked.number]
            self._sketched.pop(asked.number, None)
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
        """Start over: no turns, nothing sought; it is another talk from here on."""
        with _CHANGING:
            self._ended.clear()
            self._sought.clear()
            self.id = ""

    def resume(self, talk_id: str, exchanges: Sequence[Exchange]) -> None:
        """Go on with turns that have ended, in place of what there was."""
        with _CHANGING:
            self._sought.clear()
            self._ended = {one.number: one for one in exchanges}
            self._last = max(self._ended, default=0)
            self.id = talk_id

    def exchanges(self) -> list[Exchange]:
        """All turns, oldest first; those whose answer is sought have none, also where one is asked anew."""
        with _CHANGING:
            return [one for _, one in sorted({**self._sought, **self._ended}.items())]

    def exchange(self, number: int) -> Exchange | None:
        """The turn of this number, once it has ended."""
        return self._ended.get(number)

    def newest(self) -> Exchange | None:
        """The last turn; None while the answer to any is sought."""
        with _CHANGING:
            return None if self._sought or not self._ended else self._ended[max(self._ended)]

    def turns(self) -> list[Turn]:
        """What a question that comes next knows of those before it."""
        return [turn_of(answer) for answer in self.answers()]

    def turns_before(self, asked: Exchange) -> list[Answer]:
        """What a follow-up knows: the answers before it, since it may be asked of these themselves."""
        with _CHANGING:
            earlier = [one for number, one in sorted(self._ended.items()) if number < asked.number]
        return [one.answer for one in earlier if one.answer is not None]

    def answers(self) -> list[Answer]:
        """All answers so far, oldest first."""
        with _CHANGING:
            return [one.answer for _, one in sorted(self._ended.items()) if one.answer is not None]

    def html(self, *, status: str = "", notice: str = "") -> str:
        """All turns, those whose answer is sought among them."""
        with _CHANGING:
            shown = {**self._ended, **self._sought}
            sketched = {number: html for number, html in self._sketched.items() if number in self._sought}
        drawn = [sketched.get(number, one.html) for number, one in sorted(shown.items())]
        return turns.conversation(drawn, status=status, notice=notice)


def answer_turn(
    ask: Ask,
    articles: Catalogue,
    asked: Exchange,
    history: Sequence[Turn | Answer],
    on_stage: OnStage = ignore_stage,
    *,
    on_first: OnFirst | None = None,
) -> tuple[Exchange, str]:
    """Ask, and give the turn with what a screen reader says of it. A WhosaysError becomes a turn."""
    question, number = asked.question, asked.number
    try:
        answer = ask(
            question, history, about=asked.about, on_stage=on_stage, scope=asked.scope, on_first=on_first
        )
        told = draw_turn(replace(asked, answer=answer), articles)
    except WhosaysError as error:
        problem = str(error)
        html = turns.failed_turn(question, problem, number, link=link_query(link_of(asked)))
        return replace(asked, html=html, problem=problem), problem
    return told


def draw_turn(ended: Exchange, articles: Catalogue, note: str = "") -> tuple[Exchange, str]:
    """A turn that has its answer as the page shows it, and what a screen reader says of it."""
    assert ended.answer is not None, "only a turn with an answer is told"
    answer, named = ended.answer, named_articles(ended.answer, articles)
    link = link_query(link_of(ended))
    chosen = titles(answer.scope.article_ids, articles)
    html = turns.turn(answer, named, ended.number, about=ended.about, link=link, chosen=chosen, note=note)
    return replace(ended, html=html), turns.announcement(answer)


def sketch_turn(asked: Exchange, first: Answer, articles: Catalogue) -> str:
    """A turn as the page shows it while its first answer is compared with other sources."""
    chosen = titles(first.scope.article_ids, articles)
    named = named_articles(first, articles)
    return turns.first_turn(first, named, asked.number, about=asked.about, chosen=chosen)


def link_of(turn: Exchange) -> Link:
    """A turn as a link: with the words that it took from the talk it means the same to whoever opens it."""
    about = turn.answer.about if turn.answer is not None else turn.about
    question = turn.answer.asked if turn.answer is not None else turn.question
    return Link(question, turn.library, turn.scope, tuple(about) if about else None)


def titles(article_ids: Sequence[str], articles: Catalogue) -> tuple[str, ...]:
    """What the first few of these articles are called, and how many more there are."""
    found = []
    for article_id in article_ids[:TITLED]:
        try:
            article = articles.article(article_id)
        except ArticleNotFound:
            found.append("an article that is gone")
        else:
            found.append(words.shortened(article.name))
    more = len(article_ids) - TITLED
    return (*found, f"{more:,} more") if more > 0 else tuple(found)


def named_articles(answer: Answer, articles: Catalogue) -> dict[str, Article]:
    """The articles that an answer names, by id; without those that were removed in the meantime."""
    found = {}
    for article_id in sorted(answer.article_ids()):
        try:
            found[article_id] = articles.article(article_id)
        except ArticleNotFound:
            continue
    return found
