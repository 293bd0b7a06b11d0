"""What a survey learns by asking: a question of each statement, put to the library as a reader puts one.

Beside a question the reader tells which statements speak to one thing, and what each says to it: more than
two statements alone tell. It takes a second or more a statement, so that nobody asks unless told to.
"""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.adding import Progress
from index.errors import QuestionError
from index.library import Library
from index.scope import EVERYTHING, Scope
from qa.asking.questions import common_words, questions_from, whether_true
from qa.conflicts.engine import PairJudgement
from qa.records import Answer, Conflict
from qa.survey.cache import SurveyCache, digest_of_sources
from qa.survey.columns import Numbers
from qa.survey.near_copies import Pair
from qa.survey.statements import Sheets
from qa.survey.survey import Asked

ASKING = "asking"  # how progress calls it
# Beside a question made of a statement, two are shown from this score on. Source: 324 questions of 12 open
# stories showed 81 pairs, 39 of them labelled: of those that may disagree from here on half, of all 2 in 5.
LEAST = 0.48
# What answers depend on, the models apart: after a change in any of it all is asked anew.
_SOURCES = (
    *("qa/*.py", "qa/asking/*.py", "qa/comparison/*.py", "qa/conflicts/*.py", "qa/events/*.py"),
    *("qa/language/*.py", "qa/question/*.py", "qa/reader/*.py", "qa/replies/*.py", "qa/weights/*.json"),
)


class LibraryAsk(Protocol):
    """`qa.ask.ask`, or the same with settings of one's own."""

    def __call__(self, question: str, *, library: Library, scope: Scope, rulings: bool) -> Answer:
        """The answer."""


@dataclass(frozen=True, slots=True)
class StatementQuestions:
    """Asks about statements; with no `ask` only what was asked before counts.

    `models` are the names of those that answer, `scope` says which articles they are asked of, `vocabulary`
    holds the words that the embedder knows.
    """

    models: str
    scope: Scope = EVERYTHING
    ask: Callable[[str], Answer] | None = None
    vocabulary: Set[str] = frozenset()

    def put(
        self,
        sheets: Sheets,
        cache: SurveyCache,
        nearness: NDArray[np.float64],
        among: Numbers | None,
        progress: Progress | None,
    ) -> Asked:
        """What comes of asking about each statement once, or each `among` some, by its digest.

        Each answer is remembered as it comes. What was asked of all articles counts in a scope.
        """
        of_all = f"asked {self.models} {_version()}"
        name = of_all if self.scope == EVERYTHING else f"{of_all} of {self.scope}"
        known = cache.judgements(of_all).among(sheets.digests)
        if name != of_all:
            known |= cache.judgements(name).among(sheets.digests)
        wanted = sheets.digests if among is None else np.intersect1d(among, sheets.digests)
        left = np.setdiff1d(wanted, np.array([one for one, other in known if one == other], np.int64))
        if self.ask is not None and len(left):
            common = common_words((sheets.text(one) for one in wanted.tolist()), self.vocabulary)
            answered: dict[str, dict[Pair, PairJudgement]] = {}
            for done, digest in enumerate(_in_turn(sheets, left, nearness)):
                if progress:
                    progress(done, len(left), ASKING)
                question = _question_of(sheets.text(digest), common)
                if question not in answered:
                    answered[question] = _find(question, self.ask, sheets)
                found = answered[question]
                new = {pair: one for pair, one in found.items() if one.score > _score(known, pair)}
                new[digest, digest] = _ASKED
                cache.keep_judged(name, new)
                cache.commit()  # else others could not write while the next question is answered
                known |= new
            left = left[:0]
        ends = np.array([pair for pair, one in known.items() if one.score >= LEAST], np.int64).reshape(-1, 2)
        pairs = map(tuple, ends[np.isin(ends, wanted).any(1)].tolist())
        return Asked({pair: known[pair] for pair in pairs}, len(wanted) - len(left), len(left))


# Of a statement and itself: it was asked about.
_ASKED = PairJudgement(0.0, 1.0, update=False, kind="number")


def _score(known: dict[Pair, PairJudgement], pair: Pair) -> float:
    return known[pair].score if pair in known else -1.0


def _in_turn(sheets: Sheets, wanted: Numbers, nearness: NDArray[np.float64]) -> list[int]:
    """The statements, that with the nearest counterpart first; of those without one each article's first.

    Who stops after a quarter has found two in three of the labelled disagreements that all would find, where
    the order of the text gives one in five. Source: 678 questions of 28 open stories, eval/README.md.
    """
    numbers = np.searchsorted(sheets.digests, wanted)
    rows = sheets.first[numbers]
    owners = sheets.columns.owner[rows]
    lines = rows - sheets.columns.lines.bounds[owners]
    return [int(one) for one in wanted[np.lexsort((owners, lines, -nearness[numbers]))]]


def _question_of(text: str, common: Set[str]) -> str:
    made = questions_from(text, common)
    return made[0] if made else whether_true(text, common)


def _find(question: str, ask: Callable[[str], Answer], sheets: Sheets) -> dict[Pair, PairJudgement]:
    """Which statements the answer shows as in conflict, by their digests; none where nothing can be asked."""
    try:
        answer = ask(question)
    except QuestionError:
        return {}
    found: dict[Pair, PairJudgement] = {}
    for conflict in answer.conflicts:
        for pair in _pairs_in(conflict, sheets):
            if conflict.score > _score(found, pair):
                found[pair] = PairJudgement(conflict.score, 0.0, conflict.possible_update, conflict.kind)
    return found


def _pairs_in(conflict: Conflict, sheets: Sheets) -> Iterator[Pair]:
    for one, other in combinations(conflict.by_side(), 2):
        for mine in one:
            for theirs in other:
                low = sheets.digest_at(mine.article_id, mine.sentence_start)
                high = sheets.digest_at(theirs.article_id, theirs.sentence_start)
                if low is not None and high is not None and low != high:
                    yield min(low, high), max(low, high)


@cache
def _version() -> str:
    return digest_of_sources(_SOURCES)
