"""One answer held against one gold question: the words, the places cited, the passages, the conflicts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from eval.cases import Case, is_hit
from eval.errors import GoldError
from eval.gold.questions import Evidence, GoldQuestion
from eval.metrics import recall_at_k
from index.records import Article
from qa.records import Answer, Citation

RECALL_AT = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class Place:
    """Characters `start` up to, not including, `end` of an article's text."""

    article_id: str
    start: int
    end: int

    def matches(self, other: "Place") -> bool:
        """Whether the two share at least half of the shorter one."""
        if self.article_id != other.article_id:
            return False
        shared = min(self.end, other.end) - max(self.start, other.start)
        return shared > 0 and 2 * shared >= min(self.end - self.start, other.end - other.start)


Places = tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Located:
    """Where a gold question's evidence and conflicts stand: for each quote all the places where it occurs.

    `conflicts` holds, for each conflict and each of its sides, the places of the side's statements.
    """

    evidence: tuple[Places, ...]
    conflicts: tuple[tuple[tuple[Places, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that is counted of one answer.

    `ranks` holds for each gold quote the rank from 1 of the first passage with it. A predicted conflict is
    right when its statements match statements of two different sides of one gold conflict.
    """

    case: Case
    evidence_hit: bool
    citations: int
    citations_right: int
    misquotes: int
    ranks: tuple[int | None, ...]
    conflicts_shown: int
    conflicts_right: int
    conflict_kinds_right: int
    conflicts_gold: int
    conflicts_found: int
    statements_shown: int
    statements_right: int
    statements_gold: int
    statements_found: int
    every_side_shown: bool
    conflict_check: str
    timings_ms: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        """One flat row: the case's fields and scores, then these."""
        row = {key: value for key, value in asdict(self).items() if key != "case"}
        recalls = {f"recall@{k}": recall_at_k(self.ranks, k) for k in RECALL_AT}
        return {
            **self.case.to_dict(),
            **row,
            **recalls,
            "reciprocal_rank": 1 / self.first_rank if self.first_rank else 0.0,
        }

    @property
    def first_rank(self) -> int | None:
        """The rank from 1 of the first passage with any of the evidence."""
        return min((rank for rank in self.ranks if rank is not None), default=None)


class Judge:
    """Knows the articles, and so where a gold quote stands and whether a shown one is verbatim."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._articles = {article.id: article for article in articles}

    def locate(self, question: GoldQuestion) -> Located:
        """Where the question's gold quotes stand. Raises GoldError for a quote that no article holds."""
        return Located(
            tuple(self._places(quote, question) for quote in question.evidence),
            tuple(
                tuple(tuple(self._places(quote, question) for quote in side) for side in conflict.sides)
                for conflict in question.conflicts
            ),
        )

    def judge(self, question: GoldQuestion, answer: Answer) -> Judgement:
        """Counts what `answer` got right. Raises GoldError as `locate`."""
        gold = self.locate(question)
        cited = [_place(citation) for citation in answer.citations]
        evidence_hit = any(_any_match(place, gold.evidence) for place in cited)
        decides = bool(cited) and _any_match(cited[0], gold.evidence)
        hit = decides if _is_yes_no(question.answers) else is_hit(answer.text, question.answers)
        right = hit and evidence_hit if question.answers else answer.status != "answered"
        return Judgement(
            case=Case(
                id=question.id,
                kind=question.kind,
                question=question.question,
                golds=question.answers,
                text=answer.text,
                answered=answer.status == "answered",
                confidence=answer.confidence,
                answer_hit=hit,
                right=right,
                milliseconds=answer.timings_ms.total,
            ),
            evidence_hit=evidence_hit,
            citations=len(cited),
            citations_right=sum(_any_match(place, gold.evidence) for place in cited),
            misquotes=self._misquotes(answer),
            ranks=_ranks(answer, gold.evidence),
            **_conflict_counts(question, answer, gold),
            conflict_check=answer.conflict_check.status,
            timings_ms=asdict(answer.timings_ms),
        )

    def is_disputed(self, gold: Located, one: Citation, other: Citation) -> bool:
        """Whether two statements stand on different sides of a conflict."""
        places = _place(one), _place(other)
        return any(_sides_covered(places, sides) >= 2 for sides in gold.conflicts)

    def _places(self, evidence: Evidence, question: GoldQuestion) -> Places:
        named = [
            article for article in self._articles.values() if _file_name(article.uri) == evidence.article
        ]
        # An article may state a web address, which then is its uri: only its text can tell which file it was.
        places = [
            Place(article.id, start, start + len(evidence.quote))
            for article in named or self._articles.values()
            for start in _occurrences(evidence.quote, article.text)
        ]
        if not places:
            where = (
                f"the article {evidence.article} does not hold"
                if named
                else "no article of this library holds"
            )
            raise GoldError(
                f"question {question.id}: {where} the quote {evidence.quote!r}; "
                "copy it from the article as published, or name the library that this gold set is about"
            )
        return tuple(places)

    def _misquotes(self, answer: Answer) -> int:
        """How many quotes, sentences and passages differ from the stretch of the article that they name.

        The answer's text counts as one more when no cited article holds it.
        """
        shown = [
            *answer.citations,
            *(citation for position in answer.positions for citation in position.citations),
            *(citation for conflict in answer.conflicts for citation in conflict.statements),
        ]
        stretches = [
            *((one.article_id, one.start, one.end, one.quote) for one in shown),
            *((one.article_id, one.sentence_start, one.sentence_end, one.sentence) for one in shown),
            *((one.article_id, one.start, one.end, one.text) for one in answer.passages),
        ]
        wrong = sum(not self._is_verbatim(*stretch) for stretch in stretches)
        is_cited = not answer.text or any(
            answer.text in self._articles[one.article_id].text for one in answer.citations
        )
        return wrong + (not is_cited)

    def _is_verbatim(self, article_id: str, start: int, end: int, quote: str) -> bool:
        article = self._articles.get(article_id)
        return article is not None and article.text[start:end] == quote


def _conflict_counts(question: GoldQuestion, answer: Answer, gold: Located) -> dict[str, Any]:
    shown = [[_place(statement) for statement in conflict.statements] for conflict in answer.conflicts]
    matches = [[_sides_covered(places, sides) >= 2 for sides in gold.conflicts] for places in shown]
    kinds_right = sum(
        any(match and one.kind == conflict.kind for match, one in zip(row, question.conflicts, strict=True))
        for row, conflict in zip(matches, answer.conflicts, strict=True)
    )
    statements = {place for places in shown for place in places}
    gold_statements = {places for sides in gold.conflicts for side in sides for places in side}
    return {
        "conflicts_shown": len(shown),
        "conflicts_right": sum(any(row) for row in matches),
        "conflict_kinds_right": kinds_right,
        "conflicts_gold": len(gold.conflicts),
        "conflicts_found": sum(any(row[number] for row in matches) for number in range(len(gold.conflicts))),
        "statements_shown": len(statements),
        "statements_right": sum(_any_match(place, gold_statements) for place in statements),
        "statements_gold": len(gold_statements),
        "statements_found": sum(
            any(_any_match(place, [one]) for place in statements) for one in gold_statements
        ),
        "every_side_shown": bool(gold.conflicts)
        and all(_sides_covered(statements, sides) == len(sides) for sides in gold.conflicts),
    }


def _sides_covered(places: Iterable[Place], sides: Sequence[Sequence[Places]]) -> int:
    """How many of the sides have a statement among `places`."""
    shown = list(places)
    return sum(any(_any_match(place, side) for place in shown) for side in sides)


def _ranks(answer: Answer, evidence: Sequence[Places]) -> tuple[int | None, ...]:
    passages = [(one.rank, Place(one.article_id, one.start, one.end)) for one in answer.passages]
    return tuple(
        min((rank for rank, passage in passages if _any_match(passage, [quote])), default=None)
        for quote in evidence
    )


def _any_match(place: Place, quotes: Iterable[Places]) -> bool:
    return any(place.matches(occurrence) for quote in quotes for occurrence in quote)


def _place(citation: Citation) -> Place:
    return Place(citation.article_id, citation.start, citation.end)


def _is_yes_no(answers: Sequence[str]) -> bool:
    """Whether "yes" or "no" is asked for, which no article says: the statement that decides must be cited."""
    return bool(answers) and all(answer.strip(" .").lower() in ("yes", "no") for answer in answers)


def _file_name(uri: str) -> str:
    path = uri.replace("\\", "/")
    return PurePosixPath(unquote(urlsplit(path).path) if "://" in path else path).name


def _occurrences(quote: str, text: str) -> list[int]:
    found = []
    start = text.find(quote)
    while start >= 0:
        found.append(start)
        start = text.find(quote, start + 1)
    return found
