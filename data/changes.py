"""Changelogs of many issues: what changed and when, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from data.date_columns import UNREADABLE, parse_instants
from data.field_values import folded, objects
from data.jira_records import Record, histories_of, identity_order

STATUS, RESOLUTION, FLAG, KEY = 1, 2, 4, 8
"""What a changed field is to us; one may be several."""

Change = tuple[int, int, Record]
"""When, what as bits, and the changelog item that says so."""


def read_changes(records: Sequence[Record]) -> Iterator[list[Change] | None]:
    """For each issue what changed that we know; None where no history was delivered."""
    delivered = [histories_of(record) for record in records]
    told = [
        history.get("created") if isinstance(history, dict) else None
        for histories in delivered
        for history in histories or ()
    ]
    times, known, place = parse_instants(told).tolist(), _Known(), 0
    for histories in delivered:
        if histories is None:
            yield None
            continue
        own = times[place : place + len(histories)]
        place += len(histories)
        dated = [pair for pair in zip(own, histories, strict=True) if pair[0] != UNREADABLE]
        changes = []
        for time, history in _in_order(dated):
            for item in objects(history.get("items")):
                what = known.what(item)
                if what:
                    changes.append((time, what, item))
        yield changes


def _in_order(dated: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """By time, then by id; mostly they come in order, or in the opposite one."""
    if all(one[0] < other[0] for one, other in pairwise(dated)):
        return dated
    if all(one[0] > other[0] for one, other in pairwise(dated)):
        return dated[::-1]
    return sorted(dated, key=lambda pair: (pair[0], identity_order(str(pair[1].get("id") or ""))))


class _Known:
    """Which fields are what; each way of naming one is looked at once."""

    def __init__(self) -> None:
        self._met: dict[tuple[object, object, object], int] = {}

    def what(self, item: Record) -> int:
        named = item.get("fieldId"), item.get("field"), item.get("fieldtype")
        try:
            return self._met[named]
        except KeyError:
            self._met[named] = _what(*named)
            return self._met[named]
        except TypeError:
            return _what(*named)


def _what(field_id: object, field: object, field_type: object) -> int:
    name, kind = folded(field), folded(field_type)
    is_status = folded(field_id) == "status" if field_id else name == "status" and kind == "jira"
    what = STATUS if is_status else 0
    what |= RESOLUTION if folded(field_id or field) == "resolution" else 0
    return what | {"flagged": FLAG, "key": KEY}.get(name, 0)


def former_keys(record: Record, changes: Iterable[Change]) -> Iterator[str]:
    """The names that a moved issue had: those its history gives up, and those that were kept with the record."""
    kept = record.get("former_keys")
    named = [item.get("fromString") for _, what, item in changes if what & KEY]
    if named or kept:
        names = (str(name or "").strip() for name in (*named, *(kept if isinstance(kept, list) else ())))
        yield from filter(None, names)
