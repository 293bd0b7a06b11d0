"""What is written to a terminal holds no order to it, and stays what it was where it is JSON."""

import io
import json
import sys
from contextlib import redirect_stderr

import pytest

from qa.cli import main
from qa.language.terminal import HarmlessStream, harmless

ORDERS = "".join(map(chr, [*range(9), *range(11, 32), 127, *range(128, 160), 0x2028, 0x2029]))


def orders_in(text):
    return [one for one in text if one in ORDERS]


def test_no_order_is_left_and_letters_are():
    shown = harmless(f"a\tb\n{ORDERS}ü中\U0001f600")
    assert orders_in(shown) == []
    assert shown.startswith("a\tb\n\\u0000")
    assert shown.endswith("ü中\U0001f600")
    value = {"title": f"x\x9b2J{ORDERS}"}
    assert json.loads(harmless(json.dumps(value, ensure_ascii=False))) == value


def test_a_stream_writes_what_is_harmless_whoever_writes():
    held = io.StringIO()
    with redirect_stderr(HarmlessStream(held)):
        sys.stderr.write("\x1b]0;owned\x07\n")
        sys.stderr.write("a\rb")
    assert held.getvalue() == "\\u001b]0;owned\\u0007\na\\u000db"


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_no_command_writes_an_order_of_a_path_or_a_title(tmp_path, capsys, flags):
    folder = tmp_path / "a\x1b]0;owned\x07"
    folder.mkdir()
    (folder / "b\x9b2J.txt").write_text("The ferry came in late on Friday, the captain said.")
    (folder / "c.json").write_text(json.dumps({"text": "It carried 40 people.", "title": "T\x9b2J \x1b[2J"}))
    (folder / "d\x1b[8m.xyz").write_text("x")
    library = ["--library", str(tmp_path / "library")]
    assert main(["add", str(folder), *library, *flags]) in (0, 1)
    assert main(["list", *library, *flags]) == 0
    main(["backup", str(tmp_path / "no\x1bwhere" / "b"), "--library", str(folder)])
    written = capsys.readouterr()
    assert "owned" in written.out
    assert orders_in(written.out + written.err) == []
