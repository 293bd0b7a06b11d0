"""Whose the files are that wait to be read: no one visitor's fill the place of all."""

import json
from collections import Counter
from pathlib import Path

from index.errors import SettingsError

# Of what all may have waiting, one may have this part.
SHARE = 4
# Each file in an upload's body is announced by this word; a body without it brings none.
_ANNOUNCED = b"filename"
_ANSWER_BYTES = 1_000_000


class WaitingFiles:
    """Files and bytes by who sent them, those on their way included; used on the event loop.

    Whoever the files are of is told by the answer to an upload, which names them.
    """

    def __init__(self, *, files: int, total_bytes: int) -> None:
        if files < 1 or total_bytes < 1:
            raise SettingsError("Uploads need room for a file: give some, or take none")
        self._files, self._bytes = -(-files // SHARE), -(-total_bytes // SHARE)
        self._coming_files: Counter[str] = Counter()
        self._coming_bytes: Counter[str] = Counter()
        self._kept: dict[str, tuple[str, int]] = {}  # who, and how large, by path

    def fits(self, who: str) -> bool:
        """Whether what has come and what is coming from `who` is within the share."""
        own = [size for one, size in self._kept.values() if one == who]
        files, held = len(own) + self._coming_files[who], sum(own) + self._coming_bytes[who]
        return files <= self._files and held <= self._bytes

    def come(self, who: str, part: bytes) -> tuple[int, int]:
        """A part of a body has come; how many files it announces, and its bytes."""
        more = part.lower().count(_ANNOUNCED), len(part)
        self._coming_files[who] += more[0]
        self._coming_bytes[who] += more[1]
        return more

    def end(self, who: str, files: int, size: int, answer: bytes) -> None:
        """An upload has ended: what came is no longer on its way, and `answer` names what it left."""
        for counted, number in ((self._coming_files, files), (self._coming_bytes, size)):
            counted[who] -= number
            if counted[who] <= 0:
                del counted[who]
        try:
            paths = json.loads(answer[:_ANSWER_BYTES]) if answer else []
        except ValueError:
            paths = []
        for path in paths if isinstance(paths, list) else ():
            if isinstance(path, str):
                self._kept[path] = (who, -(-size // max(1, len(paths))))

    def forget_read(self) -> None:
        """Files that are there no more are nobody's; looks at each, so not on the event loop."""
        for path in [path for path in list(self._kept) if not Path(path).exists()]:
            self._kept.pop(path, None)
