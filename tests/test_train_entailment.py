"""The training of the entailment model: pairs, a training that is stopped, and the file that is shipped."""

import json
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from eval.train.average import average
from eval.train.data.examples import to_example
from eval.train.entailment import judge, train
from eval.train.models.entailment_network import PairNetwork, begin, rows
from eval.train.models.entailment_parity import measure
from eval.train.models.precision import fast_precision
from eval.train.models.reader_network import save
from eval.train.pairs.asking import as_question
from eval.train.pairs.declarative import declarative
from eval.train.pairs.figures import bounded, coarser, figures, other_figure, other_year, respelt
from eval.train.pairs.made_pairs import MadePairs
from eval.train.pairs.pair import CONTRADICTION, ENTAILMENT, NEUTRAL, Pair
from eval.train.pairs.reworded import denied, doubted, opposite, planned, shortened
from eval.train.pairs.statements import (
    MADE_FROM,
    MADE_SHARE,
    SHARES,
    PairMixture,
    plain,
    read_data,
)
from eval.train.ship import MODELS, paragraphs_and_sentences, ship
from eval.train.training import Recipe
from index.models import WEIGHTS, read_manifest
from index.models import Tokenizer as BundledTokenizer
from qa.comparison.entailment import BundledEntailment
from tests.tiny import one_thread, paragraphs, town_question, write_encoder, write_pair_sets

MODEL_FILE = MODELS["entailment"].file

# Two rounds, cut in the second.
TINY = Recipe(tokens=9_000, batch_tokens=256, max_tokens=64, warm_up_steps=5, dropout=0.1)
SEEDS = range(40)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pair_sets(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture(scope="module")
def network(encoder: Path) -> PairNetwork:
    torch.manual_seed(5)
    network = begin(encoder)
    network.eval()
    return network


@pytest.fixture(scope="module")
def shipped(
    encoder: Path, network: PairNetwork, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """The folder of the tiny network, random as it is, and the folder to which it was shipped."""
    out, folder = tmp_path_factory.mktemp("out"), tmp_path_factory.mktemp("shipped")
    save(network, out / "entailment.safetensors")
    training = {"recipe": {"seed": 1, "max_tokens": 128}, "progress": {"tokens": 0}}
    (out / "training.json").write_text(json.dumps(training))
    ship("entailment", out, folder, paragraphs(), encoder)
    return out, folder


def test_a_premise_that_judges_is_never_trained_on(data: Path):
    read = read_data(data)
    judged = {one.premise for found in read.judged.values() for one in found}
    trained = [one for found in read.trained.values() for one in found]
    assert set(read.judged) == {
        "snli",
        "cad",
        "feversym",
        "vitaminc",
        "made",
        "asked",
        "denied, told",
        "denied, asked",
    }
    assert all(read.judged.values())
    assert len(trained) > 100
    assert not judged & {one.premise for one in trained}
    assert set(read.trained) == set(SHARES)


@pytest.mark.parametrize(
    ("claim", "question"),
    [
        ("The bridge was closed in 1990 .", "Was the bridge closed in 1990?"),
        ("Ada Kellan won the cup.", "Did Ada Kellan win the cup?"),
        ("Arden has more than 68,000 inhabitants.", "Does Arden have more than 68,000 inhabitants?"),
        ("They have left.", "Have they left?"),
        ("The sold tickets.", None),
        ("Has Ada won?", None),
        ("After the war, Arden was rebuilt.", None),
    ],
)
def test_a_claim_is_put_as_a_question(claim: str, question: str | None):
    assert as_question(claim) == question


def test_a_share_of_the_hypotheses_are_questions_with_the_label_of_their_statement(data: Path):
    read = read_data(data)
    labels = {(one.premise, one.hypothesis): one.label for found in read.trained.values() for one in found}
    drawn = PairMixture(read, 1).round(0)
    questions = [one for one in drawn if one.hypothesis.endswith("?")]
    assert 0.05 < len(questions) / len(drawn) < 0.45
    made = [one for one in questions if one.source not in SHARES]
    assert made
    known = {premise for premise, _ in labels}
    plain_ones = [one for one in questions if one.source in SHARES and one.premise in known]
    assert len(plain_ones) > len(questions) / 4  # to the others it was added who said so
    for one in plain_ones:
        told = {label for (premise, claim), label in labels.items()
                if premise == one.premise and as_question(claim) == one.hypothesis}  # fmt: skip
        assert one.label in told


def test_what_is_denied_is_asked_about_and_not_asked_in_the_negative(data: Path):
    read = read_data(data)
    asked = read.judged["denied, asked"]
    assert asked
    for one in asked:
        assert one.label == CONTRADICTION
        assert one.hypothesis.endswith("?")
        assert not re.search(r"\b(?:not|never)\b|n't\b", one.hypothesis)


def test_the_model_card_names_every_set_that_is_trained_on():
    card = (WEIGHTS.parent.parent / "qa/weights/ENTAILMENT_CARD.md").read_text(encoding="utf-8")
    assert [name for name in (*SHARES, *MADE_FROM) if f"`{name}`" not in card] == []


def test_a_network_runs_in_half_precision_only_where_that_is_faster_and_wanted():
    device = torch.device("cpu")
    one = torch.ones(4, 4)
    with fast_precision(device, half=False):
        assert torch.mm(one, one).dtype == torch.float32
    with fast_precision(device):
        assert torch.mm(one, one).dtype in (torch.float32, torch.bfloat16)


def test_marks_of_treebanks_are_written_as_people_write_them():
    assert plain("Ann -LRB- a `` star '' -RRB- won .") == 'Ann ( a " star " ) won .'


def test_a_round_has_the_same_pairs_whichever_rounds_came_before(data: Path):
    through = PairMixture(read_data(data), 1)
    first, second = through.round(0), through.round(1)
    assert PairMixture(read_data(data), 1).round(1) == second
    assert through.round(0) == first != second
    assert PairMixture(read_data(data), 2).round(0) != first


def test_a_round_has_its_share_of_made_pairs_and_a_one_sided_set_is_balanced(data: Path):
    made = PairMixture(read_data(data), 1).round(0)
    others = [one for one in made if one.source in SHARES]
    assert 1 - len(others) / len(made) == pytest.approx(MADE_SHARE, abs=0.1)
    labels = [one.label for one in made if one.source == "breakingnli"]
    assert labels.count(CONTRADICTION) == labels.count(ENTAILMENT) == 2


def test_made_pairs_of_held_out_contexts_are_not_drawn():
    examples = [to_example(town_question(number) | {"title": ""}, "qed-dev") for number in range(200)]
    made = MadePairs([one for one in examples if one is not None])
    judged, trained = made.held_out(60), made.draw(300, random.Random(1))
    assert made.held_out(60) == judged
    assert len(judged) > 30
    towns = [{re.search(r"Cor[a-j]+", one.premise)[0] for one in made_of} for made_of in (judged, trained)]
    assert len(towns[0]) > 3
    assert not towns[0] & towns[1]
    assert {one.label for one in trained} == {ENTAILMENT, NEUTRAL, CONTRADICTION}
    assert {"answer", "day", "bounded", "shortened", "doubted"} <= {one.source for one in trained}


def _all(make, *arguments: object) -> set:
    """What a rule makes with each of several seeds."""
    return {make(*arguments, random.Random(seed)) for seed in SEEDS} - {None}


def test_a_figure_is_exchanged_for_one_of_its_context_or_one_like_it():
    made = _all(other_figure, "The mill employs 4,512 people.", ("It had 980 people then.",))
    assert "The mill employs 980 people." in made
    assert len(made) > 5
    assert all(one != "The mill employs 4,512 people." for one in made)


@pytest.mark.parametrize(
    "sentence",
    [
        "It employs about 4,512 people.",
        "It employs between 40 and 60 people.",
        "It was opened in 356 by monks.",
        "Windows 8 was released then.",
        "It was opened on 3 July 1931.",
        "It lies on Route 66 in the north.",
    ],
)
def test_a_figure_that_bounds_names_or_dates_is_left_alone(sentence: str):
    assert figures(sentence) == []


def test_a_bound_follows_from_a_figure_or_cannot_hold():
    made = _all(bounded, "The mill employs 4,512 people.")
    assert {right for right, _ in made} <= {
        f"The mill employs {words} people."
        for words in "more than 4,000/over 4,000/less than 5,000/under 5,000"
        "/about 4,500/around 4,500/roughly 4,500".split("/")
    }
    wrong = {wrong for _, wrong in made}
    assert "The mill employs more than 5,000 people." in wrong
    assert not {right for right, _ in made} & wrong


def test_a_figure_with_its_unit_in_words_says_the_same():
    assert _all(respelt, "It cost $5 billion in all.") == {
        "It cost 5 billion dollars in all.",
        "It cost $5,000,000,000 in all.",
    }
    assert _all(respelt, "It grew to a share, 5% of all.") == {"It grew to a share, 5 percent of all."}


def test_a_day_follows_as_its_month_and_another_month_cannot_hold():
    made = _all(coarser, "She left on 3 July 2026 by ship.")
    assert {right for right, _ in made} == {"She left in July 2026 by ship.", "She left in 2026 by ship."}
    wrong = {wrong for _, wrong in made}
    assert len(wrong) > 5
    assert all("July 2026" not in one and " in 2026" not in one for one in wrong)
    assert _all(coarser, "She worked there since 3 July 2026.") == set()


def test_another_year_contradicts_only_what_happens_once():
    assert len(_all(other_year, "The inn was founded in 1850 by monks.", ())) > 5
    assert _all(other_year, "The team won the cup in 1950.", ()) == set()


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The inn was founded by monks.", "The inn was not founded by monks."),
        ("Ada won the cup twice.", "Ada did not win the cup twice."),
        ("Ada has won the cup.", "Ada has not won the cup."),
        ("Some inns are old.", None),
        ("The inn that was sold is old.", None),
    ],
)
def test_the_main_verb_is_denied_where_it_is_found_surely(sentence: str, expected: str | None):
    made = _all(denied, sentence)
    assert made == set() if expected is None else expected in made


def test_a_doubt_or_a_plan_is_put_on_the_verb_or_around_the_sentence():
    doubts = {one for both in _all(doubted, "The firm is using the mill.") for one in both}
    assert {"The firm may be using the mill.", "It is unclear whether the firm is using the mill."} <= doubts
    assert "The firm is considering using the mill." in _all(planned, "The firm is using the mill.")
    assert "Ada planned to win the cup." in _all(planned, "Ada won the cup.")
    assert _all(planned, "The firm may be using the mill.") == set()


def test_a_part_is_left_out_where_the_rest_still_follows():
    sentence = "In 1901, the council widened the bridge for carts, which were many."
    assert _all(shortened, sentence) == {
        "The council widened the bridge for carts, which were many.",
        "In 1901, the council widened the bridge for carts.",
    }
    assert _all(shortened, "In 1901, the council never widened the bridge for carts.") == set()
    assert _all(shortened, "In China, Japan, and Korea, the name was placed first.") == set()


def test_a_word_is_exchanged_for_its_opposite():
    assert _all(opposite, "It is the largest mill.") == {"It is the smallest mill."}
    assert _all(opposite, "It is the largest mill, not the smallest mill.") == set()


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("Who won the cup?", "Ann Lee", "Ann Lee won the cup."),
        ("What is the capital of Corvia?", "Arden", "The capital of Corvia is Arden."),
        ("When was the YMCA founded?", "6 June 1844", "The YMCA was founded on 6 June 1844."),
        ("In what year was the YMCA founded?", "1844", "The YMCA was founded in 1844."),
        ("Where was Ann Lee born?", "Corvia", "Ann Lee was born in Corvia."),
        ("How many mills does Arden have?", "312", "Arden has 312 mills."),
        ("Who was the bridge opened by?", "Ann Lee", "The bridge was opened by Ann Lee."),
        ("Why did she leave?", "Ann Lee", None),
        ("What did Ann Lee win?", "Cup", None),
    ],
)
def test_a_question_and_its_answer_become_a_statement(question: str, answer: str, expected: str | None):
    made = declarative(question, answer)
    assert (made and made.of(answer)) == expected


def test_a_row_is_what_the_bundled_tokenizer_makes_of_the_pair():
    tokenizer = Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))
    both = ("stone " * 150, "The river Tarn is long.")
    (made,) = rows(tokenizer, [Pair(*both, NEUTRAL, "")], 128)
    (bundled,) = BundledTokenizer("tokenizer.json").encode([both], max_tokens=128)
    assert made.ids.tolist() == bundled.ids
    assert [0] * made.second_at + [1] * (128 - made.second_at) == bundled.type_ids
    assert tokenizer.decode(made.ids[made.second_at :]) == "the river tarn is long."


def test_a_set_without_neutral_pairs_is_judged_by_two_logits():
    logits = np.array([[1.0, 5.0, 0.0], [0.0, 5.0, 1.0], [1.0, 5.0, 0.0]], dtype=np.float32)
    labels = [ENTAILMENT, CONTRADICTION, CONTRADICTION]
    two = [Pair(str(place), "", label, "") for place, label in enumerate(labels)]
    three = [*two[:2], Pair("2", "", NEUTRAL, "")]
    report = judge(lambda found: logits, {"two": two, "three": three})
    assert report["two"]["accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert report["three"]["accuracy"] == pytest.approx(1 / 3, abs=1e-4)
    assert report["two"]["log_loss"] == pytest.approx(
        (2 * np.log1p(np.exp(-1)) + np.log1p(np.e)) / 3, abs=1e-4
    )


@pytest.fixture(scope="module")
def trained(data: Path, encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a tiny training was carried through without a stop."""
    out = tmp_path_factory.mktemp("trained")
    train(data, out, TINY, encoder=encoder, say=lambda line: None)
    return out


def test_the_mean_of_two_trainings_is_judged_as_they_are(
    data: Path, encoder: Path, trained: Path, network: PairNetwork, tmp_path: Path
):
    other, mean = tmp_path / "other", tmp_path / "mean"
    other.mkdir()
    save(network, other / "entailment.safetensors")
    shutil.copy(trained / "training.json", other)
    average(data, mean, [trained, other], encoder=encoder)
    one, two, both = (load_file(folder / "entailment.safetensors") for folder in (trained, other, mean))
    for name, value in both.items():
        torch.testing.assert_close(value, (one[name] + two[name]) / 2)
    told, alone = (json.loads((folder / "training.json").read_text()) for folder in (mean, trained))
    assert told["averaged"] == 2
    assert {name: row["pairs"] for name, row in told["held_out"].items()} == {
        name: row["pairs"] for name, row in alone["held_out"].items()
    }


def test_a_training_that_was_stopped_ends_with_the_same_weights(
    data: Path, encoder: Path, trained: Path, tmp_path: Path
):
    said: list[str] = []

    def stop(line: str) -> None:
        said.append(line)
        if line.startswith("step 25,"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(data, tmp_path, TINY, encoder=encoder, checkpoint_steps=7, say=stop)
    assert not (tmp_path / "entailment.safetensors").exists()
    train(data, tmp_path, TINY, encoder=encoder, checkpoint_steps=7, say=said.append)
    assert any("round 1" in line for line in said)
    for name in ("entailment.safetensors", "training.json"):
        assert (tmp_path / name).read_bytes() == (trained / name).read_bytes()


def test_the_training_says_how_well_each_set_that_judges_is_judged(trained: Path):
    made = json.loads((trained / "training.json").read_text())
    assert {"snli", "cad", "feversym", "vitaminc", "made"} <= set(made["held_out"])
    assert made["progress"]["tokens"] >= TINY.tokens
    assert made["held_out"]["feversym"]["pairs"] == 10


def test_a_network_ships_to_the_same_bytes_each_time_and_the_other_model_stays_listed(
    encoder: Path, shipped: tuple[Path, Path], tmp_path: Path
):
    out, folder = shipped
    other = {"file": "reader.int8.onnx", "bytes": 1, "sha256": "0", "licence": "Apache-2.0", "source": "x"}
    (tmp_path / "reader.int8.onnx").write_bytes(b"x")
    (tmp_path / "manifest.json").write_text(json.dumps({"files": [other]}))
    for _ in range(2):
        ship("entailment", out, tmp_path, paragraphs(), encoder)
        assert (tmp_path / MODEL_FILE).read_bytes() == (folder / MODEL_FILE).read_bytes()
        assert list(read_manifest(tmp_path)) == [MODEL_FILE, "reader.int8.onnx"]
    assert read_manifest(tmp_path)[MODEL_FILE] == read_manifest(folder)[MODEL_FILE]


def test_the_manifest_names_base_model_data_and_licences(shipped: tuple[Path, Path]):
    (entry,) = read_manifest(shipped[1]).values()
    assert entry.licence == "Apache-2.0"
    assert entry.source.startswith("sentence-transformers/all-MiniLM-L6-v2, model.safetensors 53aa5117")
    assert "VitaminC" in entry.source
    assert "CC BY-SA 4.0" in entry.source


def test_the_shipped_file_judges_as_the_network(
    encoder: Path, network: PairNetwork, shipped: tuple[Path, Path]
):
    told = paragraphs_and_sentences(paragraphs())
    judged = BundledEntailment(shipped[1], threads=1, temperature=1.0).judge(told)
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    for row, got in zip(rows(tokenizer, [Pair(*one, 0, "") for one in told], 128), judged, strict=True):
        ids = torch.from_numpy(row.ids)[None]
        types = (torch.arange(len(row)) >= row.second_at).long()[None]
        with torch.no_grad():
            (likely,) = network(ids, types, torch.ones_like(ids, dtype=torch.bool)).softmax(-1).tolist()
        assert [got.entailment, got.neutral, got.contradiction] == pytest.approx(likely, abs=0.02)
        assert max(likely) - min(likely) > 0.05


def test_parity_judges_both_models_on_the_same_pairs(data: Path, encoder: Path, shipped: tuple[Path, Path]):
    report = measure(*(shipped[0], data, shipped[1], 5, encoder))
    assert set(report["float32"]) == set(report["int8"]) > {"snli", "made"}
    assert report["int8"]["feversym"]["pairs"] == 5
    assert 0 < report["probabilities_apart"]["mean"] < 0.02
    assert report["same_label"] > 0.9
