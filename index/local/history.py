"""Which states a library went through, and so what of an index is its own.

A generation counts changes: two copies of one library that went different ways have equal ones. So each state
has a token besides, drawn when it is made, and the library knows those of its last states. An index notes the
token of what it was made from. It is brought up to date where the library went through that state, and made
again where it did not. Libraries of earlier versions have no tokens: there the generation alone tells.
"""

import sqlite3
import uuid
from dataclasses import dataclass
from typing import Self

from index.local.database import Counters, Database
from index.local.lexical import Stamp

KEPT = 4_000  # states whose tokens are known, 40 bytes each; what is older is made again
_SEPARATOR = ":"  # stands in no id of a library and in no token


def new_token() -> str:
    """The name of a state that no other state has, in whichever copy."""
    return uuid.uuid4().hex


def remember(connection: sqlite3.Connection, before: Counters) -> None:
    """The state that a change leaves behind, inside its transaction."""
    connection.execute("INSERT INTO past VALUES (?, ?)", (before.generation, before.token))
    connection.execute("DELETE FROM past WHERE generation <= ?", (before.generation - KEPT,))


def went_through(database: Database, now: Counters, generation: int, token: str) -> bool:
    """Whether `now` is that state, or came from it by the changes that the library lists."""
    if (generation, token) == (now.generation, now.token):
        return True
    if not now.token:
        return not token and generation <= now.generation
    # Those that had no token yet are told by the last of them.
    known = "generation = ?" if token else "generation >= ?"
    found = database.connection.execute(
        f"SELECT 1 FROM past WHERE {known} AND token = ?",  # noqa: S608  # constants
        (generation, token),
    )
    return found.fetchone() is not None


@dataclass(frozen=True, slots=True)
class Mark:
    """What the word index notes as the `library` of its stamp: of which state of which library it is.

    Words are committed before the rows that they are of: `then` is the token that the library has with these,
    "" where none were added, and `from_key` its last key without them.
    """

    library: str
    token: str = ""
    then: str = ""
    from_key: int = 0

    @classmethod
    def read(cls, noted: str) -> Self:
        """As `str` of it was noted; earlier versions noted the library alone."""
        library, *rest = noted.split(_SEPARATOR)
        return cls(library, rest[0], rest[1], int(rest[2])) if len(rest) == 3 else cls(noted)

    def __str__(self) -> str:
        known = bool(self.token or self.then)
        return (
            _SEPARATOR.join((self.library, self.token, self.then, str(self.from_key)))
            if known
            else self.library
        )


@dataclass(frozen=True, slots=True)
class Covered:
    """What of the word index is the library's: chunks up to `last_key`, and removals up to `generation`."""

    generation: int
    last_key: int


def covered(stamp: Stamp, library: str, database: Database, now: Counters) -> Covered | None:
    """None for the index of another library, or of a copy that went another way."""
    mark = Mark.read(stamp.library)
    if mark.library != library:
        return None
    if mark.then and went_through(database, now, stamp.generation + 1, mark.then):
        return Covered(stamp.generation, stamp.last_key)
    if not went_through(database, now, stamp.generation, mark.token):
        return None
    # What was added to it then was never made here, or by another copy.
    return Covered(stamp.generation, mark.from_key if mark.then else stamp.last_key)


def is_foreign(stamp: Stamp, library: str, database: Database, now: Counters) -> bool:
    """Whether it tells of what never stood here; a change that was cut off is the library's own."""
    own = covered(stamp, library, database, now)
    return own is None or (own.last_key < stamp.last_key and own.generation < now.generation)
