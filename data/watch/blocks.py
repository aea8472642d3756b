"""Sums by minute, hour and day, many to a row: how they are laid out in the database, and how new ones are added."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from data.watch.cells import FIGURES, Cells
from data.watch.histogram import BUCKETS, Ints
from data.watch.packing import UnreadableError, packed, unpacked

MINUTE, HOUR, DAY = 1, 60, 1440
"""The spans that are summed up, in minutes."""
BLOCK = {MINUTE: 60, HOUR: 24, DAY: 64}
"""How many of them lie together in one row."""


class Part(NamedTuple):
    """Spans of one length, `first` and those after it up to but without `until`, counted from the epoch."""

    unit: int
    first: int
    until: int

    @property
    def blocks(self) -> tuple[int, int]:
        """The first and the last block that has some of them."""
        return self.first // BLOCK[self.unit], (self.until - 1) // BLOCK[self.unit]


class Block(NamedTuple):
    series: int
    number: int
    blob: bytes


def parts_of(since: int, until: int, units: Sequence[int] = (DAY, HOUR)) -> Iterator[Part]:
    """The minutes from `since` up to `until` in as few spans as there are whole ones; what is left over is minutes."""
    if since >= until:
        return
    if not units:
        yield Part(MINUTE, since, until)
        return
    unit, *finer = units
    first, last = -(-since // unit), until // unit
    if first >= last:
        yield from parts_of(since, until, finer)
        return
    yield Part(unit, first, last)
    yield from parts_of(since, first * unit, finer)
    yield from parts_of(last * unit, until, finer)


def blocks_in(connection: sqlite3.Connection, part: Part, series: Sequence[int]) -> Iterator[Block]:
    """The rows that hold the part for any of the series, by number."""
    marks = ",".join("?" * len(series))
    low, high = part.blocks
    found = connection.execute(
        f"SELECT series, block, cells FROM blocks WHERE unit = ? AND series IN ({marks}) AND block BETWEEN ? AND ? "  # noqa: S608 - marks only
        "ORDER BY block",
        (part.unit, *series, low, high),
    )
    return (Block(*row) for row in found)


def read_recent(connection: sqlite3.Connection, since: int, until: int, series: Sequence[int]) -> Cells:
    """The minutes that have not been moved to blocks yet."""
    rows = connection.execute(
        "SELECT series, minute, figures, buckets, amounts FROM minutes WHERE minute >= ? AND minute < ? "  # noqa: S608 - marks only
        f"AND series IN ({','.join('?' * len(series))})",
        (since, until, *series),
    )
    return _from_rows(rows.fetchall())


def add_recent(connection: sqlite3.Connection, cells: Cells) -> None:
    """Add sums of minutes to those that are there."""
    keys = list(zip(cells.series.tolist(), cells.start.tolist(), strict=True))
    there = [
        row
        for key in keys
        for row in connection.execute(
            "SELECT series, minute, figures, buckets, amounts FROM minutes WHERE series = ? AND minute = ?", key
        )
    ]
    both = Cells.joined([_from_rows(there), cells]).summed()
    connection.executemany("INSERT OR REPLACE INTO minutes VALUES (?, ?, ?, ?, ?)", _as_rows(both))


def take_recent(connection: sqlite3.Connection, until: int, series: Sequence[int]) -> Cells:
    """The minutes of these series before `until`, which are no longer there afterwards."""
    where = f"minute < ? AND series IN ({','.join('?' * len(series))})"
    taken = connection.execute(
        f"SELECT series, minute, figures, buckets, amounts FROM minutes WHERE {where}",  # noqa: S608 - marks only
        (until, *series),
    ).fetchall()
    connection.execute(f"DELETE FROM minutes WHERE {where}", (until, *series))  # noqa: S608 - marks only
    return _from_rows(taken)


def add_to_blocks(connection: sqlite3.Connection, cells: Cells, kind_of: dict[int, int]) -> None:
    """Add sums of minutes to the blocks of their series, and of their kind, by minute, hour and day."""
    try:
        kinds = cells.keyed(series=[kind_of[one] for one in cells.series.tolist()])
    except KeyError as problem:
        raise UnreadableError("a kept minute belongs to no series") from problem
    both = Cells.joined([cells, kinds])
    for unit in (MINUTE, HOUR, DAY):
        _add(connection, unit, both.keyed(start=both.start // unit).summed())
    note_change(connection)


def version_of(connection: sqlite3.Connection) -> int:
    """A number that is another whenever blocks have changed, also in another file."""
    return int(connection.execute("SELECT value FROM counters WHERE name = 'blocks'").fetchone()[0])


def note_change(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE counters SET value = value + 1 WHERE name = 'blocks'")


def _add(connection: sqlite3.Connection, unit: int, cells: Cells) -> None:
    for series, number, new in split(cells, BLOCK[unit]):
        there = get_block(connection, unit, (series, number))
        both = Cells.joined([there, new]).summed() if len(there) else new
        put_block(connection, unit, both, (series, number))


def get_block(connection: sqlite3.Connection, unit: int, key: tuple[int, int]) -> Cells:
    series, number = key
    found = connection.execute(
        "SELECT cells FROM blocks WHERE unit = ? AND series = ? AND block = ?", (unit, series, number)
    ).fetchone()
    return unpacked(found[0], series, number * BLOCK[unit]) if found else Cells.none()


def put_block(connection: sqlite3.Connection, unit: int, cells: Cells, key: tuple[int, int]) -> None:
    """Let a block hold these cells; without any it goes."""
    series, number = key
    if not len(cells):
        connection.execute("DELETE FROM blocks WHERE unit = ? AND series = ? AND block = ?", (unit, series, number))
        return
    connection.execute(
        "INSERT INTO blocks (unit, series, block, cells) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (unit, series, block) DO UPDATE SET cells = excluded.cells",
        (unit, series, number, packed(cells, number * BLOCK[unit])),
    )


def split(cells: Cells, size: int) -> Iterator[tuple[int, int, Cells]]:
    """Ordered cells by series and block of so many spans."""
    number = cells.start // size
    opens = (np.diff(cells.series, prepend=-1) != 0) | (np.diff(number, prepend=-1) != 0)
    for low, high in pairwise([*np.flatnonzero(opens).tolist(), len(cells)]):
        yield int(cells.series[low]), int(number[low]), cells.between(low, high)


def _as_rows(cells: Cells) -> Iterable[tuple[int, int, bytes, bytes, bytes]]:
    ends = np.searchsorted(cells.cell, np.arange(len(cells) + 1)).tolist()
    for each, (low, high) in enumerate(pairwise(ends)):
        yield (
            int(cells.series[each]),
            int(cells.start[each]),
            cells.figures[each].astype("<i8").tobytes(),
            cells.bucket[low:high].astype("<u2").tobytes(),
            cells.amount[low:high].astype("<u4").tobytes(),
        )


def _from_rows(rows: Sequence[tuple[int, int, bytes, bytes, bytes]]) -> Cells:
    if not rows:
        return Cells.none()
    series, minutes, figures, buckets, amounts = zip(*rows, strict=True)
    sizes = [len(one) // 2 for one in buckets]
    if any(len(many) != 2 * len(few) for few, many in zip(buckets, amounts, strict=True)) or not all(sizes):
        raise UnreadableError("a kept minute of measurements does not hold what it says")
    try:
        cells = Cells(
            np.array(series, dtype=np.int64),
            np.array(minutes, dtype=np.int64),
            _joined(figures, "<i8").reshape(len(rows), len(FIGURES)),
            np.repeat(np.arange(len(rows)), sizes),
            _joined(buckets, "<u2"),
            _joined(amounts, "<u4"),
        )
    except ValueError as problem:
        raise UnreadableError("a kept minute of measurements is not as it was written") from problem
    if int(cells.bucket.max()) >= BUCKETS:
        raise UnreadableError("a kept minute of measurements has a bucket that does not exist")
    return cells


def _joined(columns: Sequence[bytes], width: str) -> Ints:
    return np.frombuffer(b"".join(columns), dtype=width).astype(np.int64)
