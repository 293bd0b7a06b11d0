"""The file of a notebook, beside the library: one JSON object a line, each a step of somebody's.

What stands in the notebook is what comes of all steps in turn. Each is written at the end of the file, under
a lock, so that two people who write at once lose nothing. A line that was cut off is passed over. A file that
has grown long is written anew, with what stands in it, and put in place of the old one in one move.
"""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from index.errors import LibraryError, LibraryInUse
from qa.conflicts.rulings import append_line
from qa.export.typed_json import Mismatch, read_value
from qa.notebook.clippings import (
    BY_CHARS,
    Clipping,
    FindArticle,
    add_checksums,
    check_note,
    clip_answer,
    clip_disagreement,
    clip_quote,
    date_now,
    to_plain,
    write_note,
)
from qa.records import Answer, Citation, Conflict

FILE = "notebook.jsonl"
LOCK_WAIT_S = 10.0
MOST_CLIPPINGS = 500
# An answer with fifty sources takes a tenth.
MOST_BYTES = 500_000  # of one step
LONG_BYTES = 4_000_000  # a file beyond it is written anew where that halves it at least
_LIBRARIES_KEPT = 16  # whose notebooks stay read

Step = Mapping[str, Any]


class _Pages:
    """What comes of the steps: clippings in order, those removed among them, so that they can come back."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.held: dict[str, Clipping] = {}
        self.removed: set[str] = set()

    def take(self, step: Step) -> None:
        """One step more; one that cannot be taken changes nothing."""
        own = _text(step.get("id"))
        match step.get("do"):
            case "keep":
                with suppress(Mismatch):
                    self._keep(read_value(Clipping, step.get("clipping")))
            case "comment" if own in self.held and isinstance(step.get("note"), str):
                self.held[own] = replace(self.held[own], note=step["note"])
            case "move" if own in self.held:
                self._move(own, _text(step.get("before")))
            case "remove" if own in self.held:
                self.removed.add(own)
            case "restore" if own in self.held:
                self.removed.discard(own)

    def standing(self) -> tuple[Clipping, ...]:
        """Those that were not removed."""
        return tuple(self.held[own] for own in self.order if own not in self.removed)

    def _keep(self, clipping: Clipping) -> None:
        own = clipping.id
        if own in self.held and own not in self.removed:
            return  # two people kept the same thing at once
        if own in self.held:
            self.order.remove(own)
        self.order.append(own)
        self.held[own] = clipping
        self.removed.discard(own)

    def _move(self, own: str, before: str) -> None:
        if own == before:
            return
        self.order.remove(own)
        at = self.order.index(before) if before in self.held else len(self.order)
        self.order.insert(at, own)


class Notebook:
    """What is kept of one library; any number of threads and processes may write to it."""

    def __init__(self, folder: Path, find: FindArticle) -> None:
        """`folder` is where the library keeps its files, `find` gives an article of it by its id."""
        self.path = folder / FILE
        self.find = find

    def clippings(self) -> tuple[Clipping, ...]:
        """All that is kept, in order, as it was kept. Raises LibraryError where it cannot be read."""
        return self._read().standing()

    def removed(self, clipping_id: str) -> Clipping | None:
        """What was removed and can come back; None for what stands, or was never there."""
        pages = self._read()
        return pages.held.get(clipping_id) if clipping_id in pages.removed else None

    def arranged(self) -> tuple[tuple[Clipping, bool], ...]:
        """All clippings in order, with those removed where they would come back to; True for these."""
        pages = self._read()
        return tuple((pages.held[own], own in pages.removed) for own in pages.order)

    def keep(
        self, what: Answer | Conflict | Citation | Clipping, *, question: str = "", by: str = ""
    ) -> Clipping:
        """Keep an answer, a disagreement, or a quote, at the end; what is kept already stays where it is.

        `question` is what it was shown to, where it is no answer. Raises LibraryError where its words do
        not stand in the library, where there is no more room, and where the file cannot be written.
        """
        clipping = add_checksums(_clip(what, question), self.find)
        return self._add(replace(clipping, kept=date_now(), by=by[:BY_CHARS]))

    def add_note(self, text: str, *, by: str = "") -> Clipping:
        """A note that stands alone, at the end. LibraryError for an empty one, and as `keep`."""
        return self._add(replace(write_note(text), kept=date_now(), by=by[:BY_CHARS]))

    def comment(self, clipping_id: str, note: str) -> Clipping:
        """The note beside a clipping, in place of the one before; "" for none. LibraryError as `keep`."""
        text = check_note(note)

        def step(pages: _Pages) -> Step:
            known = _known(pages, clipping_id)
            if known.kind == "note" and not text:
                raise LibraryError("A note needs some words: type some, or remove it")
            return {"do": "comment", "id": clipping_id, "note": text}

        return self._write(step).held[clipping_id]

    def move(self, clipping_id: str, by: int) -> int:
        """Up (`by` below 0) or down by so many places, as far as there are any; its place then, from 0."""

        def step(pages: _Pages) -> Step | None:
            _known(pages, clipping_id)
            standing = [one.id for one in pages.standing()]
            at = standing.index(clipping_id)
            to = min(max(0, at + by), len(standing) - 1)
            if to == at:
                return None
            after = to + 1 if to > at else to
            before = standing[after] if after < len(standing) else None
            return {"do": "move", "id": clipping_id, "before": before}

        pages = self._write(step)
        return [one.id for one in pages.standing()].index(clipping_id)

    def remove(self, clipping_id: str) -> Clipping:
        """Take it out; `restore` brings it back to its place. LibraryError where there is none."""

        def step(pages: _Pages) -> Step:
            _known(pages, clipping_id)
            return {"do": "remove", "id": clipping_id}

        return self._write(step).held[clipping_id]

    def restore(self, clipping_id: str) -> Clipping:
        """Bring back what was removed. LibraryError where that is gone for good, or there is no room."""

        def step(pages: _Pages) -> Step | None:
            if clipping_id not in pages.held:
                raise LibraryError("This was removed too long ago to come back: keep it once more")
            if clipping_id not in pages.removed:
                return None
            _check_room(pages)
            return {"do": "restore", "id": clipping_id}

        return self._write(step).held[clipping_id]

    def _add(self, clipping: Clipping) -> Clipping:
        def step(pages: _Pages) -> Step | None:
            if clipping.id in pages.held and clipping.id not in pages.removed:
                return None
            _check_room(pages)
            return {"do": "keep", "clipping": to_plain(clipping)}

        return self._write(step).held[clipping.id]

    def _write(self, make: Callable[[_Pages], Step | None]) -> _Pages:
        """Take the step that `make` gives for the notebook as it stands; what stands in it then."""
        try:
            with FileLock(self.path.with_suffix(".lock"), timeout=LOCK_WAIT_S):
                lines = _lines_of(self.path)
                pages = _replay(lines)
                step = make(pages)
                if step is None:
                    return pages
                line = _line(step)
                if len(line) > MOST_BYTES:
                    raise LibraryError("This is too large to be kept whole: keep single quotes of it")
                if sum(map(len, lines)) > LONG_BYTES:
                    self._shorten(pages, sum(map(len, lines)))
                append_line(self.path, line)
                pages.take(json.loads(line))
                return pages
        except Timeout:
            raise LibraryInUse(f"Another process is writing to {self.path}: try again in a moment") from None
        except OSError as error:
            raise LibraryError(
                f"The notebook {self.path} cannot be written ({error.strerror}): allow writing, or free space"
            ) from error

    def _shorten(self, pages: _Pages, size: int) -> None:
        """Write the file anew without what is past; whoever reads it meanwhile reads the old one."""
        steps = [{"do": "keep", "clipping": to_plain(one)} for one in pages.standing()]
        text = b"".join(map(_line, steps))
        if len(text) > size // 2:
            return
        draft = self.path.with_suffix(".new")
        with draft.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)

    def _read(self) -> _Pages:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return _Pages()
        except OSError as error:
            raise _unreadable(self.path, error) from error
        return _read_pages(self.path, found.st_size, found.st_mtime_ns)


def count_passed_over(folder: Path) -> int:
    """The number of lines of a folder's notebook that are no steps, or keep what cannot be read."""
    return sum(not _is_read(line) for line in _lines_of(folder / FILE) if line.strip())


def _is_read(line: bytes) -> bool:
    step = _step_of(line)
    if step is None or step["do"] != "keep":
        return step is not None
    try:
        read_value(Clipping, step.get("clipping"))
    except Mismatch:
        return False
    return True


@lru_cache(maxsize=_LIBRARIES_KEPT)
def _read_pages(path: Path, size: int, modified_ns: int) -> _Pages:  # noqa: ARG001 - what tells one state from another
    return _replay(_lines_of(path))


def _lines_of(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> LibraryError:
    return LibraryError(f"The notebook {path} cannot be read ({error.strerror}): allow reading")


def _replay(lines: list[bytes]) -> _Pages:
    pages = _Pages()
    for line in lines:
        if (step := _step_of(line)) is not None:
            pages.take(step)
    return pages


def _step_of(line: bytes) -> Step | None:
    """What a line says; None where it is cut off, or no step."""
    try:
        step = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return step if isinstance(step, dict) and isinstance(step.get("do"), str) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _line(step: Step) -> bytes:
    # In ASCII: so a lone surrogate, which JSON files can bring into an article, is kept as it is.
    return json.dumps(step).encode() + b"\n"


def _clip(what: Answer | Conflict | Citation | Clipping, question: str) -> Clipping:
    if isinstance(what, Answer):
        return clip_answer(what)
    if isinstance(what, Conflict):
        return clip_disagreement(what, question=question)
    return clip_quote(what, question=question) if isinstance(what, Citation) else what


def _known(pages: _Pages, clipping_id: str) -> Clipping:
    if clipping_id not in pages.held or clipping_id in pages.removed:
        raise LibraryError("This is no longer in the notebook: somebody removed it")
    return pages.held[clipping_id]


def _check_room(pages: _Pages) -> None:
    if len(pages.standing()) >= MOST_CLIPPINGS:
        raise LibraryError(
            f"The notebook holds {MOST_CLIPPINGS:,} clippings, which is the most: export it, then remove some"
        )
