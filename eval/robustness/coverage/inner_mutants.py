"""Changes of a value inside of what has a form of its own, JSON or a database: the form stays whole.

Bytes that are changed at random are refused by the first parser. What lies behind it is reached by files that
it accepts.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from copy import deepcopy
from typing import Any

from eval.robustness.mutants import Draw

# What Python cannot hold, put in the place of these when the text is written.
_WRITTEN = {
    "\1deep": "[" * 2_000 + "]" * 2_000,
    "\1nested": "[" * 700 + "1" + "]" * 700,
    "\1digits": "9" * 5_000,
    "\1keys": '{"a":' * 2_000 + "1" + "}" * 2_000,
}
_ODD: Sequence[Any] = (
    None, True, False, 0, -1, 1, 0.5, -0.0, 2**31, 2**63, 2**64, 10**18, 10**400, 1e308, float("inf"),
    float("-inf"), float("nan"), "", " ", "\0", "\ud800", "\udfff", "\u202e", "\u2028", "a" * 5_000,
    "<script>", "2026-07-03", "2026-99-99", "0000-00-00", "https://example.org", "http://[", "javascript:1",
    "../../x", [], {}, [[]], [None], {"": None}, ["a", "b"], *_WRITTEN,
)  # fmt: skip
_REPEATED_BYTES = 20_000
# What each value in turn may be, where another of its form is wanted.
_Place = tuple[Any, Any]
_WAL, _ROLLBACK, _MODE = b"\2\2", b"\1\1", slice(18, 20)  # Source: SQLite, "Database File Format", 1.3.3


def inside_json(change: Callable[[bytes], bytes], data: bytes, draw: Draw) -> bytes:
    """One or two values of a JSON text, or of one line of it, made others; else as `change` has it.

    A value is made an odd one, one from elsewhere in the text, is left out, or stands twice.
    """
    lines = data.split(b"\n")
    at = int(draw.integers(len(lines)))
    for first, last in ((0, len(lines)), (at, at + 1)):
        try:
            held = json.loads(b"\n".join(lines[first:last]))
        except (ValueError, RecursionError):
            continue
        # A number of more digits, or a value nested more deeply, than Python writes.
        with suppress(ValueError, RecursionError):
            for _ in range(draw.integers(1, 3)):
                held = _changed(held, draw)
            text = json.dumps(held)
            for marked, written in _WRITTEN.items():
                text = text.replace(json.dumps(marked), written)
            return b"\n".join((*lines[:first], text.encode(), *lines[last:]))
    return change(data)


def _changed(held: Any, draw: Draw) -> Any:
    places = list(_places([held]))
    within, key = places[int(draw.integers(len(places)))]
    root = places[0][0]
    match int(draw.integers(6)):
        case 0 if within is not root:
            del within[key]
        case 1:
            other, known = places[int(draw.integers(len(places)))]
            with suppress(KeyError, IndexError):
                within[key] = json.loads(json.dumps(other[known]))  # a copy: nothing holds itself
        case 2 if isinstance(within[key], list) and within[key]:
            once = json.dumps(within[key])
            times = min(max(2, _REPEATED_BYTES // len(once)), int(draw.choice((2, 3, 600))))
            # Each read anew: of one value in many places the next change would change all.
            within[key] = [value for _ in range(times) for value in json.loads(once)]
        case 3 if isinstance(within[key], str):
            cut = int(draw.integers(len(within[key]) + 1))
            within[key] = within[key][:cut] + str(_ODD[int(draw.integers(len(_ODD)))]) + within[key][cut:]
        case 4 if isinstance(within[key], int | float):
            within[key] += int(draw.choice((-1, 1, 1_000, -1_000)))
        case _:
            # A copy: the next change may be made inside of it, and put the same list there once more.
            within[key] = deepcopy(_ODD[int(draw.integers(len(_ODD)))])
    return root[0]


def _places(root: list[Any]) -> Sequence[_Place]:
    """Each value by what holds it and where; the first is the whole."""
    found: list[_Place] = []
    waiting: list[Any] = [root]
    while waiting:
        within = waiting.pop()
        for key, value in within.items() if isinstance(within, dict) else enumerate(within):
            found.append((within, key))
            if isinstance(value, dict | list):
                waiting.append(value)
    return found


def inside_database(change: Callable[[bytes], bytes], data: bytes, draw: Draw) -> bytes:
    """One or two cells of an SQLite file made others, or a row left out; else as `change` has it."""
    mode = data[_MODE]
    try:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            # A database in memory has no log.
            connection.deserialize(data[: _MODE.start] + _ROLLBACK + data[_MODE.stop :])
            for _ in range(draw.integers(1, 3)):
                with suppress(sqlite3.Error, OverflowError):  # what the table does not take
                    _change_cell(connection, draw)
            made = connection.serialize()
    except (sqlite3.Error, ValueError):
        return change(data)
    return made[: _MODE.start] + mode + made[_MODE.stop :]


def _change_cell(connection: sqlite3.Connection, draw: Draw) -> None:
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    table = tables[int(draw.integers(len(tables)))]
    columns = connection.execute(f"PRAGMA table_info('{table}')").fetchall()
    key = ", ".join(f'"{one[1]}"' for one in columns if one[5]) or "rowid"
    ((rows,),) = connection.execute(f"SELECT count(*) FROM '{table}'")  # noqa: S608
    if not rows:
        return
    at = int(draw.integers(rows))
    where = f"({key}) = (SELECT {key} FROM '{table}' LIMIT 1 OFFSET {at})"  # noqa: S608
    if draw.integers(10) == 0:
        connection.execute(f"DELETE FROM '{table}' WHERE {where}")  # noqa: S608
        return
    name = columns[int(draw.integers(len(columns)))][1]
    ((now,),) = connection.execute(f"SELECT \"{name}\" FROM '{table}' WHERE {where}")  # noqa: S608
    changed = _other(now, draw)
    connection.execute(f"UPDATE OR IGNORE '{table}' SET \"{name}\" = ? WHERE {where}", (changed,))  # noqa: S608


def _other(now: Any, draw: Draw) -> Any:
    if draw.integers(3) == 0:
        odd = _ODD[int(draw.integers(len(_ODD)))]
        odd = odd if isinstance(odd, int | float | str | None) else json.dumps(odd)
        return odd if not isinstance(odd, str) or odd.isprintable() else odd.encode("utf-8", "surrogatepass")
    if isinstance(now, bytes) and now:
        changed = bytearray(now)
        changed[int(draw.integers(len(changed)))] ^= 1 << int(draw.integers(8))
        return bytes(changed)
    if isinstance(now, str):
        with suppress(ValueError, RecursionError):
            return inside_json(lambda data: data[::-1], now.encode(), draw).decode("utf-8", "replace")
    return now + int(draw.choice((-1, 1, 1_000))) if isinstance(now, int | float) else b"\xff\xfe"
