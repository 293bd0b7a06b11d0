"""Embedders: close to the published model, the same for a text whatever stands beside it; other models behind the seam."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.embed import BundledEmbedder, SentenceTransformerEmbedder, open_embedder
from index.errors import ModelError
from index.records import Embedder

SENTENCES = [
    "Samsung's foundry order backlog is expected to reach 50 trillion won.",
    "The chipmaker expects contract orders worth 50 trillion won.",
    "TSMC reported record quarterly revenue on strong demand for AI chips.",
    "How large is Samsung's foundry backlog?",
    "Who is the chief executive of Samsung Electronics?",
    "The cat slept on the warm windowsill all afternoon.",
    "A kitten was napping by the window.",
    "Police said that nobody was hurt in the accident.",
    "The company denied that it had received the order.",
    "The company confirmed that it had received the order.",
    "Mass production of 2-nanometre chips begins in the second half of 2027.",
    "The recipe needs two eggs, flour and a little butter.",
    "Interest rates were left unchanged at 3.5 % on 12 June.",
    "𝗧𝗛𝗘 𝗔𝗜 𝗪𝗔𝗥",
    "Der Vertrag wurde am Dienstag unterzeichnet.",
    "東京 is the capital of Japan.",
    "x",
    "",
    "Yes.",
    "word " * 400,
]


@pytest.fixture(scope="module")
def bundled() -> BundledEmbedder:
    return BundledEmbedder(threads=2)


def test_the_bundled_embedder_keeps_the_promises_of_the_seam(bundled: BundledEmbedder):
    embedder: Embedder = bundled
    vectors = embedder.embed(SENTENCES)
    assert vectors.shape == (20, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(20), abs=1e-5)
    assert embedder.window_tokens == 256
    assert len(embedder.vocabulary()) == 30_522
    assert embedder.vocabulary()["samsung"] == 19102
    assert embedder.name.startswith("all-MiniLM-L6-v2.int8:")


def test_vectors_are_close_to_those_of_the_published_float32_model(bundled: BundledEmbedder):
    from eval.training.parity.embedder import open_published

    theirs = open_published().encode(SENTENCES, normalize_embeddings=True, show_progress_bar=False)
    cosines = (bundled.embed(SENTENCES) * theirs).sum(axis=1)
    assert cosines.mean() > 0.992  # measured: 0.9935
    assert cosines.min() > 0.97  # measured: 0.9760, of the empty text


@pytest.mark.parametrize(
    ("one", "other", "cosine"),
    [
        (0, 1, 0.572),
        (0, 3, 0.745),
        (0, 5, 0.016),
        (5, 6, 0.664),
        (8, 9, 0.677),
        (3, 4, 0.483),
        (2, 11, -0.029),
    ],
)
def test_cosines_are_those_of_the_published_model(
    bundled: BundledEmbedder, one: int, other: int, cosine: float
):
    vectors = bundled.embed([SENTENCES[one], SENTENCES[other]])
    assert float(vectors[0] @ vectors[1]) == pytest.approx(cosine, abs=0.03)  # measured: at most 0.017 off


def test_a_vector_does_not_depend_on_the_texts_beside_it(bundled: BundledEmbedder):
    together = bundled.embed(SENTENCES)
    backwards = bundled.embed(SENTENCES[::-1])[::-1]
    alone = np.concatenate([bundled.embed([text]) for text in SENTENCES])
    assert np.array_equal(together, backwards)
    assert np.array_equal(together, alone)


def test_one_thread_gives_the_vectors_of_many(bundled: BundledEmbedder):
    assert np.array_equal(BundledEmbedder(threads=1).embed(SENTENCES), bundled.embed(SENTENCES))


def test_more_texts_than_are_tokenised_at_a_time_keep_their_order(bundled: BundledEmbedder):
    texts = [f"item {number}" for number in range(1100)]
    vectors = bundled.embed(texts)
    assert np.array_equal(
        vectors[[0, 1023, 1024, 1099]], bundled.embed([texts[i] for i in (0, 1023, 1024, 1099)])
    )


def test_questions_and_passages_are_embedded_alike(bundled: BundledEmbedder):
    assert np.array_equal(bundled.embed(SENTENCES[:3], query=True), bundled.embed(SENTENCES[:3]))


def test_no_texts_give_no_vectors(bundled: BundledEmbedder):
    assert bundled.embed([]).shape == (0, 384)


def test_only_the_first_256_tokens_count(bundled: BundledEmbedder):
    start = "chip " * 254
    long, cut = bundled.embed([start + "flour and butter " * 50, start])
    assert np.array_equal(long, cut)


def test_the_bundled_embedder_is_what_no_name_opens():
    assert open_embedder(None).name == open_embedder("bundled").name == open_embedder("").name


def test_importing_the_embedders_loads_neither_torch_nor_transformers():
    code = (
        "import sys; from index.embed import open_embedder; open_embedder().embed(['a text']);"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of random weights with a word-piece tokenizer, saved as sentence-transformers saves one."""
    return save_tiny_model(tmp_path_factory.mktemp("model") / "tiny", seed=1)


def save_tiny_model(folder: Path, *, seed: int) -> Path:
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import BertConfig, BertModel, BertTokenizer

    folder.mkdir()
    plain = folder.parent / f"plain-{folder.name}"
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *"chips are made in korea taiwan who makes".split(),
    ]
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=48,
    )
    BertModel(config).save_pretrained(plain)
    BertTokenizer(
        vocab={word: number for number, word in enumerate(words)}, model_max_length=48
    ).save_pretrained(plain)
    model = SentenceTransformer(str(plain), device="cpu")
    model.prompts = {"query": "who makes ", "document": ""}
    model.save(str(folder))
    return folder


def test_any_sentence_transformers_folder_serves_as_embedder(tiny_model: Path):
    embedder = open_embedder(str(tiny_model))
    texts = ["chips are made in korea", "", "chips"]
    vectors = embedder.embed(texts)
    assert vectors.shape == (3, 32)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert vectors[2] == pytest.approx(embedder.embed(["chips"])[0], abs=1e-5)
    assert embedder.embed([]).shape == (0, 32)
    assert embedder.window_tokens == 48
    assert embedder.vocabulary()["korea"] == 9


def test_the_prompt_of_a_model_goes_before_questions_only(tiny_model: Path):
    embedder = SentenceTransformerEmbedder(str(tiny_model))
    asked = embedder.embed(["chips"], query=True)
    assert asked == pytest.approx(embedder.embed(["who makes chips"]), abs=1e-6)
    assert asked != pytest.approx(embedder.embed(["chips"]), abs=1e-3)


def test_the_name_of_a_folder_changes_with_its_weights_and_not_with_its_readme(
    tiny_model: Path, tmp_path: Path
):
    name = SentenceTransformerEmbedder(str(tiny_model)).name
    assert name.startswith("tiny:")
    (tiny_model / "README.md").write_text("another readme")
    assert SentenceTransformerEmbedder(str(tiny_model)).name == name
    other = save_tiny_model(tmp_path / "tiny", seed=2)
    assert SentenceTransformerEmbedder(str(other)).name != name


def test_a_hub_model_that_cannot_be_fetched_is_an_error_with_advice():
    with pytest.raises(
        ModelError, match=r"nobody/no-such-model cannot be loaded .* needs the network the first time"
    ):
        open_embedder("nobody/no-such-model")


@pytest.mark.parametrize("config", [None, "{broken", json.dumps({"model_type": "no-such-type"})])
def test_a_folder_that_holds_no_model_is_an_error_with_advice(tmp_path: Path, config: str | None):
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(ModelError, match=r"cannot be loaded .* must hold a sentence-transformers model"):
        open_embedder(str(tmp_path))


def test_without_sentence_transformers_the_error_says_what_to_install():
    code = (
        "import sys; sys.modules['sentence_transformers'] = None\n"
        "from index.embed import open_embedder\n"
        "from index.errors import ModelError\n"
        "try:\n    open_embedder('some/model')\nexcept ModelError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install sentence-transformers" in done.stdout
