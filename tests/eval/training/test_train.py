"""The training of the reader: examples, rows, a training that is stopped, and the file that is shipped."""

import hashlib
import json
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from eval.training.average import average, main
from eval.training.data.examples import SHARES, Example, read_held_out, read_source, read_sources, to_example
from eval.training.data.mixture import Mixture
from eval.training.data.near_misses import NearMisses, without_answer
from eval.training.data.questions import FollowUp, Passage, Question, account_passage, read_stories
from eval.training.data.reading_rows import Rows, pad_asked
from eval.training.data.unanswerable import alter, learn_opposites
from eval.training.data.windows import Windows, pad
from eval.training.models.comparison_network import ComparisonNetwork
from eval.training.models.judging import best, read
from eval.training.models.reader_network import SpanNetwork, begin, save
from eval.training.models.reading_judge import needed_values
from eval.training.parity.reader import measure
from eval.training.reader import Recipe, train
from eval.training.reading_material import ReadingMaterial
from eval.training.weights.export import write_files
from eval.training.weights.ship import MODELS, questions_and_passages, ship, span_reader
from index.models import WEIGHTS, Model, onnx_runtime, read_manifest
from index.models import Tokenizer as BundledTokenizer
from qa.reader.span_model import BundledSpanModel
from tests.tiny import PLACES, one_thread, write_contrast, write_encoder, write_lines, write_stories

MODEL_FILE = MODELS["reader"].file

PEOPLE = ("Ada Kellan", "Boris Lund", "Clara Mayhew", "David Orr")
RIVERS = ("Tarn", "Usk", "Vesle", "Wye")

# Two rounds, cut in the second.
TINY = Recipe(tokens=22_000, batch_tokens=256, max_tokens=320, warm_up_steps=5, dropout=0.1)

OUTPUTS = ("start", "end", "sentence", "needed")


def _record(number: int, *, answered: bool = True) -> dict[str, object]:
    """A question about a bridge; no two numbers have the same context."""
    place, person, river = PLACES[number % 8], PEOPLE[number // 8 % 4], RIVERS[number // 3 % 4]
    year, metres = str(1850 + number), str(210 + 7 * number)
    context = (
        f"The old bridge at {place} was opened in {year} by {person}. It is {metres} metres long and crosses the "
        f"river {river} below the first mill. Before 1840 people crossed in small boats, which the largest inn "
        f"kept for its guests from Harwick."
    )
    question, answer = (
        (f"When was the bridge at {place} opened?", year),
        (f"Who opened the first bridge at {place} in {year}?", person),
        (f"Which river does the bridge at {place} cross?", river),
    )[number % 3]
    answers = [{"text": answer, "start": context.index(answer)}] if answered else []
    if not answered:
        question = question.replace("opened", "closed").replace("cross", "avoid")
    return {"context": context, "question": question, "title": place, "answers": answers}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each public set with few questions, the one of unanswerable ones with two a context, and CANARD beside."""
    folder = tmp_path_factory.mktemp("data") / "qa"
    for place, name in enumerate(SHARES):
        count = 24 if name == "hotpotqa-train" else 5  # enough that near misses are made in each round
        write_lines(folder / f"{name}.jsonl.gz", [_record(10 * place + number) for number in range(count)])
    both = [_record(200 + number, answered=answered) for number in range(24) for answered in (True, False)]
    write_lines(folder / "unansq.jsonl.gz", both)
    write_lines(folder / "squad11-heldout.jsonl.gz", [_record(300 + number) for number in range(16)])
    talks = [_talk(number) for number in range(10)]
    write_lines(folder.parent / "dialogue" / "canard-dev.jsonl.gz", talks)
    return folder


def _talk(number: int) -> dict[str, object]:
    """A follow-up in the shape of CANARD's; of ten, one lies on the side that judges."""
    history = [f"Arden {number}", "Bridge", f"Who built bridge {number}?", "Ada Kellan"]
    return {
        "history": history,
        "question": "When did she build it?",
        "standalone": f"When did Ada Kellan build bridge {number}?",
    }


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_stories(tmp_path_factory.mktemp("stories") / "stories.jsonl", 6, 2)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))


@pytest.fixture(scope="module")
def network(encoder: Path) -> SpanNetwork:
    torch.manual_seed(5)
    network = begin(encoder)
    network.eval()
    return network


@pytest.fixture(scope="module")
def shipped(
    encoder: Path, network: SpanNetwork, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """The folder of the tiny network, random as it is, and the folder to which it was shipped."""
    out, folder = tmp_path_factory.mktemp("out"), tmp_path_factory.mktemp("shipped")
    save(network, out / "reader.safetensors")
    training = {"recipe": {"seed": 1, "max_tokens": 256}, "progress": {"tokens": 0}}
    (out / "training.json").write_text(json.dumps(training))
    ship("reader", out, folder, _paragraphs(), encoder)
    return out, folder


def _paragraphs() -> list[str]:
    return [str(_record(number)["context"]) for number in range(6)]


def _examples(count: int = 40) -> list[Example]:
    made = [to_example(_record(number), "squad-train") for number in range(count)]
    return [one for one in made if one is not None]


MARK = st.sampled_from(["[PAR]", "[TLE]", "[SEP]", "[DOC]", "<P>", "</P>", "<Table>", "<h2>"])
WORDS = st.text("ab é.,<[/1", max_size=12)
PARTS = st.lists(st.tuples(WORDS, MARK), max_size=6)


@given(before=PARTS, answer=WORDS.filter(str.strip), after=PARTS)
def test_an_answer_is_found_again_where_marks_were_taken_out(before, answer, after):
    left = "".join(words + mark for words, mark in before)
    context = left + answer + "".join(mark + words for words, mark in after)
    found = to_example(
        {"context": context, "question": "?", "answers": [{"text": answer, "start": len(left)}]},
        "bioasq-train",
    )
    bare_left = "".join(words + " " for words, _ in before)
    assert found is not None
    assert found.context == bare_left + answer + "".join(" " + words for words, _ in after)
    assert found.answer == answer.strip()
    assert len(bare_left) <= found.start < found.end <= len(bare_left + answer)


def test_an_answer_that_its_offset_does_not_give_leaves_the_question_out():
    record = {"context": "It opened in 1931.", "question": "?", "answers": [{"text": "1931", "start": 12}]}
    assert to_example(record, "qed-dev") is None


def test_held_out_contexts_are_never_trained_on(data: Path):
    trained = {one.context for examples in read_sources(data).values() for one in examples}
    held_out = {one.context for one in read_held_out(data)}
    assert held_out
    assert not held_out & trained
    assert {one.context for one in read_source(data, "unansq")} == held_out | {
        one.context for one in read_sources(data)["unansq"]
    }


def test_all_questions_about_a_context_fall_on_one_side(data: Path):
    held_out = read_held_out(data)
    assert sum(one.answerable for one in held_out) == len(held_out) / 2


def test_an_altered_question_is_another_one_and_has_no_answer():
    examples, altered = _examples(), []
    opposites = learn_opposites([])
    for example in examples:
        made = [alter(example, opposites, random.Random(seed)) for seed in range(20)]
        for one in filter(None, made):
            assert one.question.lower() != example.question.lower()
            assert (one.answerable, one.answer, one.answers) == (False, "", ())
            assert one.context == example.context
            altered.append(one.question)
    assert len(set(altered)) > 3 * len(examples)


def test_a_word_that_people_replaced_to_make_a_question_unanswerable_is_learnt():
    asked = Example("when was the tower painted", "c", 0, 1, "", "unansq")
    altered = Example("when was the tower demolished", "c", -1, -1, "", "unansq")
    assert learn_opposites([asked, altered])["painted"] == ["demolished"]
    assert "painted" not in learn_opposites([asked])


def test_a_context_less_its_answer_keeps_its_other_sentences():
    (example,) = _examples(1)
    made = without_answer(example)
    assert made is not None
    assert example.answer not in made.context
    assert made.context == example.context[example.context.index("It is") :]
    assert not made.answerable
    assert without_answer(Example("When?", "It opened in 1931.", 13, 17, "", "")) is None


def test_a_near_miss_is_another_context_without_the_answer():
    examples = _examples(24)
    found = NearMisses(examples).find(examples, random.Random(1))
    by_question = {one.question: one for one in examples}
    assert len(found) > len(examples) / 2
    for one in found:
        original = by_question[one.question]
        assert one.context != original.context
        assert original.answer.lower() not in one.context.lower()
        assert not one.answerable


def test_a_round_has_the_same_examples_whichever_rounds_came_before(data: Path):
    sources = read_sources(data)
    through = Mixture(sources, 1)
    first, second = through.round(0), through.round(1)
    assert Mixture(sources, 1).round(1) == second
    assert through.round(0) == first != second
    assert Mixture(sources, 2).round(0) != first


def test_a_row_points_at_the_tokens_of_its_answer(tokenizer: Tokenizer):
    windows = Windows(tokenizer, 256)
    examples = _examples()
    for example, (row, offsets) in zip(
        examples, windows.rows_with_offsets(examples, random.Random(1)), strict=True
    ):
        assert tokenizer.decode(row.ids[row.first : row.last + 1]) == example.answer.lower()
        assert offsets[row.first - row.context_at][0] == example.start
        assert offsets[row.last - row.context_at][1] == example.end
        assert tokenizer.decode(row.ids[1 : row.context_at - 1]) == example.question.lower()


@pytest.mark.parametrize("words_before", [0, 1, 37, 150, 300])
def test_a_row_that_is_cut_still_holds_its_answer(tokenizer: Tokenizer, words_before: int):
    context = "stone " * words_before + "Ada Kellan" + " river" * (300 - words_before)
    example = Example(
        "Who opened it?", context, 6 * words_before, 6 * words_before + 10, "", "", ("Ada Kellan",)
    )
    beginnings = set()
    for seed in range(20):
        ((row, offsets),) = Windows(tokenizer, 64).rows_with_offsets([example], random.Random(seed))
        assert len(row) == 64
        assert tokenizer.decode(row.ids[row.first : row.last + 1]) == "ada kellan"
        assert offsets[row.first - row.context_at][0] == example.start
        beginnings.add(int(offsets[0][0]))
    assert (len(beginnings) > 3) == (words_before not in (0, 300)) or words_before == 1


def test_a_row_without_an_answer_points_at_its_first_token(tokenizer: Tokenizer):
    example = Example("Who closed it?", "stone " * 300, -1, -1, "", "")
    (row,) = Windows(tokenizer, 64).rows([example], random.Random(1))
    assert (row.first, row.last, len(row)) == (0, 0, 64)


def test_a_row_is_read_the_same_beside_a_longer_one(network: SpanNetwork, tokenizer: Tokenizer):
    long, short = Windows(tokenizer, 256).rows(_examples(2), random.Random(1))
    short = type(short)(short.ids[:20], short.context_at, 0, 0)
    together, alone = pad([long, short]), pad([short])
    assert together.ids.shape[1] > alone.ids.shape[1] > 20
    outputs = []
    with torch.no_grad():
        for batch in (together, alone):
            logits = network(*(torch.from_numpy(one) for one in (batch.ids, batch.types, batch.mask)))
            outputs.append([getattr(logits, name)[-1, :20] for name in OUTPUTS])
    for one, other in zip(*outputs, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-5)
    assert logits.start[0, 1] == -1e4  # a token of the question


@pytest.fixture(scope="module")
def trained(data: Path, stories: Path, encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a tiny training was carried through without a stop."""
    out = tmp_path_factory.mktemp("trained")
    train(data, stories, out, TINY, encoder=encoder, say=lambda line: None)
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
        train(data, stories, tmp_path, TINY, encoder=encoder, checkpoint_steps=16, say=stop)
    assert not (tmp_path / "reader.safetensors").exists()
    stopped = int(said[-1].split()[1].rstrip(","))
    train(data, stories, tmp_path, TINY, encoder=encoder, checkpoint_steps=16, say=said.append)
    assert (tmp_path / "reader.safetensors").read_bytes() == (trained / "reader.safetensors").read_bytes()
    assert (tmp_path / "training.json").read_text() == (trained / "training.json").read_text()
    assert json.loads((trained / "training.json").read_text())["progress"]["step"] > stopped


def test_a_round_holds_statements_asked_for_in_their_own_words(data: Path, stories: Path):
    tokenizer = Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))
    material = ReadingMaterial(data, read_stories(stories), [], tokenizer, seed=1, batch_tokens=256)
    told = [
        tokenizer.decode(row.ids.tolist())
        for batch in material.round(0)
        for one in batch
        for row in getattr(one, "rows", ())
    ]
    assert any(re.search(r"is the old bridge at \w+ open again", one) for one in told)


def test_a_training_moves_all_weights_but_the_word_embeddings(trained: Path, encoder: Path):
    before, after = load_file(encoder / "model.safetensors"), load_file(trained / "reader.safetensors")
    words = "embeddings.word_embeddings.weight"
    assert torch.equal(before[words], after[f"encoder.{words}"])
    moved = {name for name, value in before.items() if not torch.equal(value, after[f"encoder.{name}"])}
    assert moved == set(before) - {words}


def test_a_training_that_ended_is_not_trained_further(
    data: Path, stories: Path, encoder: Path, trained: Path, tmp_path: Path
):
    shutil.copy(trained / "checkpoint.pt", tmp_path)
    train(data, stories, tmp_path, TINY, encoder=encoder, say=lambda line: None)
    assert (tmp_path / "reader.safetensors").read_bytes() == (trained / "reader.safetensors").read_bytes()


def test_a_checkpoint_of_another_recipe_is_refused(data: Path, stories: Path, encoder: Path, trained: Path):
    with pytest.raises(SystemExit, match="was made with another recipe; name another folder or remove it"):
        train(data, stories, trained, Recipe(seed=2), encoder=encoder)


def test_a_training_after_another_begins_from_its_weights_and_takes_the_rounds_that_follow(
    data: Path, stories: Path, encoder: Path, trained: Path, tmp_path: Path
):
    said: list[str] = []
    short = replace(TINY, tokens=300, learning_rate=0.0)
    train(data, stories, tmp_path, short, encoder=encoder, after=trained, say=said.append)
    assert (tmp_path / "reader.safetensors").read_bytes() == (trained / "reader.safetensors").read_bytes()
    assert ", round 2, " in said[0]
    made = json.loads((tmp_path / "training.json").read_text())
    recipe = made["recipe"]
    assert made["after"] == json.loads((trained / "training.json").read_text())
    assert recipe["dropout"] == 0.1
    assert recipe["begun_from"] == hashlib.sha256((trained / "reader.safetensors").read_bytes()).hexdigest()


def test_a_training_can_take_the_encoder_of_another_network(
    data: Path, stories: Path, encoder: Path, trained: Path, tmp_path: Path
):
    torch.manual_seed(5)
    other = ComparisonNetwork(BertModel(BertConfig.from_pretrained(encoder), add_pooling_layer=False))
    still = replace(TINY, tokens=300, learning_rate=0.0)
    file = tmp_path / "comparison.safetensors"
    save(other, file)
    train(
        data, stories, tmp_path, still, encoder=encoder, after=trained, encoder_of=file, say=lambda line: None
    )
    made, first = load_file(tmp_path / "reader.safetensors"), load_file(trained / "reader.safetensors")
    wanted = load_file(file)
    assert {name for name in made if not name.startswith("encoder.")}
    for name, value in made.items():
        source = wanted if name.startswith("encoder.") else first
        assert torch.equal(value, source[name]), name
    recipe = json.loads((tmp_path / "training.json").read_text())["recipe"]
    assert recipe["encoder_of"] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_mean_of_two_trainings_is_theirs_tensor_by_tensor(
    data: Path, stories: Path, encoder: Path, trained: Path, network: SpanNetwork, tmp_path: Path
):
    other = tmp_path / "other"
    other.mkdir()
    save(network, other / "reader.safetensors")
    weights = load_file(other / "reader.safetensors")
    save_file({**weights, "an output of before": torch.ones(2)}, other / "reader.safetensors")
    shutil.copy(trained / "training.json", other)
    average(data, tmp_path / "mean", [trained, other], stories=stories, encoder=encoder)
    one, two, both = (
        load_file(folder / "reader.safetensors") for folder in (trained, other, tmp_path / "mean")
    )
    assert set(both) == set(one)
    for name, value in both.items():
        torch.testing.assert_close(value, (one[name] + two[name]) / 2)
    told, alone = (
        json.loads((folder / "training.json").read_text()) for folder in (tmp_path / "mean", trained)
    )
    assert told["averaged"] == 2
    assert set(told["held_out"]) == set(alone["held_out"]) > {"top", "needed_f1", "f1", "auroc"}


def test_a_reader_that_read_contrast_sets_is_judged_on_those_that_were_held_out(
    data: Path, stories: Path, encoder: Path, trained: Path, tmp_path: Path
):
    sets = write_contrast(tmp_path / "sets", 2, 1)
    out, without, both = (tmp_path / name for name in ("out", "without", "both"))
    train(data, stories, out, TINY, contrast=sets, encoder=encoder, after=trained, say=lambda line: None)
    train(data, stories, without, TINY, encoder=encoder, after=trained, say=lambda line: None)
    assert (out / "reader.safetensors").read_bytes() != (without / "reader.safetensors").read_bytes()
    told = json.loads((out / "training.json").read_text())["held_out"]
    assert {"contrast_top", "contrast_sources_auroc"} < set(told)
    average(data, both, [trained, out], stories=stories, contrast=sets, encoder=encoder)
    assert set(json.loads((both / "training.json").read_text())["held_out"]) == set(told)


def test_a_mean_asks_for_the_stories_that_judge_it(
    data: Path,
    trained: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("sys.argv", ["average", str(data), str(tmp_path / "mean"), str(trained)])
    with pytest.raises(SystemExit):
        main()
    assert "required: --stories" in capsys.readouterr().err


def test_the_shipped_graph_gives_the_logits_of_the_network(
    encoder: Path, network: SpanNetwork, shipped: tuple[Path, Path]
):
    rows = BundledTokenizer("tokenizer.json").encode(
        questions_and_passages(_paragraphs()), max_tokens=256, cut="only_second"
    )
    int8 = Model(MODEL_FILE, shipped[1], threads=1).run(rows)
    for row, got, exact in zip(rows, int8, _in_float32(encoder, network, rows), strict=True):
        ids, types = torch.tensor([row.ids]), torch.tensor([row.type_ids])
        with torch.no_grad():
            logits = network(ids, types, torch.ones_like(ids, dtype=torch.bool))
        kept = [0, *np.flatnonzero(row.type_ids)]  # of the question's own tokens the network says nothing
        for name, near, nearer in zip(OUTPUTS, got, exact, strict=True):
            one = getattr(logits, name)[0, kept].numpy()
            np.testing.assert_allclose(nearer[kept], one, rtol=0, atol=0.01, err_msg=name)
            np.testing.assert_allclose(near[kept], one, rtol=0, atol=0.06, err_msg=name)
            assert np.ptp(one) > 0.3


def _in_float32(encoder: Path, network: SpanNetwork, rows: list) -> Iterator[list[np.ndarray]]:
    """What the graph with float32 layers gives; its word embeddings are int8."""
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    graph, _ = span_reader(weights, json.loads((encoder / "config.json").read_text()))
    session = onnx_runtime().InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    for row in rows:
        inputs = {"input_ids": np.array([row.ids]), "token_type_ids": np.array([row.type_ids])}
        yield [output[0] for output in session.run(OUTPUTS, inputs)]


def test_a_network_ships_to_the_same_bytes_each_time(
    encoder: Path, shipped: tuple[Path, Path], tmp_path: Path
):
    out, folder = shipped
    ship("reader", out, tmp_path, _paragraphs(), encoder)
    for name in (MODEL_FILE, "manifest.json"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_the_manifest_names_base_model_data_and_licences(shipped: tuple[Path, Path]):
    (entry,) = read_manifest(shipped[1]).values()
    assert (entry.file, entry.licence) == (MODEL_FILE, "Apache-2.0")
    assert entry.source.startswith("sentence-transformers/all-MiniLM-L6-v2, model.safetensors 53aa5117")
    assert "SQuADShifts" in entry.source
    assert "CC BY-SA 4.0" in entry.source


def test_the_model_card_names_every_set_that_is_trained_on():
    card = (WEIGHTS.parent.parent / "qa/weights/MODEL_CARD.md").read_text(encoding="utf-8")
    assert [name for name in SHARES if f"`{name}`" not in card] == []


def test_the_shipped_file_reads_as_the_bundled_span_model(
    encoder: Path, network: SpanNetwork, shipped: tuple[Path, Path], tokenizer: Tokenizer
):
    (example,) = _examples(1)
    ((window,),) = BundledSpanModel(shipped[1], threads=1).windows(example.question, [example.context])
    (exact,) = read(network, Windows(tokenizer, 256), [example], torch.device("cpu"), half=False)
    assert best([window], example.context).margin == pytest.approx(exact.margin, abs=0.12)
    assert example.context[window.offsets[0, 0] : window.offsets[-1, 1]] == example.context


def test_the_bundled_span_model_reads_a_story_as_the_network(
    network: SpanNetwork, shipped: tuple[Path, Path], tokenizer: Tokenizer, stories: Path
):
    passages = tuple(account_passage(one, None) for one in read_stories(stories)[0]["accounts"])
    question = Question("What did it cost?", "Who built it? Ada Kellan", "span", passages)
    titles = [one.title for one in passages]
    read = BundledSpanModel(shipped[1], threads=1).windows(
        question.text, [one.text for one in passages], titles, question.history
    )
    batch = pad_asked([Rows(tokenizer).build_rows(question, random.Random(1))])
    with torch.no_grad():
        logits = network(*(torch.from_numpy(one) for one in (batch.ids, batch.types, batch.mask)))
    for place, (window,) in enumerate(read):
        inside = batch.sentence[place] > 0
        for name in ("start", "end", "sentence"):
            got, wanted = getattr(window, name), getattr(logits, name)[place].numpy()[inside]
            np.testing.assert_allclose(got, wanted, rtol=0, atol=0.06, err_msg=name)


@pytest.mark.parametrize(
    "talk", ["", "Who built it? Ada Kellan.", "Who built the bridge, at Arden, and " * 9]
)
@pytest.mark.parametrize("asked", ["When?", "What did it cost? " * 12])
@pytest.mark.parametrize(
    "title", ["", "Valley Post: The bridge", "The bridge at Arden on the river Tarn " * 5]
)
def test_the_bundled_span_model_makes_the_rows_that_were_trained_on(
    tokenizer: Tokenizer, tmp_path: Path, talk: str, asked: str, title: str
):
    told = "The old bridge at Arden is open again. " * 16
    passage = Passage(title, (told.strip(),))
    (row,) = Rows(tokenizer).build_rows(Question(asked, talk, "span", (passage,)), random.Random(1)).rows
    write_files(tmp_path, {MODEL_FILE: _reversing().SerializeToString()}, "a test")
    ((window,),) = BundledSpanModel(tmp_path).windows(asked, [passage.text], [title], talk)
    length = len(window.start)
    assert length > row.context_at
    assert window.start[::-1].tolist() == row.ids[1 : length + 1].tolist()
    assert window.end.tolist() == row.ids[row.context_at : -1].tolist()


def _reversing() -> onnx.ModelProto:
    """A model that tells its row: `start` are the ids, the last one first, all others the ids as they are."""
    floats, ints = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
    shape = ["rows", "tokens"]
    ends = {"from": -1, "to": -(2**31), "axis": 1, "step": -1}
    nodes = [
        onnx.helper.make_node("Cast", ["input_ids"], [name], to=floats)
        for name in ("end", "sentence", "needed")
    ]
    nodes.append(onnx.helper.make_node("Slice", ["end", *ends], ["start"]))
    types = onnx.helper.make_tensor_value_info("token_type_ids", ints, shape)
    graph = onnx.helper.make_graph(
        nodes,
        "reversing",
        [onnx.helper.make_tensor_value_info("input_ids", ints, shape), types],
        [onnx.helper.make_tensor_value_info(name, floats, shape) for name in OUTPUTS],
        [onnx.helper.make_tensor(name, ints, [1], [value]) for name, value in ends.items()],
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    return onnx.helper.make_model(graph, opset_imports=opset, ir_version=8)


def test_the_bundled_span_model_says_which_words_of_a_talk_are_needed(
    network: SpanNetwork, shipped: tuple[Path, Path], tokenizer: Tokenizer
):
    talk = ("Who built the bridge at Arden?", "Ada Kellan, in 1931")
    row = Rows(tokenizer).build_needed_row(FollowUp("When did she build it?", talk, frozenset()))
    values = needed_values(network, row, torch.device("cpu"), half=False)
    words = BundledSpanModel(shipped[1], threads=1).score_words("When did she build it?", talk)
    assert [word for word, _ in words] == "Who built the bridge at Arden Ada Kellan in 1931".split()
    assert len(BundledSpanModel(shipped[1]).score_words("When?", talk * 40)) < 250
    for word, likely in words:
        if (token := tokenizer.token_to_id(word.lower())) is not None:
            assert likely == pytest.approx(values[row.ids.tolist().index(token, row.context_at)], abs=0.02)


def test_parity_judges_both_models_on_the_same_questions(
    data: Path, stories: Path, encoder: Path, shipped: tuple[Path, Path]
):
    out, folder = shipped
    figures = measure(out, data, stories, folder=folder, limit=6, encoder=encoder)
    assert figures["questions"] == {"squad11-heldout": 6, "human": 6, "in one window": 12}
    assert set(figures["float32"]) == set(figures["int8"]) > {"f1", "exact_match", "auroc", "twins_auroc"}
    assert figures["int8"] == figures["int8_all"]
    assert 0 < figures["margins_apart"]["mean"] < 0.1
    told = figures["stories"]
    assert (told["stories"], told["follow_ups"]) == (2, 6)
    assert set(told["float32"]) == set(told["int8"]) > {"top", "span_f1", "needed_f1"}
    assert told["int8"]["sources_auroc"] == pytest.approx(told["float32"]["sources_auroc"], abs=0.1)
