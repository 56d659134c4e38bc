"""Records back from JSON Lines: as `Task`, and typed for columnar files."""

from __future__ import annotations

import datetime as dt
import json
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extract.task import Task

if TYPE_CHECKING:
    import pyarrow as pa

Converter = Callable[[Any], Any]
_KEYWORDS = {"from_": "from"}


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Records of a file that this program wrote."""
    with open(path, "rb") as stream:
        for line in stream:
            yield json.loads(line)


def task_of(record: Mapping[str, Any]) -> Task:
    """Task of which ``to_dict()`` is the record."""
    task: Task = _maker(Task)(record)
    return task


def typed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Record as `schema` wants it: `datetime.date` for ISO dates, pairs for mappings.

    Pairs, because Spark's maps forget the order of their keys.
    """
    found: dict[str, Any] = _typer(Task)(record)
    return found


def schema() -> pa.Schema:
    """Arrow schema of a record: the fields of `Task`, lists and structures nested."""
    import pyarrow as pa

    return pa.schema([(key, _arrow(hint)) for key, hint in _hints(Task).items()])


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Record of a row of a columnar file; the inverse of `typed`."""
    hints = _hints(Task)
    return {key: _plain(hints.get(key), value) for key, value in row.items()}


def _plain(hint: Any, value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(None, part) for key, part in value.items()}
    if _is_mapping(hint):
        return {pair["key"]: pair["value"] for pair in value}
    return [_plain(None, part) for part in value] if isinstance(value, list) else value


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Types of the fields of a record's part, by key and in the order of the keys."""
    hints = typing.get_type_hints(kind)
    return {_KEYWORDS.get(part.name, part.name): hints[part.name] for part in _of(kind)}


def _of(kind: Any) -> tuple[Field[Any], ...]:
    return fields(kind)


def _bare(hint: Any) -> Any:
    """Type without ``| None``."""
    if isinstance(hint, types.UnionType):
        (hint,) = (part for part in hint.__args__ if part is not type(None))
    return hint


# Converters are made once a type: a million records are no time to look at types.


@cache
def _maker(hint: Any) -> Converter:
    """Function from what JSON holds to a value of a type of `extract.task`."""
    hint = _bare(hint)
    if hint is dt.date:
        return _day
    if typing.get_origin(hint) is tuple:
        part = _maker(hint.__args__[0])
        return tuple if part is _same else lambda values: tuple(map(part, values))
    if not _is_part(hint):
        return _same
    parts = {key: _maker(inner) for key, inner in _hints(hint).items()}
    changed = {key: part for key, part in parts.items() if part is not _same}

    def make(record: Mapping[str, Any] | None) -> Any:
        if record is None:
            return None
        values = dict(record)
        for key, part in changed.items():
            if key in values:
                values[key] = part(values[key])
        for name, key in _KEYWORDS.items():
            if key in values:
                values[name] = values.pop(key)
        return hint(**values)

    return make


@cache
def _typer(hint: Any) -> Converter:
    """Function from what JSON holds to what Arrow wants."""
    hint = _bare(hint)
    if hint is dt.date:
        return _day
    if typing.get_origin(hint) is tuple:
        part = _typer(hint.__args__[0])
        return lambda values: list(map(part, values))
    if _is_mapping(hint):
        return lambda value: [{"key": key, "value": value[key]} for key in value]
    if not _is_part(hint):
        return _text if hint not in (bool, int, float) else _same
    parts = {key: _typer(inner) for key, inner in _hints(hint).items()}

    def convert(record: Mapping[str, Any] | None) -> Any:
        if record is None:
            return None
        return {key: parts[key](value) for key, value in record.items()}

    return convert


def _is_part(hint: Any) -> bool:
    return is_dataclass(hint)


def _same(value: Any) -> Any:
    return value


def _day(value: str | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if value else None


def _text(value: str | None) -> str | None:
    # a file name need not be text, but here it must
    return value and value.encode("utf-8", "replace").decode()


def _arrow(hint: Any) -> pa.DataType:
    import pyarrow as pa

    hint = _bare(hint)
    origin = typing.get_origin(hint)
    if origin is tuple:
        return pa.list_(_arrow(hint.__args__[0]))
    if is_dataclass(hint) and isinstance(hint, type):
        return pa.struct([(key, _arrow(part)) for key, part in _hints(hint).items()])
    if _is_mapping(hint):
        return pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())]))
    simple = {
        bool: pa.bool_(),
        int: pa.int64(),
        float: pa.float64(),
        dt.date: pa.date32(),
    }
    # strings, and literals, which are strings
    return simple.get(hint, pa.string())


def _is_mapping(hint: Any) -> bool:
    return typing.get_origin(hint) is Mapping
