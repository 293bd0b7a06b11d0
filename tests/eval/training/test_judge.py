"""The judge as a network and as it is shipped: what it learns, and that both say the same of the same rows."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import MPNetConfig, MPNetModel
from transformers.models.mpnet.modeling_mpnet import MPNetEncoder

from eval.training.judgements.judge_rows import JudgeRow, ReadExcerpt, excerpt_rows, statement_rows
from eval.training.judgements.judgement import ANSWER, RELATION, STANCE, Judgement
from eval.training.models.judge_network import (
    JudgeNetwork,
    as_mpnet,
    begin,
    logits_of,
    loss,
)
from eval.training.models.reader_network import save
from eval.training.weights.export import quantise_rows, write_files
from eval.training.weights.judge_export import (
    FIRST_POSITION,
    JUDGE_HEADS,
    judge_model,
    measure_smoothing,
    relative_buckets,
    ship,
    shown_rows,
    words_model,
)
from eval.training.weights.restore import restore_judge
from index.errors import ModelError
from index.models import WEIGHTS, onnx_runtime, read_manifest
from index.models import Tokenizer as BundledTokenizer
from qa.comparison.excerpt import EXCERPT_TOKENS, QUESTION_TOKENS, Excerpt
from qa.comparison.judge import JUDGE_FILE, WORDS_FILE, BundledJudge
from qa.comparison.model import (
    JUDGE_RELATIONS,
    KINDS,
    BundledComparison,
    ModelStatement,
    judge_relation_texts,
)
from qa.reader.spans import best_stretch
from tests.tiny import one_thread, paragraphs

CPU = torch.device("cpu")
VOCABULARY = 30_527
CONFIG = MPNetConfig(
    vocab_size=VOCABULARY,
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=64,
    max_position_embeddings=EXCERPT_TOKENS + 2,
    layer_norm_eps=1e-5,
)

CARTS = "Are carts allowed on the bridge at Arden?"
SAID = (
    "The old bridge at Arden is open again.",
    "Carts are allowed on it until 2030, the council said.",
    "It was built by Ada Kellan and cost 20 million euros.",
)
EXCERPT = Excerpt("Valley Post: The bridge at Arden", SAID, (0, 1, 4))


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny MPNet with random weights; its table of words is in whole steps, as it is shipped."""
    folder = tmp_path_factory.mktemp("mpnet")
    torch.manual_seed(3)
    model = MPNetModel(CONFIG, add_pooling_layer=False)
    with torch.no_grad():
        model.encoder.relative_attention_bias.weight.normal_(0, 0.5)
        steps, scales = quantise_rows(model.embeddings.word_embeddings.weight.numpy(), 127)
        model.embeddings.word_embeddings.weight.copy_(torch.from_numpy(steps * scales[:, None]))
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def network(encoder: Path) -> JudgeNetwork:
    """With a channel that lies out as some of the real encoder's do."""
    torch.manual_seed(5)
    network = begin(encoder, frozen=1).eval()
    with torch.no_grad():
        network.encoder.emb.LayerNorm.weight[3] = 12.0
    return network


@pytest.fixture(scope="module")
def weights(network: JudgeNetwork) -> dict[str, NDArray[np.float32]]:
    return {name: value.numpy() for name, value in network.state_dict().items()}


@pytest.fixture
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))


@pytest.fixture(scope="module")
def shipped(weights: Mapping[str, NDArray[np.float32]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both graphs in int8, and the bundled comparison model beside them."""
    folder = tmp_path_factory.mktemp("shipped")
    words, config = words_model(weights), CONFIG.to_dict()
    rows = BundledTokenizer("tokenizer.json").encode(
        shown_rows(paragraphs()), max_tokens=EXCERPT_TOKENS, cut="longest_first"
    )
    exact, seen = judge_model(weights, config)
    model, _ = judge_model(weights, config, measure_smoothing(words, exact, list(seen), rows))
    write_files(
        folder, {WORDS_FILE: words.SerializeToString(), JUDGE_FILE: model.SerializeToString()}, "tiny"
    )
    return folder


def made_rows(tokenizer: Tokenizer) -> list[JudgeRow]:
    """Rows of all tasks and of several lengths."""
    long = tuple(f"In {year} the council counted {year - 1700} carts on it." for year in range(1900, 1930))
    told = [
        ReadExcerpt(EXCERPT, CARTS, "yes", 1, (1,)),
        ReadExcerpt(EXCERPT, "Who built the bridge?", "", 1, (2,), (16, 26), spans=True),
        ReadExcerpt(EXCERPT, "Who painted the mill?", "", 0, spans=True),
        ReadExcerpt(Excerpt("", SAID[:1], (0,)), CARTS, "other", 0),
        ReadExcerpt(Excerpt("Mill Letter", long, tuple(range(30))), CARTS, "", 0, spans=True),
    ]
    judgements = [
        Judgement("It is shut.", "Is it shut?", STANCE, 0),
        Judgement("It is shut.", "It is open.", RELATION, 2, KINDS.index("polarity")),
        Judgement("It is shut.", "What is it? | It rained.", RELATION, 1, beside=True),
        Judgement("It is shut, he said.", "Who said so?", ANSWER, -1, answers=0),
    ]
    return [*excerpt_rows(tokenizer, told), *statement_rows(tokenizer, judgements)]


def in_float32(network: JudgeNetwork, row: JudgeRow) -> SimpleNamespace:
    """All outputs of one row without padding."""
    ids = torch.from_numpy(row.ids)[None]
    with torch.no_grad():
        told = network(ids, torch.ones_like(ids, dtype=torch.bool))
    return SimpleNamespace(**{name: value[0].numpy() for name, value in vars(told).items()})


def test_the_ids_of_the_bundled_tokenizer_become_those_of_mpnet(tokenizer: Tokenizer) -> None:
    ids = torch.tensor([[101, 7592, 100, 102, 0, 0]])  # [CLS] hello [UNK] [SEP] and padding
    mask = torch.tensor([[True] * 4 + [False] * 2])
    assert as_mpnet(ids, mask).tolist() == [[0, 7596, 104, 2, 1, 1]]
    assert tokenizer.token_to_id("[UNK]") == 100
    assert tokenizer.get_vocab_size() + 5 == VOCABULARY  # and <mask>


def test_the_encoder_gives_the_states_of_mpnet_whatever_the_padding(
    encoder: Path, tokenizer: Tokenizer
) -> None:
    ours = begin(encoder, frozen=1).encoder.eval()
    theirs = MPNetModel.from_pretrained(encoder, add_pooling_layer=False).eval()
    rows = made_rows(tokenizer)[:3]
    most = max(map(len, rows)) + 5
    ids = torch.tensor([[*row.ids.tolist(), *[0] * (most - len(row))] for row in rows])
    mask = torch.tensor([[True] * len(row) + [False] * (most - len(row)) for row in rows])
    with torch.no_grad():
        states = ours(ids, mask)
        expected = theirs(input_ids=as_mpnet(ids, mask), attention_mask=mask.long()).last_hidden_state
        alone = [
            ours(ids[at : at + 1, : len(row)], mask[at : at + 1, : len(row)]) for at, row in enumerate(rows)
        ]
    torch.testing.assert_close(states[mask], expected[mask], rtol=0, atol=1e-4)
    for at, row in enumerate(rows):
        torch.testing.assert_close(states[at, : len(row)], alone[at][0], rtol=0, atol=1e-4)


def test_a_few_steps_lower_the_loss_and_leave_what_is_frozen(encoder: Path, tokenizer: Tokenizer) -> None:
    torch.manual_seed(1)
    network = begin(encoder, frozen=1)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    rows = made_rows(tokenizer)
    optimiser = torch.optim.AdamW([one for one in network.parameters() if one.requires_grad], lr=3e-3)
    losses = []
    for _ in range(30):
        value, tokens = loss(network, rows, CPU)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        losses.append(float(value.detach()))
    assert tokens == len(rows) * EXCERPT_TOKENS  # the longest row, padded to a multiple of eight
    assert losses[-1] < 0.5 * losses[0]
    changed = {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}
    assert not {one for one in changed if one.startswith(("encoder.emb.", "encoder.layers.0."))}
    assert {"encoder.rel.weight", "encoder.layers.1.attention.attn.q.weight"} <= changed
    assert {f"{head}.weight" for head in JUDGE_HEADS} <= changed
    stance, relation, _, answers, _, _ = logits_of(network.eval(), rows, CPU, half=False)
    assert stance[0].argmax() == 0
    assert JUDGE_RELATIONS[int(relation[7].argmax())] == "beside"
    assert answers[0, 0] > 0 > answers[3, 0]


def test_with_nothing_frozen_all_learns_but_the_words(encoder: Path) -> None:
    still = {name for name, one in begin(encoder, frozen=0).named_parameters() if not one.requires_grad}
    assert still == {"encoder.emb.word_embeddings.weight"}


@pytest.mark.parametrize("frozen", [0, 1, 2])
def test_dropout_is_of_what_learns_and_of_training_alone(
    encoder: Path, tokenizer: Tokenizer, frozen: int
) -> None:
    network = begin(encoder, frozen=frozen, dropout=0.5)
    ids = torch.from_numpy(made_rows(tokenizer)[0].ids)[None]
    lower: list[torch.Tensor] = []
    network.encoder.layers[0].output.register_forward_hook(lambda *told: lower.append(told[-1]))

    def states(of: JudgeNetwork) -> torch.Tensor:
        with torch.no_grad():
            made: torch.Tensor = of.encoder(ids, torch.ones_like(ids, dtype=torch.bool))
        return made

    assert torch.equal(states(network), states(network)) == (frozen == 2)  # there are two layers
    assert torch.equal(*lower) == (frozen > 0)
    assert torch.equal(states(network.eval()), states(begin(encoder, frozen=frozen).eval()))


def test_the_logits_of_many_rows_are_those_of_each_in_order(
    network: JudgeNetwork, tokenizer: Tokenizer
) -> None:
    rows = made_rows(tokenizer) * 3  # more than run at once
    outputs = logits_of(network, rows, CPU, half=False)
    assert [one.shape for one in outputs] == [(27, 4), (27, 5), (27, 5), (27, 1), (27, 1), (27, 1)]
    for place, row in enumerate(rows):
        told = in_float32(network, row)
        for output, name in zip(outputs, ("stance", "relation", "kind", "answers"), strict=False):
            np.testing.assert_allclose(output[place], getattr(told, name), rtol=0, atol=1e-4)
        if row.sentence is None:
            assert (outputs[4][place, 0], outputs[5][place, 0]) == (0, 0)
            continue
        means = [told.sentence[row.sentence == one].mean() for one in range(1, row.sentence.max() + 1)]
        assert outputs[4][place, 0] == pytest.approx(max(means), abs=1e-4)
        assert outputs[5][place, 0] == 1 + int(np.argmax(means))


def test_each_row_learns_from_what_it_is_judged_by(network: JudgeNetwork, tokenizer: Tokenizer) -> None:
    """The loss written out once more, row by row, from the logits without padding."""
    rows = made_rows(tokenizer)
    wanted = 0.0
    for row in rows:
        told = SimpleNamespace(
            **{name: torch.from_numpy(one) for name, one in vars(in_float32(network, row)).items()}
        )
        if row.task == STANCE and row.label >= 0:
            wanted -= float(told.stance.log_softmax(-1)[row.label])
        if row.task == RELATION:
            wanted -= float(told.relation.log_softmax(-1)[row.label])
        if row.kind >= 0:
            wanted -= 0.3 * float(told.kind.log_softmax(-1)[row.kind])
        if row.answers >= 0:
            sign = 1 if row.answers else -1
            wanted -= float(torch.nn.functional.logsigmoid(sign * told.answers[0]))
        if row.sentence is None:
            continue
        numbers = torch.from_numpy(row.sentence)
        means = [told.sentence[numbers == one].mean() for one in range(1, int(numbers.max()) + 1)]
        choices = torch.stack([torch.zeros(()), *means]).log_softmax(0)
        right = torch.stack([choices[one] for one in row.gold or (0,)])
        wanted -= float(right.logsumexp(0))
        if row.spans:
            inside = numbers > 0
            inside[0] = True
            for column, place in ((0, row.first), (1, row.last)):
                logits = told.span[:, column].masked_fill(~inside, -torch.inf)
                wanted -= 0.5 * float(logits.log_softmax(-1)[place])
    with torch.no_grad():
        value, _ = loss(network, rows, CPU)
    assert float(value) == pytest.approx(wanted / len(rows), rel=0.02)


def test_an_excerpt_of_which_nothing_is_known_teaches_nothing(
    network: JudgeNetwork, tokenizer: Tokenizer
) -> None:
    unknown = excerpt_rows(tokenizer, [ReadExcerpt(EXCERPT, CARTS)])
    known = excerpt_rows(tokenizer, [ReadExcerpt(EXCERPT, CARTS, "", 1)])  # that it answers, not where
    network.zero_grad()
    with torch.no_grad():
        value, _ = loss(network, unknown, CPU)
    assert float(value) == 0.0
    value, _ = loss(network, known, CPU)
    value.backward()
    assert float(network.answers.weight.grad.abs().max()) > 0
    assert network.sentence.weight.grad is None or float(network.sentence.weight.grad.abs().max()) == 0
    network.zero_grad()


def test_weights_with_one_relation_less_begin_with_beside_as_both(
    encoder: Path, network: JudgeNetwork, tmp_path: Path
) -> None:
    told = {
        name: value.clone()
        for name, value in network.state_dict().items()
        if name.split(".")[0] in JUDGE_HEADS
    }
    for part in ("weight", "bias"):
        told[f"relation.{part}"] = told[f"relation.{part}"][:4].contiguous() + 1
    save_file(told, tmp_path / "start.safetensors")
    begun = begin(encoder, tmp_path / "start.safetensors").state_dict()
    for part in ("weight", "bias"):
        relation = begun[f"relation.{part}"]
        assert torch.equal(relation[:4], told[f"relation.{part}"])
        assert torch.equal(relation[JUDGE_RELATIONS.index("beside")], relation[JUDGE_RELATIONS.index("both")])
        assert torch.equal(begun[f"stance.{part}"], told[f"stance.{part}"])
    own = MPNetModel.from_pretrained(encoder, add_pooling_layer=False).embeddings.word_embeddings.weight
    assert torch.equal(begun["encoder.emb.word_embeddings.weight"], own)


def test_the_buckets_of_distances_are_those_of_the_published_code() -> None:
    distances = np.arange(-300, 301)
    # There a distance is the key's place less the query's.
    theirs = MPNetEncoder.relative_position_bucket(-torch.from_numpy(distances), num_buckets=32)
    assert relative_buckets(distances).tolist() == theirs.tolist()
    assert {*relative_buckets(distances).tolist()} == {*range(32)} - {16}


def test_the_table_of_words_is_that_of_mpnet_in_the_order_of_the_bundled_tokenizer(
    weights: dict[str, NDArray[np.float32]],
) -> None:
    ids = np.array([[101, 7592, 100, 30_521, 1, 102]])
    session = onnx_runtime().InferenceSession(words_model(weights).SerializeToString())
    (words,) = session.run(None, {"input_ids": ids})
    table = weights["encoder.emb.word_embeddings.weight"]
    np.testing.assert_allclose(words[0], table[[0, 7596, 104, 30_525, 5, 2]], rtol=0, atol=1e-6)
    uneven = {**weights, "encoder.emb.word_embeddings.weight": table * np.float32(1.01) + np.float32(0.001)}
    session = onnx_runtime().InferenceSession(words_model(uneven).SerializeToString())
    (words,) = session.run(None, {"input_ids": ids})
    exact = uneven["encoder.emb.word_embeddings.weight"][[0, 7596, 104, 30_525, 5, 2]]
    assert (np.abs(words[0] - exact) <= np.abs(exact).max(axis=1, keepdims=True) / 254 * 1.001).all()


def test_the_graph_in_float32_gives_the_logits_of_the_network(
    network: JudgeNetwork, weights: dict[str, NDArray[np.float32]], tokenizer: Tokenizer
) -> None:
    runtime = onnx_runtime()
    exact, seen = judge_model(weights, CONFIG.to_dict())
    words = runtime.InferenceSession(words_model(weights).SerializeToString())
    graph = runtime.InferenceSession(exact.SerializeToString())
    assert len(seen) == 2 * 4  # the input of each linear layer
    rows = made_rows(tokenizer)
    assert {len(row) <= 3 * 8 for row in rows} == {True, False}
    assert max(map(len, rows)) == EXCERPT_TOKENS
    for row in rows:
        (table,) = words.run(None, {"input_ids": row.ids[None]})
        got = graph.run(list(JUDGE_HEADS), {"words": table})
        expected = in_float32(network, row)
        for name, output in zip(JUDGE_HEADS, got, strict=True):
            told = getattr(expected, name)
            np.testing.assert_allclose(output[0].reshape(told.shape), told, rtol=0, atol=1e-4, err_msg=name)


def logits_of_shipped(folder: Path, row: JudgeRow) -> dict[str, NDArray[np.float32]]:
    runtime = onnx_runtime()
    words, graph = (runtime.InferenceSession(folder / name) for name in (WORDS_FILE, JUDGE_FILE))
    (table,) = words.run(None, {"input_ids": row.ids[None]})
    return {
        name: one[0]
        for name, one in zip(JUDGE_HEADS, graph.run(list(JUDGE_HEADS), {"words": table}), strict=True)
    }


def test_the_graph_in_int8_comes_near(network: JudgeNetwork, shipped: Path, tokenizer: Tokenizer) -> None:
    for row in made_rows(tokenizer):
        expected, got = in_float32(network, row), logits_of_shipped(shipped, row)
        for name, output in got.items():
            told = getattr(expected, name)
            np.testing.assert_allclose(output.reshape(told.shape), told, rtol=0, atol=0.12, err_msg=name)


def test_the_shipped_files_read_an_excerpt_as_the_network_does(
    network: JudgeNetwork, shipped: Path, tokenizer: Tokenizer
) -> None:
    judge = BundledJudge(shipped, threads=1)
    assert re.fullmatch("judge.int8:[0-9a-f]{12}", judge.name)
    (row,) = excerpt_rows(tokenizer, [ReadExcerpt(EXCERPT, CARTS)])
    exact = in_float32(network, row)
    (told,) = judge.read(CARTS, [EXCERPT])
    stance = told.stance
    assert [stance.yes, stance.no, stance.open, stance.other] == pytest.approx(shares(exact.stance), abs=0.03)
    assert stance.answers == pytest.approx(1 / (1 + np.exp(-exact.answers[0])), abs=0.03)
    assert row.sentence is not None
    means = [exact.sentence[row.sentence == number].mean() for number in (1, 2, 3)]
    assert told.sentences == pytest.approx(means, abs=0.1)
    inside = row.sentence > 0
    np.testing.assert_allclose(told.window.start, exact.span[inside, 0], rtol=0, atol=0.12)
    np.testing.assert_allclose(told.window.end, exact.span[inside, 1], rtol=0, atol=0.12)
    assert told.window.none == pytest.approx(float(exact.span[0].sum()), abs=0.2)


def test_the_words_of_an_excerpt_are_placed_in_its_sentences_joined_by_one_blank(shipped: Path) -> None:
    (told,) = BundledJudge(shipped, threads=1).read(CARTS, [EXCERPT])
    joined = " ".join(SAID)
    pieces = [joined[first:last] for first, last in told.window.offsets.tolist()]
    assert pieces[:4] == ["The", "old", "bridge", "at"]
    assert "".join(pieces) == joined.replace(" ", "")
    low = len(SAID[0]) + 1
    stretch = best_stretch(told.window, low, low + len(SAID[1]))
    assert stretch is not None
    assert joined[stretch.start : stretch.end] in SAID[1]


def test_what_is_cut_off_an_excerpt_has_no_logit_and_no_words(shipped: Path) -> None:
    long = Excerpt("Mill Letter", ("The bridge is old.", "stone " * 400, "It is shut."), (0, 1, 2))
    (told,) = BundledJudge(shipped, threads=1).read(CARTS, [long])
    assert [one is None for one in told.sentences] == [False, False, True]
    assert told.window.offsets.max() < len(" ".join(long.sentences[:2]))


def test_a_long_question_leaves_the_excerpt_its_room_and_is_cut_as_in_training(
    network: JudgeNetwork, shipped: Path, tokenizer: Tokenizer
) -> None:
    asked = "Are carts allowed " + "on the old bridge " * 60 + "?"
    judge = BundledJudge(shipped, threads=1)
    (told,) = judge.read(asked, [EXCERPT])
    assert None not in told.sentences
    (row,) = excerpt_rows(tokenizer, [ReadExcerpt(EXCERPT, asked)])
    assert len(row) - row.second_at <= QUESTION_TOKENS
    exact = shares(in_float32(network, row).stance)
    assert [told.stance.yes, told.stance.no] == pytest.approx(exact[:2], abs=0.03)
    assert judge.lengths(["one two three", "", "stone " * 900]) == [3, 0, EXCERPT_TOKENS - 2]


def test_what_comes_back_for_one_excerpt_depends_on_no_other(shipped: Path) -> None:
    judge = BundledJudge(shipped, threads=2)
    others = [Excerpt("", SAID[:1], (0,)), EXCERPT, Excerpt("River Radio", SAID[1:], (0, 1))]
    together = judge.read(CARTS, others)
    for one, told in zip(others, together, strict=True):
        (alone,) = judge.read(CARTS, [one])
        assert (alone.stance, alone.sentences) == (told.stance, told.sentences)
    assert judge.read(CARTS, []) == []


@pytest.mark.parametrize("question", [CARTS, ""])
def test_two_statements_are_judged_alike_in_both_orders_and_as_the_network_does(
    network: JudgeNetwork, shipped: Path, tokenizer: Tokenizer, question: str
) -> None:
    one = ModelStatement(SAID[1], "until 2030", SAID[0], "Valley Post", "2024-05-02")
    other = ModelStatement(
        "Since Monday no carts are let on it.", "no carts", "", "River Radio", "2024-05-09"
    )
    judge = BundledJudge(shipped, threads=1)
    there, back = (judge.relations(question, [pair])[0] for pair in ((one, other), (other, one)))
    assert there == back
    (row,) = statement_rows(tokenizer, [Judgement(*judge_relation_texts(question, one, other), RELATION, 0)])
    exact = in_float32(network, row)
    told = [getattr(there, name) for name in JUDGE_RELATIONS]
    assert told == pytest.approx(shares(exact.relation), abs=0.03)
    assert sum(told) == pytest.approx(1)
    assert there.kinds == pytest.approx(shares(exact.kind), abs=0.03)
    assert judge.relations(question, []) == []


def shares(logits: NDArray[np.float32]) -> list[float]:
    likely = np.exp(logits.astype(np.float64))
    told: list[float] = (likely / likely.sum()).tolist()
    return told


def test_the_comparison_model_is_named_with_its_judge(shipped: Path) -> None:
    judge = BundledJudge(shipped)
    small, both = BundledComparison(), BundledComparison(judge=judge)
    assert small.judge is None
    assert both.judge is judge
    assert both.name == f"{small.name} {judge.name}"


def test_the_restored_weights_lie_within_half_a_step_of_those_that_were_shipped(tmp_path: Path) -> None:
    torch.manual_seed(7)
    config = MPNetConfig(**CONFIG.to_diff_dict() | {"num_hidden_layers": 3})
    MPNetModel(config, add_pooling_layer=False).save_pretrained(tmp_path)
    network = begin(tmp_path, frozen=0)
    own = {name: value.numpy() for name, value in network.state_dict().items()}
    exact, seen = judge_model(own, config.to_dict())
    rows = BundledTokenizer("tokenizer.json").encode(shown_rows(paragraphs()), max_tokens=EXCERPT_TOKENS)
    smoothing = measure_smoothing(words_model(own), exact, list(seen), rows)
    restored = restore_judge(judge_model(own, config.to_dict(), smoothing)[0])
    learnt = {name for name, value in network.named_parameters() if value.requires_grad}
    assert set(restored) == learnt
    for name, value in restored.items():
        assert value.shape == own[name].shape, name
        layer = value.ndim == 2 and name.startswith("encoder.layers")
        largest = max(one.max() for one in smoothing.values())
        step = np.abs(own[name]).max(axis=1, keepdims=True) * largest / 128 if layer else 1e-6
        met = np.ones(len(value), np.bool_)
        if name == "encoder.rel.weight":
            met[16] = False  # no distance has it
        if name == "encoder.emb.position_embeddings.weight":
            met[:FIRST_POSITION] = False  # no token has them
        assert (np.abs(value - own[name]) <= step * 1.01)[met].all(), name
    save_arrays(restored, tmp_path / "start.safetensors")
    again = begin(tmp_path, tmp_path / "start.safetensors", frozen=0).state_dict()
    assert all(torch.equal(again[name], torch.tensor(value)) for name, value in restored.items())
    assert all(
        torch.equal(again[name], one) for name, one in network.state_dict().items() if name not in learnt
    )


@pytest.fixture
def damaged(shipped: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(shipped, tmp_path / "weights"))


@pytest.mark.parametrize("name", [WORDS_FILE, JUDGE_FILE])
def test_a_damaged_or_missing_file_is_refused(damaged: Path, name: str) -> None:
    content = bytearray((damaged / name).read_bytes())
    content[len(content) // 2] ^= 1
    (damaged / name).write_bytes(content)
    with pytest.raises(ModelError, match="is damaged: its SHA-256"):
        BundledJudge(damaged)
    (damaged / name).write_bytes(content[:100])
    with pytest.raises(ModelError, match="has 100 bytes instead of"):
        BundledJudge(damaged)
    (damaged / name).unlink()
    with pytest.raises(ModelError, match="is missing"):
        BundledJudge(damaged)


def test_without_a_manifest_nothing_is_read(damaged: Path) -> None:
    (damaged / "manifest.json").unlink()
    with pytest.raises(ModelError, match=r"manifest\.json, is missing"):
        BundledJudge(damaged)


def test_a_network_ships_to_the_same_bytes_each_time(
    encoder: Path, network: JudgeNetwork, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    save(network, out / "judge.safetensors")
    training = {"recipe": {"seed": 4}, "progress": {"tokens": 77}}
    (out / "training.json").write_text(json.dumps(training), encoding="utf-8")
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
        ship(out, folder, encoder, paragraphs())
    for name in (WORDS_FILE, JUDGE_FILE, "manifest.json"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
    manifest = read_manifest(folders[0])
    assert set(manifest) == {WORDS_FILE, JUDGE_FILE}
    for entry in manifest.values():
        assert entry.licence == "Apache-2.0"
        assert entry.source.startswith("sentence-transformers/all-mpnet-base-v2, model.safetensors 78c0197b")
        assert "(seed 4, 77 tokens;" in entry.source
        assert "CC BY-SA 4.0" in entry.source
    assert BundledJudge(folders[0]).read(CARTS, [EXCERPT])[0].sentences
