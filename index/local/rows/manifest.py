"""What a library was built with: names and values in its database, under one checksum."""

import sqlite3
import zlib

_CRC = "crc"


def read_manifest(connection: sqlite3.Connection) -> tuple[dict[str, str], bool]:
    """Names and values, and whether they are as they were written: without a checksum nobody knows."""
    values = {str(name): str(value) for name, value in connection.execute("SELECT * FROM manifest")}
    crc = values.pop(_CRC, None)
    return values, crc is not None and crc == _crc_of(values)


def write_manifest(connection: sqlite3.Connection, **values: str) -> None:
    """Set these values and the checksum over all, in one statement: readers never see half of it."""
    together = {**read_manifest(connection)[0], **values}
    rows = [*sorted(values.items()), (_CRC, _crc_of(together))]
    connection.execute(
        f"INSERT OR REPLACE INTO manifest VALUES {', '.join(['(?, ?)'] * len(rows))}",  # noqa: S608
        [one for row in rows for one in row],
    )


def _crc_of(values: dict[str, str]) -> str:
    return str(zlib.crc32(repr(sorted(values.items())).encode("utf-8", "surrogateescape")))
