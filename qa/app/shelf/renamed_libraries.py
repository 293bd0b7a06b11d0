"""What libraries were called before, so that conversations, links and browsers find them by an old name."""

import json
from contextlib import suppress
from pathlib import Path

FILE = ".renamed.json"
MOST = 200  # old names kept; of more the oldest go


class RenamedLibraries:
    """Those of the shelf at `root`; for the holder of its guard, but for `current`."""

    def __init__(self, root: Path) -> None:
        self._file = root / FILE

    def note(self, name: str, new: str) -> None:
        """What was called `name` is called `new` from now on, and so is what was called otherwise before."""
        known = {old: new if own == name else own for old, own in self._read().items() if old != new}
        self._write({**known, name: new})

    def forget(self, name: str) -> None:
        """Another library has this name now."""
        known = self._read()
        if name in known:
            self._write({old: new for old, new in known.items() if old != name})

    def current(self, name: str) -> str:
        """What the library that was called `name` is called now; the same where nobody renamed it."""
        return self._read().get(name, name)

    def _read(self) -> dict[str, str]:
        """Old names and new ones; none where the file cannot be read: then an old name finds nothing."""
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(known, dict):
            return {}
        return {old: new for old, new in known.items() if isinstance(new, str)}

    def _write(self, known: dict[str, str]) -> None:
        """In one step, the newest last; where nothing can be written, old names find nothing."""
        draft = self._file.with_suffix(".part")
        with suppress(OSError):
            draft.write_text(json.dumps(dict(list(known.items())[-MOST:])), encoding="utf-8")
            draft.replace(self._file)
