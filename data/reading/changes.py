"""Changelogs of many issues: what changed and when, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from data.reading.date_columns import UNREADABLE, Times, parse_instants
from data.reading.field_values import folded, objects_of_all
from data.reading.jira_records import Record, identity_order

STATUS, RESOLUTION, FLAG, KEY = 1, 2, 4, 8
"""What a changed field is to us; one may be several."""

Rows = npt.NDArray[np.intp]
Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False, slots=True)
class Changes:
    """Changelog items issue by issue, each issue's in the order in which they happened; `what` is told as bits."""

    issue: Rows
    time: Times
    what: npt.NDArray[np.uint8]
    items: Sequence[Record]

    def about(self, what: int) -> Changes:
        rows = np.flatnonzero(self.what & what)
        return Changes(self.issue[rows], self.time[rows], self.what[rows], [self.items[row] for row in rows.tolist()])

    def values(self, name: str) -> list[object]:
        return [item.get(name) for item in self.items]

    def begins(self) -> Rows:
        """The first change of each issue that has any."""
        return np.flatnonzero(np.diff(self.issue, prepend=-1))

    def after(self, issue: Rows, begun: Times, first: Codes, values: Codes) -> tuple[Codes, Times, Codes]:
        """Issue, time and value of the changes, preceded in each of some issues by how and when it began.

        The changes are of no other issues; those come in order.
        """
        place = np.searchsorted(self.issue, issue)
        issues: Codes = np.insert(self.issue, place, issue).astype(np.int32)
        times: Times = np.insert(self.time, place, begun)
        return issues, times, np.insert(values, place, first)


def read_changes(delivered: Sequence[Sequence[object] | None]) -> Changes:
    """What changed that we know, by the histories that were delivered of each issue."""
    histories: list[Any] = [history for own in delivered if own for history in own]
    owner = np.repeat(np.arange(len(delivered)), [len(own) if own else 0 for own in delivered])
    time = parse_instants([history.get("created") if isinstance(history, dict) else None for history in histories])
    dated = _in_order(owner, time, histories)
    counts, items = objects_of_all([histories[row].get("items") for row in dated.tolist()])
    row = np.repeat(dated, counts)
    return Changes(owner[row], time[row], _meaning(items), items)


def _in_order(owner: Rows, time: Times, histories: Sequence[Any]) -> Rows:
    """The dated ones of each owner by time, then by id."""
    rows = np.flatnonzero(time != UNREADABLE)
    rows = rows[np.lexsort((time[rows], owner[rows]))]
    tied = (np.diff(time[rows]) == 0) & (np.diff(owner[rows]) == 0)
    place = np.flatnonzero(np.append(tied, False) | np.insert(tied, 0, False))
    run = np.cumsum(~np.insert(tied, 0, False))[place].tolist()
    names = [identity_order(_number(histories[row].get("id"))) for row in rows[place].tolist()]
    keys = list(zip(run, names, strict=True))
    rows[place] = rows[place[sorted(range(len(keys)), key=keys.__getitem__)]]
    return rows


def _number(history_id: object) -> str:
    """Text or a whole number; anything else is none."""
    return str(history_id) if isinstance(history_id, str | int) and not isinstance(history_id, bool) else ""


def _meaning(items: Sequence[Record]) -> npt.NDArray[np.uint8]:
    met = _Met()
    try:
        found = [met[item.get("fieldId"), item.get("field"), item.get("fieldtype")] for item in items]
    except TypeError:  # a list or an object where a name should be
        found = [_what(item.get("fieldId"), item.get("field"), item.get("fieldtype")) for item in items]
    return np.array(found, dtype=np.uint8)


class _Met(dict[tuple[Any, Any, Any], int]):
    """What each way of naming a field means, looked at once; the naming is by id, name and type."""

    def __missing__(self, named: tuple[Any, Any, Any]) -> int:
        self[named] = _what(*named)
        return self[named]


def _what(field_id: object, field: object, field_type: object) -> int:
    """A custom field may be called as one of Jira's own is: by its id, else by its type, it is told from it."""
    name = folded(field)
    own = folded(field_id) if field_id else name if folded(field_type) == "jira" else ""
    return {"status": STATUS, "resolution": RESOLUTION}.get(own, 0) | {"flagged": FLAG, "key": KEY}.get(name, 0)


def former_keys(issues: Sequence[tuple[str, Record]], changes: Changes) -> list[tuple[str, int]]:
    """The names that moved issues had: those their histories give up, and those that were kept with the records."""
    moved = changes.about(KEY)
    named = [*zip(moved.issue.tolist(), moved.values("fromString"), strict=True)]
    for issue, (_, record) in enumerate(issues):
        kept = record.get("former_keys")
        named += [(issue, name) for name in kept] if isinstance(kept, list) else []
    return [(text, issue) for issue, name in sorted(named, key=lambda one: one[0]) if (text := str(name or "").strip())]
