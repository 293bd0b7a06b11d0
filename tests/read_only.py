"""Folders that nobody may write: a mount that is read-only, and a process that may only read."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.paths import ROOT

_NOBODY = 65534


class Medium:
    """A file system of its own at `folder`, which can be made read-only and writable again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def seal(self) -> None:
        self._remount("ro")

    def unseal(self) -> None:
        self._remount("rw")

    def _remount(self, how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.folder)], check=True, capture_output=True)


@contextmanager
def medium(folder: Path) -> Iterator[Medium]:
    """Mounted at `folder` until the block ends; the test is skipped where nothing may be mounted."""
    folder.mkdir()
    if sys.platform != "linux" or shutil.which("mount") is None:
        pytest.skip("only Linux mounts a file system in memory")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"nothing may be mounted here: {done.stderr.strip()}")
    try:
        yield Medium(folder)
    finally:
        # Lazily: whoever still has a file open there keeps nobody from going on.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def public_folder() -> Iterator[Path]:
    """A folder that others may read, which pytest's are not."""
    made = Path(tempfile.mkdtemp(prefix="whosays-test-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        let_write(made)
        shutil.rmtree(made)


def let_read(folder: Path) -> None:
    """Let everybody read what is in the folder, and nobody write."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)


def let_write(folder: Path) -> None:
    """Let the owner write again."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


class Reader:
    """A process that may only read, which answers what it is told line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def tell(self, value: Any) -> Any:
        """What it answers."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(value) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the reader has ended"
        return json.loads(line)


@contextmanager
def reader(script: str, *arguments: str, home: Path) -> Iterator[Reader]:
    """`script` answers each JSON line of its standard input by one; its temporary files are in `home`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(home), "TMPDIR": str(home)}
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    ) as process:
        yield Reader(process)
        assert process.stdin
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def become_nobody() -> None:
    """From here on this process may write what anybody may: root may write everything.

    Whatever it is to import it must have imported by then.
    """
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)
