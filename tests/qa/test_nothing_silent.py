"""Promise 5 on the command line and in the bundled library: what was done is said, also when the rest fails."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.embed import BundledEmbedder
from index.errors import LibraryError
from index.library import Library
from qa.cli import main
from qa.library import SEEDS, open_bundled


@pytest.fixture
def library(tmp_path: Path) -> list[str]:
    for name in ("mill", "dam"):
        (tmp_path / f"{name}.txt").write_text(f"The {name} in Aarup employs 120 people.", encoding="utf-8")
    folder = str(tmp_path / "library")
    assert main(["add", str(tmp_path / "mill.txt"), str(tmp_path / "dam.txt"), "--library", folder]) == 0
    return ["--library", folder]


def test_an_article_without_a_sentence_is_refused_not_added(tmp_path: Path) -> None:
    (tmp_path / "rule.txt").write_text("* * *\n---\n", encoding="utf-8")
    with Library.open(tmp_path / "library") as library:
        (outcome,) = library.add(tmp_path / "rule.txt")
        assert (outcome.status, len(library)) == ("refused", 0)
        assert "holds no sentence to search" in outcome.reason


def test_the_limit_on_file_size_given_to_the_command_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "large.txt").write_text("A line of many words. " * 60_000, encoding="utf-8")
    arguments = ["add", str(tmp_path / "large.txt"), "--library", str(tmp_path / "library"), "--json"]
    assert main([*arguments, "--max-file-mb", "1"]) == 1
    (outcome,) = json.loads(capsys.readouterr().out)["outcomes"]
    assert outcome["status"] == "refused"
    assert "more than the limit of 1,000,000" in outcome["reason"]


def test_removing_several_of_which_one_is_not_there_removes_none(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    main(["list", *library, "--json"])
    before = json.loads(capsys.readouterr().out)
    assert main(["remove", before[0]["id"], "nowhere", *library]) == 2
    capsys.readouterr()
    main(["list", *library, "--json"])
    assert json.loads(capsys.readouterr().out) == before


def test_a_broken_example_article_is_named_each_time(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for file in SEEDS.glob("00[01]*.txt"):
        (seeds / file.name).write_bytes(file.read_bytes())
    (seeds / "broken.txt").write_bytes(b"")
    for _ in range(2):
        with pytest.raises(LibraryError, match=r"broken\.txt was refused"):
            open_bundled(
                BundledEmbedder(),
                chunk_tokens=200,
                overlap_sentences=1,
                seeds=seeds,
                cache=tmp_path / "cache",
            )


@pytest.mark.parametrize("closed", [True, False], ids=["a closed pipe", "an ASCII terminal"])
def test_output_that_cannot_be_written_is_no_traceback(library: list[str], closed: bool) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "qa.cli", "ask", "How many people does the mill employ?", *library],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | ({} if closed else {"PYTHONIOENCODING": "ascii"}),
    )
    if closed:
        process.stdout.close()
        process.stdout = None
    _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
