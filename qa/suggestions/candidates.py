"""What could be asked: of statements beside an answer that it does not show, and of a library at first.

A candidate is only that: `qa.suggestions.offer` asks it before anybody sees it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.errors import ArticleNotFound
from index.library import Library
from index.records import Article, Vectors
from qa.asking.questions import common_words, questions_from
from qa.language.names import names_in
from qa.overview.central import SAME, equal_shares, most_central
from qa.overview.sections import of_everything
from qa.overview.statements import CitedStatement, statements_in, statements_within
from qa.records import Answer, Citation
from qa.survey.statements import plainly

# What a statement loses for being like one already chosen (maximal marginal relevance: Carbonell and
# Goldstein 1998). Source: own choice; with 1 what comes second leaves the matter.
_ALIKE_COSTS = 0.5
# What it wins for a name: "Is the role hard to settle?" needs its article. Source: own choice.
_NAMED_WINS = 0.1
_CENTRAL = 8
_SAMPLED = 1_000  # passages that are looked through for names

DISPUTED = "What do the articles disagree about?"
REPORTED = "What do the articles say about {}?"


@dataclass(frozen=True, slots=True)
class CandidateQuestion:
    """A question, and the statement that it is made of; None for what asks for an overview."""

    question: str
    origin: Citation | None = None


def collect_shown(answer: Answer) -> tuple[Citation, ...]:
    """What an answer says for sure, so that nobody need ask for it."""
    return tuple(answer.quotes()) if answer.status in ("answered", "overview") else ()


@dataclass(frozen=True, slots=True)
class _Made:
    told: CitedStatement
    question: str


def after_answer(
    answer: Answer, library: Library, disputed: Collection[Citation] = ()
) -> list[CandidateQuestion]:
    """Questions of the passages that were read for an answer, of what it does not show; the best first.

    They are near to what was asked, and unlike each other. First come those of which the articles are known
    to disagree: `disputed` are statements of a survey. Where nothing was answered, what is shown counts too.
    """
    read = answer.passages[: answer.scope.passages_read]
    articles = _articles(library, (one.article_id for one in read))
    told = statements_within(
        (articles[one.article_id], one.start, one.end) for one in read if one.article_id in articles
    )
    shown = collect_shown(answer)
    places = {place_of(one) for one in shown}
    made = _make_questions(
        (one for one in told if place_of(one.citation) not in places), _common(articles.values(), library)
    )
    if not made:
        return []
    sentences = dict.fromkeys(plainly(one.sentence) for one in shown)
    vectors = library.embedder.embed([one.told.text for one in made])
    known = library.embedder.embed([answer.standalone_question, *sentences])
    new = np.asarray(~(vectors @ known[1:].T >= SAME).any(1), np.bool_)
    contested = {place_of(one) for one in disputed}
    first = np.array([place_of(one.told.citation) in contested for one in made], np.float32)
    named = np.array([_names_something(one.question) for one in made], np.float32)
    order = _unlike(vectors, vectors @ known[0] + first + named * _NAMED_WINS, new)
    return [CandidateQuestion(made[place].question, made[place].told.citation) for place in order]


def at_first(library: Library, disputed: Sequence[Citation] = ()) -> list[CandidateQuestion]:
    """Questions before anything was asked: of what is disputed, what is central, and who is reported most.

    `disputed` are statements of a survey, surest first.
    """
    hits = of_everything(library).hits
    told = statements_in(hits)
    found = {hit.article.id: hit.article for hit in hits}
    found |= _articles(library, (one.article_id for one in disputed))
    common, names = _common(found.values(), library), find_reported_names(library)
    central = _central(_make_questions(told, common), names, library)
    contested = [
        CandidateQuestion(questions[0], one)
        for one in disputed
        if (questions := questions_from(plainly(one.sentence), common))
    ]
    topics = [CandidateQuestion(REPORTED.format(name)) for name in names[:2]]
    whole = [CandidateQuestion(DISPUTED)] if disputed else []
    return [*whole, *contested[:2], *central[:2], *topics, *central[2:]]


def find_reported_names(library: Library, most: int = 12) -> list[str]:
    """The names that most articles hold, those of most first; at least two hold each."""
    hits, _ = library.sample(_SAMPLED)
    holders: dict[str, set[str]] = defaultdict(set)
    common = _common((hit.article for hit in hits), library)
    for hit in hits:
        text = " ".join(hit.article.text[hit.chunk.start : hit.chunk.end].split())
        for name in names_in(text):
            if name.lower() not in common:
                holders[name].add(hit.article.id)
    several = [name for name, articles in holders.items() if len(articles) > 1]
    return sorted(several, key=lambda name: (-len(holders[name]), name))[:most]


def _central(made: Sequence[_Made], names: Sequence[str], library: Library) -> list[CandidateQuestion]:
    """The most central statements, those with a name that is reported much before others."""
    if not made:
        return []
    vectors = library.embedder.embed([one.told.text for one in made])
    sources = [one.told.citation.article_id for one in made]
    chosen = most_central(vectors, vectors, equal_shares(sources), sources, _CENTRAL, a_group=2)
    ranks = {name: rank for rank, name in enumerate(names)}
    by_name = [
        min((ranks[name] for name in names if name in made[at].question), default=len(names)) for at in chosen
    ]
    ordered = sorted(range(len(chosen)), key=lambda place: (by_name[place] == len(names), place))
    return [CandidateQuestion(made[chosen[at]].question, made[chosen[at]].told.citation) for at in ordered]


def _make_questions(told: Iterable[CitedStatement], common: frozenset[str]) -> list[_Made]:
    """Of each statement the first question; each question once."""
    found: dict[str, _Made] = {}
    for one in told:
        for question in questions_from(one.text, common)[:1]:
            found.setdefault(question, _Made(one, question))
    return list(found.values())


def _articles(library: Library, ids: Iterable[str]) -> dict[str, Article]:
    """Those that still stand in the library."""
    found = {}
    for article_id in dict.fromkeys(ids):
        try:
            found[article_id] = library.article(article_id)
        except ArticleNotFound:
            continue
    return found


def _common(articles: Iterable[Article], library: Library) -> frozenset[str]:
    return common_words((one.text for one in articles), library.embedder.vocabulary().keys())


def _names_something(question: str) -> bool:
    return any(word[:1].isupper() for word in question.split()[1:])


def place_of(one: Citation) -> tuple[str, int]:
    """By which two citations are of one sentence."""
    return one.article_id, one.sentence_start


def _unlike(vectors: Vectors, worth: NDArray[np.float32], usable: NDArray[np.bool_]) -> list[int]:
    """The usable places, each the worthiest that is least like those before it; ties go to the first."""
    free, alike = usable.copy(), np.zeros(len(vectors), np.float32)
    chosen: list[int] = []
    while free.any():
        gains = np.where(free, np.round(worth - _ALIKE_COSTS * alike, 6), -np.inf)
        best = int(np.argmax(gains))
        chosen.append(best)
        similar = vectors @ vectors[best]
        alike = np.maximum(alike, similar)
        free &= similar < SAME
        free[best] = False
    return chosen
