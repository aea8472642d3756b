"""A history as a JSON document whose columns are base64 texts, and back: opened without looking at single issues."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from data.history import DATE_FIELDS, DeliveryHistory, Events, Facet, Pairs
from data.labels import SEPARATOR, JoinedLabels
from data.model import TeamRules
from data.performance_utils import FieldMappingIndex
from data.reading.statuses import StatusColumns
from data.reading.versions import VersionColumns
from data.spans import begins_of

SCHEMA = 1
"""Raised whenever a document of before could be misread."""

_NARROWER = (np.uint8, np.uint16, np.int32)
_PLAIN = ("malformed", "project_names", "events")
_ISSUE_COLUMNS = (
    "created",
    "has_history",
    "resolved",
    "resolution_cancels",
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
        told = {"time": _written_times(events, history.created), "value": _written(events.value)}
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
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
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
        name: _read_events(document[name], single["created"]) for name in ("statuses_entered", "resolutions", "flags")
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
    """A column in the narrowest type that holds it; one value throughout, or each row's own number, is only named."""
    told = {"type": column.dtype.name, "count": len(column)}
    if len(column) and bool((column == column[0]).all()):
        return told | {"all": column[0].item()}
    if column.dtype == np.int32 and np.array_equal(column, np.arange(len(column), dtype=np.int32)):
        return told | {"as": "rows"}
    if column.dtype == np.bool_:
        return told | {"as": "bits", "data": _text(np.packbits(column))}
    narrow = _narrowed(column)
    return told | {"as": narrow.dtype.name, "data": _text(narrow)}


def _narrowed(column: Column) -> Column:
    if not len(column):
        return column
    low, high = int(column.min()), int(column.max())
    for kind in _NARROWER:
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return column.astype(kind)
    return column


def _text(column: Column) -> str:
    little = column.astype(column.dtype.newbyteorder("<"), copy=False)
    return b2a_base64(little.tobytes(), newline=False).decode("ascii")


def _read(written: Mapping[str, Any]) -> Column:
    kind, count = np.dtype(written["type"]), written["count"]
    if "all" in written:
        return np.broadcast_to(np.array(written["all"], dtype=kind), count)
    if written["as"] == "rows":
        return np.arange(count, dtype=kind)
    data = a2b_base64(written["data"])
    if written["as"] == "bits":
        return np.unpackbits(np.frombuffer(data, dtype=np.uint8), count=count).view(np.bool_)
    column = np.frombuffer(data, dtype=np.dtype(written["as"]).newbyteorder("<")).astype(kind, copy=False)
    if len(column) != count:
        raise ValueError("a column is cut off")
    return column


def _written_owners(issue: Column, count: int) -> dict[str, Any]:
    """Which issue each event is of, as the number of events of each where they stand in order."""
    if bool((issue[1:] >= issue[:-1]).all()):
        return {"per_issue": _written(np.bincount(issue, minlength=count))}
    return {"issue": _written(issue)}


def _written_times(events: Events, created: Column) -> dict[str, Any]:
    """Instants as milliseconds since the one before, for each issue since its creation, where they are so exact.

    Gaps of more than seven weeks do not fit and are kept apart.
    """
    began = begins_of(events.issue)
    gaps = np.diff(events.time, prepend=events.time[:1])
    gaps[began] = events.time[began] - created[events.issue[began]]
    known = len(gaps) > 0 and bool(created[events.issue].min() > 0) and bool(events.time.min() > 0)
    if not known or (gaps % 1000).any():
        return _written(events.time)
    gaps //= 1000
    wide = np.flatnonzero((gaps < 0) | (gaps > np.iinfo(np.uint32).max))
    apart = {"rows": _written(wide.astype(np.int32)), "gaps": _written(gaps[wide])}
    gaps[wide] = 0
    return {"milliseconds": _text(gaps.astype(np.uint32)), "apart": apart}


def _read_times(written: Mapping[str, Any], issue: Column, created: Column) -> Column:
    if "milliseconds" not in written:
        return _read(written)
    gaps = np.frombuffer(a2b_base64(written["milliseconds"]), dtype="<u4").astype(np.int64)
    gaps[_read(written["apart"]["rows"])] = _read(written["apart"]["gaps"])
    since = np.cumsum(gaps)
    began = np.flatnonzero(begins_of(issue))
    base = created[issue[began]] - (since[began] - gaps[began]) * 1000
    times: Column = since * 1000 + np.repeat(base, np.diff(began, append=len(issue)))
    return times


def _read_events(written: Mapping[str, Any], created: Column) -> Events:
    if "per_issue" in written:
        issue = np.repeat(np.arange(len(created), dtype=np.int32), _read(written["per_issue"]))
    else:
        issue = _read(written["issue"])
    time, value = _read_times(written["time"], issue, created), _read(written["value"])
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
