"""What `python -m eval.robustness.coverage` searches with: its targets, its changes, and what it once found."""

import json
import sqlite3
import sys

import numpy as np
import pytest

from eval.robustness.coverage.__main__ import main
from eval.robustness.coverage.inner_mutants import inside_database, inside_json
from eval.robustness.coverage.targets import TARGETS, FuzzTarget, try_out
from eval.robustness.mutants import KINDS
from index.errors import SourceRefused
from tests.paths import ROOT


# Of other files `test_mutants.py` says that they are read.
@pytest.mark.parametrize("name", [".docx", *(one for one in TARGETS if one not in KINDS)])
def test_each_target_reads_what_its_search_begins_with(name):
    for seed in TARGETS[name].seeds():
        assert len(seed) <= TARGETS[name].longest
        TARGETS[name].read(seed)


def test_an_error_that_is_not_ours_is_a_finding_and_a_refusal_is_none():
    def read(data):
        if data == b"empty":
            raise SourceRefused("is empty")
        return {}[data]

    target = FuzzTarget(read, list)
    assert try_out(target, b"empty") is None
    assert isinstance(try_out(target, b"a"), KeyError)


def reverse(data):
    return data[::-1]


def is_json(text):
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def test_one_value_inside_of_json_is_changed_and_json_it_stays():
    whole = {"turns": [{"question": "Who?", "score": 0.5, "about": None}], "id": "a"}
    made = [
        inside_json(reverse, json.dumps(whole).encode(), np.random.default_rng(seed)) for seed in range(60)
    ]
    assert len(set(made)) > 40
    # Of the others some have more levels, or more digits, than Python reads.
    assert sum(is_json(one) for one in made) > 40
    assert inside_json(reverse, b"no JSON", np.random.default_rng(1)) == b"NOSJ on"
    lines = inside_json(reverse, b'{"a": 1}\n{"a": 2}\n', np.random.default_rng(3)).split(b"\n")
    assert len(lines) == 3


def levels_that_are_read_and_not_written():
    """As many as Python reads and, since writing takes another step a level, may not write."""
    text = b'"a"'
    while is_json(b"[" + text + b"]"):
        text = b"[" + text + b"]"
    return text


def test_a_text_that_is_too_deep_to_write_ends_no_search():
    data = levels_that_are_read_and_not_written()
    for seed in range(200):
        inside_json(reverse, data, np.random.default_rng(seed))


def test_of_a_value_that_was_repeated_one_alone_is_changed_then():
    class Drawn:
        """One line, two changes: the whole 600 times, then the whole in the place of the last value."""

        def __init__(self):
            self._next = iter([0, 2, 0, 2, 601, 1, 0])

        def integers(self, *_):
            return next(self._next)

        def choice(self, among):
            return max(among)

    made = json.loads(inside_json(reverse, b'[["a ferry"]]', Drawn()))
    assert made[:-1] == [["a ferry"]] * 599
    assert made[-1] == [[["a ferry"]] * 600]


def test_what_is_put_into_one_text_is_whole_for_the_next():
    """Odd lists are put into texts: a change made inside of one, in its own text, is none in any other."""

    def made():
        return [inside_json(reverse, b'{"a": [null]}', np.random.default_rng(seed)) for seed in range(400)]

    assert made() == made()


def test_one_cell_of_a_database_is_changed_and_a_database_it_stays():
    (whole,) = TARGETS["library"].seeds()
    others = 0
    for seed in range(20):
        made = inside_database(reverse, whole, np.random.default_rng(seed))
        with sqlite3.connect(":memory:") as connection:
            connection.deserialize(made[:18] + b"\1\1" + made[20:])
            assert connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
        connection.close()
        others += made != whole
    assert others > 15


# Each ended in an error of Python's when the search first came to it.
FOUND = [
    ("conversation", b'"confidence": 0.9', b'"confidence": ' + b"9" * 400),
    ("talk", b'\\"confidence\\":0.9', b'\\"confidence\\":' + b"9" * 400),
    ("notebook", b'"score": 0.9', b'"score": ' + b"9" * 400),
    ("notebook", b'"compared": "', b'"compared": "\\udc00'),
    ("user file", b'"name": "How', b'"more": ' + b"[" * 3_000 + b"]" * 3_000 + b', "name": "How'),
    ("rulings", b'"quote": "', b'"quote": "\\udc00'),
]

NESTED = b"[" * 700 + b"1" + b"]" * 700
FOUND_ALONE = [
    (".json", b'[{"text": "The ferry left.", "title": ' + NESTED + b"}]"),
    ("sidecar", b'"a.txt".title' + b".name" * 990 + b' = "x"\n'),
    ("sidecar", b'["a.txt"]\ntitle = ' + b"[" * 400 + b"]" * 400 + b"\n"),
    ("settings", b"passages = " + b"[" * 3_000 + b"]" * 3_000),
    ("settings", b"min_confidence = " + b"9" * 400),
    ("settings", b"passages = " + b"9" * 5_000),
]


@pytest.mark.parametrize(("name", "broken"), FOUND_ALONE)
def test_what_was_found_alone_is_read_or_refused_in_words(name, broken):
    assert try_out(TARGETS[name], broken) is None


@pytest.mark.parametrize(("name", "whole", "broken"), FOUND)
def test_what_was_found_is_read_or_refused_in_words(name, whole, broken):
    seed = next(one for one in TARGETS[name].seeds() if whole in one)
    assert try_out(TARGETS[name], seed.replace(whole, broken)) is None


def test_without_atheris_the_command_that_brings_it_is_said(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "atheris", None)
    with pytest.raises(SystemExit):
        main(["--seconds", "1"])
    assert "use `make fuzz`" in capsys.readouterr().err
    assert "\nfuzz:\n" in (ROOT / "Makefile").read_text(encoding="utf-8")
