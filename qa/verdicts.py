"""What statements say to a yes/no question: by rule, and by the model where the rules are silent."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from qa.answering import clause
from qa.asked import read_question
from qa.certainty import Level
from qa.claims import clause_certainty, read_claim
from qa.kinds import bare, kind_of
from qa.proposition import read_proposition
from qa.records import Citation, Entailment, Polarity
from qa.verdict import HEDGES, Verdict, verdict

# The entailment model speaks when it gives "yes" or "no" at least so much, of 1.
LEAST_SURE = 0.75

# So many statements go through the model, the likeliest answers: 2 ms each on two cores.
MOST_JUDGED = 24

_Place = tuple[str, int, int]
_OPEN = Verdict("open", "none")
_NEGATED_AUXILIARY = re.compile(r"^(\w+?)n['’]t\b", re.I)
_BYLINE = re.compile(
    r"^(?:By [A-Z][\w'’.]*(?:[ ,]+[A-Z][\w'’.]*){0,5}|[A-Z]{3,40}[\w ,'’]{0,30}(?:\([A-Z][\w ]{1,40}\))?)"
    r" ?(?:[-–—]|--) (?=[A-Z“\"])"
)
# What is said under a condition settles nothing; the model takes it for said.
_CONDITIONAL = re.compile(r"\b(?:if|unless|whether|provided that|in case|as long as)\b", re.I)
_IS_IT_TRUE = re.compile(r"^(?:is|was) it (?:really |actually )?(?:true|correct|the case) that ", re.I)


@dataclass(frozen=True, slots=True)
class Leaning:
    """How likely the model finds it that a statement says yes, and that it says no; the rest is neither."""

    yes: float
    no: float

    def against(self, other: "Leaning") -> float:
        """The probability that one says yes and the other no."""
        return max(self.yes * other.no, self.no * other.yes)


class Verdicts:
    """The verdicts on one question; to one of another kind every statement is open."""

    def __init__(self, question: str, entailment: Entailment | None = None) -> None:
        self._question = question
        self._asks = kind_of(question) == "yes_no"
        self._entailment = entailment
        self._known: dict[_Place, Verdict] = {}
        self._leanings: dict[_Place, Leaning] = {}

    def read(self, statements: Iterable[Citation]) -> None:
        """Judges the statements at once; of those that the rules leave open, the model the likeliest."""
        if not self._asks:
            return
        unclear: list[Citation] = []
        for citation in statements:
            told = verdict(self._question, citation.sentence, published=citation.published)
            self._known[_place(citation)] = told
            if told.polarity == "open" and not citation.sentence.rstrip("\"'”’ ").endswith("?"):
                unclear.append(citation)
        proposition = read_proposition(self._question)
        if self._entailment is None or proposition is None or proposition.denies:
            return
        unclear.sort(key=lambda one: (-one.score, _place(one)))
        chosen = unclear[:MOST_JUDGED]
        asked = _hypothesis(self._question)
        pairs = [(told_plainly(one.sentence), asked) for one in chosen]
        for citation, likely in zip(chosen, self._entailment.judge(pairs), strict=True):
            place = _place(citation)
            leaning = Leaning(likely.entailment, likely.contradiction)
            self._known[place] = self._by_model(citation, leaning, self._known[place])
            if not _CONDITIONAL.search(citation.sentence):
                self._leanings[place] = leaning

    def of(self, citation: Citation) -> Verdict:
        """What the statement says; "open" for a question of another kind."""
        if not self._asks:
            return _OPEN
        if _place(citation) not in self._known:
            self.read([citation])
        return self._known[_place(citation)]

    def leaning(self, citation: Citation) -> Leaning | None:
        """Which way the statement leans, sure or not; None where neither rules nor model could tell."""
        told = self.of(citation)
        if told.polarity == "open":
            return self._leanings.get(_place(citation))
        yes, no = (told.sure, 1 - told.sure) if told.polarity == "yes" else (1 - told.sure, told.sure)
        return Leaning(yes, no)

    def _by_model(self, citation: Citation, leaning: Leaning, ruled: Verdict) -> Verdict:
        """The verdict of the model; a hedged statement is open, whatever the model makes of it."""
        level = self._level(citation)
        holds, not_so = leaning.yes, leaning.no
        if max(holds, not_so) < LEAST_SURE or _CONDITIONAL.search(citation.sentence):
            return (
                ruled if ruled.certainty != "none" else Verdict("open", level if level in HEDGES else "none")
            )
        polarity: Polarity = "yes" if holds > not_so else "no"
        if level in HEDGES and not (polarity == "no" and level == "denied"):
            return Verdict("open", level)
        return Verdict(polarity, level if level != "none" else "fact", max(holds, not_so))

    def _level(self, citation: Citation) -> Level:
        """That of the clause that answers; of one that another clause takes back, that of the other one.

        "Talk of a sale is getting louder, but none has been confirmed": the model hears the talk alone.
        """
        asked = read_question(self._question)
        claim = read_claim(citation.sentence, published=citation.published)
        own = clause_certainty(claim, clause(asked, claim), asked=asked.cues).level
        levels = [clause_certainty(claim, at, asked=asked.cues).level for at in range(len(claim.clauses))]
        return "unconfirmed" if own not in HEDGES and "unconfirmed" in levels else own


def told_plainly(sentence: str) -> str:
    """The sentence in one line, without the byline or dateline that a model takes for part of it."""
    return _BYLINE.sub("", " ".join(sentence.split()))


def _hypothesis(question: str) -> str:
    """The question as the model knows questions: "Hasn't X signed?" asks the same as "Has X signed?"."""
    plain = _IS_IT_TRUE.sub("", bare(question))
    return _NEGATED_AUXILIARY.sub(r"\1", plain[:1].upper() + plain[1:])


def _place(citation: Citation) -> _Place:
    return citation.article_id, citation.sentence_start, citation.sentence_end
