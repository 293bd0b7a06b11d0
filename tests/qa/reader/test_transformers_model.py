"""Any extractive reader that transformers loads: what it says of a passage, and which models are refused."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from index.errors import ModelError
from qa.reader.spans import SpanModel, Window, best_stretch
from qa.reader.transformers_model import TransformersSpanModel

WORDS = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] chips are made in korea taiwan who makes . ##s ##mark land ##ed".split()
)
LONG = "chips are made in korea . " * 20 + "chips are made in taiwan . " + "who makes chips . " * 10
SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 48,
}


def save_bert(folder: Path, *, seed: int = 1, points_at: str | None = None, half: bool = False) -> Path:
    """A BERT with a head for question answering; `points_at`: its logits are high at that word, 0 elsewhere."""
    import torch
    from transformers import BertConfig, BertForQuestionAnswering

    torch.manual_seed(seed)
    # Wide enough that no two tokens have the same logits.
    model = BertForQuestionAnswering(BertConfig(vocab_size=len(WORDS), initializer_range=0.5, **SIZES))
    if points_at:
        ramp = torch.linspace(-1, 1, 32)
        with torch.no_grad():
            for name, weight in model.named_parameters():
                weight.fill_(float(name.endswith("LayerNorm.weight")))
            model.bert.embeddings.word_embeddings.weight[WORDS.index(points_at)] = ramp
            model.qa_outputs.weight[:] = ramp
    (model.half() if half else model).save_pretrained(folder)
    save_word_pieces(folder)
    return folder


def save_word_pieces(folder: Path) -> None:
    from transformers import BertTokenizer

    BertTokenizer(vocab={word: number for number, word in enumerate(WORDS)}).save_pretrained(folder)


def save_byte_pairs(folder: Path, kind: str) -> Path:
    """A GPT2, which has no CLS, or a Roberta, which has fewer positions than it says.

    Their tokens hold the blank before a word.
    """
    import transformers
    from tokenizers import Tokenizer
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import ByteLevel
    from tokenizers.processors import RobertaProcessing

    letters = ["<s>", "<pad>", "</s>", *sorted(ByteLevel.alphabet()), "Ġi", "Ġin"]
    vocabulary = {letter: number for number, letter in enumerate(letters)}
    backend = Tokenizer(BPE(vocabulary, [("Ġ", "i"), ("Ġi", "n")]))
    backend.pre_tokenizer = ByteLevel(add_prefix_space=False)
    special = {"pad_token": "<pad>"}
    if kind == "Roberta":
        backend.post_processor = RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=False)
        special |= {"cls_token": "<s>", "sep_token": "</s>"}
    transformers.PreTrainedTokenizerFast(tokenizer_object=backend, **special).save_pretrained(folder)
    config = getattr(transformers, f"{kind}Config")(vocab_size=len(letters), pad_token_id=1, **SIZES)
    getattr(transformers, f"{kind}ForQuestionAnswering")(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_bert(tmp_path_factory.mktemp("bert") / "tiny")


@pytest.fixture(scope="module")
def reader(bert: Path) -> SpanModel:
    return TransformersSpanModel(str(bert))


def tokens(window: Window, passage: str) -> list[str]:
    return [passage[start:end] for start, end in window.offsets]


def same(one: list[Window], other: list[Window]) -> bool:
    return len(one) == len(other) and all(
        np.array_equal(a.offsets, b.offsets)
        and np.array_equal(a.start, b.start)
        and np.array_equal(a.end, b.end)
        and (a.none, a.sentence) == (b.none, b.sentence)
        for a, b in zip(one, other, strict=True)
    )


def test_offsets_are_those_of_the_passages_own_tokens_in_the_passage_as_given(reader: SpanModel):
    passage = "  CHÎPS are \n made,in Koreas."
    ((window,),) = reader.windows("who makes chips", [passage])
    assert tokens(window, passage) == ["CHÎPS", "are", "made", ",", "in", "Korea", "s", "."]
    assert window.start.shape == window.end.shape == (8,)
    assert (window.offsets.dtype, window.start.dtype, window.end.dtype) == (np.int64, np.float32, np.float32)
    assert window.sentence is None


def test_the_logits_are_those_of_a_forward_pass_and_none_those_of_cls(reader: SpanModel, bert: Path):
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    question, passage = "who makes chips", "chips are made in korea"
    ((window,),) = reader.windows(question, [passage])
    model = AutoModelForQuestionAnswering.from_pretrained(bert)
    with torch.no_grad():
        output = model(**AutoTokenizer.from_pretrained(bert)(question, passage, return_tensors="pt"))
    start, end = output.start_logits[0].numpy(), output.end_logits[0].numpy()
    # [CLS] who makes chips [SEP] chips are made in korea [SEP]
    assert window.start == pytest.approx(start[5:10], abs=1e-5)
    assert window.end == pytest.approx(end[5:10], abs=1e-5)
    assert window.none == pytest.approx(start[0] + end[0], abs=1e-5)
    assert len(set(window.start.tolist())) == 5


def test_the_word_that_a_model_points_at_is_the_best_stretch(tmp_path: Path):
    reader = TransformersSpanModel(str(save_bert(tmp_path / "pointing", points_at="taiwan")))
    read = reader.windows("who makes chips", ["chips are made in Taiwan .", LONG, "chips are made in korea"])
    found = [best_stretch(window, 0, len(LONG)) for window in read[0]]
    assert [(one.start, one.end) for one in found if one] == [(18, 24)]
    assert found[0] is not None
    assert found[0].margin > 1
    places = {
        LONG[one.start : one.end] for window in read[1] if (one := best_stretch(window, 0, 999)).margin > 1
    }
    assert places == {"taiwan"}
    assert best_stretch(read[2][0], 0, 999).margin == pytest.approx(0, abs=1e-5)


def test_windows_of_a_long_passage_overlap_and_cover_every_token(reader: SpanModel):
    (read,) = reader.windows("who makes chips", [LONG])
    assert len(read) > 2
    starts = [window.offsets[:, 0].tolist() for window in read]
    assert sorted({start for window in starts for start in window}) == [
        place for place, letter in enumerate(LONG) if letter != " " and (place == 0 or LONG[place - 1] == " ")
    ]
    for left, right in pairwise(starts):
        assert len(set(left) & set(right)) >= 10
        assert left[0] < right[0]


def test_a_passage_is_read_the_same_whatever_stands_beside_it(reader: SpanModel):
    passages = ["korea", LONG, "", "chips are made in taiwan ."]
    together = reader.windows("who makes chips", passages)
    alone = [reader.windows("who makes chips", [passage])[0] for passage in passages]
    backwards = reader.windows("who makes chips", passages[::-1])[::-1]
    assert all(map(same, together, alone))
    assert all(map(same, together, backwards))


def test_threads_that_share_a_reader_do_not_disturb_each_other(reader: SpanModel):
    questions = ["who", "who makes chips in taiwan . " * 9]
    expected = [reader.windows(question, ["korea"])[0] for question in questions]
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda question: reader.windows(question, ["korea"])[0], questions * 80))
    assert all(map(same, read, expected * 80))


def test_no_passages_give_no_windows_and_no_words_no_tokens(reader: SpanModel):
    assert reader.windows("who", []) == []
    read = reader.windows("", ["", " \n "])
    assert [[window.offsets.shape for window in windows] for windows in read] == [[(0, 2)], [(0, 2)]]
    assert best_stretch(read[0][0], 0, 10) is None


def test_of_a_question_that_is_too_long_the_first_tokens_count(reader: SpanModel):
    # 48 positions less 3 special tokens leave 22 for the question.
    first = "who makes chips in taiwan . korea " * 3 + "who"
    (long,) = reader.windows(first + " makes chips in korea" * 500, [LONG])
    (cut,) = reader.windows(first, [LONG])
    (other,) = reader.windows(first.removesuffix(" who"), [LONG])
    assert same(long, cut)
    assert not same(long, other)
    assert len(reader.windows("land" + "ed" * 45, [LONG])[0]) > 2


def test_a_model_without_cls_reads_and_the_blank_before_a_word_is_not_its_token(tmp_path: Path):
    reader = TransformersSpanModel(str(save_byte_pairs(tmp_path / "gpt", "GPT2")))
    passage = "it is  in\nTÿ"
    ((window,),) = reader.windows("in?", [passage])
    assert tokens(window, passage) == ["i", "t", "i", "s", "in", "T", "ÿ", "ÿ"]
    assert np.isfinite(window.none)


def test_a_roberta_is_given_no_more_tokens_than_it_has_positions(tmp_path: Path):
    reader = TransformersSpanModel(str(save_byte_pairs(tmp_path / "roberta", "Roberta")))
    (read,) = reader.windows("who", ["abc" * 40])
    # 48 positions less 2, less 4 special tokens, less the question's 3.
    assert len(read[0].offsets) == 39


def test_half_precision_weights_are_read_in_single_precision(tmp_path: Path, bert: Path):
    half = TransformersSpanModel(str(save_bert(tmp_path / "half", half=True)))
    ((window,),) = half.windows("who makes chips", ["chips are made in korea"])
    ((full,),) = TransformersSpanModel(str(bert)).windows("who makes chips", ["chips are made in korea"])
    assert window.start.dtype == np.float32
    assert window.start == pytest.approx(full.start, abs=0.1)


def test_the_name_of_a_folder_changes_with_its_weights_and_not_with_its_readme(bert: Path, tmp_path: Path):
    name = TransformersSpanModel(str(bert)).name
    assert name.startswith("tiny:")
    (bert / "README.md").write_text("another readme")
    assert TransformersSpanModel(str(bert)).name == name
    assert TransformersSpanModel(str(save_bert(tmp_path / "tiny", seed=2))).name != name


def test_the_name_of_a_hub_model_holds_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    commit = "0123456789abcdef0123456789abcdef01234567"
    cached = tmp_path / "models--somebody--tiny"
    save_bert(cached / "snapshots" / commit)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text(commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    # The hub would be asked for a newer one, again and again before it counts as out of reach.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert TransformersSpanModel("somebody/tiny").name == "somebody/tiny:0123456789ab"


def test_a_model_without_a_head_for_answers_is_refused(tmp_path: Path):
    from transformers import BertConfig, BertModel

    BertModel(BertConfig(vocab_size=len(WORDS), **SIZES)).save_pretrained(tmp_path)
    save_word_pieces(tmp_path)
    with pytest.raises(
        ModelError, match=r"no weights for qa_outputs\.bias.*Name an extractive question-answ"
    ):
        TransformersSpanModel(str(tmp_path))


def test_a_tokenizer_that_does_not_say_where_tokens_stand_is_refused(tmp_path: Path):
    from transformers import CanineConfig, CanineForQuestionAnswering, CanineTokenizer

    config = CanineConfig(
        **SIZES | {"num_hidden_layers": 1}, local_transformer_stride=16, num_hash_buckets=64
    )
    CanineForQuestionAnswering(config).save_pretrained(tmp_path)
    CanineTokenizer().save_pretrained(tmp_path)
    with pytest.raises(
        ModelError, match=r"which characters a token stands for: name a model that has a fast"
    ):
        TransformersSpanModel(str(tmp_path))


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path):
    save_bert(tmp_path)
    for file in tmp_path.glob("*token*"):
        file.unlink()
    with pytest.raises(
        ModelError, match=r"has no tokenizer: save its tokenizer\.json beside its weights or name"
    ):
        TransformersSpanModel(str(tmp_path))


def test_a_tokenizer_with_words_that_the_model_does_not_know_is_an_error_with_advice(tmp_path: Path):
    from transformers import BertTokenizer

    words = [*WORDS, "mars"]
    save_bert(tmp_path)
    BertTokenizer(vocab={word: number for number, word in enumerate(words)}).save_pretrained(tmp_path)
    reader = TransformersSpanModel(str(tmp_path))
    with pytest.raises(ModelError, match=r"cannot read text \(index out of range.*may not belong together"):
        reader.windows("who", ["mars"])


@pytest.mark.parametrize("name", ["nobody/no-such-model", "/no/such/folder"])
def test_a_model_that_is_not_there_and_cannot_be_fetched_is_an_error_with_advice(name: str):
    with pytest.raises(ModelError, match=rf"{name} cannot be loaded .* needs the network the first time"):
        TransformersSpanModel(name)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", None),
        ("config.json", "{broken"),
        ("config.json", "[]"),
        ("config.json", json.dumps({"model_type": "no-such-type"})),
        ("config.json", json.dumps({"model_type": "vit"})),
        ("tokenizer.json", "{broken"),
        ("model.safetensors", None),
        ("model.safetensors", "broken"),
    ],
)
def test_a_damaged_folder_is_an_error_with_advice(tmp_path: Path, file: str, content: str | None):
    save_bert(tmp_path)
    (tmp_path / file).unlink()
    if content is not None:
        (tmp_path / file).write_text(content)
    with pytest.raises(ModelError, match=r"cannot be loaded \(\S.*\)\. Check the name; a folder must hold"):
        TransformersSpanModel(str(tmp_path))


def test_without_transformers_the_error_says_what_to_install_and_importing_qa_loads_no_torch():
    code = (
        "import sys, qa, qa.reader.transformers_model as reader\n"
        "print([name for name in ('torch', 'transformers') if name in sys.modules])\n"
        "sys.modules['transformers'] = None\n"
        "from index.errors import ModelError\n"
        "try:\n    reader.TransformersSpanModel('some/model')\nexcept ModelError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded, error = done.stdout.splitlines()
    assert loaded == "[]"
    assert "The reader some/model needs" in error
    assert "pip install sentence-transformers" in error
