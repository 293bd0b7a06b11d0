"""Statements held against each other: positions, conflicts, verdicts, and what is shown of them."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from qa.comparison.excerpt import Excerpt
from qa.comparison.model import ModelStatement, ReadExcerpt, RelationShares, StanceShares
from qa.conflicts.copies import independent
from qa.conflicts.differences import UNKNOWN, difference
from qa.conflicts.engine import (
    HESITATES,
    ComparedPair,
    Thresholds,
    compare,
    conflicts_of,
    dispute,
    polarity_of,
    positions_of,
    survey_thresholds,
    thresholds,
    to_model_statement,
)
from qa.question.kinds import kind_of
from qa.records import Citation, Conflict, ConflictCheck, Position
from qa.weights.fitted import load_fitted

BACKLOG = "How large is Northwind's order backlog?"
SIGNED = "Has Orbital signed the contract?"
AT = Thresholds(verdict=0.65, lower=0.5, upper=0.75)


class Judge:
    """A comparison model that says what two functions of the sentences say."""

    name = "judge"

    def __init__(
        self,
        relation: Callable[[str, str], str] = lambda one, other: "same" if one == other else "conflict",
        stance: Callable[[str], str] = lambda sentence: "other",
        judge: "Decides | None" = None,
    ) -> None:
        self._relation, self._stance, self.judge = relation, stance, judge
        self.asked: list[tuple[str, str]] = []

    def stances(self, question: str, statements: Sequence[ModelStatement]) -> list[StanceShares]:
        shares = dict.fromkeys(("yes", "no", "open", "other"), 0.02)
        return [StanceShares(**(shares | {self._stance(one.sentence): 0.94})) for one in statements]

    def relations(
        self, question: str, pairs: Sequence[tuple[ModelStatement, ModelStatement]]
    ) -> list[RelationShares]:
        self.asked += [(one.sentence, other.sentence) for one, other in pairs]
        shares = dict.fromkeys(("same", "both", "conflict", "update"), 0.01)
        kinds = (0.1, 0.1, 0.6, 0.1, 0.1)
        return [
            RelationShares(**(shares | {self._relation(one.sentence, other.sentence): 0.97}), kinds=kinds)
            for one, other in pairs
        ]


class Decides:
    """A judge that says one thing of every pair, and remembers what it is asked."""

    name = "decides"

    def __init__(self, relation: str, sure: float = 0.96) -> None:
        rest = (1 - sure) / 4
        shares = dict.fromkeys(("same", "both", "conflict", "update", "beside"), rest) | {relation: sure}
        self._shares = RelationShares(**shares, kinds=(0.1, 0.1, 0.1, 0.6, 0.1))
        self.asked: list[tuple[str, str, str]] = []

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[ReadExcerpt]:
        raise AssertionError("nothing is read")

    def lengths(self, texts: Sequence[str]) -> list[int]:
        raise AssertionError("nothing is read")

    def relations(
        self, question: str, pairs: Sequence[tuple[ModelStatement, ModelStatement]]
    ) -> list[RelationShares]:
        self.asked += [(question, one.sentence, other.sentence) for one, other in pairs]
        return [self._shares] * len(pairs)


def cite(
    sentence: str, article: str, *, quote: str = "", score: float = 0.8, published: str | None = None
) -> Citation:
    """A citation of a sentence that opens its article, with a quote in it."""
    quote = quote or sentence
    start = sentence.index(quote)
    place = (start, start + len(quote), quote, sentence, 0, len(sentence))
    return Citation(article, None, None, published, f"{article}.txt", *place, score)


def found(
    question: str, statements: Sequence[Citation], judge: Judge, *, max_pairs: int = 100
) -> tuple[tuple[Position, ...], tuple[Conflict, ...], ConflictCheck]:
    """Positions, conflicts and what was compared."""
    asked = kind_of(question) == "yes_no"
    told = judge.stances(question, [to_model_statement(one) for one in statements])
    stances = [one if asked else None for one in told]
    compared, check = compare(question, statements, stances, judge, max_pairs=max_pairs)
    positions = positions_of(statements, compared, stances, AT)
    return positions, conflicts_of(statements, compared, stances, AT), check


def amounts(*values: str) -> list[Citation]:
    return [
        cite(f"Northwind's order backlog is {value} won.", str(at), quote=f"{value} won", score=0.9 - at / 20)
        for at, value in enumerate(values)
    ]


def test_what_the_model_finds_the_same_is_one_position_and_what_differs_a_conflict() -> None:
    judge = Judge(lambda one, other: "same" if one.split()[0] == other.split()[0] else "conflict")
    statements = [
        cite("Meta builds it.", "a", score=0.9),
        cite("Samsung builds it.", "b"),
        cite("Meta does.", "c", score=0.7),
    ]
    positions, conflicts, check = found("Who builds it?", statements, judge)
    assert [[one.article_id for one in position.citations] for position in positions] == [["a", "c"], ["b"]]
    assert positions[0].text == "Meta builds it."
    assert [[one.article_id for one in conflict.statements] for conflict in conflicts] == [
        ["a", "b"],
        ["b", "c"],
    ]
    assert (conflicts[0].kind, conflicts[0].sides) == ("name", (0, 1))
    assert conflicts[0].explanation == "“Meta builds it.” against “Samsung builds it.”"
    assert (check.status, check.statements, check.sources, check.pairs, check.reason) == (
        "checked",
        3,
        3,
        3,
        "",
    )


def test_equal_amounts_in_other_units_are_one_position_whatever_the_model_says() -> None:
    positions, conflicts, _ = found(
        BACKLOG, amounts("10 trillion", "about 10.2 trillion", "12 trillion"), Judge()
    )
    assert [len(position.citations) for position in positions] == [2, 1]
    assert [[one.article_id for one in conflict.statements] for conflict in conflicts] == [
        ["0", "2"],
        ["1", "2"],
    ]
    assert {conflict.kind for conflict in conflicts} == {"number"}


def test_different_amounts_are_not_one_position_even_where_the_model_hears_the_same() -> None:
    positions, _, _ = found(BACKLOG, amounts("10 trillion", "12 trillion"), Judge(lambda one, other: "same"))
    assert len(positions) == 2


def test_a_yes_never_shares_a_position_with_a_no_and_an_unsure_verdict_is_not_shown() -> None:
    judge = Judge(lambda one, other: "same", lambda sentence: sentence.split()[0].lower().strip(",."))
    statements = [
        cite("Yes, it has.", "a", score=0.9),
        cite("No, not yet.", "b"),
        cite("Other news came.", "c", score=0.7),
    ]
    positions, conflicts, _ = found(SIGNED, statements, judge)
    assert [position.polarity for position in positions] == ["yes", "no"]
    assert [one.article_id for one in positions[0].citations] == ["a", "c"]
    assert [one.tier for one in conflicts] == ["may_disagree"]


def test_a_yes_against_a_no_is_told_so() -> None:
    judge = Judge(stance=lambda sentence: sentence.split()[0].lower().strip(","))
    _, (conflict,), _ = found(
        SIGNED, [cite("Yes, it has.", "a", score=0.9), cite("No, not yet.", "b")], judge
    )
    assert (conflict.kind, conflict.explanation) == (
        "polarity",
        "yes: “Yes, it has.” against no: “No, not yet.”",
    )


def test_what_a_later_report_changed_is_a_possible_update_only_where_dates_differ() -> None:
    judge = Judge(lambda one, other: "update")
    for dates, update in ((("2025-01-01", "2025-02-01"), True), (("2025-01-01", "2025-01-01"), False)):
        statements = [
            cite(f"Northwind's order backlog is {value} won.", value, quote=f"{value} won", published=day)
            for value, day in zip(("10", "12"), dates, strict=True)
        ]
        _, (conflict,), _ = found(BACKLOG, statements, judge)
        assert conflict.possible_update is update


def test_a_statement_that_hardly_answers_makes_a_conflict_less_likely() -> None:
    sure, unsure = (
        compare(
            BACKLOG,
            [
                cite("Ten ships are in the yard.", "a", score=0.9),
                cite("The yard has twelve ships.", "b", score=score),
            ],
            [None, None],
            Judge(lambda one, other: "conflict"),
            max_pairs=9,
        )[0][0].score
        for score in (0.9, 0.1)
    )
    assert sure > unsure


def test_two_statements_of_one_article_are_not_compared() -> None:
    judge = Judge()
    statements = [cite("It is red.", "a", score=0.9), cite("It is blue.", "a")]
    check = found("What colour is it?", statements, judge)[2]
    assert check == ConflictCheck("not_checked", 2, 1, 0, "only one source speaks to it")
    assert judge.asked == []


def test_the_limit_of_pairs_holds_and_is_said() -> None:
    judge = Judge()
    _, _, check = found(BACKLOG, amounts("1", "2", "3", "4"), judge, max_pairs=3)
    assert (check.pairs, len(judge.asked)) == (3, 3)
    assert check.reason == "3 of 6 pairs were compared, those of the likeliest answers"


def test_the_first_is_compared_with_all_and_others_where_they_answer_surely() -> None:
    judge = Judge()
    statements = amounts(*(str(value) for value in range(1, 11)))  # scored 0.9, 0.85 and so on
    stances = [None] * len(statements)
    _, check = compare(BACKLOG, statements, stances, judge, least=0.8, max_pairs=100)
    first, *others = (one.sentence for one in statements)
    assert {other for one, other in judge.asked if one == first} == set(others)
    assert {one for one, _ in judge.asked} == {one.sentence for one in statements[:3]}
    assert (check.pairs, check.reason) == (9 + 8 + 7, "")


def test_past_the_limit_the_pairs_of_the_likeliest_answers_are_compared() -> None:
    judge = Judge()
    statements = amounts(*(str(value) for value in range(1, 11)))
    _, _, check = found(BACKLOG, statements, judge, max_pairs=12)
    compared = {frozenset(pair) for pair in judge.asked}
    likeliest = itertools.combinations([one.sentence for one in statements[:5]], 2)
    assert {frozenset(pair) for pair in likeliest} < compared
    assert (check.pairs, check.reason) == (
        12,
        "12 of 45 pairs were compared, those of the likeliest answers",
    )


def test_past_the_limit_what_copies_repeat_is_compared_last_and_is_one_position_all_the_same() -> None:
    judge = Judge()
    copies = [
        cite("Northwind's backlog is 10 won.", f"copy {n}", quote="10 won", score=0.9) for n in range(8)
    ]
    rivals = [cite(f"It is {n} won.", f"rival {n}", quote=f"{n} won", score=0.4) for n in (12, 15)]
    positions, conflicts, check = found(BACKLOG, [*copies, *rivals], judge, max_pairs=4)
    assert check.pairs == 4
    assert {frozenset(pair) for pair in judge.asked[:3]} == {
        frozenset(pair) for pair in itertools.combinations([one.sentence for one in (copies[0], *rivals)], 2)
    }
    assert [len(one.citations) for one in positions] == [8, 1, 1]
    assert len(conflicts) == 3


def test_of_two_articles_the_surest_conflict_alone_is_shown() -> None:
    statements = [
        cite("Northwind's order backlog is 10 trillion won.", "a", quote="10 trillion won", score=0.9),
        cite("Its backlog is 12 trillion won.", "b", quote="12 trillion won", score=0.8),
        cite("At Northwind orders of 15 trillion won wait.", "b", quote="15 trillion won", score=0.5),
    ]
    _, conflicts, check = found(BACKLOG, statements, Judge())
    assert check.pairs == 2
    assert [[one.quote for one in conflict.statements] for conflict in conflicts] == [
        ["10 trillion won", "12 trillion won"]
    ]


def test_the_verdict_is_the_surest_of_yes_no_and_open_or_none() -> None:
    assert polarity_of(None, AT) is None
    assert polarity_of(StanceShares(0.05, 0.95, 0.0, 0.0), AT) == "no"
    assert polarity_of(StanceShares(0.02, 0.02, 0.94, 0.02), AT) == "open"
    assert polarity_of(StanceShares(0.3, 0.2, 0.2, 0.3), AT) is None
    assert polarity_of(StanceShares(0.05, 0.0, 0.0, 0.95), AT) is None


CONFLICT = RelationShares(0.0, 0.0, 1.0, 0.0, (0.0, 0.0, 1.0, 0.0, 0.0))
YES, NO = StanceShares(0.9, 0.1, 0.0, 0.0), StanceShares(0.1, 0.9, 0.0, 0.0)
LEANS_NO, LEANS_YES = StanceShares(0.1, 0.6, 0.1, 0.2), StanceShares(0.6, 0.1, 0.1, 0.2)


def shown(
    score: float, one: StanceShares | None = None, other: StanceShares | None = None
) -> tuple[Conflict, ...]:
    """The conflicts of two statements whose comparison gave the score."""
    told = [cite("The harbour is open.", "a", score=0.9), cite("Ships are turned away.", "b")]
    return conflicts_of(told, [ComparedPair(0, 1, CONFLICT, UNKNOWN, score)], [one, other], AT)


@pytest.mark.parametrize(
    ("score", "tiers"),
    [
        (0.49, []),
        (0.5, ["may_disagree"]),
        (0.74, ["may_disagree"]),
        (0.75, ["disagree"]),
        (1.0, ["disagree"]),
    ],
)
def test_how_sure_a_conflict_is_tells_its_tier_and_below_both_nothing_is_shown(
    score: float, tiers: list[str]
) -> None:
    assert [one.tier for one in shown(score)] == tiers


@pytest.mark.parametrize(
    ("score", "tier"), [(0.0, "may_disagree"), (0.49, "may_disagree"), (0.75, "disagree")]
)
def test_two_opposed_verdicts_that_are_shown_may_disagree_however_unsure_the_models_are(
    score: float, tier: str
) -> None:
    for both in ((YES, NO), (NO, YES)):
        (conflict,) = shown(score, *both)
        assert (conflict.tier, conflict.kind, conflict.score) == (tier, "polarity", score)


@pytest.mark.parametrize("other", [LEANS_NO, LEANS_YES, YES, StanceShares(0.0, 0.1, 0.9, 0.0), None])
def test_what_is_no_opposed_verdict_that_is_shown_needs_the_score(other: StanceShares | None) -> None:
    assert shown(0.3, YES, other) == ()
    assert len(shown(0.6, YES, other)) == (
        other is not YES
    )  # of one verdict shown with both they do not dispute it


def test_opposed_verdicts_stand_beside_what_is_surer_and_come_after_it() -> None:
    told = [cite(f"Paper {name} tells it.", name, score=0.9 - at / 10) for at, name in enumerate("abc")]
    compared = [ComparedPair(0, 1, CONFLICT, UNKNOWN, 0.1), ComparedPair(0, 2, CONFLICT, UNKNOWN, 0.9)]
    found = conflicts_of(told, compared, [YES, NO, NO], AT)
    assert [(one.statements[1].article_id, one.tier) for one in found] == [
        ("c", "disagree"),
        ("b", "may_disagree"),
    ]


def test_past_the_limit_all_sources_with_opposed_verdicts_are_compared() -> None:
    says = ["yes"] * 7 + ["no"]
    statements = [
        cite(f"{said}, says paper {at}.", str(at), score=0.9 - at / 20) for at, said in enumerate(says)
    ]
    judge = Judge(lambda one, other: "both", lambda sentence: sentence.split(",")[0])
    _, conflicts, check = found(SIGNED, statements, judge, max_pairs=7)
    assert check.pairs == 7
    assert {one.statements[1].article_id for one in conflicts} == {"7"}
    assert {one.statements[0].article_id for one in conflicts} == {str(at) for at in range(7)}
    _, few, check = found(SIGNED, statements, judge, max_pairs=2)
    assert (few, check.reason) == (conflicts, "7 of 28 pairs were compared, those of the likeliest answers")
    second = [replace(one, article_id="0") if at == 7 else one for at, one in enumerate(statements)]
    _, none, _ = found(
        SIGNED, second, judge, max_pairs=7
    )  # an article's second statement has no verdict shown
    assert none == ()


def judged_pair(relation: str, sure: float = 0.96) -> ComparedPair:
    """Two statements that the small model finds in conflict, and of which the judge says the relation."""
    told = [cite("The harbour is open.", "a", score=0.9), cite("Ships are turned away.", "b")]
    judge = Judge(lambda one, other: "conflict", judge=Decides(relation, sure))
    ((one,), _) = compare("Is it so there?", told, [None, None], judge, max_pairs=9)
    return one


def test_that_one_of_two_is_beside_the_question_lowers_the_score() -> None:
    conflict, beside, surely = judged_pair("conflict"), judged_pair("beside", 0.7), judged_pair("beside")
    assert conflict.score > beside.score > surely.score
    assert conflict.features[-2] < beside.features[-2] < surely.features[-2]


def test_a_pair_that_the_judge_has_seen_is_scored_by_weights_of_its_own_and_told_by_both_models() -> None:
    question = "Who runs the harbour?"
    told = [cite("Ada runs the harbour.", "a", score=0.9), cite("Bo runs it.", "b")]
    decides = Decides("conflict")
    ((both,), check) = compare(
        question, told, [None, None], Judge(lambda *_: "same", judge=decides), max_pairs=9
    )
    ((small,), _) = compare(question, told, [None, None], Judge(lambda *_: "same"), max_pairs=9)
    assert decides.asked == [(question, "Ada runs the harbour.", "Bo runs it.")]
    assert check.status == "checked"
    assert len(both.features) == len(small.features) + 3 == len(load_fitted().judged_conflict["other"])
    assert small.relation.same == 0.97
    assert small.relation.same > 0.5 > both.relation.same
    assert both.relation.conflict > 0.5
    assert both.relation.kinds == pytest.approx((0.1, 0.1, 0.25, 0.45, 0.1))  # the judge counts more


def test_the_thresholds_are_those_of_the_models_that_compared() -> None:
    for judged, before in ((False, ""), (True, "judged_")):
        at, survey = thresholds(judged=judged), survey_thresholds(judged=judged)
        told = load_fitted().thresholds
        assert at == Thresholds(told[f"{before}verdict"], told[f"{before}lower"], told[f"{before}upper"])
        assert (survey.lower, survey.upper) == (
            told[f"{before}survey_lower"],
            told[f"{before}survey_upper"],
        )


def test_without_a_question_the_judge_is_asked_only_where_the_small_model_hesitates() -> None:
    conflict = (
        ModelStatement("The hospital in Aarup has 420 beds."),
        ModelStatement("In Aarup 310 beds are ready."),
    )
    same = ModelStatement("It rained."), ModelStatement("Rain fell.")
    apart = ModelStatement("Fish is dear."), ModelStatement("A bus was late.")
    relation = {
        **{one.sentence: "conflict" for one in conflict},
        same[0].sentence: "same",
        apart[0].sentence: "both",
    }
    decides = Decides("conflict")
    judge = Judge(lambda one, other: relation[one], judge=decides)
    first, second, third, sure = dispute([conflict, same, apart, conflict[::-1]], [0.0, 0.9, 0.0, 0.9], judge)
    assert decides.asked == [("", conflict[0].sentence, conflict[1].sentence)]
    assert first.score > HESITATES > third.score
    assert sure == dispute([conflict[::-1]], [0.9], Judge(lambda one, other: relation[one]))[0]
    assert sure.score > survey_thresholds(judged=False).lower
    assert second.score == 0.0
    assert (first.kind, third.kind) == ("polarity", "name")  # as the judge says, where it was asked
    alone = dispute([conflict], [0.0], judge)
    assert alone == [first]


def test_without_a_question_what_the_judge_finds_the_same_is_no_dispute() -> None:
    pair = (
        ModelStatement("The hospital in Aarup has 420 beds."),
        ModelStatement("In Aarup 310 beds are ready."),
    )
    alone = dispute([pair], [0.0], Judge())[0]
    (judged,) = dispute([pair], [0.0], Judge(judge=Decides("same")))
    assert alone.score > HESITATES
    assert (judged.score, judged.update) == (0.0, False)
    assert judged.same > 0.5 > alone.same


def test_equal_statements_come_out_the_same_whatever_their_order() -> None:
    statements = amounts("10 trillion", "30 trillion", "20 trillion")
    pairs = {
        frozenset(one.article_id for one in conflict.statements): conflict.score
        for conflict in found(BACKLOG, statements, Judge())[1]
    }
    for order in itertools.permutations(statements):
        again = {
            frozenset(one.article_id for one in conflict.statements): conflict.score
            for conflict in found(BACKLOG, order, Judge())[1]
        }
        assert again == pairs


@pytest.mark.parametrize(
    ("one", "other", "verdict", "kind"),
    [
        ("10 trillion won", "about 10.2 trillion won", "equal", "number"),
        ("10 trillion won", "12 trillion won", "different", "number"),
        ("about 4,500", "4,512", "equal", "number"),
        ("5 GW", "12 people", "unknown", None),
        ("24 June 2026", "3 July 2026", "different", "date"),
        ("24 June 2026", "June 2026", "unknown", "date"),
        ("Samsung", "Samsung Electronics", "equal", "name"),
        ("TSMC", "Samsung", "unknown", None),
        ("the harbour", "The  Harbour", "equal", None),
    ],
)
def test_values_are_held_against_each_other_by_arithmetic(
    one: str, other: str, verdict: str, kind: str | None
) -> None:
    found = difference(
        cite(f"It says {one} there.", "a", quote=one), cite(f"We read {other} here.", "b", quote=other)
    )
    assert (found.verdict, found.kind) == (verdict, kind)


def test_whole_sentences_are_not_compared_by_the_values_in_them() -> None:
    one, other = "Ten ships came in May.", "Twelve ships came in May."
    assert difference(cite(one, "a"), cite(other, "b")).verdict == "unknown"


def test_near_copies_count_as_one_independent_source() -> None:
    story = " ".join(f"word{number} of the long story" for number in range(60))
    texts = {
        "agency": story,
        "paper": f"From our wires. {story} Read more on our site.",
        "other": " ".join(f"another{number} tale told here" for number in range(60)),
    }
    assert independent(list(texts), texts) == 2


def test_a_copy_in_bold_letters_is_still_a_copy() -> None:
    plain = "The AI war is no longer only about models that are smarter"
    bold = "".join(chr(0x1D5D4 + ord(c) - 65) if c.isupper() else c for c in plain.upper())
    assert independent(["a", "b"], {"a": plain, "b": bold}) == 1


def test_articles_without_text_are_separate_sources() -> None:
    assert independent(["a", "b"], {}) == 2
