"""How sure a conflict is: the surer the answers and the clearer the contradiction, the surer."""

from collections.abc import Sequence
from dataclasses import replace

from qa.conflict import find_conflicts
from qa.records import Citation, Probabilities
from qa.weighing import LEAST_SURE, MOST_WEIGHED

ASKED = "How many people were killed in Kandor?"


class Says:
    """Gives each pair the same probabilities, and counts the pairs."""

    def __init__(self, entailment: float, contradiction: float) -> None:
        self._told = Probabilities(entailment, 1 - entailment - contradiction, contradiction)
        self.pairs: list[tuple[str, str]] = []

    @property
    def name(self) -> str:
        return "says"

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Probabilities]:
        self.pairs += pairs
        return [self._told for _ in pairs]


def cite(count: int, article: str, score: float = 0.9) -> Citation:
    text = f"In Kandor {count} people were killed."
    place = (article, None, None, "2026-07-03", f"{article}.txt", 0, len(text))
    return Citation(*place, text, text, 0, len(text), score)


TWO = [cite(23, "a"), cite(40, "b")]


def score(model: Says | None, statements: Sequence[Citation] = tuple(TWO)) -> float:
    found, _ = find_conflicts(ASKED, statements, {}, entailment=model)
    return found[0].score if found else 0.0


def test_what_the_model_calls_a_contradiction_is_surer() -> None:
    assert score(Says(0.01, 0.97)) > score(Says(0.05, 0.5))


def test_surer_answers_make_a_surer_conflict() -> None:
    faint = [replace(one, score=0.6) for one in TWO]
    assert score(None, TWO) > score(None, faint) > 0


def test_statements_that_speak_of_all_that_is_asked_make_a_surer_conflict() -> None:
    asked = "How many people were killed in Kandor by the flood?"
    (told,), _ = find_conflicts(ASKED, TWO, {})
    (partly,), _ = find_conflicts(asked, TWO, {})
    assert told.score > partly.score


def test_what_is_less_likely_than_the_threshold_is_not_shown() -> None:
    faint = [replace(one, score=0.03) for one in TWO]
    found, check = find_conflicts(ASKED, faint, {})
    assert found == ()
    assert (check.status, check.pairs) == ("checked", 1)
    assert all(one.score >= LEAST_SURE for one in find_conflicts(ASKED, TWO, {})[0])


def test_the_model_is_asked_in_both_directions_of_the_likeliest_pairs_only() -> None:
    model = Says(0.01, 0.9)
    statements = [cite(10 + 7 * number, f"article{number}", 0.9 - number / 50) for number in range(9)]
    find_conflicts(ASKED, statements, {}, entailment=model)
    assert len(model.pairs) == 2 * MOST_WEIGHED
    forward, back = model.pairs[:2]
    assert forward == back[::-1]
    likeliest = {statements[0].sentence, statements[1].sentence}
    assert set(forward) == likeliest


def test_the_order_of_the_statements_changes_nothing() -> None:
    statements = [*TWO, cite(51, "c", 0.5)]
    expected = find_conflicts(ASKED, statements, {}, entailment=Says(0.1, 0.8))
    assert find_conflicts(ASKED, statements[::-1], {}, entailment=Says(0.1, 0.8)) == expected
