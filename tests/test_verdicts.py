"""Verdicts with an entailment model: it speaks where the rules are silent, and never over a hedge."""

from collections.abc import Sequence

import pytest

from qa.conflict import compare_all, find_conflicts
from qa.records import Citation, Probabilities
from qa.verdicts import Verdicts, told_plainly

ASKED = "Is the town's water fit to drink?"
SAFE = "The tap can be used again, the county said."
UNSAFE = "Residents were told to boil whatever comes from the tap."
BESIDE = "The county is twenty miles wide."


class Told:
    """Judges by a table, and remembers what it was asked."""

    def __init__(self, **table: Probabilities) -> None:
        self._table = table
        self.asked: list[tuple[str, str]] = []

    @property
    def name(self) -> str:
        return "table"

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Probabilities]:
        self.asked += pairs
        words = {SAFE: "safe", UNSAFE: "unsafe"}
        return [self._table.get(words.get(premise, ""), Probabilities(0.1, 0.8, 0.1)) for premise, _ in pairs]


MODEL = {"safe": Probabilities(0.9, 0.05, 0.05), "unsafe": Probabilities(0.05, 0.1, 0.85)}


def cite(sentence: str, article: str, score: float = 0.8) -> Citation:
    end = len(sentence)
    place = (article, None, None, "2026-07-03", f"{article}.txt", 0, end)
    return Citation(*place, sentence, sentence, 0, end, score)


STATEMENTS = [cite(SAFE, "a"), cite(UNSAFE, "b"), cite(BESIDE, "c")]


def test_the_model_says_yes_no_or_nothing() -> None:
    verdicts = Verdicts(ASKED, Told(**MODEL))
    verdicts.read(STATEMENTS)
    told = [verdicts.of(one) for one in STATEMENTS]
    assert [one.polarity for one in told] == ["yes", "no", "open"]
    assert [one.sure for one in told[:2]] == [0.9, 0.85]


@pytest.mark.parametrize(
    "hedged",
    ["The county may soon let people drink from the tap.", "It is not confirmed that the water is safe."],
)
def test_a_hedge_stays_open_whatever_the_model_says(hedged: str) -> None:
    model = Told()
    model._table[""] = Probabilities(0.99, 0.005, 0.005)
    verdicts = Verdicts(ASKED, model)
    assert verdicts.of(cite(hedged, "a")).polarity == "open"
    assert model.asked


def test_what_holds_under_a_condition_stays_open_whatever_the_model_says() -> None:
    model = Told()
    model._table[""] = Probabilities(0.99, 0.005, 0.005)
    conditional = "If the talks go on, it will help the yard."
    assert Verdicts(ASKED, model).of(cite(conditional, "a")).polarity == "open"
    assert model.asked


@pytest.mark.parametrize(
    ("sentence", "plain"),
    [
        ("By Ada Kellan, Arden - The yard will close.", "The yard will close."),
        ("ARDEN (Wire) — The yard  will\nclose.", "The yard will close."),
        ("The yard - Acme - will close.", "The yard - Acme - will close."),
        ("By June the yard will close - perhaps.", "By June the yard will close - perhaps."),
    ],
)
def test_bylines_and_datelines_are_no_part_of_what_is_said(sentence: str, plain: str) -> None:
    assert told_plainly(sentence) == plain


def test_a_hostile_line_is_told_as_it_is() -> None:
    for line in ("By " + "A" * 200_000, "A" * 200_000, "By " + "A, " * 50_000):
        assert told_plainly(line) == line.strip()  # a pattern that goes back over itself would never end


def test_the_model_is_asked_the_plain_question_once_for_each_statement() -> None:
    model = Told(**MODEL)
    verdicts = Verdicts("Isn't the town's water fit to drink?", model)
    verdicts.read(STATEMENTS)
    assert [verdicts.of(one).polarity for one in STATEMENTS] == ["yes", "no", "open"]
    assert {hypothesis for _, hypothesis in model.asked} == {ASKED}
    assert len(model.asked) == len(STATEMENTS)


def test_a_question_of_another_kind_goes_to_no_model() -> None:
    model = Told(**MODEL)
    verdicts = Verdicts("Who closed the well?", model)
    verdicts.read(STATEMENTS)
    assert verdicts.of(STATEMENTS[0]).polarity == "open"
    assert model.asked == []


def test_a_fact_against_a_plan_is_a_conflict_of_certainty() -> None:
    done, weighed = "Northwind bought the mill in May.", "Northwind is considering whether to buy the mill."
    model = Told()
    model._table[""] = Probabilities(0.9, 0.05, 0.05)
    asked = "Has Northwind bought the mill?"
    statements = [cite(done, "a"), cite(weighed, "b")]
    (found,), _ = find_conflicts(asked, statements, {}, verdicts=Verdicts(asked, model))
    assert found.kind == "certainty"


def leaning(yes: float, no: float) -> Probabilities:
    return Probabilities(yes, 1 - yes - no, no)


def judged(model: Told, statements: Sequence[Citation] = STATEMENTS) -> list[str]:
    """The kinds of conflict between the statements by the model's leanings, all that differ counting."""
    verdicts = Verdicts(ASKED, model)
    verdicts.read(statements)
    return [found.kind for found in compare_all(ASKED, statements, {}, verdicts=verdicts).found]


def test_two_that_lean_apart_differ_though_neither_is_sure() -> None:
    model = Told(safe=leaning(0.6, 0.1), unsafe=leaning(0.1, 0.6))
    verdicts = Verdicts(ASKED, model)
    verdicts.read(STATEMENTS)
    assert {verdicts.of(one).polarity for one in STATEMENTS} == {"open"}
    (found,) = compare_all(ASKED, STATEMENTS, {}, verdicts=verdicts).found
    assert (found.kind, found.told) == ("polarity", pytest.approx(0.36))
    assert {side.citations[0].article_id: side.value for side in (found.one, found.other)} == {
        "a": "yes",
        "b": "no",
    }


def test_two_that_lean_the_same_way_do_not_differ() -> None:
    assert judged(Told(safe=leaning(0.6, 0.1), unsafe=leaning(0.6, 0.1))) == []
    assert judged(Told(safe=leaning(0.1, 0.7), unsafe=leaning(0.1, 0.6))) == []


def test_a_verdict_by_rule_counts_as_nearly_sure() -> None:
    asked, no = "Has the mill been sold?", "The mill has not been sold, its owner said."
    other = cite("Northwind now owns the mill, which it took over on Friday.", "b")
    model = Told()
    model._table[""] = leaning(0.5, 0.2)
    verdicts = Verdicts(asked, model)
    (found,) = compare_all(asked, [cite(no, "a"), other], {}, verdicts=verdicts).found
    assert (found.kind, found.told) == ("polarity", pytest.approx(0.97 * 0.5))


NORTHWIND = "Has Northwind bought the mill for 4 million euros?"


def test_a_hedge_that_lacks_a_name_of_the_question_is_beside_it() -> None:
    model = Told()
    model._table[""] = leaning(0.9, 0.05)
    done = cite("Northwind bought the mill for 4 million euros in May.", "a")
    beside = cite("The bakery is considering whether to buy the mill for 4 million euros.", "b")
    verdicts = Verdicts(NORTHWIND, model)
    assert compare_all(NORTHWIND, [done, beside], {}, verdicts=verdicts).found == ()


def test_a_question_of_an_article_says_neither() -> None:
    model = Told()
    model._table[""] = leaning(0.9, 0.05)
    verdicts = Verdicts(ASKED, model)
    headline = cite("Is it safe to drink in the town again?", "a")
    assert (verdicts.of(headline).polarity, verdicts.leaning(headline)) == ("open", None)


def test_what_another_clause_takes_back_stays_open_whatever_the_model_says() -> None:
    model = Told()
    model._table[""] = leaning(0.95, 0.02)
    talk = cite("Talk of a sale is getting louder, but it has not been confirmed.", "a")
    told = Verdicts("Is the mill being sold?", model).of(talk)
    assert (told.polarity, told.certainty) == ("open", "unconfirmed")
