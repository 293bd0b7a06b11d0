"""One engine: two statements score the same wherever they are held against each other."""

import json
from pathlib import Path

import pytest

from eval.gold.sets import NAMED, STORIES
from eval.pairs.judging import cite_pairs, judge_pairs
from eval.stories import read_stories
from eval.stories.run import open_shelf
from eval.training.fit.survey import gather
from index.models import forget_rows
from qa import Library, ask
from qa.ask import build_comparison, build_reader
from qa.comparison.evidence import probability
from qa.comparison.judge import judged_comparison
from qa.comparison.judgement import judge_articles
from qa.comparison.model import ModelStatement, bundled_comparison
from qa.comparison.reranking import rerank
from qa.conflicts.engine import compare, dispute, hesitates
from qa.question.conversation import Understood
from qa.settings import Settings
from qa.stages import Examined
from qa.survey.cache import SurveyCache
from qa.survey.candidates import candidates
from qa.survey.near_copies import NearCopies
from qa.survey.statements import Sheets
from qa.survey.survey import statement
from qa.survey.vectors import StatementVectors
from qa.weights.fitted import load_fitted

FOLDER = NAMED["minimal-pairs"].file.parent
# The fewest pairs that must be met, and of the labelled ones each so many. The judge takes longer: it gets fewer.
PAIRS, JUDGED_PAIRS = 120, 30
EVERY, JUDGED_EVERY = 2, 6


@pytest.mark.parametrize("judged", [False, True])
def test_a_survey_scores_each_pair_as_the_engine_and_the_evaluation_do(tmp_path: Path, judged: bool):
    """Pairs of the sealed stories, each beside others in the survey and alone before the engine."""
    comparison = judged_comparison() if judged else bundled_comparison()
    compared = 0
    for number, story in enumerate(read_stories(STORIES["sealed"].file)):
        fitted_on = iter(gather([story], judged=judged)[0])
        with open_shelf([story], Settings()) as shelf:
            cache = SurveyCache(tmp_path / str(number))
            sheets = Sheets.read(shelf.library.articles(), cache)
            vectors = StatementVectors.read(sheets, cache, shelf.library.embedder)
            pairs = candidates(sheets, NearCopies(sheets), vectors)
            cache.close()
            shown = shelf.library.conflicts(comparison=comparison).disagreements
        forget_rows()  # or what was judged beside others would be told again
        scores = set()
        for pair, cosine in pairs.items():
            told = [(statement(sheets, pair[0]), statement(sheets, pair[1]))]
            (alone,) = dispute(told, [cosine], comparison)
            scores.add(alone.score)
            if len(scores) % 4 == 0:
                assert [alone] == dispute([told[0][::-1]], [cosine], comparison)
            if judged:
                (small,) = dispute(told, [cosine], bundled_comparison())
                if not hesitates(small.score):
                    assert alone == small  # the judge is not asked
                    continue
            evaluated = next(fitted_on)
            weights = load_fitted().judged_dispute if judged else load_fitted().dispute
            score = 0.0 if evaluated.same else probability(weights, evaluated.features)
            assert alone.score == pytest.approx(score, abs=5e-5)
            compared += 1
        assert next(fitted_on, None) is None
        assert {one.score for one in shown} <= scores
        if compared >= (JUDGED_PAIRS if judged else PAIRS):
            return
    raise AssertionError(f"{compared} pairs are too few")


def test_without_a_question_one_order_is_enough_where_it_sees_no_conflict():
    """The relation of both orders, which a question has, and that of one differ where nothing conflicts alone."""
    model = bundled_comparison()
    told = [
        (
            ModelStatement(f"The hospital in Aarup has {beds} beds."),
            ModelStatement("In Aarup the hospital has 420 beds."),
        )
        for beds in range(300, 420, 20)
    ]
    apart = [(one, ModelStatement("Rain is expected in Tervo on Sunday.")) for one, _ in told]
    conflicts = [one.conflict + one.update for one in model.relations("", [*told, *apart])]
    assert min(conflicts[: len(told)]) > 0.5
    assert max(conflicts[len(told) :]) < 0.1
    turned = [pair[::-1] for pair in [*told, *apart]]
    assert model.relations("", turned) == model.relations("", [*told, *apart])


@pytest.mark.parametrize("judged", [False, True])
def test_the_evaluation_scores_each_pair_as_the_engine_does(tmp_path: Path, judged: bool):
    """Of the 189 pairs put to a question some, judged by the evaluation among others, and alone by the engine."""
    model = judged_comparison() if judged else bundled_comparison()
    scored = judge_articles if judged else rerank
    reader = build_reader(Settings().reader)
    labelled = (FOLDER / "pairs.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    assert len(labelled) == 189
    some = tmp_path / "some.jsonl"
    some.write_text("".join(labelled[:: JUDGED_EVERY if judged else EVERY]), encoding="utf-8")
    cited, texts = cite_pairs(FOLDER, reader, file=some)
    told = judge_pairs(FOLDER, reader, comparison=model, file=some)
    forget_rows()
    for (pair, both), judged_pair in zip(cited, told, strict=True):
        found = [scored(Understood(pair.question), [one], texts, model)[0] for one in both]
        compared, _ = compare(
            pair.question,
            [one.citation for one in found],
            [one.stance for one in found],
            model,
            max_pairs=1,
        )
        if judged_pair.found is not None:
            assert judged_pair.score == pytest.approx(compared[0].score, abs=5e-5)


@pytest.mark.parametrize("judged", [False, True])
def test_an_answer_scores_a_pair_as_the_engine_does(tmp_path: Path, judged: bool):
    """Whether a conflict is shown of them or not: each two statements that an answer holds against each other."""
    settings = Settings(judge="bundled" if judged else "small", min_confidence=0.0)
    model = build_comparison(settings)
    assert model is not None
    compared = 0
    for number, (pair, both) in enumerate(cite_pairs(FOLDER, build_reader(settings.reader))[0][:60]):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, one in zip("ab", both, strict=True):
            told = {"text": one.sentence, "publisher": f"Paper {name}", "published": "2026-05-04"}
            (folder / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")
        examined: list[Examined] = []
        with Library.open(folder / "library") as library:
            library.add(folder / "a.json", folder / "b.json")
            answer = ask(pair.question, library=library, settings=settings, on_examined=examined.append)
        forget_rows()
        # Two questions in one are two answers.
        for held, given in zip(examined, (answer, *answer.further), strict=True):
            for one in held.compared:
                two = [held.statements[at] for at in (one.one, one.other)]
                alone, _ = compare(
                    given.standalone_question,
                    [each.citation for each in two],
                    [each.stance for each in two],
                    model,
                    max_pairs=1,
                )
                assert one.score == pytest.approx(alone[0].score, abs=5e-5)
                compared += 1
            scores = [one.score for one in held.compared]
            assert all(conflict.score in scores for conflict in given.conflicts)
        if compared >= (JUDGED_PAIRS if judged else PAIRS) / 10:
            return
    raise AssertionError(f"{compared} pairs are too few")
