"""What is written to a terminal or a log: letters, never an order to the terminal.

A path, a name, a title, a message may hold an escape sequence that sets the window's title, hides a line or
worse; all of them are others'.
"""

import io
import re
from typing import Any, TextIO

# Control characters but for tabs and ends of lines, and what some programs take for ends of lines.
_ORDERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def harmless(text: str) -> str:
    """`text` with what would be an order shown as it is written in JSON; JSON stays JSON."""
    return _ORDERS.sub(lambda order: f"\\u{ord(order[0]):04x}", text)


class HarmlessStream(io.TextIOBase):
    """Writes to a stream what is `harmless`."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """All of it, as `harmless` has it."""
        self._stream.write(harmless(text))
        return len(text)

    def flush(self) -> None:
        """As the stream does."""
        self._stream.flush()

    def writable(self) -> bool:
        """It is."""
        return True

    def isatty(self) -> bool:
        """No: whoever asks would write in colours."""
        return False

    def fileno(self) -> int:
        """Of the stream."""
        return self._stream.fileno()

    @property
    def encoding(self) -> Any:  # type: ignore[override]  # of a stream that has one
        """Of the stream."""
        return self._stream.encoding
