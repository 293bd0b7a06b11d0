"""The sentence reader: which sentence of the retrieved passages answers, and how probably.

Each sentence is weighed by its embedding's likeness to the question, the question's words and names that it
and its passage hold, and whether it holds what the question asks for (a number, a date, a name, a reason).
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.clean import normalise
from index.records import Embedder, Hit, Span
from qa.records import Reading
from qa.terms import terms

# One weight per field of `Evidence`, then the constant: logistic regression on sentences retrieved for
# questions of public sets, a third of them with the answering passage taken away.
# Source: `python -m eval.fit_reader FOLDER --questions 600`.
WEIGHTS = (1.047, 2.394, 2.229, 0.213, 1.954, 1.084, 0.517, 4.488, 2.689, -10.69)

# A sentence that has nothing to do with a question is about this like it, and as many of them are reckoned
# among the candidates: without them the only sentence of a small library would lead nothing.
# Source: mean over the candidates of 300 questions of the sets that the weights are fitted on.
BACKGROUND = 0.145
BACKGROUND_COUNT = 10

_NUMBER = re.compile(
    r"""\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|half|dozen|hundred|thousand
    |million|billion)s?\b""",
    re.IGNORECASE | re.VERBOSE,
)
_DATE = re.compile(
    r"""\b(?:1\d{3}|20\d{2})\b|\b(?:january|february|march|april|may|june|july|august|september|october
    |november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|yesterday|tomorrow
    |year|month|week|quarter|century|spring|summer|autumn|winter|decade)s?\b""",
    re.IGNORECASE | re.VERBOSE,
)
_NAME = re.compile(r"""(?<=[\w,;:'’"( ])[A-Z][\w&-]+|\b[A-Z][a-z]+[ ][A-Z][a-z]+""")
_REASON = re.compile(
    r"""\b(?:because|since|due[ ]to|so[ ]that|in[ ]order[ ]to|as[ ]a[ ]result|aim|reason|therefore|thus
    |cause|reduc|mean|help)""",
    re.IGNORECASE | re.VERBOSE,
)

# What a question asks for, by how it opens; the first that matches counts.
_ASKS_FOR = tuple(
    (re.compile(opening, re.IGNORECASE | re.VERBOSE), sign)
    for opening, sign in (
        (
            r"""\bhow[ ](?:many|much|large|big|long|far|old|high|tall|often|fast|wide|deep|heavy)\b
            |\bwhat[ ](?:percentage|share|number|amount|proportion|size)\b""",
            _NUMBER,
        ),
        (r"\bwhen\b|\b(?:what|which)[ ](?:year|month|day|date|quarter|century|decade|time)\b", _DATE),
        (r"\bwhy\b|\bwhat[ ](?:is[ ]the[ ]reason|made|caused)\b", _REASON),
        (
            r"""\b(?:who|whom|whose|where)\b
            |\bwhich[ ](?:company|country|city|person|firm|team|organi[sz]ation)\b""",
            _NAME,
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a sentence; each about 0..1 but `log_words`."""

    likeness: float  # cosine of question and sentence
    passage_likeness: float  # cosine of question and passage, as retrieved
    words: float  # weighted share of the question's content words that the sentence holds
    names: float  # share of the question's names and numbers that it holds; 1 where there are none
    passage_words: float  # as `words`, over the whole passage
    sought: float  # 1 where it holds what is asked for, in words not of the question; 0.5 for no cue
    log_words: float  # natural logarithm of its number of words
    lead: float  # by how much `likeness` exceeds the mean of all candidates and the background
    relation_lead: float  # the same for the question without its names

    def vector(self) -> tuple[float, ...]:
        """The fields in order, then the 1 of the constant."""
        return (
            self.likeness,
            self.passage_likeness,
            self.words,
            self.names,
            self.passage_words,
            self.sought,
            self.log_words,
            self.lead,
            self.relation_lead,
            1.0,
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit, as published (`span`) and cleaned (`text`)."""

    hit: Hit
    span: Span
    text: str


class SentenceReader:
    """Picks whole sentences; on any embedder."""

    def __init__(self, embedder: Embedder, weights: Sequence[float] = WEIGHTS) -> None:
        self._embedder = embedder
        self._weights: NDArray[np.float64] = np.asarray(weights, dtype=np.float64)

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """Every sentence of `hits` with its probability, best first; ties by article id and offset."""
        found = candidates(hits)
        if not found:
            return []
        weighed = np.array([evidence.vector() for evidence in weigh(question, found, self._embedder)])
        scores = 1.0 / (1.0 + np.exp(-(weighed @ self._weights)))
        readings = [
            Reading(one.hit, one.span.start, one.span.end, one.span.start, one.span.end, float(score))
            for one, score in zip(found, scores, strict=True)
        ]
        return sorted(readings, key=lambda reading: (-reading.score, reading.hit.article.id, reading.start))


def candidates(hits: Sequence[Hit]) -> list[Candidate]:
    """The sentences of the hits, each once: neighbouring chunks overlap."""
    seen: set[tuple[str, int]] = set()
    found: list[Candidate] = []
    for hit in hits:
        for span in hit.chunk.sentences:
            key = (hit.article.id, span.start)
            text = normalise(hit.article.text[span.start : span.end])
            if key not in seen and text:
                seen.add(key)
                found.append(Candidate(hit, span, text))
    return found


def weigh(question: str, found: Sequence[Candidate], embedder: Embedder) -> list[Evidence]:
    """The evidence for each candidate, in order."""
    question = normalise(question)
    asked = _Question(
        terms(question), next((sign for opening, sign in _ASKS_FOR if opening.search(question)), None)
    )
    questions = embedder.embed([question, _without_names(question)], query=True)
    likeness = embedder.embed([one.text for one in found]) @ questions.T
    lead = likeness - (likeness.sum(axis=0) + BACKGROUND * BACKGROUND_COUNT) / (len(found) + BACKGROUND_COUNT)
    passages = {one.hit.chunk.id: terms(one.hit.chunk.text) for one in found}
    names = {term: weight for term, weight in asked.terms.items() if weight > 1}
    evidence = []
    for row, one in enumerate(found):
        held = terms(one.text)
        evidence.append(
            Evidence(
                likeness=float(likeness[row, 0]),
                passage_likeness=float(likeness[row, 0]) if one.hit.cosine is None else one.hit.cosine,
                words=_share(asked.terms, held),
                names=_share(names, held) if names else 1.0,
                passage_words=_share(asked.terms, passages[one.hit.chunk.id]),
                sought=_holds(asked, one.text),
                log_words=math.log(2 + one.text.count(" ")),
                lead=float(lead[row, 0]),
                relation_lead=float(lead[row, 1]),
            )
        )
    return evidence


@dataclass(frozen=True, slots=True)
class _Question:
    """The question's terms, and the pattern of what it asks for where its opening tells."""

    terms: dict[str, float]
    sought: re.Pattern[str] | None


def _without_names(question: str) -> str:
    """The question with each name replaced by a word that says nothing of it."""
    return re.sub(r"(?<=\s)[A-Z][\w&.'-]*(?:\s+[A-Z][\w&.'-]*)*", "it", question)


def _share(asked: dict[str, float], held: dict[str, float]) -> float:
    total = sum(asked.values())
    return sum(weight for term, weight in asked.items() if term in held) / total if total else 0.0


def _holds(asked: _Question, text: str) -> float:
    """1 where `text` holds a thing of the sought kind that the question did not name; 0.5 for no cue."""
    if asked.sought is None:
        return 0.5
    found = (set(terms(" " + match[0])) for match in asked.sought.finditer(text))
    return float(any(not words & set(asked.terms) for words in found))
