"""Whether a statement is of others than those whom the question names."""

from collections.abc import Sequence

import pytest

from qa.asked import read_question
from qa.claims import read_claim
from qa.conflict import compare_all
from qa.records import Probabilities
from qa.verdicts import Verdicts
from qa.whom import of_others
from tests.test_retelling import cite

ASKED = "Does Kelun use chips of Aarup?"


@pytest.mark.parametrize(
    ("statement", "others"),
    [
        ("On Monday it was said that Kelun is using chips of Lindmark.", True),
        ("On Monday it was said that Kelun is using chips of Aarup.", False),
        ("On Monday it was said that Kelun has stopped.", False),
        ("On Monday it was said that Lindmark has stopped.", False),  # of none of them: other gates see to it
        ("The chips of Kelun are in use, Ida Holt said.", False),  # who says so is nobody new
    ],
)
def test_who_stands_in_for_one_whom_the_question_names(statement: str, others: bool) -> None:
    assert of_others(read_question(ASKED), read_claim(statement, published="2026-04-28")) is others


def test_of_whom_the_sentence_before_was_is_named_too() -> None:
    claim = read_claim("On Monday it was said that Kelun asked Lindmark.", published="2026-04-28")
    assert of_others(read_question(ASKED), claim)
    assert not of_others(read_question(ASKED), claim, [frozenset({"aarup"})])


class Hears:
    """Hears a yes in what speaks of Aarup, and a no in anything else."""

    name = "hears"

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Probabilities]:
        yes, no = Probabilities(0.95, 0.04, 0.01), Probabilities(0.01, 0.04, 0.95)
        return [yes if "Aarup" in told else no for told, _ in pairs]


@pytest.mark.parametrize(("maker", "found"), [("Lindmark", 0), ("its own", 1)])
def test_what_the_model_takes_for_a_no_is_none_where_it_is_of_another(maker: str, found: int) -> None:
    one, other = "By now Kelun has turned to chips of Aarup.", f"By now Kelun has turned to chips of {maker}."
    statements = [cite("a", one, one), cite("b", other, other)]
    verdicts = Verdicts(ASKED, Hears())
    verdicts.read(statements)
    assert len(compare_all(ASKED, statements, {}, verdicts=verdicts).found) == found
