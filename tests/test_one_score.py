"""One engine: two statements score the same wherever they are held against each other."""

import json
from pathlib import Path

import pytest

from eval.fit.survey import Pair, gather
from eval.pairs import cite_pairs, judge_pairs
from eval.sets import NAMED, STORIES
from eval.stories import read_stories
from eval.stories.run import open_shelf
from qa import Library, ask
from qa.ask import build_reader
from qa.comparison.evidence import probability
from qa.comparison.model import Statement, bundled_comparison
from qa.comparison.reranking import rerank
from qa.conflicts.engine import DISPUTE_WEIGHTS, compare, dispute
from qa.settings import Settings
from qa.survey.cache import SurveyCache
from qa.survey.candidates import candidates
from qa.survey.near_copies import NearCopies
from qa.survey.statements import Sheets
from qa.survey.survey import statement

FOLDER = NAMED["minimal-pairs"].file.parent
PAIRS = 200


def test_a_survey_scores_each_pair_as_the_engine_and_the_evaluation_do(tmp_path: Path):
    """200 pairs of the sealed stories, each beside others in the survey and alone before the engine."""
    compared = 0
    for number, story in enumerate(read_stories(STORIES["sealed"].file)):
        fitted: list[Pair] = gather([story])[0]
        with open_shelf([story], Settings()) as shelf:
            cache = SurveyCache(tmp_path / str(number))
            sheets = Sheets.read(shelf.library.articles(), cache)
            pairs = candidates(sheets, NearCopies(sheets), cache, shelf.library.embedder)
            cache.close()
            shown = shelf.library.conflicts().disagreements
        scores = set()
        for (pair, cosine), evaluated in zip(pairs.items(), fitted, strict=True):
            told = [(statement(sheets, pair[0]), statement(sheets, pair[1]))]
            (alone,) = dispute(told, [cosine], bundled_comparison())
            (turned,) = dispute([told[0][::-1]], [cosine], bundled_comparison())
            assert alone == turned
            features = 0.0 if evaluated.same else probability(DISPUTE_WEIGHTS, evaluated.features)
            assert alone.score == pytest.approx(features, abs=5e-5)
            scores.add(alone.score)
            compared += 1
        assert {one.score for one in shown} <= scores
        if compared >= PAIRS:
            return
    raise AssertionError(f"{compared} pairs are too few")


def test_without_a_question_one_order_is_enough_where_it_sees_no_conflict():
    """The relation of both orders, which a question has, and that of one differ where nothing conflicts alone."""
    model = bundled_comparison()
    told = [
        (
            Statement(f"The hospital in Aarup has {beds} beds."),
            Statement("In Aarup the hospital has 420 beds."),
        )
        for beds in range(300, 420, 20)
    ]
    apart = [(one, Statement("Rain is expected in Tervo on Sunday.")) for one, _ in told]
    conflicts = [one.conflict + one.update for one in model.relations("", [*told, *apart])]
    assert min(conflicts[: len(told)]) > 0.5
    assert max(conflicts[len(told) :]) < 0.1
    turned = [pair[::-1] for pair in [*told, *apart]]
    assert model.relations("", turned) == model.relations("", [*told, *apart])


def test_the_evaluation_scores_each_pair_as_the_engine_does():
    """The 189 pairs put to a question, judged by the evaluation among others, and alone by the engine."""
    model = bundled_comparison()
    reader = build_reader(Settings().reader)
    cited, texts = cite_pairs(FOLDER, reader)
    assert len(cited) == 189
    for (pair, both), judged in zip(cited, judge_pairs(FOLDER, reader, comparison=model), strict=True):
        found = [rerank(pair.question, [one], texts, model)[0] for one in both]
        compared, _ = compare(
            pair.question,
            [one.citation for one in found],
            [one.stance for one in found],
            model,
            max_pairs=1,
        )
        if judged.found is not None:
            assert judged.score == pytest.approx(compared[0].score, abs=5e-5)


def test_an_answer_scores_a_conflict_as_the_engine_does(tmp_path: Path):
    shown = 0
    for number, (pair, both) in enumerate(cite_pairs(FOLDER, build_reader(Settings().reader))[0][:60]):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, one in zip("ab", both, strict=True):
            told = {"text": one.sentence, "publisher": f"Paper {name}", "published": "2026-05-04"}
            (folder / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")
        with Library.open(folder / "library") as library:
            library.add(folder / "a.json", folder / "b.json")
            answer = ask(pair.question, library=library)
        for conflict in answer.conflicts:
            statements = sorted(conflict.statements, key=lambda one: -one.score)
            stances = rerank(
                pair.question,
                statements,
                {one.article_id: one.sentence for one in statements},
                bundled_comparison(),
            )
            shares = {one.citation.article_id: one.stance for one in stances}
            compared, _ = compare(
                answer.standalone_question,
                statements,
                [shares[one.article_id] for one in statements],
                bundled_comparison(),
                max_pairs=1,
            )
            assert conflict.score == pytest.approx(compared[0].score, abs=5e-5)
            shown += 1
    assert shown >= 10
