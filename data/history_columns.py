"""A history as a JSON document whose columns are texts of digits, and back: opened without looking at single issues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from data.history import DATE_FIELDS, MISSING, DeliveryHistory, Events, Facet, Pairs, Times
from data.labels import SEPARATOR, JoinedLabels
from data.model import TeamRules
from data.performance_utils import FieldMappingIndex
from data.reading.statuses import StatusColumns
from data.reading.versions import VersionColumns

SCHEMA = 2
"""Raised whenever a document of before could be misread."""

_FIRST_SIGN, _BASE = ord("#"), 91
"""The digits are the signs from # to ~ without the backslash: in JSON each is one byte as it stands."""

_AT_ONCE = 16_384  # rows whose numbers stay in the processor's cache
_PLAIN = ("malformed", "project_names", "events")
_ISSUE_COLUMNS = (
    "created",
    "has_history",
    "resolved",
    "resolution",
    "current_status",
    "kind",
    "project",
)

Column = npt.NDArray[Any]
Columns = TypeVar("Columns", Events, Pairs, StatusColumns, VersionColumns)


def to_document(history: DeliveryHistory) -> dict[str, Any]:
    """The history without its rules and field mapping: plain JSON, of which every column is one text."""
    document: dict[str, Any] = {"schema": SCHEMA, "count": len(history)}
    document |= {name: _written_labels(getattr(history, name)) for name in ("labels", "identities")}
    document |= {name: _written(getattr(history, name)) for name in (*_ISSUE_COLUMNS, "cut_histories")}
    document |= {name: _written_columns(getattr(history, name)) for name in ("statuses", "versions")}
    for name in ("statuses_entered", "resolutions", "flags"):
        events: Events = getattr(history, name)
        told = {"time": _written(events.time), "value": _written(events.value)}
        document[name] = _written_owners(events.issue, len(history)) | told
    for name in ("fixes", "affects", "links", "causes"):
        document[name] = _written_columns(getattr(history, name))
    document["dates"] = {name: _written(history.dates[name]) for name in DATE_FIELDS}
    document["roles"] = {name: _written(column) for name, column in history.roles.items()}
    document["facets"] = {
        name: {"names": facet.names, **_written_columns(facet.values)} for name, facet in history.facets.items()
    }
    document["former_keys"] = dict(history.former_keys)
    return document | {name: [*getattr(history, name)] for name in _PLAIN}


def from_document(document: Mapping[str, Any], rules: TeamRules, index: FieldMappingIndex) -> DeliveryHistory:
    """The history that was written under these rules and this mapping; `ValueError` where it cannot be read."""
    if document.get("schema") != SCHEMA:
        raise ValueError("the columns were written by another version of the program; read the issues again")
    try:
        history = _history(document, rules, index)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, OverflowError) as error:
        raise ValueError(f"the columns are damaged ({error}); read the issues again") from error
    if any(len(column) != len(history) for column in _issue_columns(history)):
        raise ValueError("the columns differ in length; read the issues again")
    return history


def _issue_columns(history: DeliveryHistory) -> list[Any]:
    columns = [getattr(history, name) for name in (*_ISSUE_COLUMNS, "labels", "identities")]
    return [*columns, *history.dates.values(), *history.roles.values()]


def _history(document: Mapping[str, Any], rules: TeamRules, index: FieldMappingIndex) -> DeliveryHistory:
    count = document["count"]
    single: dict[str, Any] = {name: _read(document[name]) for name in (*_ISSUE_COLUMNS, "cut_histories")}
    pairs: dict[str, Any] = {
        name: _read_columns(Pairs, document[name]) for name in ("fixes", "affects", "links", "causes")
    }
    events: dict[str, Any] = {
        name: _read_events(document[name], count) for name in ("statuses_entered", "resolutions", "flags")
    }
    parts = single | pairs | events | {name: document[name] for name in _PLAIN}
    return DeliveryHistory(
        rules=rules,
        index=index,
        labels=_read_labels(document["labels"], count),
        identities=_read_labels(document["identities"], count),
        dates={name: _read(column) for name, column in document["dates"].items()},
        roles={name: _read(column) for name, column in document["roles"].items()},
        statuses=_read_columns(StatusColumns, document["statuses"]),
        versions=_read_columns(VersionColumns, document["versions"]),
        facets={name: Facet(facet["names"], _read_columns(Pairs, facet)) for name, facet in document["facets"].items()},
        former_keys=document["former_keys"],
        **parts,
    )


def _written_labels(labels: Sequence[str]) -> str | list[str]:
    """One text where the labels can be told apart in it, else the list."""
    if isinstance(labels, JoinedLabels):
        return labels.joined
    joined = SEPARATOR.join(labels)
    return joined if joined.count(SEPARATOR) == len(labels) - 1 else [*labels]


def _read_labels(written: str | list[str], count: int) -> Sequence[str]:
    return JoinedLabels(written, count) if isinstance(written, str) else written


def _written(column: Column) -> dict[str, Any]:
    """A column in as few digits as hold it; one value throughout, or each row's own number, is only named."""
    told = {"type": column.dtype.name, "count": len(column)}
    if not len(column) or bool((column == column[0]).all()):
        return told | {"all": column[0].item() if len(column) else 0}
    if column.dtype == np.int32 and np.array_equal(column, np.arange(len(column), dtype=np.int32)):
        return told | {"as": "rows"}
    if column.dtype == np.bool_:
        return told | {"as": "bits", "bytes": _written(np.packbits(column))}
    return told | {"as": "digits"} | _written_digits(column)


def _written_digits(column: Column) -> dict[str, Any]:
    """How many units each value is above the least; where some are missing these are 0, and the others one more."""
    missing = column == MISSING
    known = column[~missing].astype(np.int64)
    least = known.min()
    above = (known - least).view(np.uint64)  # right even where the difference passes the largest signed number
    unit = max(int(np.gcd.reduce(above)), 1)
    counted = np.zeros(len(column), dtype=np.uint64)
    some_missing = bool(missing.any())
    counted[~missing] = above // np.uint64(unit) + np.uint64(some_missing)
    return {"least": int(least), "unit": unit, "missing": some_missing, "digits": _digits(counted)}


def _digits(counted: npt.NDArray[np.uint64]) -> str:
    """The first digit of every number, then the second of every number, and so on: so they are read many at once."""
    places: list[npt.NDArray[np.uint8]] = []
    most = int(counted.max())
    while most or not places:
        counted, digit = np.divmod(counted, np.uint64(_BASE))
        sign = digit.astype(np.uint8) + np.uint8(_FIRST_SIGN)
        places.append(sign + (sign >= ord("\\")))
        most //= _BASE
    return np.stack(places[::-1]).tobytes().decode("ascii")


def _read(written: Mapping[str, Any]) -> Column:
    kind, count = np.dtype(written["type"]), written["count"]
    if "all" in written:
        return np.broadcast_to(np.array(written["all"], dtype=kind), count)
    if written["as"] == "rows":
        return np.arange(count, dtype=kind)
    if written["as"] == "bits":
        return np.unpackbits(_read(written["bytes"]), count=count).view(np.bool_)
    return _read_digits(written, np.empty(count, dtype=kind))


def _read_digits(written: Mapping[str, Any], column: Column) -> Column:
    signs = np.frombuffer(written["digits"].encode("ascii"), dtype=np.uint8)
    if not len(signs) or len(signs) % len(column):
        raise ValueError("a column is cut off")
    signs = signs.reshape(-1, len(column))
    for begin in range(0, len(column), _AT_ONCE):
        part = slice(begin, begin + _AT_ONCE)
        column[part] = _numbers(signs[:, part], written)
    return column


def _numbers(signs: npt.NDArray[np.uint8], written: Mapping[str, Any]) -> Times:
    digits = (signs - (signs > ord("\\")) - np.uint8(_FIRST_SIGN)).astype(np.uint16)
    odd = len(digits) % 2
    pairs = [*digits[:odd], *(digits[odd::2] * np.uint16(_BASE) + digits[odd + 1 :: 2])]
    numbers: Times = pairs[0].astype(np.int64)
    for pair in pairs[1:]:
        numbers *= _BASE**2
        numbers += pair
    missing = numbers == 0 if written["missing"] else None
    if missing is not None:
        numbers -= 1
    if written["unit"] != 1:
        numbers *= written["unit"]
    if written["least"]:
        numbers += written["least"]
    if missing is not None:
        numbers[missing] = MISSING
    return numbers


def _written_owners(issue: Column, count: int) -> dict[str, Any]:
    """Which issue each event is of, as the number of events of each where they stand in order."""
    if bool((issue[1:] >= issue[:-1]).all()):
        return {"per_issue": _written(np.bincount(issue, minlength=count))}
    return {"issue": _written(issue)}


def _read_events(written: Mapping[str, Any], count: int) -> Events:
    if "per_issue" in written:
        issue = np.repeat(np.arange(count, dtype=np.int32), _read(written["per_issue"]))
    else:
        issue = _read(written["issue"])
    time, value = _read(written["time"]), _read(written["value"])
    if not len(issue) == len(time) == len(value):
        raise ValueError("the columns of events differ in length")
    return Events(issue, time, value)


def _written_columns(columns: Pairs | StatusColumns | VersionColumns) -> dict[str, Any]:
    values = {part.name: getattr(columns, part.name) for part in fields(columns)}
    return {name: _written(value) if isinstance(value, np.ndarray) else value for name, value in values.items()}


def _read_columns(kind: type[Columns], written: Mapping[str, Any]) -> Columns:
    values: dict[str, Any] = {part.name: written[part.name] for part in fields(kind)}
    read: dict[str, Any] = {name: _read(it) if isinstance(it, Mapping) else it for name, it in values.items()}
    return kind(**read)
