"""What one statement says of another: the bundled model, and any CrossEncoder that a user names."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eval.train.export import write_files
from eval.train.ship import MODELS, entailment_model
from index.errors import ModelError
from index.models import Tokenizer
from qa.comparison.cross_encoder import CrossEncoderEntailment
from qa.comparison.entailment import BundledEntailment
from qa.records import Entailment, Probabilities

MODEL_FILE = MODELS["entailment"].file

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] chips are made in korea taiwan not . ##s".split()
SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 128,
}
PAIRS = [
    ("Chips are made in Korea.", "Chips are made in Taiwan."),
    ("Chips are made in Korea.", "Chips are not made."),
    ("Chips.", "Chips are made in Korea and nowhere else, at least not now."),
]


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as qa/weights is, with a tiny model of random weights and the real vocabulary."""
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("weights")
    vocabulary = len(Tokenizer("tokenizer.json").vocabulary())
    config = BertConfig(vocab_size=vocabulary, initializer_range=0.3, **SIZES)
    weights = {
        f"encoder.{name}": value.numpy()
        for name, value in BertModel(config, add_pooling_layer=False).state_dict().items()
    }
    random = np.random.default_rng(1)
    weights["label.weight"] = random.normal(size=(3, 32)).astype(np.float32)
    weights["label.bias"] = np.zeros(3, dtype=np.float32)
    model, seen = entailment_model(weights, config.to_dict())
    del model.graph.output[1 : 1 + len(seen)]
    write_files(folder, {MODEL_FILE: model.SerializeToString(deterministic=True)}, "made in a test")
    return folder


def save_cross_encoder(folder: Path, labels: list[str], *, seed: int = 1) -> Path:
    """A BERT of random weights that sorts pairs into `labels`, saved as CrossEncoder saves one."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    plain = folder / "plain"
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(WORDS), initializer_range=0.5, id2label=dict(enumerate(labels)), **SIZES
    )
    BertForSequenceClassification(config).save_pretrained(plain)
    BertTokenizer(vocab={word: number for number, word in enumerate(WORDS)}).save_pretrained(plain)
    CrossEncoder(str(plain), device="cpu").save(str(folder / "model"))
    return folder / "model"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_cross_encoder(tmp_path_factory.mktemp("cross"), ["contradiction", "entailment", "neutral"])


def _sums(judged: list[Probabilities]) -> list[float]:
    return [one.entailment + one.neutral + one.contradiction for one in judged]


def test_the_bundled_model_gives_probabilities_in_the_order_of_the_pairs(bundled: Path):
    model: Entailment = BundledEntailment(bundled, threads=2)
    judged = model.judge(PAIRS)
    assert _sums(judged) == pytest.approx([1.0] * 3)
    assert len(set(judged)) == 3
    assert [model.judge([pair])[0] for pair in PAIRS] == judged
    assert model.judge([]) == []


def test_the_bundled_model_tells_premise_from_hypothesis(bundled: Path):
    model = BundledEntailment(bundled, threads=1)
    premise, hypothesis = PAIRS[2]
    assert model.judge([(premise, hypothesis)]) != model.judge([(hypothesis, premise)])


def test_of_a_long_pair_the_longer_text_is_cut(bundled: Path):
    model = BundledEntailment(bundled, threads=1)
    long = "stone " * 300
    assert model.judge([(long, "Chips.")]) == model.judge([(long + "river " * 50, "Chips.")])
    assert model.judge([(long, "Chips.")]) != model.judge([(long, "Korea.")])


def test_a_temperature_moves_probabilities_and_not_their_order(bundled: Path):
    plain = BundledEntailment(bundled, threads=1, temperature=1.0).judge(PAIRS)
    warm = BundledEntailment(bundled, threads=1, temperature=2.0).judge(PAIRS)
    for one, other in zip(plain, warm, strict=True):
        sharp, flat = (np.array([p.entailment, p.neutral, p.contradiction]) for p in (one, other))
        assert flat == pytest.approx(np.sqrt(sharp) / np.sqrt(sharp).sum())
        assert flat.max() < sharp.max()


def test_the_bundled_model_names_the_sha256_of_its_weights(bundled: Path, tmp_path: Path):
    sha256 = json.loads((bundled / "manifest.json").read_text())["files"][0]["sha256"]
    assert BundledEntailment(bundled).name == f"entailment.int8:{sha256[:12]}"
    shutil.copytree(bundled, tmp_path / "weights")
    (tmp_path / "weights" / MODEL_FILE).write_bytes(b"other")
    with pytest.raises(ModelError, match=rf"{MODEL_FILE} has 5 bytes instead of"):
        BundledEntailment(tmp_path / "weights")


def test_a_cross_encoder_judges_as_its_labels_say_whatever_their_order(saved: Path, tmp_path: Path):
    model: Entailment = CrossEncoderEntailment(str(saved))
    judged = model.judge(PAIRS)
    assert _sums(judged) == pytest.approx([1.0] * 3)
    assert model.judge([]) == []
    other = save_cross_encoder(tmp_path, ["ENTAILMENT", "neutral", "Contradiction"])
    for one, turned in zip(judged, CrossEncoderEntailment(str(other)).judge(PAIRS), strict=True):
        assert (one.contradiction, one.entailment, one.neutral) == pytest.approx(
            (turned.entailment, turned.neutral, turned.contradiction)
        )
        assert len({one.contradiction, one.entailment, one.neutral}) == 3


def test_a_cross_encoder_judges_a_pair_the_same_whatever_stands_beside_it(saved: Path):
    model = CrossEncoderEntailment(str(saved))
    assert [model.judge([pair])[0] for pair in PAIRS] == model.judge(PAIRS)


def test_a_cross_encoder_names_its_files(saved: Path):
    assert CrossEncoderEntailment(str(saved)).name.startswith("model:")


@pytest.mark.parametrize(
    "labels", [["LABEL_0", "LABEL_1", "LABEL_2"], ["entailment", "not_entailment"], ["relevance"]]
)
def test_a_model_whose_labels_do_not_say_what_they_mean_is_refused(labels: list[str], tmp_path: Path):
    folder = save_cross_encoder(tmp_path, labels)
    with pytest.raises(ModelError, match=rf"its labels are {', '.join(labels)}\. Name a CrossEncoder"):
        CrossEncoderEntailment(str(folder))


def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path):
    with pytest.raises(ModelError, match=r"cannot be loaded .* a folder must hold a CrossEncoder"):
        CrossEncoderEntailment(str(tmp_path))


def test_without_sentence_transformers_the_error_says_what_to_install():
    program = (
        "import sys; sys.modules['sentence_transformers'] = None\n"
        "from index.errors import ModelError\n"
        "from qa.comparison.cross_encoder import CrossEncoderEntailment\n"
        "try:\n    CrossEncoderEntailment('any')\n"
        "except ModelError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pip install sentence-transformers" in done.stdout


def test_the_bundled_model_needs_no_torch():
    program = (
        "import sys, qa.comparison.entailment, qa.comparison.cross_encoder; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
