"""The command line where nothing is as it should be: a sentence and an exit code, never a traceback."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qa.cli import main
from tests.served import free_port, shelve
from tests.waits import LONGEST_S, until

ROOT = Path(__file__).resolve().parent.parent.parent
FULL = Path("/dev/full")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return shelve(tmp_path_factory.mktemp("shelved"))


def run(*arguments, stdout=subprocess.PIPE, cwd=None, before="", **environment):
    """The command in a shell that runs `before` first: exit code, output, errors."""
    command = [sys.executable, "-W", "ignore", "-m", "qa.cli", *map(os.fsencode, arguments)]
    ran = subprocess.run(
        ["sh", "-c", f'{before} exec "$@"', "sh", *command],
        stdout=stdout, stderr=subprocess.PIPE, cwd=cwd, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "WHOSAYS_JUDGE": "small", **environment},
    )  # fmt: skip
    assert b"Traceback" not in ran.stderr
    return ran.returncode, (ran.stdout or b"").decode(), ran.stderr.decode()


@pytest.mark.parametrize(
    "arguments",
    [("list", "--search"), ("list", "--publisher"), ("set", "--title"), ("notebook", "--note"), ("merge", "x", "--into")],
)  # fmt: skip
def test_bytes_that_are_no_text_are_told(library, arguments, capsys):
    assert main([*arguments, os.fsdecode(b"\xff"), "--library", str(library)]) == 2
    assert capsys.readouterr().err.endswith(
        " holds bytes that are no UTF-8 text ('\\udcff'): type it again\n"
    )


@pytest.mark.parametrize("number", [str(2**64), "9" * 900])
def test_however_large_a_number_is_it_is_one(library, number, capsys):
    assert main(["list", "--first", number, "--json", "--library", str(library)]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["list", "--most", number, "--json", "--library", str(library)]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 3


@pytest.mark.parametrize("columns", ["1", "0", "-5", "nine"])
def test_on_a_screen_however_narrow_quotes_are_shown(library, columns, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("WHOSAYS_JUDGE", "small")
    main(["ask", "Who carried 40 people?", "--library", str(library)])
    assert "carried 40 people" in " ".join(capsys.readouterr().out.split())


@pytest.mark.skipif(not FULL.exists(), reason="this system has no disk that is always full")
def test_what_cannot_be_printed_is_told(library):
    with FULL.open("w") as full:
        assert run("list", "--library", str(library), stdout=full)[::2] == (
            2,
            "whosays: No space left on device: free space, or allow it, and try again\n",
        )
    assert run("list", "--library", str(library), before="exec 1>&-;")[::2] == (
        2,
        "whosays: standard output is closed, and nothing can be printed: open it, or send it to a file\n",
    )
    code, printed, _ = run("list", "--library", str(library), before="exec 2>&-;")
    assert (code, len(printed.splitlines())) == (0, 3)
    assert run("list", "--library", "nowhere", before="exec 2>/dev/full;")[0] == 2


def test_a_folder_that_has_gone_is_told(tmp_path, library):
    gone = tmp_path / "gone"
    gone.mkdir()
    told = "whosays: the folder that you are in is no longer there: change to another one\n"
    for arguments in (("list", "--library", "L"), ("add", "note.txt", "--library", str(library))):
        assert run(*arguments, cwd=gone, before=f"rmdir '{gone}';") == (2, "", told)
        gone.mkdir()


def test_where_the_home_is_no_folder_what_was_named_is_read(library):
    homes = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"), "")
    code, printed, _ = run("list", "--library", str(library), HOME="/dev/null", **homes)
    assert (code, len(printed.splitlines())) == (0, 3)
    code, _, told = run("list", HOME="/dev/null", **homes)
    assert code == 2
    assert "/dev/null/.cache/whosays" in told


def catches(process, number):
    """Whether a process has a handler for a signal; after a while, where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        time.sleep(0.5)
        return True
    (caught,) = re.findall(r"SigCgt:\s(\w+)", status.read_text())
    return int(caught, 16) >> (number - 1) & 1


def test_what_chat_prints_is_json_also_when_it_is_ended(library, tmp_path):
    command = [sys.executable, "-W", "ignore", "-m", "qa.cli", "chat", "--no-browser", "--json", "--port"]
    process = subprocess.Popen(
        [*command, str(free_port()), "--library", str(library)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True,
    )  # fmt: skip
    lines = [process.stdout.readline() for _ in range(3)]
    until(lambda: catches(process.pid, signal.SIGTERM))
    process.send_signal(signal.SIGINT)
    rest, told = process.communicate(timeout=LONGEST_S)
    assert json.loads(b"".join(lines) + rest)["address"].startswith("http://127.0.0.1:")
    assert b"Traceback" not in told
    assert process.returncode == 0


@pytest.mark.parametrize("host", ["a b", "192.0.2.7", "999.1.1.1"])
def test_where_this_machine_cannot_listen_is_told_before_any_port_is_tried(
    host, library, capsys, monkeypatch
):
    monkeypatch.setattr("gradio.Blocks.launch", lambda *_, **__: pytest.fail("a port is tried"))
    assert main(["chat", "--host", host, "--no-auth", "--no-browser", "--library", str(library)]) == 2
    assert f"'{host}' is no address of this machine" in capsys.readouterr().err
