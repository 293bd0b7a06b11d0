"""Weights made again of the bundled int8 models, to train further from."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from eval.training.comparison import Sources, train
from eval.training.data.examples import Example
from eval.training.data.reading_rows import ROW_TOKENS
from eval.training.data.windows import Windows
from eval.training.judgements.judgement import RELATION, STANCE, Judgement
from eval.training.loop import Recipe, published_encoder
from eval.training.models import comparison_network
from eval.training.models import reader_network as network
from eval.training.models.judging import best, read
from eval.training.weights.restore import write
from qa.comparison.model import BundledComparison, ModelStatement, relation_texts, stance_texts
from qa.reader.span_model import WEIGHTS, BundledSpanModel
from tests.tiny import write_pair_sets, write_stories

TEXT = (
    "The ferry Aurora was built in Turku in 1987 and carried 40 people on Friday. Its captain, Ada Kellan, said "
    "that the engine had failed twice since March, and that the owner had promised a new one for 3 million euros."
)
QUESTIONS = (
    "Where was the ferry built?",
    "Who is the captain of the Aurora?",
    "How many people were aboard on Friday?",
    "How much will the new engine cost?",
)
PAIRS = (
    ("The ferry Aurora was built in Turku.", "Was the Aurora built in Turku?"),
    ("The ferry Aurora has not been sold, its owner said.", "The Aurora has been sold."),
    ("Ada Kellan is the captain of the ferry.", "The mill in Aarup employs 120 people."),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("restored")
    write(WEIGHTS / "reader.int8.onnx", folder, 3)
    write(WEIGHTS / "comparison.int8.onnx", folder, 3)
    return folder


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(published_encoder() / "tokenizer.json"))


def test_the_restored_reader_finds_the_spans_of_the_shipped_one(folder: Path, tokenizer: Tokenizer):
    restored = network.load(published_encoder(), folder / "reader.safetensors").eval()
    examples = [Example(one, TEXT, -1, -1, "Ferry", "test") for one in QUESTIONS]
    found = read(restored, Windows(tokenizer, ROW_TOKENS), examples, torch.device("cpu"), half=False)
    shipped = BundledSpanModel()
    for question, one in zip(QUESTIONS, found, strict=True):
        told = best(shipped.windows(question, [TEXT])[0], TEXT)
        assert one.text == told.text
        assert one.margin == pytest.approx(told.margin, abs=1.5)


def test_the_restored_comparison_model_judges_as_the_shipped_one(folder: Path, tokenizer: Tokenizer):
    restored = comparison_network.begin(published_encoder())
    restored.load_state_dict(load_file(folder / "comparison.safetensors"))
    pairs = [(ModelStatement(one), ModelStatement(other)) for one, other in PAIRS]
    asked, told = PAIRS[0][1], BundledComparison()
    orders = [relation_texts(asked, *both) for one, other in pairs for both in ((one, other), (other, one))]
    judgements = [
        *(Judgement(*stance_texts(asked, one), STANCE, 0) for one, _ in pairs),
        *(Judgement(*texts, RELATION, 0) for texts in orders),
    ]
    rows = comparison_network.rows(tokenizer, judgements)
    stance, relation, _, _ = comparison_network.logits_of(
        restored.eval(), rows, torch.device("cpu"), half=False
    )
    stances = [
        (one.yes, one.no, one.open, one.other) for one in told.stances(asked, [one for one, _ in pairs])
    ]
    found = told.relations(asked, pairs)
    relations = [(one.same, one.both, one.conflict, one.update) for one in found]
    both_orders = relation[len(pairs) :].reshape(len(pairs), 2, 4).mean(1)
    for shares, logits in ((stances, stance[: len(pairs)]), (relations, both_orders)):
        likely = np.exp(logits)
        assert np.allclose(shares, likely / likely.sum(1, keepdims=True), atol=0.15)


def test_a_training_goes_on_from_the_restored_comparison_model(folder: Path, tmp_path: Path):
    still = Recipe(tokens=300, batch_tokens=256, learning_rate=0.0)
    stories = write_stories(tmp_path / "stories.jsonl", 6, 2)
    sources = Sources(write_pair_sets(tmp_path), stories)
    said: list[str] = []
    train(sources, tmp_path / "out", still, after=folder, say=said.append)
    made, restored = (load_file(one / "comparison.safetensors") for one in (tmp_path / "out", folder))
    assert set(made) == set(restored)
    assert all(torch.equal(value, restored[name]) for name, value in made.items())
    assert ", round 3, " in said[0]


def test_the_word_embeddings_are_the_published_ones(folder: Path):
    restored = load_file(folder / "reader.safetensors")["encoder.embeddings.word_embeddings.weight"]
    published = load_file(published_encoder() / "model.safetensors")["embeddings.word_embeddings.weight"]
    assert np.array_equal(restored, published)


def test_a_later_training_is_told_the_rounds_and_tokens_that_came_before(folder: Path):
    told = json.loads((folder / "training.json").read_text())
    assert told["progress"]["round"] == 2
    assert told["progress"]["tokens"] > 1e6
