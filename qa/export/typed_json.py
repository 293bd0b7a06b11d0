"""Plain JSON values made frozen dataclasses again, each checked against the type of its field."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from index.errors import WhosaysError

Value = TypeVar("Value")


class Mismatch(Exception):
    """A value is not of its field's type; the text says where and how."""


def read_value(wanted: type[Value], value: Any, where: str = "") -> Value:
    """`value` as `wanted`: a dataclass, tuple, mapping, literal, optional or plain type. Raises Mismatch.

    `where` names the place for the message. A field that is not there takes its default; one that nobody
    knows is passed over, so that a newer version may add some.
    """
    try:
        made: Value = _read(wanted, value, where)
    except RecursionError as error:  # an answer may hold answers
        raise Mismatch(f"{where or 'the whole'} is nested too deeply") from error
    return made


def _read(wanted: Any, value: Any, where: str) -> Any:
    origin, inner = get_origin(wanted), get_args(wanted)
    if is_dataclass(wanted):
        return _dataclass(wanted, value, where)
    if origin in (Union, UnionType):
        return _optional(inner, value, where)
    if origin is tuple:
        _check(isinstance(value, list), value, where, "a list")
        return tuple(_read(inner[0], one, f"{where}[{at}]") for at, one in enumerate(value))
    if origin is Mapping:
        _check(isinstance(value, dict), value, where, "an object")
        return {key: _read(inner[1], one, f"{where}.{key}") for key, one in value.items()}
    return value if wanted is Any else _plain(wanted, value, where)


def _plain(wanted: Any, value: Any, where: str) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if get_origin(wanted) is Literal:
        choices = get_args(wanted)
        return _check(isinstance(value, str) and value in choices, value, where, " or ".join(choices))
    if wanted is float:
        try:
            return float(_check(number, value, where, "a number"))
        except OverflowError:  # JSON writes whole numbers of any length
            return _check(False, value, where, "a number of usual size")
    names = {str: "a text", int: "a whole number", bool: "true or false"}
    fits = isinstance(value, wanted) and (wanted is not int or number)
    return _check(fits, value, where, names[wanted])


def _dataclass(wanted: Any, value: Any, where: str) -> Any:
    _check(isinstance(value, dict), value, where, "an object")
    types, given = get_type_hints(wanted), {}
    for field in fields(wanted):
        place = f"{where}.{field.name}" if where else field.name
        if field.name in value:
            given[field.name] = _read(types[field.name], value[field.name], place)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise Mismatch(f"{place} is missing")
    try:
        return wanted(**given)
    except WhosaysError as error:  # a value that its dataclass refuses
        raise Mismatch(f"{where or 'the whole'} cannot be used: {error}") from error


def _optional(choices: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and NoneType in choices:
        return None
    (other,) = (one for one in choices if one is not NoneType)
    return _read(other, value, where)


def _check(fits: bool, value: Any, where: str, wanted: str) -> Any:
    if not fits:
        shown = repr(value)
        shown = shown if len(shown) < 40 else shown[:40] + "…"
        raise Mismatch(f"{where or 'the whole'} is {shown}, not {wanted}")
    return value
