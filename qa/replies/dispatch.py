"""From what somebody typed to an answer: which way it goes, decided here and nowhere else.

In this order: two questions in one are two answers; another language is told; what is asked of the answer
before, of the outlets or of news is answered from these; a request for an overview by `qa.overview`; all else
is a question to the articles.
"""

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from index.library import Library as ArticleLibrary
from index.scope import Scope
from qa.answer import Clock, answer_question
from qa.comparison.model import Comparison
from qa.conflicts.rulings import read_standing
from qa.library import Library
from qa.overview.answer import answer_overview
from qa.question.conversation import Chooser, Understood, shorten_turn, turn_of, understand
from qa.question.days import read_since
from qa.question.followups import FollowUp, FollowUps
from qa.question.languages import ENGLISH, UNKNOWN, Languages
from qa.question.parts import split_questions
from qa.question.requests import Request, Requests
from qa.records import Answer, OnFirst, OnStage, Timings, Turn
from qa.replies.earlier import ask_within_event, last_answer, tell_others, tell_source, tell_sureness
from qa.replies.foreign import answer_foreign
from qa.replies.other_topic import replace_topic, replace_word
from qa.replies.outlets import compare_outlets, count_statements, outlets_named
from qa.settings import Settings
from qa.stages import Examined, Models

_NEW_DAYS = 7  # without a day, what is new is of so many days up to the newest article

History = Sequence[Turn | Answer]


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What answers one call of `ask`; `models` and `comparison` are built when they are first needed.

    `today` is what relative days count from.
    """

    library: ArticleLibrary
    settings: Settings
    scope: Scope
    rulings: bool
    today: datetime.date
    chooser: Chooser | None
    requests: Requests
    follow_ups: FollowUps
    languages: Languages
    models: Callable[[], Models]
    comparison: Callable[[], Comparison | None]
    on_stage: OnStage
    on_first: OnFirst | None = None
    on_examined: Callable[[Examined], None] | None = None

    def answer(self, typed: str, history: History, about: Sequence[str] | None) -> Answer:
        """The answer; of two questions the first's, with that of the second in `further`."""
        parts = split_questions(typed) if about is None else [typed]
        heard = list(map(shorten_turn, history))
        # What is first told of one of several would be taken for the answer to all.
        alone = self if len(parts) == 1 else replace(self, on_first=None)
        answers: list[Answer] = []
        for part in parts:
            answers.append(alone._answer_one(part, [*heard, *answers], about))
        return replace(answers[0], further=tuple(answers[1:]))

    def _answer_one(self, question: str, history: History, about: Sequence[str] | None) -> Answer:
        clock = Clock()
        self.on_stage("searching")
        language = self.languages.recognise(question)
        if language != ENGLISH:
            return answer_foreign(
                question,
                "" if language == UNKNOWN else language,
                library=self.library,
                scope=self.scope,
                passages=self.settings.passages,
                before=clock.timings(),
            )
        asked = understand(question, history, self.chooser, about, requests=self.requests)
        clock.lap("standalone")
        before = clock.timings()
        if about is None and asked.vector is not None:
            sort = self.follow_ups.recognise(question, asked.vector.values, in_talk=bool(history))
            reply = self._reply(sort, asked, history, before)
            if reply is not None:
                return reply
        compared = self._of_outlets(asked, before)
        return compared or self._plainly(asked, self.scope, before, self.on_first)

    def _ask_anew(
        self,
        question: str,
        *,
        history: History = (),
        about: Sequence[str] | None = None,
        scope: Scope | None = None,
    ) -> Answer:
        """As `qa.replies.earlier.AskAnew`."""
        asked = understand(question, history, self.chooser, about, requests=self.requests)
        return self._plainly(asked, self.scope if scope is None else scope, Timings())

    def _plainly(
        self, asked: Understood, scope: Scope, before: Timings, on_first: OnFirst | None = None
    ) -> Answer:
        """A question to the articles, or a request for an overview."""
        if asked.request.sort != "question" and isinstance(self.library, Library):
            return answer_overview(
                asked,
                library=self.library,
                comparison=self.comparison(),
                rulings=self.rulings,
                scope=scope,
                on_stage=self.on_stage,
                before=before,
            )
        return answer_question(
            asked,
            library=self.library,
            models=self.models(),
            settings=self.settings,
            standing=read_standing(self.library.path) if self.rulings else None,
            scope=scope,
            on_stage=self.on_stage,
            on_first=on_first,
            on_examined=self.on_examined,
            before=before,
        )

    def _reply(  # noqa: PLR0911 - one a sort
        self, sort: FollowUp, asked: Understood, history: History, before: Timings
    ) -> Answer | None:
        """What is no question to the articles by itself; None for what is one."""
        request = asked.request.sort
        if sort == "news":
            return self._tell_news(asked, before)
        if sort == "least" and request in ("question", "topic") and isinstance(self.library, Library):
            words = re.findall(r"\w+", asked.question.lower())
            return count_statements(
                replace(asked, about=()),
                self.follow_ups.topic_in(asked.question),
                library=self.library,
                scope=self.scope,
                most_first="most" in words,
                before=before,
            )
        if request != "question" or not history:
            return None
        if sort == "about":
            return self._ask_of_another(asked.question, history)
        if sort in ("sure", "source", "others"):
            return self._tell_of_earlier(sort, asked, history)
        if sort in ("why", "since"):
            earlier = last_answer(history, self.library, self.scope, self._ask_anew)
            return ask_within_event(
                asked.question, earlier, history, library=self.library, scope=self.scope, ask=self._ask_anew
            )
        return None

    def _tell_of_earlier(self, sort: FollowUp, asked: Understood, history: History) -> Answer | None:
        earlier = last_answer(history, self.library, self.scope, self._ask_anew)
        if earlier.status not in ("answered", "closest"):
            return None
        if sort == "sure":
            return tell_sureness(asked.question, earlier)
        if sort == "others":
            return tell_others(asked.question, earlier)
        return tell_source(asked.question, earlier, self._plainly(asked, self.scope, Timings()))

    def _ask_of_another(self, question: str, history: History) -> Answer | None:
        topic = self.follow_ups.topic_in(question)
        turn = turn_of(history[-1])
        if not topic:
            return None
        embedder = self.requests.embedder
        if turn.about:
            about = replace_word(turn.about, topic, embedder)
            found = self._ask_anew(turn.asked or turn.question, history=history, about=about)
        else:
            replaced = replace_topic(turn.asked or turn.question, topic, embedder)
            if replaced is None:
                return None
            found = self._ask_anew(replaced)
        return replace(found, question=question, about=(), taken_as="about")

    def _tell_news(self, asked: Understood, before: Timings) -> Answer | None:
        """An overview of what was published since a day, of everything or of a topic."""
        found = read_since(asked.question, self.today)
        question = asked.question
        if found is not None:
            day, (start, end) = found
            question = f"{question[:start]}{question[end:]}"
        elif asked.request.sort != "question":
            return None
        else:
            newest = self.library.period()[1]
            if newest is None or len(newest) != len("2026-07-03"):
                return None
            day = datetime.date.fromisoformat(newest) - datetime.timedelta(days=_NEW_DAYS - 1)
        topic = self.follow_ups.topic_in(question)
        since = max(day.isoformat(), self.scope.bounds()[0] or "")
        wanted = Request("topic", (topic,)) if topic else Request("overview")
        told = self._plainly(
            replace(asked, request=wanted, about=()), replace(self.scope, since=since), before
        )
        return replace(told, taken_as="news")

    def _of_outlets(self, asked: Understood, before: Timings) -> Answer | None:
        """A comparison of outlets, or what two of them disagree about, where the words name two or more."""
        if asked.request.sort not in ("comparison", "disagreements", "topic"):
            return None
        if not isinstance(self.library, Library):
            return None
        names, rest = outlets_named(asked.question, self.library)
        if len(names) < 2:
            return None
        topic = self.requests.topics_in(rest)
        return compare_outlets(
            replace(asked, about=()),
            names,
            topic,
            library=self.library,
            scope=self.scope,
            comparison=self.comparison(),
            rulings=self.rulings,
            before=before,
        )
