"""A survey that is killed at any moment goes on from what it had read, matched and judged."""

import json
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from qa import Library
from qa.comparison.model import bundled_comparison
from qa.survey.cache import FILE
from qa.survey.matches import FILE as MATCHES

TOWNS = ("Kelville", "Marstad", "Torholm", "Vesburg", "Brufield", "Lindhaven", "Ostmouth", "Ralford")
DIE = textwrap.dedent("""
    import os, signal, sys
    from qa import Library
    from qa.comparison.model import bundled_comparison
    from qa.survey import candidates, survey, vectors
    survey._JUDGED_AT_ONCE, survey._KEPT_AFTER_S = 4, 0.0
    candidates._BLOCK, candidates._SAVED_AFTER_S = 8, 0.0
    vectors._BATCH = 4
    path, stage, least = sys.argv[1], sys.argv[2], int(sys.argv[3])
    def die(done, total, label):
        if label.startswith(stage) and done >= least:
            os.kill(os.getpid(), signal.SIGKILL)
    Library.open(path).conflicts(comparison=bundled_comparison(), progress=die)
""")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    records = [
        {"text": f"The hospital in {town} has {420 - paper} beds. In {town} {paper + 3} people were hurt.", "publisher": f"Paper {paper}"}
        for town in TOWNS
        for paper in range(0, 90, 30)
    ]  # fmt: skip
    file = tmp_path / "all.jsonl"
    file.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    library = Library.open(tmp_path / "library")
    library.add(file)
    return library


@pytest.mark.parametrize(
    ("stage", "least"), [("reading", 20), ("embedding", 12), ("matching", 16), ("comparing", 8)]
)
def test_a_killed_survey_goes_on_from_what_it_had(library: Library, stage: str, least: int) -> None:
    program = [sys.executable, "-c", DIE, str(library.path), stage, str(least)]
    killed = subprocess.run(program, check=False)
    assert killed.returncode == -signal.SIGKILL
    with sqlite3.connect(library.path / FILE) as kept:
        judged = kept.execute("SELECT coalesce(sum(pairs), 0) FROM judged").fetchone()[0]
        embedded = kept.execute("SELECT count(*) FROM vectors").fetchone()[0]
    kept.close()
    told: list[tuple[str, int, int]] = []

    def watch(done: int, total: int | None, label: str) -> None:
        told.append((label, done, total or 0))

    found = library.conflicts(comparison=bundled_comparison(), progress=watch)
    assert embedded == {"reading": 0, "embedding": 12}.get(stage, len(library))
    if stage != "reading":
        assert found.read == 0
    if stage == "matching":
        (anew,) = {total for label, _, total in told if label == "matching statements"}
        assert anew < found.check.statements
    assert judged == (8 if stage == "comparing" else 0)
    for name in (FILE, MATCHES):
        (library.path / name).unlink()
    new = library.conflicts(comparison=bundled_comparison())
    assert new.disagreements == found.disagreements
    assert len(new.disagreements) >= len(TOWNS)
    assert found.compared == new.compared - judged
    library.close()
