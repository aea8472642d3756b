"""What has come together since the file was begun: counters that only rise, whatever retention takes away."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from data.watch.cells import Cells
from data.watch.histogram import EDGES
from data.watch.measurement import Kind, Measurement
from data.watch.series import WHOLE_KIND

COLUMNS = (
    "count",
    "errors",
    "throttled",
    "hits",
    "misses",
    "total_us",
    "waited_us",
    *(f"at_most_{edge:.0f}" for edge in EDGES),
)
_SUMS = ", ".join(f"{one} = {one} + excluded.{one}" for one in COLUMNS)
_ADD = (
    f"INSERT INTO totals VALUES (?, ?, {', '.join('?' * len(COLUMNS))}) "  # noqa: S608 - names of columns
    f"ON CONFLICT (series, status_class) DO UPDATE SET {_SUMS}"
)


class TotalsKey(NamedTuple):
    kind: Kind
    label: str
    method: str
    status_class: str
    """2xx and so on, or none."""


@dataclass(frozen=True, slots=True)
class Totals:
    count: int
    errors: int
    throttled: int
    hits: int
    misses: int
    total_ms: float
    waited_ms: float
    at_most: dict[float, int]
    """How many took no longer than so many milliseconds, exactly; of all others only `count` tells."""


def add_totals(connection: sqlite3.Connection, cells: Cells, measurements: Sequence[Measurement]) -> None:
    """Count the measurements, of which each has its cell, by series and class of status."""
    classes = [one.status // 100 for one in measurements]
    by_class = cells.keyed(start=classes).summed()
    connection.executemany(
        _ADD,
        [
            (
                series,
                status_class,
                one.count,
                one.errors,
                one.throttled,
                one.hits,
                one.misses,
                one.total_us,
                one.waited_us,
                *one.histogram.at_edges(),
            )
            for series, status_class, one in zip(
                by_class.series.tolist(), by_class.start.tolist(), by_class.summaries(), strict=True
            )
        ],
    )


def read_totals(connection: sqlite3.Connection) -> dict[TotalsKey, Totals]:
    rows = connection.execute(
        f"SELECT kind, label, method, status_class, {', '.join(COLUMNS)} "  # noqa: S608 - names of columns
        "FROM totals JOIN series ON series.id = totals.series"
    )
    return {_key(row): _totals(row[4:]) for row in rows if row[0] in WHOLE_KIND}


def _key(row: Sequence[Any]) -> TotalsKey:
    kind, label, method, status_class = row[:4]
    return TotalsKey(Kind(kind), label, method, f"{status_class}xx" if status_class else "none")


def _totals(figures: Sequence[int]) -> Totals:
    count, errors, throttled, hits, misses, total_us, waited_us, *at_most = figures
    return Totals(
        count=count,
        errors=errors,
        throttled=throttled,
        hits=hits,
        misses=misses,
        total_ms=total_us / 1000,
        waited_ms=waited_us / 1000,
        at_most=dict(zip(EDGES, at_most, strict=True)),
    )
