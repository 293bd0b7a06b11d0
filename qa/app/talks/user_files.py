"""The talks of those who sign in, on the server: a folder for each, a file for each talk, the newest ones.

A file has two lines: what the list shows of the talk, and the talk itself as `record.write` gives it. It is
swapped in whole, and only the owner of the server's files can read it.
"""

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from time import time_ns

import platformdirs

from index.errors import WhosaysError
from qa.app.talks.record import ID_CHARS, Record
from qa.export.typed_json import Mismatch, read_value

TALKS_KEPT = 50
TITLE_CHARS = 200


class TalksError(WhosaysError):
    """A talk cannot be kept or read."""


@dataclass(frozen=True, slots=True)
class TalkSummary:
    """What the list shows of a talk. `updated` is in milliseconds since 1970, and grows with each change."""

    id: str
    name: str
    library: str
    updated: int
    questions: tuple[str, ...]


def default_folder() -> Path:
    """Where the talks of all apps of this user are."""
    return platformdirs.user_state_path("whosays") / "conversations"


class UserFiles:
    """All talks of an app, by the name of who signed in; threads may share it."""

    def __init__(self, folder: Path, *, app: str) -> None:
        """`app` tells one app from another whose people may bear the same names."""
        self._folder = folder
        self._app = app
        self._changing = Lock()

    def listing(self, user: str) -> list[TalkSummary]:
        """The user's own talks, the newest first."""
        found = []
        for path in self._paths(user):
            with suppress(TalksError):  # a damaged file is in nobody's way
                found.append(self._read(path)[0])
        return sorted(found, key=lambda one: (-one.updated, one.id))

    def get(self, user: str, talk_id: str) -> str:
        """The talk as it was put. Raises TalksError where the user has none of this id."""
        return self._read(self._path(user, talk_id))[1]

    def put(
        self, user: str, record: Record, text: str, *, name: str = "", seen: int | None = None
    ) -> TalkSummary | None:
        """Keep a talk, in place of its earlier state; None, and nothing changes, where that is not as `seen`.

        Without `name` it keeps its own, or takes its first question. Of more than `TALKS_KEPT` those that
        were changed longest ago go.
        """
        path = self._path(user, record.id)
        with self._changing:
            known = self._read(path)[0] if path.exists() else None
            if known is not None and known.updated != seen:
                return None
            updated = max(time_ns() // 1_000_000, known.updated + 1 if known else 0)
            own = name or (known.name if known else "") or record.questions[0]
            summary = TalkSummary(record.id, own[:TITLE_CHARS], record.library, updated, record.questions)
            self._write(path, summary, text)
            for old in self.listing(user)[TALKS_KEPT:]:
                self._path(user, old.id).unlink(missing_ok=True)
            return summary

    def rename(self, user: str, talk_id: str, name: str) -> TalkSummary:
        """Give a talk another name; its place in the list stays."""
        path = self._path(user, talk_id)
        with self._changing:
            known, text = self._read(path)
            own = " ".join(name.split())[:TITLE_CHARS] or known.questions[0][:TITLE_CHARS]
            summary = TalkSummary(known.id, own, known.library, known.updated, known.questions)
            self._write(path, summary, text)
            return summary

    def delete(self, user: str, talk_id: str) -> None:
        """Forget a talk; one that is not there is no error."""
        with self._changing:
            self._path(user, talk_id).unlink(missing_ok=True)

    def _own(self, user: str) -> Path:
        # A name may hold what no folder's can; and nobody's folder is to be guessed from a name.
        return (
            self._folder / hashlib.sha256(f"{self._app}\0{user}".encode(errors="surrogatepass")).hexdigest()
        )

    def _paths(self, user: str) -> list[Path]:
        own = self._own(user)
        return sorted(own.glob("*.json")) if own.is_dir() else []

    def _path(self, user: str, talk_id: str) -> Path:
        if not (0 < len(talk_id) <= ID_CHARS and talk_id.isalnum() and talk_id.isascii()):
            raise TalksError("There is no such conversation")
        return self._own(user) / f"{talk_id}.json"

    def _read(self, path: Path) -> tuple[TalkSummary, str]:
        try:
            head, _, text = path.read_text(encoding="utf-8").partition("\n")
            return read_value(TalkSummary, json.loads(head)), text
        except FileNotFoundError as error:
            raise TalksError("There is no such conversation: it may have been deleted elsewhere") from error
        except (OSError, ValueError, RecursionError, Mismatch) as error:
            raise TalksError("This conversation cannot be read: its file was damaged") from error

    def _write(self, path: Path, summary: TalkSummary, text: str) -> None:
        new = path.with_suffix(".new")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new.unlink(missing_ok=True)
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as out:
                out.write(f"{json.dumps(asdict(summary), ensure_ascii=False)}\n{text}")
                out.flush()
                os.fsync(out.fileno())
            new.replace(path)
        except OSError as error:
            raise TalksError(
                f"The conversation cannot be kept ({error.strerror}): free some space"
            ) from error
