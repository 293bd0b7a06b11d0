"""The fits of scores: what they gather of stories, and what they say of it."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.gold import sets as eval_sets
from eval.stories import Story, read_stories
from eval.training.data.questions import is_held_out, part_of
from eval.training.fit import answers as fit_answers
from eval.training.fit import comparison as fit_comparison
from eval.training.fit import reader as fit_reader
from eval.training.fit import survey as fit_survey
from eval.training.fit.__main__ import Writer
from eval.training.fit.answers import Row
from eval.training.fit.comparison import Gathered, Pair, Verdict
from eval.training.fit.held_out import held_out_stories
from qa.comparison.excerpt import Excerpt
from qa.comparison.judgement import KEPT, stand_of
from qa.comparison.model import (
    BundledComparison,
    ModelStatement,
    ReadExcerpt,
    RelationShares,
    StanceShares,
)
from qa.comparison.reranking import MAX_OF_ARTICLE, MAX_SENTENCES
from qa.reader.reader import FEATURES, SpanReader
from qa.reader.span_model import BundledSpanModel
from qa.settings import Settings
from qa.stages import Models
from qa.weights.fitted import FILE, load_fitted, read_fitted, shipped_models
from tests.qa.comparison.test_judgement import NO_OPINION, Judge, Small
from tests.tiny import story_text

STORIES = """=== t-mill-fire
--- A | Valley Post | 2025-03-02 | Mill burns at Aarup
A fire destroyed the old paper mill in Aarup on Saturday night. Three firemen were hurt when a wall fell. The mayor, Ida Holm, said that a faulty cable had started it.
--- B | Coast Radio | 2025-03-03 | Five hurt in mill fire
The paper mill in Aarup is gone. Five firemen were hurt, two of them badly, and police believe that somebody lit the fire on purpose.
? span How many firemen were injured at the Aarup mill?
A: Three firemen
B: Five firemen
~ A B conflict number
? why Why did the paper mill burn?
A: a faulty cable had started it
B: somebody lit the fire on purpose
~ A B conflict name
? yesno Is the mill at Aarup gone?
A: yes: A fire destroyed the old paper mill in Aarup on Saturday night.
B: yes: The paper mill in Aarup is gone.
~ A B agree
?> span When? => When did the mill at Aarup burn?
A: Saturday night
? none Who owned the mill?
=== t-ferry-delay
--- A | Harbour Gazette | 2025-06-04 | Ferry late again
The ferry Alma reached Norvik two hours late on Tuesday because of fog. It carried 45 passengers.
? span How late was the Alma at Norvik?
A: two hours
? none Who is the captain of the Alma?
"""


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> tuple:
    file = tmp_path_factory.mktemp("stories") / "t.txt"
    file.write_text(STORIES, encoding="utf-8")
    return read_stories(file)


def test_the_fit_of_the_reader_gathers_each_question_of_its_story_and_of_all(stories: tuple) -> None:
    asked = fit_reader.gather(stories, SpanReader(BundledSpanModel()), Settings())
    assert len(asked) == 2 * sum(len(story.questions) for story in stories)
    assert [one.group for one in asked[:5]] == ["span", "why", "yesno", "span>", "none"]
    assert [one.answerable for one in asked[:5]] == [True, True, True, True, False]
    assert {one.features.shape[1] for one in asked} == {FEATURES}
    alone, together = asked[0], asked[len(asked) // 2]
    assert (len(alone.right), len(together.right)) == (2, 3)
    assert not asked[4].right.any()
    weights = {kind: np.array(values) for kind, values in load_fitted().reader.items()}
    told = fit_reader.report(asked, weights)
    assert told["questions"] == len(asked)
    assert sum(row["questions"] for row in told["reliability"]) == len(asked)
    shares = [told["thresholds"][name]["refused"] for name in sorted(told["thresholds"])]
    assert shares == sorted(shares)


def test_a_fit_prefers_what_tells_answers_from_the_rest() -> None:
    rows = [
        fit_reader.Asked("span", "span", np.array([[4.0 + at % 3, 1.0, 0.5, 1.0], [-4.0, 1.0, 0.5, 1.0]]),
                         np.array([True, False]), answerable=True, fitted=True)
        for at in range(20)
    ]  # fmt: skip
    weights = fit_reader.fit(rows)
    assert weights[0] > 0.3
    assert weights[1] == weights[2] == 0.0  # they never differ
    told = fit_reader.report(rows, {"span": weights})
    assert (told["right_first"], told["sources_auroc"]) == (1.0, 1.0)


YES = StanceShares(0.8, 0.1, 0.05, 0.05, 0.9)
SMALL, JUDGED = Settings(judge="small", min_confidence=0.0), Settings(min_confidence=0.0)


@pytest.fixture(scope="module")
def models() -> Models:
    """The bundled reader and small model."""
    return Models(SpanReader(BundledSpanModel()), BundledComparison())


@pytest.fixture(scope="module")
def rows(stories: Sequence[Story], models: Models) -> list[Row]:
    """Each question of its own story's library, then of one of all."""
    return fit_answers.gather(stories, models, SMALL, together=1.0)


class Decides(Judge):
    """A judge that hears a conflict in every pair, and to a yes/no question the mill named."""

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[ReadExcerpt]:
        if question.startswith("Is the mill"):
            mill = Judge({"paper mill": 4.0}, stances=self.stances)
            return mill.read(question, excerpts)
        return super().read(question, excerpts)

    def relations(
        self, question: str, pairs: Sequence[tuple[ModelStatement, ModelStatement]]
    ) -> list[RelationShares]:
        return [RelationShares(0.1, 0.1, 0.7, 0.05, (0.2,) * 5, 0.05)] * len(pairs)


class Beside(Small):
    """The small model beside it, which hears that all can be true."""

    def relations(
        self, question: str, pairs: Sequence[tuple[ModelStatement, ModelStatement]]
    ) -> list[RelationShares]:
        return [RelationShares(0.1, 0.7, 0.1, 0.1, (0.2,) * 5)] * len(pairs)


@pytest.fixture(scope="module")
def judged() -> Models:
    """The bundled reader with a judge that knows who was hurt, and which verdict the papers hold."""
    stands = dict.fromkeys(("Valley Post: Mill burns at Aarup", "Coast Radio: Five hurt in mill fire"), YES)
    judge = Decides({"Three firemen": 4.0, "Five firemen": 3.0, "mill": 2.0}, stances=stands)
    return Models(SpanReader(BundledSpanModel()), Beside(judge))


def test_the_fit_of_answers_gathers_each_question_of_its_story_and_a_share_of_all(
    stories: Sequence[Story], models: Models, rows: list[Row]
) -> None:
    asked = sum(len(story.questions) for story in stories)
    assert len(rows) == 2 * asked
    assert [len(one.sources) for one in rows] == [2] * 5 + [1] * 2 + [3] * asked
    assert [one.kind for one in rows[:5]] == ["span", "explanation", "yes_no", "span", "span"]
    assert {one.story.id: one.half for one in rows} == {one.story.id: one.half for one in rows[:asked]}
    assert len(fit_answers.gather(stories, models, SMALL, together=0.0)) == asked


def test_of_each_question_the_sentences_that_are_judged_are_told_right_or_wrong(rows: list[Row]) -> None:
    for one in rows:
        every, best = fit_answers.every_sentence(one), fit_answers.take_best(one)
        articles = [each.citation.article_id for each in one.examined.found]
        assert every.features.shape == (len(articles), 3)
        assert len(articles) <= MAX_SENTENCES
        assert max(map(articles.count, articles)) <= MAX_OF_ARTICLE
        assert len(best.right) == len(set(articles)) == len(fit_answers.bests(one))
        assert (every.answerable, every.fitted) == (bool(one.question.answers), one.half)
        for each, right in zip(one.examined.found, every.right, strict=True):
            gold = one.question.answers.get(one.key(each.citation) or "")
            assert right == (gold is not None and gold.text in each.citation.sentence)
    assert fit_answers.every_sentence(rows[0]).right.any()
    assert not fit_answers.every_sentence(rows[4]).right.any()
    other = {one.key(each.citation) for one in rows[7:12] for each in one.examined.found}
    assert other == {"A", "B", None}  # in a library of all, an account of another story has no letter


def test_with_a_judge_its_looks_are_the_features(stories: Sequence[Story], judged: Models) -> None:
    found = fit_answers.gather(stories, judged, JUDGED, together=0.0)
    for one in found:
        told = fit_answers.every_sentence(one)
        articles = [each.citation.article_id for each in one.examined.found]
        assert told.features.shape == (len(articles), len(load_fitted().judgement["span"]))
        assert {*articles} == {*one.sources}
        assert max(map(articles.count, articles)) <= KEPT
    weights = np.array([0.0, 1.0, 0.0, 0.0, 0.0])
    scored = fit_answers.rescore(found[0], dict.fromkeys(("span", "list", "explanation", "yes_no"), weights))
    assert [each.citation.score for each in scored.examined.found] == sorted(
        (each.citation.score for each in scored.examined.found), reverse=True
    )
    assert scored.examined.found[0].citation.sentence.startswith("Three firemen")
    assert fit_answers.every_sentence(scored).right[0]


def test_each_half_is_scored_with_weights_of_the_other(rows: list[Row]) -> None:
    both = [replace(one, half=half) for one in rows for half in (True, False)]
    weights = fit_answers.fit_kinds(both)
    assert {kind: len(one) for kind, one in weights.items()} == dict.fromkeys(load_fitted().reranking, 3)
    assert weights["span"] is weights["list"]
    crossed = fit_answers.cross_fit(both)
    assert [one.half for one in crossed] == [one.half for one in both]
    for half in (True, False):
        other = fit_answers.fit_kinds([one for one in both if one.half is not half])
        mine = [one for one in both if one.half is half]
        assert [one for one in crossed if one.half is half] == [
            fit_answers.rescore(one, other) for one in mine
        ]
    told = fit_answers.report_of(crossed)
    assert told["questions"] == len(both)
    assert 0 <= told["right_first"] <= 1
    assert {"span: right first", "yesno: right first"} <= {*told}


def test_answers_and_sources_are_shown_from_where_most_is_gained(rows: list[Row]) -> None:
    def scored(row: Row, right: float, wrong: float) -> Row:
        found = [
            replace(one, citation=replace(one.citation, score=right if row.answers(one.citation) else wrong))
            for one in row.examined.found
        ]
        found.sort(key=lambda one: -one.citation.score)
        return replace(row, examined=replace(row.examined, found=tuple(found)))

    clear = fit_answers.choose_thresholds([scored(one, 0.6, 0.295) for one in rows])
    assert 0.295 < clear["answered"] <= clear["source"] <= 0.6
    sure = fit_answers.choose_thresholds([scored(one, 0.6, 0.04) for one in rows])
    assert 0.04 < sure["answered"] <= sure["source"] <= 0.6


def test_the_fit_of_conflicts_gathers_pairs_with_their_labels_and_verdicts(
    rows: list[Row], models: Models
) -> None:
    own = [one for one in rows if len(one.sources) == len(one.story.accounts)]
    gathered = fit_comparison.gather(own, models, SMALL)
    assert gathered.labelled == 2
    assert {len(pair.features) for pair in gathered.pairs} == {len(load_fitted().conflict["other"])}
    assert 0 < sum(pair.disputed for pair in gathered.pairs) <= 2
    assert {pair.of[1] for pair in gathered.pairs} == {frozenset("AB")}
    assert {verdict.answers for verdict in gathered.verdicts} <= {True, False}
    scores = [0.2 + 0.7 * pair.disputed for pair in gathered.pairs]
    told = fit_comparison.report(gathered, scores, {"upper": 0.8, "lower": 0.5, "verdict": 0.9})
    assert (told["pairs"], told["labelled"]) == (len(gathered.pairs), 2)
    recalls = [told["thresholds"][name]["recall"] for name in sorted(told["thresholds"])]
    assert recalls == sorted(recalls, reverse=True)
    assert told["thresholds"]["0.50"]["precision"] == 1.0
    shown = fit_comparison.verdict_report(gathered.verdicts)
    assert all(0 <= row["shown"] <= 1 for row in shown.values())


def test_with_a_judge_a_verdict_is_the_articles_and_a_pair_has_the_judges_features(
    stories: Sequence[Story], judged: Models
) -> None:
    found = fit_answers.gather(stories, judged, JUDGED, together=0.0)
    gathered = fit_comparison.gather(found, judged, JUDGED)
    assert {len(pair.features) for pair in gathered.pairs} == {len(load_fitted().judged_conflict["other"])}
    assert {(one.right, one.answers) for one in gathered.verdicts} == {(True, True)}
    (sure,) = {round(one.sure, 6) for one in gathered.verdicts}
    assert sure == pytest.approx(stand_of(YES, NO_OPINION).yes, abs=1e-6)


def test_the_weights_of_both_looks_are_those_by_which_the_labels_are_likeliest(
    stories: Sequence[Story], judged: Models
) -> None:
    """The judge is right and the small model wrong, or the other way round; then verdicts follow the better."""
    rows = fit_answers.gather(stories, judged, JUDGED, together=0.0)
    no = StanceShares(0.1, 0.8, 0.05, 0.05, 0.9)

    def looking(judge: StanceShares, small: StanceShares) -> list[Row]:
        told = []
        for row in rows:
            found = tuple(
                one if one.looks is None else replace(one, looks=(judge, small)) for one in row.examined.found
            )
            told.append(replace(row, examined=replace(row.examined, found=found)))
        return told

    for both in ((YES, no), (no, YES)):
        weights = fit_answers.fit_stand(looking(*both))
        better = both.index(YES)
        assert (weights[better], weights[1 - better]) == (1.5, 0.0)
        stands = [fit_answers.with_stands(row, weights) for row in looking(*both)]
        told = [one.stance for row in stands for one in row.examined.found if one.stance is not None]
        assert told
        assert all(one.yes > 0.9 > one.no for one in told)


def pair(number: int, *, disputed: bool, yes_no: bool, half: bool) -> Pair:
    """Its first feature tells disputes, and its second is chance."""
    features = (3.0 + number % 4 if disputed else -3.0 - number % 4, float(number % 3), 1.0)
    return Pair(features, disputed, yes_no, half, (f"question {number}", frozenset("AB")))


PAIRS = [
    pair(number, disputed=number % 3 == 0, yes_no=number % 2 == 0, half=number % 5 < 2)
    for number in range(60)
]


def test_pairs_are_scored_with_weights_that_their_half_was_not_fitted_on() -> None:
    scores = fit_comparison.scores_of(PAIRS)
    assert all((score > 0.5) is one.disputed for one, score in zip(PAIRS, scores, strict=True))
    spoilt = [replace(one, disputed=not one.disputed) if one.fitted else one for one in PAIRS]
    turned = fit_comparison.scores_of(spoilt)
    for one, before, after in zip(PAIRS, scores, turned, strict=True):
        assert (before == after) is one.fitted  # only the other half was spoilt for those that are not
    weights = fit_comparison.weights_of(PAIRS)
    assert {name: len(one) for name, one in weights.items()} == {"yes_no": 3, "other": 3}
    assert all(one[0] > 0.5 > abs(one[1]) for one in weights.values())


def test_of_two_sources_the_surest_pair_that_may_be_shown_counts() -> None:
    of = ("question", frozenset("AB"))
    pairs = [
        Pair((0.0,), disputed=True, yes_no=False, fitted=True, of=of),
        Pair((0.0,), disputed=False, yes_no=False, fitted=True, of=of),
        Pair((0.0,), disputed=True, yes_no=False, fitted=True, of=of, may=False),
        Pair(
            (0.0,), disputed=True, yes_no=False, fitted=True, of=of, agreed=0.7
        ),  # both shown with one verdict
        Pair((0.0,), disputed=True, yes_no=False, fitted=True, of=("question", frozenset("AC")), told=False),
    ]
    likely, truly, worth = fit_comparison.select_shown(pairs, [0.4, 0.6, 0.9, 0.8, 0.1], 0.7)
    assert (likely.tolist(), truly.tolist()) == ([0.6, 0.1], [False, True])
    # The second shows other sentences than those that the two dispute.
    assert worth.tolist() == [0.0, fit_comparison.ELSEWHERE]


@pytest.mark.parametrize(
    ("scores", "right", "precision", "threshold"),
    [
        ([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 0], 1.0, 0.8),
        ([0.9, 0.8, 0.7, 0.6], [1, 1, 0, 0], 0.6, 0.7),
        (
            [0.6, 0.9, 0.7, 0.8],
            [1, 0, 1, 1],
            0.75,
            0.6,
        ),  # the first is wrong, and all together are right enough
        ([0.9, 0.8], [0, 0], 0.5, 0.99),
        ([0.9, 0.5, 0.5, 0.5], [1, 1, 0, 0], 0.8, 0.9),  # of equals none is shown without the others
        ([0.9, 0.5, 0.5, 0.5], [1, 1, 0, 0], 0.5, 0.5),
        ([0.9, 0.71238], [1, 1], 1.0, 0.7123),  # written with four digits, and its own pair is shown
        ([0.9, 0.57], [1, 1], 1.0, 0.57),
        ([], [], 0.5, 0.99),
    ],
)
def test_a_threshold_is_the_lowest_from_which_on_enough_are_right(
    scores: list[float], right: list[int], precision: float, threshold: float
) -> None:
    told = np.array(scores), np.array(right, dtype=bool)
    assert fit_comparison.threshold_for(*told, precision) == threshold
    shown = told[1][told[0] >= threshold]
    assert not shown.size or shown.mean() >= precision
    assert shown.size or threshold == 0.99


def test_verdicts_are_chosen_by_those_that_are_quoted() -> None:
    verdicts = [
        Verdict(0.9, right=True, answers=True, score=0.8),
        Verdict(0.7, right=True, answers=True, score=0.5),
        Verdict(0.6, right=False, answers=True, score=0.5),
        Verdict(0.99, right=False, answers=False, score=0.1),
    ]
    gathered = Gathered(PAIRS, verdicts, 20)
    scores = fit_comparison.scores_of(PAIRS)
    chosen = fit_comparison.choose_thresholds(gathered, scores, 0.3)
    assert chosen["verdict"] == 0.7
    assert chosen["upper"] >= chosen["lower"]
    assert fit_comparison.choose_thresholds(Gathered(PAIRS, [], 20), scores, 0.3)["verdict"] == 0.99


def test_each_tier_keeps_its_promise_alone() -> None:
    right = [True, True, True, True, False, True, False, True, False, True, False, False]
    pairs = [
        Pair((0.0,), disputed=one, yes_no=False, fitted=True, of=(f"question {at}", frozenset("AB")))
        for at, one in enumerate(right)
    ]
    scores = [round(0.95 - at / 20, 2) for at in range(len(right))]
    chosen = fit_comparison.choose_thresholds(Gathered(pairs, [], 7), scores, 0.3)
    # Five of the first six are right; of those after them alone two in four, and with them all would do.
    assert (chosen["upper"], chosen["lower"]) == (pytest.approx(scores[5]), pytest.approx(scores[9]))
    told = fit_comparison.report(Gathered(pairs, [], 7), scores, chosen)
    assert (told["disagree"]["shown"], told["may disagree"]["shown"]) == (6, 4)


def test_a_dispute_that_is_told_elsewhere_counts_in_part() -> None:
    elsewhere = [replace(one, told=False) for one in PAIRS]
    row = next(one.features for one in PAIRS if one.disputed)
    sure, unsure = (float(np.dot(row, fit_comparison.fit(some))) for some in (PAIRS, elsewhere))
    assert sure > 2
    assert abs(unsure) < 1  # about as likely as not


def test_the_fit_of_the_survey_gathers_its_pairs_and_with_the_judge_those_it_is_asked_of(
    stories: Sequence[Story],
) -> None:
    small, labelled = fit_survey.gather(stories, judged=False)
    both, again = fit_survey.gather(stories, judged=True)
    assert labelled == again == 2
    assert {len(one.features) for one in small} == {len(load_fitted().dispute)}
    assert {len(one.features) for one in both} <= {len(load_fitted().judged_dispute)}
    assert len(both) <= len(small)
    assert {place for one in small for place in one.disputes} <= {("t-mill-fire", 0), ("t-mill-fire", 1)}
    assert any(one.disputes for one in small)


def test_a_survey_is_fitted_on_what_is_labelled() -> None:
    made = [
        fit_survey.Pair(
            (4.0 + at % 3 if at % 4 == 0 else -4.0 + at % 3, 0.0, 0.5, 1.0),
            frozenset({("s", at)} if at % 4 == 0 else ()),
            fitted=at % 2 == 0,
            same=False,
        )
        for at in range(40)
    ]
    weights = fit_survey.fit(made)
    assert len(weights) == 4
    assert weights[0] > 0.3
    table = fit_survey.report(made, np.array([0.9 if one.disputes else 0.1 for one in made]), 20)
    assert [row["shown"] for row in table] == [10] * 7
    assert {(row["precision"], row["recall"]) for row in table} == {(1.0, 0.5)}


def test_what_is_fitted_is_written_with_the_models_it_belongs_to_and_all_else_stays(tmp_path: Path) -> None:
    file = tmp_path / "fitted.json"
    file.write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8")
    before = read_fitted(file)
    Writer(file).put(dispute=[1.0, 2.0, 3.0, 4.0], thresholds={"survey_lower": 0.31})
    after = read_fitted(file)
    assert after.dispute == (1.0, 2.0, 3.0, 4.0)
    assert after.models == shipped_models()
    assert after.thresholds == {**before.thresholds, "survey_lower": 0.31}
    assert (
        replace(after, dispute=before.dispute, models=before.models, thresholds=before.thresholds) == before
    )
    assert list(json.loads(file.read_text(encoding="utf-8"))["thresholds"]) == sorted(before.thresholds)


def test_held_out_stories_are_some_of_the_training_part() -> None:
    files = eval_sets.STORIES["train"].file.glob("*.txt")
    every = sum(file.read_text(encoding="utf-8").count("\n=== ") + 1 for file in files)
    held_out = held_out_stories(None)
    assert 0.04 < len(held_out) / every < 0.13
    assert all(is_held_out(one.id) for one in held_out)


def test_of_each_kind_of_held_out_stories_so_many_are_taken(tmp_path: Path) -> None:
    names = [f"{kind}-{number}" for kind in ("bridge", "r", "w") for number in range(120)]
    text = "\n".join(story_text(name, at) for at, name in enumerate(names))
    (tmp_path / "stories.txt").write_text(text, encoding="utf-8")
    wanted = [name for name in names if is_held_out(name)]
    assert [one.id for one in held_out_stories(tmp_path / "stories.txt")] == wanted
    some = held_out_stories(tmp_path / "stories.txt", 2)
    assert Counter(part_of(one.to_dict()) for one in some) == dict.fromkeys(("few", "rumours", "web"), 2)
    firsts = {kind: [name for name in wanted if name.startswith(kind)][:2] for kind in ("bridge", "r", "w")}
    assert [one.id for one in some] == [name for names in firsts.values() for name in names]
