"""A CrossEncoder that a user names, as a comparison model: its labels, what it refuses, and what it needs."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from index.errors import ModelError
from qa.comparison.cross_encoder import CrossEncoderComparison
from qa.comparison.model import KINDS, Comparison, ModelStatement, StanceShares

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


def _stances(model: Comparison, pairs: Sequence[tuple[str, str]] = PAIRS) -> list[StanceShares]:
    """What each premise says to its hypothesis: yes is entailment, no contradiction, other neutral."""
    return [model.stances(hypothesis, [ModelStatement(premise)])[0] for premise, hypothesis in pairs]


def test_a_cross_encoder_judges_as_its_labels_say_whatever_their_order(saved: Path, tmp_path: Path):
    model: Comparison = CrossEncoderComparison(str(saved))
    judged = _stances(model)
    assert [one.yes + one.no + one.open + one.other for one in judged] == pytest.approx([1.0] * 3)
    assert {(one.open, one.answers) for one in judged} == {(0.0, None)}
    assert model.stances("Are chips made?", []) == []
    other = save_cross_encoder(tmp_path, ["ENTAILMENT", "neutral", "Contradiction"])
    for one, turned in zip(judged, _stances(CrossEncoderComparison(str(other))), strict=True):
        assert (one.no, one.yes, one.other) == pytest.approx((turned.yes, turned.other, turned.no))
        assert len({one.no, one.yes, one.other}) == 3


def test_statements_are_the_same_as_far_as_each_follows_and_conflict_as_each_denies(saved: Path):
    model: Comparison = CrossEncoderComparison(str(saved))
    pairs = [(ModelStatement(one), ModelStatement(other)) for one, other in PAIRS]
    there, back = _stances(model), _stances(model, [(other, one) for one, other in PAIRS])
    related = model.relations("", pairs)
    for one, other, both in zip(there, back, related, strict=True):
        assert both.same == pytest.approx(min(one.yes, other.yes))
        assert both.conflict == pytest.approx((one.no + other.no) / 2)
        assert both.same + both.both + both.conflict == pytest.approx(1.0)
        assert both.update == 0.0
        assert both.kinds == pytest.approx([1 / len(KINDS)] * len(KINDS))
    assert model.relations("Where are chips made?", [pair[::-1] for pair in pairs]) == related
    assert model.relations("", []) == []


def test_a_cross_encoder_judges_a_pair_the_same_whatever_stands_beside_it(saved: Path):
    model = CrossEncoderComparison(str(saved))
    asked, told = "Chips are made in Taiwan.", [ModelStatement(premise) for premise, _ in PAIRS]
    assert [model.stances(asked, [one])[0] for one in told] == model.stances(asked, told)
    pairs = [(ModelStatement(one), ModelStatement(other)) for one, other in PAIRS]
    assert [model.relations("", [pair])[0] for pair in pairs] == model.relations("", pairs)


def test_a_cross_encoder_names_its_files(saved: Path):
    assert CrossEncoderComparison(str(saved)).name.startswith("model:")


@pytest.mark.parametrize(
    "labels", [["LABEL_0", "LABEL_1", "LABEL_2"], ["entailment", "not_entailment"], ["relevance"]]
)
def test_a_model_whose_labels_do_not_say_what_they_mean_is_refused(labels: list[str], tmp_path: Path):
    folder = save_cross_encoder(tmp_path, labels)
    with pytest.raises(ModelError, match=rf"its labels are {', '.join(labels)}\. Name a CrossEncoder"):
        CrossEncoderComparison(str(folder))


def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path):
    with pytest.raises(ModelError, match=r"cannot be loaded .* a folder must hold a CrossEncoder"):
        CrossEncoderComparison(str(tmp_path))


def test_without_sentence_transformers_the_error_says_what_to_install():
    program = (
        "import sys; sys.modules['sentence_transformers'] = None\n"
        "from index.errors import ModelError\n"
        "from qa.comparison.cross_encoder import CrossEncoderComparison\n"
        "try:\n    CrossEncoderComparison('any')\n"
        "except ModelError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pip install sentence-transformers" in done.stdout


def test_the_bundled_model_needs_no_torch():
    program = "import sys, qa.comparison.model, qa.comparison.cross_encoder; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
