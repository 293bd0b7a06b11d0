"""JSON that strangers send, counted before anything is made of it: how deep it is, and how much it holds.

Thirty megabytes of "[[],[],…]" become two gigabytes of lists, and nothing else goes on meanwhile. The count
takes the text in parts, as it comes, in time and memory of a part.
"""

import json
import re
from typing import Any

import numpy as np

# Of lists and objects an answer has some 600: this is 150 answers. Of all values: to a list
# of a million words it is still told in a sentence what is wrong with it. Source: measured, the most that is
# allowed takes 0.3 s and 250 MB to read.
MOST_CONTAINERS, MOST_VALUES, MOST_DEPTH = 100_000, 1_200_000, 64
MOST_HALVES = 10_000
_PART_CHARS = 1 << 16
_BRACKETS = b"[{]}"
_OTHERS = bytes(sorted(set(range(256)) - set(_BRACKETS)))
_STEP = np.zeros(256, np.int64)
_STEP[list(b"[{")], _STEP[list(b"]}")] = 1, -1

# A half of a character is an escape, or three bytes that Python takes for one. All else is passed over.
_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_WHOLE = (
    rb"(?P<whole>(?>[^\\\xed]++|" + _HIGH + _LOW + rb"|\\[^u]"
    rb"|\\u(?![dD][89a-fA-F][0-9a-fA-F]{2})(?![0-9a-fA-F]{0,3}\Z)"
    rb"|\xed(?![\xa0-\xbf][\x80-\xbf])(?![\xa0-\xbf]?\Z))++)"
)
_HALF = rb"(?P<escape>" + _HIGH + rb"|" + _LOW + rb")|(?P<raw>\xed[\xa0-\xbf][\x80-\xbf])"
# What the next part may go on with: half a pair, an escape or a letter that is cut.
_CUT = rb"(?P<cut>(?:" + _HIGH + rb")?(?:\\(?:u[0-9a-fA-F]{0,3})?)?\Z|\xed[\xa0-\xbf]?\Z)"
_ESCAPED, _RAW = b"\\ufffd", "\ufffd".encode()
_PARTS = re.compile(rb"|".join((_WHOLE, _CUT, _HALF)))


class TooMuch(ValueError):
    """A text that is, or pretends to be, JSON of more than is read here."""


class JsonCount:
    """Counts what stands in JSON, outside of its texts; of what is no JSON it says nothing of use."""

    def __init__(self) -> None:
        self.containers = self.values = self.deepest = 0
        self._depth = 0
        self._in_text = False
        self._escape = b""

    def add(self, part: bytes) -> None:
        """Count one part more, of any size. Raises TooMuch once it is too much of anything."""
        # In UTF-8 there is none; in UTF-16, which Python reads as well, nothing could be counted.
        if b"\0" in part:
            raise TooMuch("it is not UTF-8")
        part = (self._escape + part).replace(b"\\\\", b"")
        self._escape = b"\\" if part.endswith(b"\\") else b""
        pieces = part.removesuffix(b"\\").replace(b'\\"', b"").split(b'"')
        outside = b"".join(pieces[self._in_text :: 2])
        self._in_text ^= len(pieces) % 2 == 0
        opened = outside.count(b"[") + outside.count(b"{")
        self.containers += opened
        self.values += opened + outside.count(b",")
        if brackets := outside.translate(None, _OTHERS):
            depths = self._depth + np.cumsum(_STEP[np.frombuffer(brackets, np.uint8)])
            self.deepest, self._depth = max(self.deepest, int(depths.max())), int(depths[-1])
        if self.deepest > MOST_DEPTH:
            raise TooMuch(f"it is nested more than {MOST_DEPTH} deep")
        if self.containers > MOST_CONTAINERS:
            raise TooMuch(f"it holds more than {MOST_CONTAINERS:,} lists and objects")
        if self.values > MOST_VALUES:
            raise TooMuch(f"it holds more than {MOST_VALUES:,} values")


class WholeCharacters:
    """JSON as it comes, with the replacement character for each half of a character, as browsers have it.

    A lone surrogate can be neither written down nor answered with. No length changes. Each takes its time, so
    that there may be some, from a text that was cut, and not very many.
    """

    def __init__(self) -> None:
        self._cut, self._halves = b"", 0

    def add(self, part: bytes, *, last: bool) -> bytes:
        """One part more; what may go on in the next one comes with that, unless this is the `last`.

        Raises TooMuch.
        """
        part, self._cut = self._cut + part, b""
        whole = _PARTS.sub(self._whole, part)
        return whole + self._end() if last else whole

    def _whole(self, found: re.Match[bytes]) -> bytes:
        if found["cut"] is not None:
            self._cut += found["cut"]  # once more at the very end, where nothing is left
            return b""
        if found["whole"]:
            return found[0]
        self._halves += 1
        if self._halves > MOST_HALVES:
            raise TooMuch(f"it holds more than {MOST_HALVES:,} halves of characters")
        if found["escape"]:
            return _ESCAPED
        return _RAW

    def _end(self) -> bytes:
        """What was cut at the end of all: half a pair is a half."""
        cut, self._cut = self._cut, b""
        return _ESCAPED + cut[len(_ESCAPED) :] if re.match(_HIGH, cut) else cut


def read_json(text: str | bytes | bytearray) -> Any:
    """What `text` holds, in whole characters. Raises ValueError for what is no JSON: TooMuch for too much."""
    count = JsonCount()
    for start in range(0, len(text), _PART_CHARS):
        part = text[start : start + _PART_CHARS]
        count.add(part.encode(errors="surrogatepass") if isinstance(part, str) else bytes(part))
    whole = WholeCharacters()
    data = text.encode(errors="surrogatepass") if isinstance(text, str) else bytes(text)
    data = whole.add(data, last=True)
    try:
        return json.loads(data)
    except RecursionError as error:
        raise TooMuch("it is nested too deeply") from error
