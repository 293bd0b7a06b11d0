"""The bundled files are what their manifest says, and rows of tokens come back in order, each by itself."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from index.errors import ModelError
from index.models import (
    WEIGHTS,
    Model,
    RowMemory,
    Tokenizer,
    checksums,
    forget_rows,
    read_manifest,
    read_model_file,
    row_key,
)
from tests.paths import ROOT
from tests.waits import LONGEST_S, until

MODEL = "all-MiniLM-L6-v2.int8.onnx"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the bundled files that a test may damage."""
    return Path(shutil.copytree(WEIGHTS, tmp_path / "weights"))


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer("tokenizer.json")


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(MODEL, threads=2)


def test_the_manifest_lists_every_model_file_with_its_size_and_checksum():
    listed = read_manifest()
    present = {path.name for path in WEIGHTS.iterdir() if path.suffix in {".onnx", ".json"}} - {
        "manifest.json"
    }
    assert set(listed) == present == {MODEL, "tokenizer.json"}
    for name, entry in listed.items():
        content = (WEIGHTS / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (entry.bytes, entry.sha256)
        assert entry.licence == "Apache-2.0"
        assert entry.source.startswith("sentence-transformers/all-MiniLM-L6-v2")


def test_the_model_fits_the_repository():
    assert read_manifest()[MODEL].bytes < 26_000_000


def test_the_committed_model_is_what_the_export_makes(tmp_path: Path):
    from eval.training.weights.export import export, read_paragraphs

    export(read_paragraphs(WEIGHTS.parent.parent / "seeds"), tmp_path)
    assert read_manifest(tmp_path) == read_manifest()


def test_checksums_name_the_package_and_the_file(folder: Path):
    assert checksums()[f"index/{MODEL}"] == read_manifest()[MODEL].sha256
    assert set(checksums(folder)) == {f"{folder.parent.name}/{name}" for name in (MODEL, "tokenizer.json")}


def test_one_flipped_byte_is_found(folder: Path):
    content = bytearray((folder / MODEL).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / MODEL).write_bytes(content)
    with pytest.raises(ModelError, match=r"is damaged: its SHA-256 begins .* reinstall Whosays"):
        Model(MODEL, folder)


def test_a_shortened_file_is_told_by_its_size(folder: Path):
    (folder / MODEL).write_bytes((folder / MODEL).read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"has 1,000 bytes instead of 23,\d{3},\d{3}: reinstall Whosays"):
        Model(MODEL, folder)


def test_a_missing_file_is_named_with_what_to_do(folder: Path):
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"tokenizer\.json is missing: reinstall Whosays"):
        Tokenizer("tokenizer.json", folder)


def test_a_file_that_the_manifest_does_not_list_is_refused():
    with pytest.raises(ModelError, match=r"do not include reader\.onnx"):
        read_model_file("reader.onnx")


@pytest.mark.parametrize("content", ["{broken", "[]", '{"files": [{"file": "a"}]}'])
def test_a_damaged_manifest_is_an_error_with_advice(folder: Path, content: str):
    (folder / "manifest.json").write_text(content)
    with pytest.raises(ModelError, match=r"manifest\.json, is damaged .*: reinstall Whosays"):
        read_manifest(folder)


def test_a_missing_manifest_is_an_error_with_advice(tmp_path: Path):
    with pytest.raises(ModelError, match=r"manifest\.json, is missing: reinstall Whosays"):
        read_manifest(tmp_path)


def test_a_file_that_is_no_model_says_so(folder: Path):
    content = b"not a graph"
    (folder / MODEL).write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][0] |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=r"does not run on ONNX Runtime \d"):
        Model(MODEL, folder)


def test_a_text_becomes_word_pieces_with_the_offsets_of_its_characters(tokenizer: Tokenizer):
    text = "Samsung’s foundry, café."
    (row,) = tokenizer.encode([text], max_tokens=256)
    assert row.tokens == ["[CLS]", "samsung", "’", "s", "foundry", ",", "cafe", ".", "[SEP]"]
    assert [text[start:end] for start, end in row.offsets] == [
        "",
        "Samsung",
        "’",
        "s",
        "foundry",
        ",",
        "café",
        ".",
        "",
    ]


def test_a_pair_is_marked_by_type_and_the_second_text_gives_way(tokenizer: Tokenizer):
    (row,) = tokenizer.encode(
        [("who ?", "one two three four five")], max_tokens=8, cut="only_second", stride=1
    )
    assert row.tokens == ["[CLS]", "who", "?", "[SEP]", "one", "two", "three", "[SEP]"]
    assert row.type_ids == [0, 0, 0, 0, 1, 1, 1, 1]
    assert [more.tokens[4:-1] for more in row.overflowing] == [["three", "four", "five"]]


def test_the_cut_of_one_call_does_not_reach_the_next(tokenizer: Tokenizer):
    assert len(tokenizer.encode(["one two three four"], max_tokens=4)[0]) == 4
    assert len(tokenizer.encode(["one two three four"], max_tokens=256)[0]) == 6


def test_rows_are_not_padded_to_each_other(tokenizer: Tokenizer):
    assert [len(row) for row in tokenizer.encode(["one", "one two three", ""], max_tokens=256)] == [3, 5, 2]


def test_rows_come_back_in_their_order_and_do_not_depend_on_each_other(tokenizer: Tokenizer, model: Model):
    texts = ["short", "a somewhat longer text about chips", "", "two words", "word " * 300]
    rows = tokenizer.encode(texts, max_tokens=256)
    together = [output for (output,) in model.run(rows)]
    alone = [model.run([row])[0][0] for row in rows]
    assert all(np.array_equal(one, other) for one, other in zip(together, alone, strict=True))
    assert not np.array_equal(together[0], together[1])


def test_no_rows_give_no_outputs(model: Model):
    assert model.run([]) == []


class CountingModel(Model):
    """The bundled model, which notes what it runs."""

    def __init__(self, threads=2, **options):
        super().__init__(MODEL, threads=threads, **options)
        self.ran = []

    def _run_row(self, row):
        self.ran.append(row.tokens[1])
        return super()._run_row(row)


def test_rows_that_are_alike_run_once_and_each_gets_its_outputs(tokenizer: Tokenizer, model: Model):
    counting = CountingModel()
    rows = tokenizer.encode(["one", "two", "one", "one"], max_tokens=256)
    found = [output for (output,) in counting.run(rows)]
    assert sorted(counting.ran) == ["one", "two"]
    assert all(
        np.array_equal(output, model.run([row])[0][0]) for row, output in zip(rows, found, strict=True)
    )


class EnoughError(Exception):
    pass


@pytest.mark.parametrize("threads", [1, 2])
def test_work_can_be_ended_between_two_rows(tokenizer: Tokenizer, threads: int):
    counting = CountingModel(threads=threads, remembered_bytes=10_000)
    rows = tokenizer.encode([f"{n} of them" for n in range(10)], max_tokens=256)
    told = []

    def stop():
        told.append(len(counting.ran))
        if len(told) == 2:
            raise EnoughError

    with pytest.raises(EnoughError):
        counting.run(rows, stop)
    time.sleep(0.2)  # what runs on another thread comes to its end
    assert 2 <= len(counting.ran) <= 1 + 2 * threads < len(rows)


class HeldModel(CountingModel):
    """Runs no row to its end until `go` is set."""

    def __init__(self):
        super().__init__()
        self.go = Event()

    def _run_row(self, row):
        outputs = super()._run_row(row)
        assert self.go.wait(LONGEST_S)
        return outputs


def test_few_rows_do_not_wait_for_all_of_many(tokenizer: Tokenizer, monkeypatch):
    held = HeldModel()
    many = tokenizer.encode([f"{n} of them" for n in range(100)], max_tokens=256)
    few = tokenizer.encode(["one", "two"], max_tokens=256)

    class Threads(ThreadPoolExecutor):
        """The rows go on once the last of the few waits for its turn."""

        def submit(self, run, row):
            taken = super().submit(run, row)
            if row.tokens[1] == "two":
                held.go.set()
            return taken

    with Threads(2) as threads, ThreadPoolExecutor(1) as another:
        monkeypatch.setattr("index.models._threads", lambda many: threads)
        running = another.submit(held.run, many)
        until(lambda: held.ran)
        held.run(few)
        assert len(running.result()) == 100
    assert max(held.ran.index("one"), held.ran.index("two")) < 30


def test_what_is_remembered_is_told_row_by_row_as_what_runs_is(tokenizer: Tokenizer):
    remembering = CountingModel(remembered_bytes=10_000)
    rows = tokenizer.encode(["one", "two", "one"], max_tokens=256)
    for _ in range(2):
        told = []
        remembering.run(rows, lambda told=told: told.append(None))
        assert len(told) == 3
    assert sorted(remembering.ran) == ["one", "two"]


FORKED = f"""
import os, sys
from index.models import Model, Tokenizer
model, rows = Model("{MODEL}", threads=2), Tokenizer("tokenizer.json").encode(["one", "two"], max_tokens=9)
model.run(rows)
child = os.fork()
if not child:
    model.run(rows)
    os._exit(7)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_process_forked_from_one_that_ran_a_model_runs_it_too():
    ran = subprocess.run([sys.executable, "-c", FORKED], timeout=60, check=False, cwd=ROOT)
    assert ran.returncode == 7


def test_what_came_of_a_row_is_remembered_to_the_bit_and_the_oldest_is_forgotten(tokenizer: Tokenizer):
    row_bytes = 400 + 128 + 4 * 384
    remembering = CountingModel(remembered_bytes=2 * row_bytes)
    one, two, three = tokenizer.encode(["one", "two", "three"], max_tokens=256)
    first = remembering.run([one, two])
    again = remembering.run([two, one])
    assert sorted(remembering.ran) == ["one", "two"]
    assert np.array_equal(again[1][0], first[0][0])
    assert np.array_equal(again[0][0], first[1][0])
    remembering.run([three])  # "two" was asked for longer ago than "one"
    remembering.ran.clear()
    remembering.run([one, two, three])
    assert remembering.ran == ["two"]


def test_a_model_that_is_to_remember_nothing_runs_each_time(tokenizer: Tokenizer):
    forgetful = CountingModel()
    rows = tokenizer.encode(["one"], max_tokens=256)
    forgetful.run(rows)
    forgetful.run(rows)
    assert forgetful.ran == ["one", "one"]


def test_rows_that_differ_in_their_second_text_alone_are_not_taken_for_each_other(tokenizer: Tokenizer):
    one, other = tokenizer.encode([("who", "a b"), ("who a", "b")], max_tokens=256)
    assert (
        len({row_key(one), row_key(other), row_key(tokenizer.encode([("who", "a b")], max_tokens=9)[0])}) == 2
    )


def test_what_is_remembered_cannot_be_changed_by_whoever_gets_it():
    memory = RowMemory(10_000)
    memory.keep({b"row": (np.zeros(3, np.float32),)})
    (kept,) = memory.recall([b"row"])[b"row"]
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 1.0


def test_threads_that_remember_at_once_keep_within_the_bound():
    memory = RowMemory(100_000)
    made = [{f"{at} {n}".encode(): (np.full(100, n, np.float32),) for n in range(200)} for at in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(memory.keep, made))
    assert len(memory) == 100_000 // (400 + 128 + 400)


def test_whoever_measures_lets_all_models_forget(tokenizer: Tokenizer):
    remembering = CountingModel(remembered_bytes=10_000)
    rows = tokenizer.encode(["one"], max_tokens=256)
    remembering.run(rows)
    forget_rows()
    remembering.run(rows)
    assert remembering.ran == ["one", "one"]
