"""What a visitor could ask next, sought while nobody waits: after an answer, and before any question."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Lock
from typing import Any

import gradio as gr

from index.errors import WhosaysError
from index.scope import EVERYTHING, Scope
from qa.app.html import suggestions
from qa.app.shelf.background import Stopped
from qa.app.talks.answer_job import LOOK_EVERY_S, Seeking
from qa.app.talks.conversation import Ask, Talk
from qa.app.talks.unsealed import is_doubted
from qa.conflicts.merging import surest
from qa.library import Library
from qa.records import Answer, Citation, OnStage, Stage, Turn
from qa.suggestions.candidates import after_answer, at_first, collect_shown
from qa.suggestions.offer import OFFERED, Offer, offers

STARTERS = 5
STARTERS_ASKED = 10
LIBRARIES_KEPT = 20  # whose starters are held in memory

# One at a time is sought; the other events wait for theirs.
_WAITING: dict[str, Any] = {
    "concurrency_id": "suggest",
    "concurrency_limit": 20,
    "show_progress": "hidden",
    "api_visibility": "private",
}


class Precedence:
    """Who waits for an answer goes before what nobody waits for."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._ahead = 0

    @contextmanager
    def go_ahead(self) -> Iterator[None]:
        """While somebody waits."""
        with self._changed:
            self._ahead += 1
        try:
            yield
        finally:
            with self._changed:
                self._ahead -= 1
                self._changed.notify_all()

    def give_way(self, wanted: Callable[[], bool]) -> None:
        """Wait until nobody does, or it is no longer `wanted`."""
        with self._changed:
            while self._ahead and wanted():
                self._changed.wait(LOOK_EVERY_S)


class Suggester:
    """Offers of the library that `library` gives at each call; `disputed` gives statements of its survey."""

    def __init__(
        self,
        ask: Ask,
        library: Callable[[], Library],
        *,
        disputed: Callable[[], Sequence[Citation]] = tuple,
        precedence: Precedence,
    ) -> None:
        self._ask = ask
        self._library = library
        self._disputed = disputed
        self._precedence = precedence
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="suggest")
        self._known: dict[Path, tuple[str, list[Offer]]] = {}
        self._changing = Lock()

    def follow(self, answered: Sequence[Any], talk: gr.State, further: gr.HTML) -> None:
        """After each event, which may have brought an answer, `further` shows what stands under it."""
        for event in answered:
            event.then(self.suggest_under, talk, further, **_WAITING)

    def begin(
        self,
        opened: Sequence[Any],
        library: gr.HTML,
        talk: gr.State,
        starters: gr.HTML,
        *,
        shown: Callable[[], bool],
    ) -> None:
        """After each event, and once `library` is drawn anew, the starters, where these are `shown`."""

        def first(talk: Talk) -> str:
            return self.suggest_first(talk) if shown() else ""

        for event in opened:
            event.then(first, talk, starters, **_WAITING)
        library.change(first, talk, starters, **_WAITING)

    def suggest_under(self, talk: Talk) -> Iterator[Any]:
        """HTML of what stands under the newest answer; as it was where that has not changed."""
        newest = talk.newest()
        if newest is talk.offered:
            yield gr.skip()
            return
        yield ""  # what was offered before
        talk.offered = newest
        if newest is None or newest.answer is None or is_doubted(newest.answer):
            return
        answer, history, scope = newest.answer, talk.turns(), talk.scope

        def work(on_stage: OnStage) -> list[Offer]:
            return self._find_next(answer, history, scope, on_stage)

        found = self._seek(work, lambda: talk.newest() is newest)
        if found is None:  # the talk goes on, and may yet come back to this answer
            talk.offered = None
        else:
            yield suggestions.follow_ups(found, newest.number, answered=bool(collect_shown(answer)))

    def suggest_first(self, talk: Talk) -> str:
        """HTML of what stands on the first screen, while nothing was asked."""
        return suggestions.starters(self._seek(self._find_starters, lambda: not talk.exchanges()) or ())

    def _seek(self, work: Callable[[OnStage], list[Offer]], wanted: Callable[[], bool]) -> list[Offer] | None:
        """What comes of the work; None where it is no longer wanted, or the library is gone."""

        def work_when_free(on_stage: OnStage) -> list[Offer]:
            def give_way_first(stage: Stage) -> None:
                self._precedence.give_way(wanted)
                on_stage(stage)

            return work(give_way_first)

        seeking = Seeking(self._pool, work_when_free, wanted=wanted)
        for _ in seeking.stages():
            pass
        try:
            return seeking.result() if wanted() else None
        except (Stopped, CancelledError, WhosaysError):  # what is wrong is told where somebody asks
            return None

    def _find_next(
        self, answer: Answer, history: Sequence[Turn], scope: Scope, on_stage: OnStage
    ) -> list[Offer]:
        """Of what was read for the answer; after a refusal also of all that the library holds."""

        def ask(question: str) -> Answer:
            return self._ask(question, history, about=None, on_stage=on_stage, scope=scope)

        on_stage("searching")
        found = offers(
            after_answer(answer, self._library(), self._disputed()), ask, shown=collect_shown(answer)
        )
        if answer.status not in ("closest", "unanswered"):
            return found
        if scope != EVERYTHING:
            whole = self._ask(answer.question, history, about=None, on_stage=on_stage)
            wider = [Offer(answer.question, surest(whole.conflicts), whole=True)]
            return ([*wider, *found] if whole.status == "answered" else found)[:OFFERED]
        known = {one.question for one in found}
        more = self._find_starters(on_stage) if len(found) < OFFERED else []
        return [*found, *(one for one in more if one.question not in known)][:OFFERED]

    def _find_starters(self, on_stage: OnStage) -> list[Offer]:
        """Of the library as it is now; sought once."""
        library = self._library()
        now = library.token  # another one may have been made there
        with self._changing:
            known, found = self._known.get(library.path, ("", []))
        if known == now:
            return found

        def ask(question: str) -> Answer:
            return self._ask(question, (), about=None, on_stage=on_stage)

        on_stage("searching")
        found = offers(at_first(library, self._disputed()), ask, most=STARTERS, asked=STARTERS_ASKED)
        with self._changing:
            self._known[library.path] = (now, found)
            while len(self._known) > LIBRARIES_KEPT:
                del self._known[next(iter(self._known))]
        return found
