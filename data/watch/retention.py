"""Forgets what is older than it may be, in steps so short that no writer waits for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from data.watch.blocks import BLOCK, DAY, HOUR, MINUTE, get_block, note_change, put_block
from data.watch.cells import Cells
from data.watch.database import Database
from data.watch.intake import written
from data.watch.measurement import Kind
from data.watch.reading import KeptSums, Question, sums_together

_ROWS_AT_ONCE = 500
_BLOCKS_AT_ONCE = 25
_SERIES_AT_ONCE = 1
_PAGES_AT_ONCE = 200
_WORTHWHILE_PAGES = 100
_DELETE_ROWS = "DELETE FROM route_metrics WHERE id IN (SELECT id FROM route_metrics WHERE timestamp < ? LIMIT ?)"


def forget(database: Database, cutoff: float) -> int:
    """Delete all that was measured before the minute of that instant; how many measurements that were."""
    minute = int(cutoff // 60)
    measured = database.read(lambda connection: _measured_before(connection, minute), 0)
    rows = _repeated(database, _DELETE_ROWS, (written(cutoff), _ROWS_AT_ONCE))
    database.write(lambda connection: connection.execute("DELETE FROM minutes WHERE minute < ?", (minute,)))
    for series in database.write(_series_in_slices):
        for unit in (MINUTE, HOUR, DAY):
            first = minute // unit // BLOCK[unit]
            _repeated(database, _delete_blocks(series), (unit, first, *series, _BLOCKS_AT_ONCE))
        _trim(database, series, minute)
    _give_room_back(database)
    return max(measured, rows)


def _measured_before(connection: sqlite3.Connection, minute: int) -> int:
    asked = Question(0, minute, tuple(Kind))
    return sum(one.count for one in sums_together(connection, asked, KeptSums()).values())


def _delete_blocks(series: Sequence[int]) -> str:
    marks = ",".join("?" * len(series))
    chosen = f"SELECT rowid FROM blocks WHERE unit = ? AND block < ? AND series IN ({marks}) LIMIT ?"  # noqa: S608 - marks
    return f"DELETE FROM blocks WHERE rowid IN ({chosen})"  # noqa: S608 - likewise


def _repeated(database: Database, statement: str, values: Sequence[object]) -> int:
    """Delete so much at a time until nothing is left; how many rows went."""
    gone = 0
    while some := database.write(lambda connection: connection.execute(statement, values).rowcount):
        gone += int(some)
    return gone


def _series_in_slices(connection: sqlite3.Connection) -> list[list[int]]:
    numbers = [number for (number,) in connection.execute("SELECT id FROM series")]
    return [numbers[first : first + _SERIES_AT_ONCE] for first in range(0, len(numbers), _SERIES_AT_ONCE)]


def _trim(database: Database, series: Sequence[int], minute: int) -> None:
    def step(connection: sqlite3.Connection) -> None:
        for number in series:
            _trim_one(connection, number, minute)
        note_change(connection)

    database.write(step)


def _trim_one(connection: sqlite3.Connection, series: int, minute: int) -> None:
    """Cut the blocks that the minute is in: its hour is what is left of its minutes, its day what is left of hours."""
    left = Cells.none()
    for unit in (MINUTE, HOUR, DAY):
        now = minute // unit
        key = series, now // BLOCK[unit]
        kept = get_block(connection, unit, key)
        later = kept.where(kept.start >= now if unit == MINUTE else kept.start > now)
        cut = Cells.joined([left, later])
        put_block(connection, unit, cut, key)
        left = _of_next(cut, unit, minute)


def _of_next(cells: Cells, unit: int, minute: int) -> Cells:
    """What of these lies in the next greater span that the minute is in, as one."""
    if unit == DAY:
        return Cells.none()
    greater = {MINUTE: HOUR, HOUR: DAY}[unit]
    inside = cells.where(cells.start * unit // greater == minute // greater)
    return inside.keyed(start=minute // greater).summed()


def _give_room_back(database: Database) -> None:
    """Make the file smaller when more than a quarter of it is empty."""

    def step(connection: sqlite3.Connection) -> bool:
        free, pages = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count"))
        if free * 4 <= pages or free < _WORTHWHILE_PAGES:
            return False
        for _ in range(_PAGES_AT_ONCE):
            connection.execute("PRAGMA incremental_vacuum(1)")  # more would need steps that Python does not take
        return bool(connection.execute("PRAGMA freelist_count").fetchone()[0] < free)

    while database.write(step):
        pass
