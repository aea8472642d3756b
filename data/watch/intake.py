"""Takes measurements into the database: the newest one by one, all as sums by minute and over the file's life."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from data.watch.blocks import add_recent
from data.watch.cells import Cells
from data.watch.measurement import Kind, Measurement
from data.watch.series import admitted
from data.watch.summary import LabelKey, microseconds
from data.watch.totals import add_totals

RAW_ROWS = 50_000
"""So many of the newest measurements are kept one by one."""
_LAST_INSTANT = datetime(9000, 1, 1, tzinfo=UTC).timestamp()
_COLUMNS = "timestamp, route, method, duration_ms, status_code, cache_hit, error, kind, request_id, waited_ms"


def add_measurements(connection: sqlite3.Connection, measurements: Sequence[Measurement], now: float) -> None:
    """Take them in, within the transaction that is open; what has no instant that a calendar knows was taken `now`."""
    keys = [LabelKey(one.kind, _text(one.label), _text(one.method)) for one in measurements]
    known = admitted(connection, keys)
    taken = [_placed(one, known[key][1], now) for one, key in zip(measurements, keys, strict=True)]
    cells = Cells.of([known[key][0] for key in keys], [int(one.at // 60) for one in taken], taken)
    add_recent(connection, cells.summed())
    add_totals(connection, cells, taken)
    connection.executemany(
        f"INSERT INTO route_metrics ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - names of columns
        [_row(one) for one in taken],
    )
    connection.execute("DELETE FROM route_metrics WHERE id <= (SELECT max(id) FROM route_metrics) - ?", (RAW_ROWS,))


def read_rows(
    connection: sqlite3.Connection,
    limit: int,
    kinds: Collection[Kind],
    *,
    label: str | None,
    errors_only: bool,
    slower_than_ms: float | None,
) -> list[Measurement]:
    """The newest first, of those that are kept one by one."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM route_metrics WHERE kind IN ({','.join('?' * len(kinds))}) "  # noqa: S608 - names, marks
        "AND (? IS NULL OR route = ?) AND (? IS NULL OR duration_ms > ?) "
        "AND (NOT ? OR status_code >= 500 OR (status_code = 0 AND error IS NOT NULL)) "
        "ORDER BY timestamp DESC, id DESC LIMIT ?",
        (*kinds, label, label, slower_than_ms, slower_than_ms, errors_only, limit),
    )
    return [one for one in map(_measurement, rows) if one is not None]


def written(at: float) -> str:
    """An instant as the rows have it: ISO 8601 in UTC, which sorts as text does."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def _placed(measurement: Measurement, label: str, now: float) -> Measurement:
    if measurement.label == label and 0 <= measurement.at < _LAST_INSTANT:
        return measurement
    return measurement._replace(label=label, at=measurement.at if 0 <= measurement.at < _LAST_INSTANT else now)


def _row(one: Measurement) -> tuple[Any, ...]:
    durations = microseconds(one.duration_ms) / 1000, microseconds(one.waited_ms) / 1000
    when, hit = written(one.at), None if one.cache_hit is None else int(one.cache_hit)
    columns = one.label, _text(one.method), durations[0], one.status, hit, one.error and _text(one.error)
    return when, *columns, one.kind, one.request_id and _text(one.request_id), durations[1]


def _text(text: str) -> str:
    """What UTF-8 cannot hold is written out, so that no single name keeps others from being stored."""
    return text if str.isascii(text) else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _measurement(row: tuple[Any, ...]) -> Measurement | None:
    """What a row says; nothing, if somebody wrote it who is not us."""
    when, label, method, duration_ms, status, hit, error, kind, request_id, waited_ms = row
    try:
        at = datetime.fromisoformat(when).timestamp()
    except (TypeError, ValueError):
        return None
    cache_hit = None if hit is None else bool(hit)
    return Measurement(at, Kind(kind), label, method, duration_ms, status, cache_hit, error, request_id, waited_ms)
