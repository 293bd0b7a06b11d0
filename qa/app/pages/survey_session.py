"""What all visitors of the disagreements page share: one comparison at a time, and the rulings beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import get_args

from index.library import Progress
from qa.app.html import disagreements
from qa.app.html.disagreements import SHOWN, VERDICTS, Wanted, key_of, question_of
from qa.app.serve.background import Job
from qa.conflicts.rulings import Reason, Rulings, rule
from qa.library import Library
from qa.survey.survey import Disagreement, Judge, Survey

# With more articles than this the comparison waits for a click. Source: 0.1 s an article on two cores.
COMPARED_UNASKED = 300


@dataclass(frozen=True, slots=True)
class Compared:
    """A survey, and the state of the library that it is of."""

    survey: Survey
    generation: int


class Desk:
    """What all visitors share: the library, its one comparison at a time, and the rulings beside it."""

    def __init__(self, library: Callable[[], Library], judge: Judge | None, *, read_only: bool) -> None:
        self.library = library
        self.read_only = read_only
        self._judge = judge
        self._jobs: dict[str, Job[Compared]] = {}

    @property
    def job(self) -> Job[Compared]:
        """That of the library as it is chosen now."""
        return self._jobs.setdefault(str(self.library().path), Job())

    @property
    def rulings(self) -> Rulings:
        """Those of the library as it is chosen now."""
        return Rulings(self.library().path)

    def compare(self) -> bool:
        """Begin; False where a comparison runs already."""
        library, judge = self.library(), self._judge

        def work(progress: Progress) -> Compared:
            generation = library.generation
            return Compared(library.conflicts(judge=judge, progress=progress), generation)

        return self.job.start(work, name=str(library.path))

    def is_due(self) -> bool:
        """Whether there is something to compare that costs so little that nobody need ask for it."""
        state, library = self.job.state, self.library()
        stale = state.result is None or state.result.generation != library.generation
        return stale and not state.running and len(library) <= COMPARED_UNASKED

    def found(self) -> tuple[Disagreement, ...]:
        """What the newest comparison found."""
        result = self.job.state.result
        return result.survey.disagreements if result else ()

    def page(self, wanted: Wanted, number: int, kept: str = "") -> tuple[str, str, int, int]:
        """HTML of one page, where it is ("Page 2 of 5"), its number and how many there are.

        `kept` is shown though the filter on rulings no longer holds it.
        """
        standing, found = self.rulings.standing(), self.found()
        fitting = [
            one for one in found if key_of(one) == kept or wanted.holds(one, standing.of(one.conflict))
        ]
        pages = max(1, ceil(len(fitting) / SHOWN))
        number = min(max(1, number), pages)
        first = (number - 1) * SHOWN
        html = disagreements.listing(
            fitting[first : first + SHOWN],
            standing,
            first=first + 1,
            of=len(fitting),
            every=len(found),
            read_only=self.read_only,
        )
        return html, f"Page {number:,} of {pages:,}" if pages > 1 else "", number, pages

    def rule(self, key: str, verdict: str, reason: str) -> str:
        """Keep a ruling on the disagreement that the page calls `key`; what happened, in words."""
        one = next((one for one in self.found() if key_of(one) == key), None)
        known = next((name for name in (*VERDICTS, "withdrawn") if name == verdict), None)
        if one is None or known is None:
            return "This disagreement is no longer in the list. Compare again."
        why = next((name for name in get_args(Reason) if name == reason), None)
        self.rulings.add(rule(one.conflict, known, question=question_of(one), reason=why))
        return "The ruling was taken back." if known == "withdrawn" else f"Ruled: {VERDICTS[known]}."
