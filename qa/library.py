"""`Library`: the index's library, which also says what its articles tell of, and disagree on."""

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Literal, Unpack

import platformdirs
from filelock import FileLock

import index
import index.library
from index.adding import Progress
from index.errors import LibraryError
from index.records import Article, Embedder, Listed
from index.retrieve import by_either_leg
from index.scope import EVERYTHING, Scope, ScopeParts
from qa.asking.each import LibraryAsk, StatementQuestions
from qa.comparison.judge import judged_comparison
from qa.comparison.model import Comparison
from qa.conflicts.rulings import Standing, read_standing
from qa.events.library import Events, events_among, events_of, find_events, known_events
from qa.events.outlines import outline_these
from qa.notebook.store import Notebook
from qa.records import Answer, AnswerEvent
from qa.retrieval import find_passages_each
from qa.survey.cache import SurveyCache, version_of
from qa.survey.candidates import Memory
from qa.survey.estimate import NEAR, SOUGHT, TRIED, Estimate, estimate
from qa.survey.statements import read_sheet
from qa.survey.survey import Survey, survey

SEEDS = Path(index.__file__).resolve().parent.parent / "seeds"

# Raised by hand when cleaning, splitting or chunking changes what the same articles become.
BUNDLED_FORMAT = 1

# Passages for each statement of an article that is held against a library. Source: 40 articles of 277
# accounts of stories, 55 disagreements: with 6, 8 and 12 of them 52 are found; 33, 44 and 67 are read. Of 60
# in lists of near-alike statements 33, 38 and 41.
_NEAR_EACH = 8
# Of each leg. Source: 60 statements in a million passages, the same passages as of 100.
_NEAR_DEPTH = 40

Chosen = Comparison | Literal["bundled"] | None
"""The model that compares: one's own, the bundled one, or none."""


class Library(index.library.Library):
    """A folder of articles, open until `close`. Threads may share one, other processes may open it."""

    def events(self) -> Events:
        """Which articles tell of one event; remembered beside the library until it changes."""
        return events_of(self)

    @property
    def notebook(self) -> Notebook:
        """What people keep of it: quotes, disagreements, whole answers, and notes."""
        return Notebook(self.path, self.article)

    def conflicts(
        self,
        *,
        of: Sequence[str] = (),
        scope: Scope = EVERYTHING,
        comparison: Chosen = "bundled",
        rulings: bool = True,
        progress: Progress | None = None,
        ask: LibraryAsk | None = None,
        **parts: Unpack[ScopeParts],
    ) -> Survey:
        """The disagreements between all articles, or those in a scope, given as to `search`.

        `of` asks only for those that these articles, by their ids, take part in. Then only articles that hold
        passages near their statements are read, which takes seconds in a library of any size; a disagreement
        that all articles together show may be missed. Raises ArticleNotFound for an id that is not there.

        Statements of articles that surely tell of two events are not compared. What is read and compared is
        remembered beside the library, batch by batch: a call that was stopped goes on where it was, and after
        a change only what is new is read. `comparison` judges statements; with None nothing is compared.
        Those that people ruled no conflict are counted and left out, and those ruled an update are told as
        one, unless `rulings` is False.

        With `ask`, which is `qa.ask.ask` or the same with settings (`functools.partial`), the library is also
        asked a question about each statement that none was asked about before: this finds more, and takes a
        second or more a statement. What it found is remembered and told by later calls without it, too.
        Raises ModelError where the bundled model is missing or damaged.
        """
        scope = scope.with_parts(**parts)
        began = perf_counter()
        compared: Sequence[Article | Listed]
        if of:
            compared = self._near([self.article(one) for one in of], scope)
            events = events_among(self, compared)
        else:
            compared = self.listing(scope=scope, most=sys.maxsize).articles
            events = self.events()
        grouped = perf_counter() - began
        whole = scope == EVERYTHING and not of
        model = judged_comparison() if comparison == "bundled" else comparison
        cache = SurveyCache(self.path, few=bool(of))
        try:
            found = survey(
                sorted(compared, key=lambda one: one.id),
                lambda ids: self.articles(scope=Scope(articles=tuple(ids))),
                cache,
                embedder=self.embedder,
                comparison=model,
                are_apart=events.are_apart,
                progress=progress,
                whole=whole,
                memory=self._memory(events) if whole else None,
                of=of,
                questions=self._questions(model, ask, scope).put if model else None,
            )
        finally:
            cache.close()
        told = replace(_with_events(found, events), seconds={"events": grouped, **found.seconds})
        return apply_rulings(told, read_standing(self.path)) if rulings else told

    def _questions(self, model: Comparison, ask: LibraryAsk | None, scope: Scope) -> StatementQuestions:
        """What asks about statements."""
        models = f"{model.name} {self.embedder.name}"
        if ask is None:
            return StatementQuestions(models, scope)

        def put(question: str) -> Answer:
            return ask(question, library=self, scope=scope, rulings=False)

        return StatementQuestions(models, scope, put, self.embedder.vocabulary().keys())

    def _near(self, own: Sequence[Article], scope: Scope) -> list[Article]:
        """These articles, and those in the scope that hold what is near to their statements."""
        quotes = [quote for one in own for quote in read_sheet(one).quotes]
        hits = find_passages_each(
            self, quotes, k=_NEAR_EACH, fuse=by_either_leg, depth=_NEAR_DEPTH, scope=scope
        )
        near = {hit.article.id: hit.article for some in hits for hit in some}
        return list(({one.id: one for one in own} | near).values())

    def _memory(self, events: Events) -> Memory | None:
        """Where its matches are kept, and what they depend on; None where nothing can be kept."""
        if self.is_read_only:
            return None
        return Memory(self.path, version_of(self.embedder.name), events.mark)

    def conflicts_estimate(
        self,
        *,
        scope: Scope = EVERYTHING,
        comparison: Chosen = "bundled",
        **parts: Unpack[ScopeParts],
    ) -> Estimate:
        """How long `conflicts` would take, by a trial of a few seconds; 0 seconds where all is known."""
        scope = scope.with_parts(**parts)
        model = judged_comparison() if comparison == "bundled" else comparison
        cache = SurveyCache(self.path, few=True)
        try:
            every = self.listing(scope=scope, most=1).total
            unread = max(0, every - cache.count_articles())
        finally:
            cache.close()
        if model is None or not unread:
            return Estimate(unread, 0.0)
        newest = self.listing(scope=scope, order="added", most=TRIED).articles
        sample = [self.article(one.id) for one in newest]
        sought = [quote for one in sample for quote in read_sheet(one).quotes[:SOUGHT]]
        hits = self.search_each(sought, k=NEAR, scope=scope)
        near = {hit.article.id: hit.article for some in hits for hit in some}
        near |= {one.id: one for one in sample}
        began = perf_counter()
        events = known_events(self)
        grouped = 0.0
        if events is None:
            events = find_events(outline_these(self, near.values()))
            grouped = unread * (perf_counter() - began) / max(1, len(near))
        ahead = estimate(
            sample,
            list(near.values()),
            unread,
            every,
            embedder=self.embedder,
            comparison=model,
            are_apart=events.are_apart,
        )
        return replace(ahead, seconds=ahead.seconds + grouped)


def _with_events(found: Survey, events: Events) -> Survey:
    """With what the articles in its disagreements tell of."""
    ids = (one.article_id for each in found.conflicts for one in each.statements)
    told = dict.fromkeys(event for one in ids if (event := events.of(one)) is not None)
    return replace(found, events=tuple(AnswerEvent(one.name, one.article_ids) for one in told))


def apply_rulings(found: Survey, standing: Standing) -> Survey:
    """Without the disagreements whose every two statements are ruled no conflict; these are counted."""
    verdicts = [standing.verdict(one.conflict) for one in found.disagreements]
    shown = tuple(
        one if verdict is None else replace(one, possible_update=verdict == "update")
        for one, verdict in zip(found.disagreements, verdicts, strict=True)
        if verdict != "no conflict"
    )
    check = replace(found.check, ruled_out=len(verdicts) - len(shown))
    return replace(found, disagreements=shown, check=check)


def has_examples(seeds: Path = SEEDS) -> bool:
    """Whether the articles of the bundled library are here; an installed wheel carries none."""
    return any(seeds.glob("*.txt"))


def open_bundled(
    embedder: Embedder,
    *,
    chunk_tokens: int,
    overlap_sentences: int,
    progress: Progress | None = None,
    seeds: Path = SEEDS,
    cache: Path | None = None,
) -> Library:
    """The library of `seeds`, built anew when the articles, embedder or chunk settings changed.

    Raises LibraryError where there are no example articles (an installed wheel carries none), or one of
    them is refused.
    """
    if not has_examples(seeds):
        raise LibraryError(
            "there is no bundled library here: the example articles come with a checkout of Whosays, not "
            "with the installed package. Make a library of your own: whosays add FOLDER --library DIR, then "
            'whosays ask "…" --library DIR'
        )
    files = sorted(path for path in seeds.glob("*") if path.suffix in (".txt", ".toml"))
    cache = cache or platformdirs.user_cache_path("whosays")
    place = cache / f"bundled-{_stamp(files, embedder.name, chunk_tokens, overlap_sentences)}"
    library = Library.open(
        place, embedder=embedder, chunk_tokens=chunk_tokens, overlap_sentences=overlap_sentences
    )
    if len(library) < sum(path.suffix == ".txt" for path in files):
        # A second process that finds it unbuilt waits for the first, then finds it built: "unchanged".
        try:
            with FileLock(cache / "bundled.lock"):
                _build(library, seeds, progress)
        except BaseException:
            library.close()
            raise
    return library


def _build(library: Library, seeds: Path, progress: Progress | None) -> None:
    for outcome in library.add(*sorted(seeds.glob("*.txt")), progress=progress):
        if outcome.status == "refused":
            raise LibraryError(f"the example article {outcome.source} was refused: {outcome.reason}")


def _stamp(files: list[Path], embedder: str, chunk_tokens: int, overlap_sentences: int) -> str:
    settings = f"{BUNDLED_FORMAT}\0{embedder}\0{chunk_tokens}\0{overlap_sentences}"
    digest = hashlib.sha256(settings.encode())
    for file in files:
        # The path too: an article's address is where it was loaded from.
        digest.update(f"\0{file}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]
