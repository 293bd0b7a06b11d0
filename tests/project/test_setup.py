"""What a person meets whose machine lacks something; the set-up runs on a copy of its files."""

import os
import shutil
import subprocess
import sys
import tomllib
from hashlib import sha256
from pathlib import Path

import pytest

from tests.paths import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    (folder / ".ci").mkdir(parents=True)
    for name in (".ci/setup", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    return folder


def _tool(checkout: Path, name: str, script: str) -> None:
    folder = checkout.parent / "bin"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


def _set_up(checkout: Path, kind: str = "chat", **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{checkout.parent / 'bin'}:/usr/bin:/bin"
    return subprocess.run(
        ["sh", str(checkout / ".ci/setup"), kind],
        capture_output=True,
        text=True,
        env={"PATH": path, "HOME": str(checkout.parent), **environment},
        timeout=60,
        check=False,
    )


def test_without_a_new_enough_python_it_says_which_is_needed_and_how_to_name_one(checkout: Path) -> None:
    for name in ("python3.11", "python3.12", "python3.13", "python3.14", "python3", "python"):
        _tool(checkout, name, "exit 1")
    result = _set_up(checkout)
    assert result.returncode == 1
    assert "Python 3.11 or newer is needed and was not found" in result.stderr
    assert "make chat PYTHON=" in result.stderr


def test_without_the_venv_module_it_names_the_package(checkout: Path) -> None:
    _tool(checkout, "mypython", f'case "$2" in *venv*) exit 1;; esac; exec {sys.executable} "$@"')
    result = _set_up(checkout, PYTHON="mypython")
    assert result.returncode == 1
    assert "has no venv module" in result.stderr
    assert "apt-get install python3-venv" in result.stderr


def test_without_disk_it_says_how_much_is_needed_and_free(checkout: Path) -> None:
    _tool(checkout, "df", "echo Filesystem; echo /dev/x 9999999 9000000 204800 98% /")
    result = _set_up(checkout, PYTHON=sys.executable)
    assert result.returncode == 1
    assert "MB of disk and 200 MB are free" in result.stderr
    assert "LITE=1" in result.stderr


def test_without_network_it_says_that_only_the_installation_needs_it(checkout: Path) -> None:
    # A registry that nothing listens at: pip's own words reach the log, ours the person.
    result = _set_up(
        checkout,
        PYTHON=sys.executable,
        PIP_INDEX_URL="http://127.0.0.1:9/simple",
        PIP_RETRIES="0",
        PIP_CONFIG_FILE=os.devnull,
    )
    assert result.returncode == 1
    assert "the packages could not be fetched: is this machine online?" in result.stderr
    assert "run the same command again" in result.stderr


def test_an_unknown_kind_is_refused(checkout: Path) -> None:
    result = _set_up(checkout, "everything")
    assert result.returncode == 1
    assert "use chat, lite or dev" in result.stderr


def test_a_package_that_is_not_the_one_that_was_tested_is_not_installed(checkout: Path) -> None:
    shelf = checkout.parent / "shelf"
    shelf.mkdir()
    (shelf / "annotated_doc-0.0.7-py3-none-any.whl").write_bytes(b"another file of that name")
    hashed = f"annotated-doc==0.0.7 \\\n    --hash=sha256:{sha256(b'the file that was tested').hexdigest()}\n"
    (checkout / "requirements" / "lite.txt").write_text(hashed)
    result = _set_up(
        checkout,
        "lite",
        PYTHON=sys.executable,
        PIP_NO_INDEX="1",
        PIP_FIND_LINKS=str(shelf),
        PIP_CONFIG_FILE=os.devnull,
    )
    assert result.returncode == 1
    assert "its checksum differs from the one in requirements/" in result.stderr
    assert "annotated-doc" in (checkout / ".venv" / "install.log").read_text()


def test_the_wheel_holds_every_room_but_those_for_who_works_on_whosays() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    rooms = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for top in ("index", "qa", "eval")
        for file in (ROOT / top).rglob("__init__.py")
    }
    apart = ("eval.newcomer", "eval.openings", "eval.training", "eval.bench", "eval.robustness")
    assert set(listed["packages"]) == {one for one in rooms if not one.startswith(apart)}
    assert set(listed["package-data"]) <= set(listed["packages"])
