"""The training of the comparison model: what it judges, a training that is stopped, and the shipped file."""

import json
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from safetensors.numpy import load_file as load_arrays
from safetensors.torch import load_file
from tokenizers import Tokenizer

from eval.training.average import average
from eval.training.comparison import (
    RECIPE,
    ComparisonMaterial,
    Sources,
    Written,
    judge,
    judgements,
    literal_judgements,
    read_written,
    train,
)
from eval.training.data.examples import Example
from eval.training.data.questions import read_stories
from eval.training.data.strangers import Strangers
from eval.training.judgements.judgement import (
    ANSWER,
    RELATION,
    STANCE,
    Judgement,
    answer_judgements,
    public_answers,
    public_judgements,
    redate,
    relation_judgements,
    stance_judgements,
)
from eval.training.models.comparison_network import (
    SIZES,
    ComparisonNetwork,
    begin,
    logits_of,
    loss,
    rows,
)
from eval.training.models.reader_network import save
from eval.training.pairs.pair import CONTRADICTION, ENTAILMENT, NEUTRAL, Pair
from eval.training.parity.comparison import measure
from eval.training.weights.restore import restore
from eval.training.weights.ship import MODELS, ship
from index.embed import open_embedder
from index.models import WEIGHTS, Model, read_manifest
from index.models import Tokenizer as BundledTokenizer
from qa.comparison.model import (
    KINDS,
    PAIR_TOKENS,
    RELATIONS,
    STANCES,
    BundledComparison,
    ModelStatement,
    relation_texts,
    stance_texts,
)
from tests.tiny import (
    one_thread,
    paragraphs,
    write_contrast,
    write_encoder,
    write_pair_sets,
    write_rivals,
    write_stories,
)

MODEL_FILE = MODELS["comparison"].file

CPU = torch.device("cpu")
# Two rounds, cut in the second.
TINY = replace(RECIPE, tokens=30_000, batch_tokens=256, warm_up_steps=5)
SEEDS = range(40)

ALLOWED, FORBIDDEN, OPEN = (
    "Carts are allowed on it until 2030, the council said.",
    "Since Monday no carts have been allowed on it.",
    "Whether carts may use it has not been decided.",
)
CARTS = "Are carts allowed on the bridge at Arden?"
QUESTIONS = {
    CARTS,
    "Who built the bridge at Arden?",
    "What did the bridge at Arden cost?",
    "And what did it cost? (bridge, Arden)",
    "Who painted the mill at Arden?",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pair_sets(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_stories(tmp_path_factory.mktemp("stories") / "stories.jsonl", 6, 2)


@pytest.fixture(scope="module")
def story(stories: Path) -> dict[str, Any]:
    return read_stories(stories)[0]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))


@pytest.fixture(scope="module")
def network(encoder: Path) -> ComparisonNetwork:
    """Random weights, with a channel that lies out as some of the real encoder's do."""
    torch.manual_seed(5)
    network = begin(encoder).eval()
    with torch.no_grad():
        network.encoder.embeddings.LayerNorm.weight[3] = 12.0
    return network


@pytest.fixture(scope="module")
def shipped(
    encoder: Path, network: ComparisonNetwork, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """The folder of the tiny network, random as it is, and the folder to which it was shipped."""
    out, folder = tmp_path_factory.mktemp("out"), tmp_path_factory.mktemp("shipped")
    save(network, out / "comparison.safetensors")
    training = {"recipe": {"seed": 1, "max_tokens": PAIR_TOKENS}, "progress": {"tokens": 0}}
    (out / "training.json").write_text(json.dumps(training))
    ship("comparison", out, folder, paragraphs(), encoder)
    return out, folder


def all_stances(story: dict[str, Any]) -> set[Judgement]:
    return {one for seed in SEEDS for one in stance_judgements(story, random.Random(seed))}


def all_relations(story: dict[str, Any]) -> set[Judgement]:
    return {one for seed in SEEDS for one in relation_judgements(story, random.Random(seed))}


def test_what_an_account_says_to_a_yes_no_question_is_its_stance(story: dict[str, Any]):
    made = {one for one in all_stances(story) if STANCES[one.label] != "other"}
    before = "It was built by Ada Kellan and cost 20 million euros."
    assert {(one.first, one.second, STANCES[one.label]) for one in made} == {
        (f"Valley Post: The bridge at Arden | {before} | {ALLOWED}", CARTS, "yes"),
        (
            f"River Radio: Arden crosses the Tarn | She puts its cost at 20 million euros. | {FORBIDDEN}",
            CARTS,
            "no",
        ),
        (
            "Mill Letter: Notes from Arden | He heard that the bridge cost nine million euros. | " + OPEN,
            CARTS,
            "open",
        ),
    }
    assert {(one.task, one.kind, one.answers) for one in made} == {(STANCE, -1, 1)}


def test_another_sentence_of_an_account_does_not_decide_the_question(story: dict[str, Any]):
    strays = [one for one in all_stances(story) if STANCES[one.label] == "other"]
    assert len(strays) > 3
    for one in strays:
        assert one.second == CARTS
        assert one.answers == 0
        assert not re.search("Carts are|no carts|Whether carts", one.first.rsplit(" | ", 1)[-1])


def test_a_sentence_answers_a_question_of_another_kind_or_it_does_not(story: dict[str, Any]):
    made = {one for seed in SEEDS for one in answer_judgements(story, random.Random(seed))}
    assert {(one.task, one.label, one.kind) for one in made} == {(ANSWER, -1, -1)}
    assert CARTS not in {one.second for one in made}
    who = {
        (one.first.rsplit(" | ", 1)[-1], one.answers)
        for one in made
        if one.second == "Who built the bridge at Arden?"
    }
    built = "It was built by Ada Kellan and cost 20 million euros."
    assert (built, 1) in who
    assert (built, 0) not in who
    assert {answers for _, answers in who} == {0, 1}
    assert {one.answers for one in made if "painted the mill" in one.second} == {0}


def test_a_sentence_of_another_story_answers_nothing_and_conflicts_with_nothing(stories: Path):
    told = read_stories(stories)
    strangers = Strangers(told, open_embedder().embed)
    own, *others = told
    mine = {account["text"] for account in own["accounts"]}
    foreign = " ".join(account["text"] for story in others for account in story["accounts"])
    for make in (stance_judgements, answer_judgements, relation_judgements):
        alone = {one for seed in SEEDS for one in make(own, random.Random(seed))}
        beside = {one for seed in SEEDS for one in make(own, random.Random(seed), strangers)} - alone
        strange = [
            one
            for one in beside
            if any(
                part in foreign and not any(part in text for text in mine)
                for part in (*one.first.split(" | "), *one.second.split(" | "))
                if len(part) > 25 and not part.endswith("?")
            )
        ]
        assert len(strange) > 3
        for one in strange:
            if one.task == RELATION:
                assert (RELATIONS[one.label], one.kind) == ("both", -1)
            else:
                assert one.answers == 0


def test_sentences_that_another_question_finds_in_conflict_are_no_strays(story: dict[str, Any]):
    disputed = {
        frozenset((one.first.split(" | ")[1], one.second.split(" | ")[-1]))
        for one in all_relations(story)
        if RELATIONS[one.label] in ("conflict", "update")
    }
    assert disputed
    for one in all_relations(story):
        if RELATIONS[one.label] == "both":
            assert frozenset((one.first.split(" | ")[1], one.second.split(" | ")[-1])) not in disputed


def test_a_public_question_is_answered_by_one_sentence_of_its_context_and_not_by_another():
    context = "The bridge was opened by Ada Kellan. It has three arches. The council widened it."
    start = context.index("Ada Kellan")
    asked = Example("Who opened the bridge?", context, start, start + 10, "", "test")
    made = list(public_answers([asked], random.Random(1)))
    assert [(one.first, one.second, one.task, one.answers) for one in made] == [
        ("The bridge was opened by Ada Kellan.", asked.question, ANSWER, 1),
        ("The bridge was opened by Ada Kellan. | It has three arches.", asked.question, ANSWER, 0),
    ]


def test_answers_to_one_question_are_judged_in_both_orders_with_it_and_without(story: dict[str, Any]):
    made = all_relations(story)
    asked = {one for one in made if ALLOWED in one.first and FORBIDDEN in one.second}
    bare = Judgement(
        f"7 days earlier | {ALLOWED}", FORBIDDEN, RELATION, RELATIONS.index("update"), KINDS.index("polarity")
    )
    assert asked == {bare, replace(bare, second=f"{CARTS} | {FORBIDDEN}")}
    back = {one for one in made if FORBIDDEN in one.first and ALLOWED in one.second}
    assert {one.second for one in back} == {ALLOWED, f"{CARTS} | {ALLOWED}"}
    assert {one.first for one in back} == {f"7 days later | {FORBIDDEN}"}
    assert {one.label for one in back} == {bare.label}


def test_with_its_question_a_statement_stands_with_what_of_it_answers(story: dict[str, Any]):
    built = "Boris Lund built the new bridge at Arden, says his widow."
    told = "It was built by Ada Kellan and cost 20 million euros."
    wanted = Judgement(
        f"7 days later | {built} | Boris Lund",
        f"Who built the bridge at Arden? | Ada Kellan | {told}",
        RELATION,
        RELATIONS.index("conflict"),
        KINDS.index("name"),
    )
    made = all_relations(story)
    assert wanted in made
    assert replace(wanted, first=f"7 days later | {built}", second=told) in made


def test_the_labels_of_relations_are_those_of_the_story(story: dict[str, Any]):
    made = all_relations(story)
    cost = {
        (RELATIONS[one.label], one.kind)
        for one in made
        if "nine million" in one.first and "20 million" in one.second and "cost?" in one.second
    }
    assert cost == {("conflict", KINDS.index("number"))}
    same = {
        RELATIONS[one.label]
        for one in made
        if one.first.endswith("million euros") and "20 million" in one.first and " | 20 million" in one.second
    }
    assert same == {"same"}
    assert {one.task for one in made} == {RELATION}
    assert {one.second.split(" | ")[0] for one in made if "?" in one.second} <= QUESTIONS
    assert "And what did it cost? (bridge, Arden)" in {one.second.split(" | ")[0] for one in made}


def test_an_answer_and_a_sentence_that_is_none_can_both_be_right(story: dict[str, Any]):
    told = {
        frozenset((one["a"], one["b"])) for question in story["questions"] for one in question["relations"]
    }
    assert len(told) == 3  # of all accounts, so that what follows comes of strays alone
    unanswered = [one for one in all_relations(story) if "painted the mill" in one.second]
    assert unanswered
    assert {(RELATIONS[one.label], one.kind) for one in unanswered} == {("both", -1)}
    strays = [one for one in all_relations(story) if "counted 2030 boats" in one.first + one.second]
    assert len(strays) > 5
    assert {(RELATIONS[one.label], one.kind) for one in strays} == {("both", -1)}


def test_the_shares_with_and_without_question_are_as_said(story: dict[str, Any]):
    made = [one for seed in SEEDS for one in relation_judgements(story, random.Random(seed))]
    told = [
        one for one in made if {ALLOWED, FORBIDDEN} <= {*one.first.split(" | "), *one.second.split(" | ")}
    ]
    bare = [one for one in told if CARTS not in one.second]
    assert len(bare) / len(told) == pytest.approx(0.3, abs=0.12)


def test_a_public_pair_is_a_stance_when_it_asks_and_a_relation_when_it_states():
    labels = (ENTAILMENT, NEUTRAL, CONTRADICTION)
    asked = public_judgements([Pair("It is shut.", "Is it shut? ", one, "") for one in labels])
    assert [STANCES[one.label] for one in asked] == ["yes", "other", "no"]
    assert {(one.first, one.second.strip(), one.task) for one in asked} == {
        ("It is shut.", "Is it shut?", STANCE)
    }
    told = public_judgements([Pair("It is shut.", "It is closed.", one, "") for one in labels])
    assert [RELATIONS[one.label] for one in told] == ["same", "both", "conflict"]
    assert {(one.first, one.second, one.task, one.kind) for one in told} == {
        ("It is shut.", "It is closed.", RELATION, -1)
    }


def test_a_row_is_what_the_bundled_tokenizer_makes_of_the_texts(tokenizer: Tokenizer):
    both = ("stone " * 300, "The river Tarn is long.")
    (made,) = rows(tokenizer, [Judgement(*both, RELATION, 2, 1)])
    (bundled,) = BundledTokenizer("tokenizer.json").encode([both], max_tokens=PAIR_TOKENS)
    assert made.ids.tolist() == bundled.ids
    assert [0] * made.second_at + [1] * (PAIR_TOKENS - made.second_at) == bundled.type_ids
    assert (made.task, made.label, made.kind) == (RELATION, 2, 1)


def test_each_row_learns_from_its_own_output(network: ComparisonNetwork, tokenizer: Tokenizer):
    told = [
        Judgement("It is shut.", "Is it shut?", STANCE, 0),
        Judgement("It is shut.", "It is open.", RELATION, 2, KINDS.index("polarity")),
        Judgement("It is shut, he said.", "Who said so?", ANSWER, -1, answers=0),
    ]
    made = rows(tokenizer, told)
    stance, relation, kind, answers = (torch.from_numpy(one) for one in logits_of(network, made, CPU))
    stance, relation, kind = (one.log_softmax(-1) for one in (stance, relation, kind))
    answered = torch.nn.functional.logsigmoid(-answers[2, 0])
    wanted = -(stance[0, 0] + relation[1, 2] + 0.3 * kind[1, 3] + answered) / 3
    with torch.no_grad():
        value, tokens = loss(network, made, CPU)
    assert float(value) == pytest.approx(float(wanted), abs=0.02)
    assert tokens == 3 * 16


@pytest.fixture(scope="module")
def trained(data: Path, stories: Path, encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a tiny training was carried through without a stop."""
    out = tmp_path_factory.mktemp("trained")
    train(Sources(data, stories), out, TINY, encoder=encoder, say=lambda line: None)
    return out


def test_a_training_that_was_stopped_ends_with_the_same_weights(
    data: Path, stories: Path, encoder: Path, trained: Path, tmp_path: Path
):
    said: list[str] = []

    def stop(line: str) -> None:
        said.append(line)
        if ", round 1, " in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(Sources(data, stories), tmp_path, TINY, encoder=encoder, checkpoint_steps=16, say=stop)
    assert not (tmp_path / "comparison.safetensors").exists()
    stopped = int(said[-1].split()[1].rstrip(","))
    train(Sources(data, stories), tmp_path, TINY, encoder=encoder, checkpoint_steps=16, say=said.append)
    for name in ("comparison.safetensors", "training.json"):
        assert (tmp_path / name).read_bytes() == (trained / name).read_bytes()
    assert json.loads((trained / "training.json").read_text())["progress"]["step"] > stopped


def test_a_training_says_how_it_judges_the_stories_that_were_held_out(trained: Path):
    told = json.loads((trained / "training.json").read_text())["held_out"]
    assert {"stance", "verdicts_at_85", "relation", "conflict_auroc", "conflict_ap", "kind"} <= set(told)
    assert all(0 <= one <= 1 for one in told.values())


def test_a_training_begins_from_the_encoder_and_goes_on_from_an_earlier_one(
    data: Path, stories: Path, encoder: Path, tmp_path: Path
):
    still = replace(TINY, tokens=300, learning_rate=0.0)
    first, second = tmp_path / "first", tmp_path / "second"
    train(Sources(data, stories), first, still, encoder=encoder, say=lambda line: None)
    made, wanted = load_file(first / "comparison.safetensors"), load_file(encoder / "model.safetensors")
    for name, value in wanted.items():
        assert torch.equal(made[f"encoder.{name}"], value)
    other = replace(still, seed=2)  # its own outputs would begin otherwise
    said: list[str] = []
    train(Sources(data, stories), second, other, encoder=encoder, after=first, say=said.append)
    assert (second / "comparison.safetensors").read_bytes() == (first / "comparison.safetensors").read_bytes()
    assert ", round 1, " in said[0]


def test_the_mean_of_two_trainings_is_judged_on_the_stories_that_were_held_out(
    data: Path, stories: Path, encoder: Path, trained: Path, network: ComparisonNetwork, tmp_path: Path
):
    other, mean = tmp_path / "other", tmp_path / "mean"
    other.mkdir()
    save(network, other / "comparison.safetensors")
    shutil.copy(trained / "training.json", other)
    average(data, mean, [trained, other], stories=stories, encoder=encoder)
    one, two, both = (load_file(folder / "comparison.safetensors") for folder in (trained, other, mean))
    for name, value in both.items():
        torch.testing.assert_close(value, (one[name] + two[name]) / 2)
    told, alone = (json.loads((folder / "training.json").read_text()) for folder in (mean, trained))
    assert told["averaged"] == 2
    assert set(told["held_out"]) == set(alone["held_out"])


def test_a_training_on_contrast_sets_and_rivals_is_judged_on_those_that_were_held_out(
    data: Path, stories: Path, encoder: Path, trained: Path, tmp_path: Path
):
    sets, rivals = write_contrast(tmp_path / "sets", 2, 1), write_rivals(tmp_path / "rivals", 2, 2)
    out, without, both = (tmp_path / name for name in ("out", "without", "both"))
    for sources, place in ((Sources(data, stories, sets, rivals), out), (Sources(data, stories), without)):
        train(sources, place, TINY, encoder=encoder, after=trained, say=lambda line: None)
    written = [(place / "comparison.safetensors").read_bytes() for place in (out, without)]
    assert written[0] != written[1]
    told = json.loads((out / "training.json").read_text())["held_out"]
    assert {"contrast_relation", "contrast_conflict_auroc", "rivals_conflict_auroc"} < set(told)
    average(data, both, [trained, out], stories=stories, contrast=sets, rivals=rivals, encoder=encoder)
    assert set(json.loads((both / "training.json").read_text())["held_out"]) == set(told)


def test_a_round_holds_statements_asked_for_in_their_own_words_told_of_another_thing_and_of_rivals(
    data: Path, stories: Path, tokenizer: Tokenizer, tmp_path: Path
):
    written, _ = read_written(Sources(data, stories, rivals=write_rivals(tmp_path, 2, 1)))
    material = ComparisonMaterial(data, written, tokenizer, TINY)
    told = [
        tokenizer.decode(row.ids.tolist())
        for number in range(60)
        for batch in material.round(number)
        for row in batch
    ]
    assert any(re.search(r"is the old bridge at \w+ open again", one) for one in told)
    copied = r"the old bridge at \w+ is (?:already|now|also|indeed) open again"
    assert any(len(re.findall(r"the old bridge at", one)) == 2 and re.search(copied, one) for one in told)
    assert any("rossi won the race" in one and "bianchi won the race" in one for one in told)


def test_days_are_told_or_not_whatever_the_relation_but_of_updates():
    conflict, update = RELATIONS.index("conflict"), RELATIONS.index("update")
    made = [
        Judgement("3 days later | It rained.", "It was dry.", RELATION, conflict),
        Judgement("It rained.", "It was dry.", RELATION, conflict),
        Judgement("3 days later | It rained.", "It was dry.", RELATION, update),
        Judgement("It rained.", "Did it rain?", STANCE, 0),
    ]
    firsts = [{one.first for one in column} for column in zip(*redated_often(made), strict=True)]
    assert firsts == [
        {"3 days later | It rained.", "It rained."},
        {"It rained.", "same day | It rained."},
        {"3 days later | It rained."},
        {"It rained."},
    ]
    for found in redated_often(made):
        assert [(one.second, one.task, one.label) for one in found] == [
            (one.second, one.task, one.label) for one in made
        ]


def redated_often(made: list[Judgement]) -> list[list[Judgement]]:
    return [list(redate(made, random.Random(seed))) for seed in range(40)]


def test_a_network_that_knows_all_is_judged_right(stories: Path, tokenizer: Tokenizer):
    told = read_stories(stories)
    made = rows(tokenizer, [*judgements(told, random.Random(0)), *literal_judgements(told)])

    class Knowing:
        def __call__(self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor) -> Any:
            labels = [labels_of[some[kept].numpy().tobytes()] for some, kept in zip(ids, mask, strict=True)]
            return tuple(
                torch.tensor(column).float()[:, None]
                if size == 1
                else torch.nn.functional.one_hot(torch.tensor(column).clamp(min=0), size).float() * 5
                for column, size in zip(zip(*labels, strict=True), SIZES, strict=True)
            )

    labels_of = {one.ids.tobytes(): (one.label, one.label, one.kind, one.answers) for one in made}
    report = judge(Knowing(), tokenizer, Written(told), CPU)  # type: ignore[arg-type]
    # Where no question stands with them, two statements may be an answer and a stray here, two answers there.
    assert report == pytest.approx(dict.fromkeys(report, 1.0), abs=0.02)


def test_the_shipped_graph_gives_the_logits_of_the_network(
    network: ComparisonNetwork, shipped: tuple[Path, Path], story: dict[str, Any], tokenizer: Tokenizer
):
    told = judgements([story], random.Random(1))
    both = [(one.first, one.second) for one in told]
    encoded = BundledTokenizer("tokenizer.json").encode(both, max_tokens=PAIR_TOKENS)
    int8 = Model(MODEL_FILE, shipped[1], threads=1).run(encoded)
    for row, near in zip(rows(tokenizer, told), int8, strict=True):
        exact_ones = _in_float32(network, row)
        for exact, got, size in zip(exact_ones, near, SIZES, strict=True):
            assert got.shape == (size,)
            np.testing.assert_allclose(got, exact, rtol=0, atol=0.06)
            assert size == 1 or np.ptp(exact) > 0.05


def _in_float32(network: ComparisonNetwork, row: Any) -> list[np.ndarray]:
    ids = torch.from_numpy(row.ids)[None]
    types = (torch.arange(len(row)) >= row.second_at).long()[None]
    with torch.no_grad():
        return [one[0].numpy() for one in network(ids, types, torch.ones_like(ids, dtype=torch.bool))]


def test_the_shipped_file_judges_as_the_network_and_alike_in_both_orders(
    network: ComparisonNetwork, shipped: tuple[Path, Path], tokenizer: Tokenizer
):
    one = ModelStatement(ALLOWED, "until 2030", "It is open.", "Valley Post", "2024-05-02")
    other = ModelStatement(FORBIDDEN, "no carts", "", "River Radio", "2024-05-09")
    model = BundledComparison(shipped[1], threads=1)
    assert re.fullmatch("comparison.int8:[0-9a-f]{12}", model.name)
    made = [Judgement(*stance_texts(CARTS, told), STANCE, 0) for told in (one, other)]
    for got, row in zip(model.stances(CARTS, (one, other)), rows(tokenizer, made), strict=True):
        wanted = _shares(_in_float32(network, row)[0])
        assert [got.yes, got.no, got.open, got.other] == pytest.approx(wanted, abs=0.02)
        assert got.answers == pytest.approx(1 / (1 + np.exp(-_in_float32(network, row)[3][0])), abs=0.02)
    for question in (CARTS, ""):
        (there,), (back,) = (
            model.relations(question, [(one, other)]),
            model.relations(question, [(other, one)]),
        )
        assert (there.same, there.both, there.conflict, there.update) == pytest.approx(
            (back.same, back.both, back.conflict, back.update), abs=1e-6
        )
        assert there.kinds == pytest.approx(back.kinds, abs=1e-6)
        orders = [
            Judgement(*relation_texts(question, *pair), RELATION, 0) for pair in ((one, other), (other, one))
        ]
        assert orders[0].first != orders[1].first
        logits = [_in_float32(network, row) for row in rows(tokenizer, orders)]
        wanted = _shares((logits[0][1] + logits[1][1]) / 2)
        assert [there.same, there.both, there.conflict, there.update] == pytest.approx(wanted, abs=0.02)
        assert there.kinds == pytest.approx(_shares((logits[0][2] + logits[1][2]) / 2), abs=0.02)


def _shares(logits: np.ndarray) -> list[float]:
    likely = np.exp(logits)
    shares: list[float] = (likely / likely.sum()).tolist()
    return shares


def test_the_restored_weights_lie_within_half_a_step_of_those_that_were_shipped(
    encoder: Path, shipped: tuple[Path, Path]
):
    own = load_arrays(shipped[0] / "comparison.safetensors")
    model = onnx.load(shipped[1] / MODEL_FILE)
    restored = restore(model, load_arrays(encoder / "model.safetensors"))
    assert set(restored) == set(own)
    smoothing = [
        numpy_helper.to_array(one) for one in model.graph.initializer if one.name.endswith(".smoothing")
    ]
    scaled = 1 / min(one.min() for one in smoothing)
    assert scaled > 1
    for name, value in own.items():
        assert restored[name].shape == value.shape, name
        layer = value.ndim == 2 and name.startswith("encoder.encoder")
        step = np.abs(value).max(axis=1, keepdims=True) * scaled / 128 if layer else 1e-6
        assert (np.abs(restored[name] - value) <= step * 1.01).all(), name


def test_a_network_ships_to_the_same_bytes_each_time_and_the_other_model_stays_listed(
    encoder: Path, shipped: tuple[Path, Path], tmp_path: Path
):
    out, folder = shipped
    ship("comparison", out, tmp_path, paragraphs(), encoder)
    for name in (MODEL_FILE, "manifest.json"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()
    other = {"file": "reader.int8.onnx", "bytes": 1, "sha256": "0", "licence": "Apache-2.0", "source": "x"}
    (tmp_path / "reader.int8.onnx").write_bytes(b"x")
    (tmp_path / "manifest.json").write_text(json.dumps({"files": [other]}))
    for _ in range(2):
        ship("comparison", out, tmp_path, paragraphs(), encoder)
        assert (tmp_path / MODEL_FILE).read_bytes() == (folder / MODEL_FILE).read_bytes()
        assert list(read_manifest(tmp_path)) == [MODEL_FILE, "reader.int8.onnx"]
    assert read_manifest(tmp_path)[MODEL_FILE] == read_manifest(folder)[MODEL_FILE]


def test_the_manifest_names_base_model_data_and_licences(shipped: tuple[Path, Path]):
    (entry,) = read_manifest(shipped[1]).values()
    assert (entry.file, entry.licence) == (MODEL_FILE, "Apache-2.0")
    assert entry.source.startswith("sentence-transformers/all-MiniLM-L6-v2, model.safetensors 53aa5117")
    assert "stories and contrast sets of our own" in entry.source
    assert "CC BY-SA 4.0" in entry.source


def test_parity_tells_how_near_the_shipped_file_comes(
    shipped: tuple[Path, Path], stories: Path, encoder: Path
):
    out, folder = shipped
    told = measure(out, stories, folder, 60, encoder)
    assert told["judgements"] > 20
    assert set(told["float32"]) == set(told["int8"])
    assert min(told["same"].values()) > 0.7  # random weights leave all nearly alike
    assert told["float32"]["relation"] == pytest.approx(told["int8"]["relation"], abs=0.3)
