"""Changelogs of many issues: what changed and when, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from data.reading.date_columns import UNREADABLE, parse_instants
from data.reading.field_values import folded, objects
from data.reading.jira_records import Record, histories_of, identity_order

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
    times, met, place = parse_instants(told).tolist(), _Met(), 0
    for histories in delivered:
        if histories is None:
            yield None
            continue
        own = times[place : place + len(histories)]
        place += len(histories)
        dated = _in_order(own, histories)
        items = [(time, item) for time, history in dated for item in objects(history.get("items"))]
        try:
            changes = [
                (time, what, item)
                for time, item in items
                if (what := met[item.get("fieldId"), item.get("field"), item.get("fieldtype")])
            ]
        except TypeError:  # a list or an object where a name should be
            changes = [(time, what, item) for time, item in items if (what := _what_is(item))]
        yield changes


def _in_order(times: list[int], histories: Sequence[Any]) -> Iterable[tuple[int, Any]]:
    """The dated ones by time, then by id; mostly they come in order, or in the opposite one."""
    if UNREADABLE not in times:
        rising = sorted(set(times))
        if times == rising:
            return zip(times, histories, strict=True)
        if times[::-1] == rising:
            return zip(rising, histories[::-1], strict=True)
    dated = [pair for pair in zip(times, histories, strict=True) if pair[0] != UNREADABLE]
    return sorted(dated, key=lambda pair: (pair[0], identity_order(_number(pair[1].get("id")))))


def _number(history_id: object) -> str:
    """Text or a whole number; anything else is none."""
    return str(history_id) if isinstance(history_id, str | int) and not isinstance(history_id, bool) else ""


class _Met(dict[tuple[Any, Any, Any], int]):
    """What each way of naming a field means, looked at once; the naming is by id, name and type."""

    def __missing__(self, named: tuple[Any, Any, Any]) -> int:
        self[named] = _what(*named)
        return self[named]


def _what_is(item: Record) -> int:
    return _what(item.get("fieldId"), item.get("field"), item.get("fieldtype"))


def _what(field_id: object, field: object, field_type: object) -> int:
    """A custom field may be called as one of Jira's own is: by its id, else by its type, it is told from it."""
    name = folded(field)
    own = folded(field_id) if field_id else name if folded(field_type) == "jira" else ""
    return {"status": STATUS, "resolution": RESOLUTION}.get(own, 0) | {"flagged": FLAG, "key": KEY}.get(name, 0)


def former_keys(record: Record, changes: Iterable[Change]) -> Iterable[str]:
    """The names that a moved issue had: those its history gives up, and those that were kept with the record."""
    kept = record.get("former_keys")
    named = [item.get("fromString") for _, what, item in changes if what & KEY]
    names = (*named, *kept) if isinstance(kept, list) else named
    return [text for name in names if (text := str(name or "").strip())]
