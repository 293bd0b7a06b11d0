"""What all visitors of the disagreements page share: one comparison at a time, and the rulings beside it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from pathlib import Path
from threading import Lock
from typing import get_args

from index.adding import Progress
from index.errors import ArticleNotFound, WhosaysError
from index.local.schema import identify_folder
from index.records import Article
from qa.app.shelf.background import Job, Stopped
from qa.app.survey import cards, charts
from qa.app.survey.cards import SHOWN
from qa.app.survey.filters import Entries, PointEntry, Wanted, key_of, to_query
from qa.app.survey.point_card import VERDICTS, shown_statements
from qa.asking.each import ASKING, LibraryAsk
from qa.conflicts import rulings as kept_rulings
from qa.conflicts.independence import Copies
from qa.conflicts.rulings import Reason, rule
from qa.library import Chosen, Library, apply_rulings
from qa.notebook.clippings import clip_point
from qa.records import Citation, ConflictTier
from qa.survey.disagreement import Disagreement
from qa.survey.survey import Survey

# With more articles than this the comparison waits for a click. Source: 0.1 s a short article on two
# cores, 2 s a long one.
COMPARED_UNASKED = 300
# Articles that were compared alone, or are, or wait for it. Source: own choice.
_ALONE = 16
NOTHING = Entries(())


@dataclass(frozen=True, slots=True)
class Compared:
    """A survey, what its disagreements are filtered by, and the state of the library that it is of."""

    survey: Survey
    entries: Entries
    token: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of the list and all that stands around it, as HTML: what the filters let through.

    `where` is "Page 2 of 5", "" of one alone. `query` is the part of the page's address for the filters.
    """

    summary: str
    listing: str
    topics: str
    narrowed: str
    matrix: str
    timeline: str
    where: str
    number: int
    pages: int
    query: str


class Desk:
    """What all visitors share: the library, its one comparison at a time, and the rulings beside it."""

    def __init__(
        self,
        library: Callable[[], Library],
        comparison: Chosen,
        *,
        read_only: bool,
        ask: LibraryAsk | None = None,
    ) -> None:
        """`ask` answers the questions about statements; without it none is asked."""
        self.library = library
        self.read_only = read_only
        self.ask = ask
        self._comparison = comparison
        self._jobs: dict[str, Job[Compared]] = {}
        self._alone: dict[tuple[str, str], Job[Compared]] = {}
        self._guard, self._turn = Lock(), Lock()

    @property
    def job(self) -> Job[Compared]:
        """That of the library as it is chosen now."""
        return self._jobs.setdefault(_key(self.library().path), Job())

    def job_of(self, article_id: str) -> Job[Compared]:
        """The one that tells what an article disagrees on; "" for all of them.

        That of the whole library where this is compared as it stands. Otherwise one of its own, in its turn,
        which takes seconds; a new one takes the place of the oldest that is done.
        """
        whole, library = self.job, self.library()
        if not article_id or (whole.state.result and whole.state.result.token == library.token):
            return whole
        key = _key(library.path), article_id
        with self._guard:
            if key not in self._alone:
                done = [each for each, job in self._alone.items() if not job.state.running]
                if len(self._alone) >= _ALONE and done:
                    del self._alone[done[0]]
                self._alone[key] = Job()
            return self._alone[key]

    def is_comparing(self, folder: Path) -> bool:
        """Whether the library in the folder is being compared just now."""
        job = self._jobs.get(_key(folder))
        return job is not None and job.state.running

    @property
    def rulings(self) -> kept_rulings.Rulings:
        """Those of the library as it is chosen now."""
        return kept_rulings.Rulings(self.library().path)

    def compare(self, article_id: str = "", *, asking: bool = False) -> bool:
        """Begin, with all articles or with one; False where that runs already, or too many wait.

        `asking`: a question is also asked about each statement. Stopped then, it tells what was found so far.
        """
        library, comparison, job = self.library(), self._comparison, self.job_of(article_id)
        of = [article_id] if job is not self.job else []
        if of and len(self._alone) > _ALONE:
            return False

        def work(progress: Progress) -> Compared:
            token = library.token
            # All of them: the page lists what is ruled too, so that a ruling can be changed.
            survey = partial(library.conflicts, of=of, comparison=comparison, rulings=False)
            watched = _Watched(progress)
            # Asking takes minutes: for those nobody else's seconds wait.
            with self._turn if of and not asking else nullcontext():
                try:
                    found = survey(progress=watched, ask=self.ask if asking else None)
                except Stopped:
                    if not watched.is_asking:
                        raise
                    found = survey()  # what was compared and asked is remembered: seconds
            return Compared(found, Entries(found.disagreements, found.events, found.copies), token)

        return job.start(work, name=str(library.path))

    def is_due(self, article_id: str = "") -> bool:
        """Whether there is something to compare that costs so little that nobody need ask for it."""
        job, library = self.job_of(article_id), self.library()
        state = job.state
        stale = state.result is None or state.result.token != library.token
        quick = job is not self.job or len(library) <= COMPARED_UNASKED
        return stale and not state.running and quick

    def entries(self, article_id: str = "") -> Entries:
        """What the newest comparison found, of all articles or of one, as it is filtered."""
        result = self.job_of(article_id).state.result
        return result.entries if result else NOTHING

    def find(self, key: str) -> tuple[PointEntry, Entries] | None:
        """The point that the page calls `key`, with all that was found beside it; None for one of no list.

        One of the library as it stands, if one is.
        """
        library = self.library()
        here, token = _key(library.path), library.token
        alone = [job for (folder, _), job in list(self._alone.items()) if folder == here]
        found = [result for job in (self.job, *alone) if (result := job.state.result) is not None]
        for result in sorted(found, key=lambda one: one.token != token):
            for point in result.entries.points:
                if point.key == key:
                    return point, result.entries
        return None

    def disagreements(self, article_id: str = "") -> tuple[Disagreement, ...]:
        """What the newest comparison found, of all articles or of one."""
        return tuple(one.disagreement for one in self.entries(article_id).all)

    def statements(self) -> list[Citation]:
        """Those of the disagreements that nobody ruled none, surest first; of none before a survey."""
        return [statement for one in self._not_ruled_out() for statement in one.conflict.statements]

    def tiers_by_article(self) -> dict[str, list[ConflictTier]]:
        """By article id, the tiers of the points that it is in and that nobody ruled none; of none before a
        survey.
        """
        found: dict[str, list[ConflictTier]] = defaultdict(list)
        entries = self.entries()
        rulings = entries.rulings(self.rulings.read_standing()) if entries.points else {}
        for one in entries.points:
            standing = one.standing(rulings)
            said = [each.disagreement.conflict.statements for each in standing]
            for article_id in {statement.article_id for some in said for statement in some}:
                found[article_id].append(one.tier(rulings))
        return dict(found)

    def page(self, wanted: Wanted, number: int, kept: str = "") -> Shown:
        """The page of that number, or the last one.

        `kept` is shown though the filter on rulings no longer holds it. Raises QuestionError for a date that
        is none, LibraryError where the rulings cannot be read.
        """
        entries = self.entries(wanted.of)
        rulings = entries.rulings(self.rulings.read_standing())
        fitting = entries.select(wanted, rulings, kept)
        pages = max(1, ceil(len(fitting) / SHOWN))
        number = min(max(1, number), pages)
        first = (number - 1) * SHOWN
        shown = fitting[first : first + SHOWN]
        html = cards.listing(
            shown,
            wanted,
            entries,
            rulings,
            self._quoted_articles(shown),
            first=first + 1,
            of=len(fitting),
            read_only=self.read_only,
            kept=kept,
            in_notebook=self._in_notebook(shown, entries.copies),
        )
        result = self.job_of(wanted.of).state.result
        return Shown(
            summary=cards.summary(result.survey, entries, wanted, rulings) if result else "",
            listing=html,
            topics=cards.topics(entries, wanted, rulings),
            narrowed=cards.active_filters(entries, wanted, rulings),
            matrix=charts.matrix(entries, wanted, rulings),
            timeline=charts.timeline(entries, wanted, rulings),
            where=f"Page {number:,} of {pages:,}" if pages > 1 else "",
            number=number,
            pages=pages,
            query=to_query(wanted),
        )

    def rule(self, key: str, verdict: str, reason: str, article_id: str = "") -> str:
        """Keep a ruling on what the page calls `key`, a point or a part of one; what happened, in words.

        It is one of the list of that article, or of all.
        """
        points = self.entries(article_id).points
        found = [each.disagreement for one in points for each in one.entries if key in (one.key, each.key)]
        known = next((name for name in (*VERDICTS, "withdrawn") if name == verdict), None)
        if not found or known is None:
            return "This disagreement is no longer in the list. Compare again."
        why = next((name for name in get_args(Reason) if name == reason), None)
        for one in found:
            self.rulings.add(rule(one.conflict, known, question=question_of(one), reason=why))
        return "The ruling was taken back." if known == "withdrawn" else f"Ruled: {VERDICTS[known]}."

    def report(self, wanted: Wanted) -> tuple[Survey, str] | None:
        """What was found as it is narrowed and ruled, with how it is narrowed in words; None before a survey.

        Raises as `page`.
        """
        result = self.job_of(wanted.of).state.result
        if result is None:
            return None
        standing = self.rulings.read_standing()
        entries, ruled = result.entries, apply_rulings(result.survey, standing)
        if not wanted.active():
            return ruled, ""
        points = entries.count(wanted, entries.rulings(standing))
        keys = {each.key for one in points for each in one.entries}
        chosen = tuple(one for one in ruled.disagreements if key_of(one) in keys)
        labels = ", ".join(cards.filter_labels(wanted).values())
        return replace(ruled, disagreements=chosen), labels

    def _in_notebook(self, shown: Sequence[PointEntry], copies: Copies) -> frozenset[str]:
        """The keys of those that are kept; of none where the notebook cannot be read, as its page says."""
        try:
            kept = {one.id for one in self.library().notebook.clippings()}
        except WhosaysError:
            return frozenset()
        return frozenset(one.key for one in shown if clip_point(one.point, copies).id in kept)

    def _not_ruled_out(self) -> list[Disagreement]:
        """Those found that nobody ruled none."""
        found = self.disagreements()
        standing = self.rulings.read_standing() if found else None  # their file is read only where it matters
        return [one for one in found if standing is None or standing.verdict(one.conflict) != "no conflict"]

    def _quoted_articles(self, shown: Sequence[PointEntry]) -> dict[str, Article]:
        """The articles of the statements that are seen at once; without those removed in the meantime."""
        library = self.library()
        found = {}
        for article_id in {cited.article_id for one in shown for cited in shown_statements(one.point)}:
            try:
                found[article_id] = library.article(article_id)
            except ArticleNotFound:
                continue
        return found


class _Watched:
    """Progress that knows whether questions are asked yet."""

    def __init__(self, progress: Progress) -> None:
        self.is_asking = False
        self._progress = progress

    def __call__(self, done: int, total: int | None, label: str) -> None:
        self.is_asking = label == ASKING
        self._progress(done, total, label)


def _key(folder: Path) -> str:
    """Another library that is made in the same folder later has a comparison of its own."""
    return f"{identify_folder(folder)} {folder}"


def question_of(one: Disagreement) -> str:
    """The question that a ruling on it answers: nobody asked one, so both values make it."""
    return f"Which is right: {one.one.value} or {one.other.value}?"
