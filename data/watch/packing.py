"""The cells of one series as bytes: what can be foretold is left out, like bytes stand together, all is compressed."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from data.watch.cells import FIGURES, Cells
from data.watch.histogram import BUCKETS, MIDDLES_US, Ints

_COUNT, _TOTAL, _LONGEST = (FIGURES.index(name) for name in ("count", "total_us", "max_us"))
_PLAIN = [place for place in range(len(FIGURES)) if place not in (_COUNT, _TOTAL, _LONGEST)]
_OF_CELLS = 5 + len(_PLAIN)
_HEAD = 2 + _OF_CELLS + 2
_Bytes = NDArray[np.uint8]


class UnreadableError(ValueError):
    """Bytes that were not written here, or are no longer what was written."""


def packed(cells: Cells, origin: int) -> bytes:
    """How many cells, how many bytes a number of each column takes, and the columns.

    Of each cell: how far it starts from the one before, how many buckets more than one it has, how its first bucket
    differs from the one before's, how its longest and total duration differ from what the buckets say, and its other
    figures. Of each further bucket the step to it, and of each bucket its amount less one.
    """
    sizes = np.bincount(cells.cell, minlength=len(cells))
    ends = np.cumsum(sizes)
    further = np.ones(len(cells.cell), dtype=np.bool_)
    further[ends - sizes] = False
    total, longest = _expected(cells.bucket, cells.amount, ends, sizes)
    longer = cells.figures[:, _LONGEST] - longest
    columns = (
        np.diff(cells.start, prepend=origin - 1) - 1,
        sizes - 1,
        _folded(np.diff(cells.bucket[~further], prepend=0)),
        _folded(longer),
        _folded(cells.figures[:, _TOTAL] - total - longer),
        *(cells.figures[:, place] for place in _PLAIN),
        (np.diff(cells.bucket, prepend=0) - 1)[further],
        cells.amount - 1,
    )
    pieces = [_planes(column) for column in columns]
    head = len(cells).to_bytes(2, "little") + bytes(len(planes) // max(1, length) for planes, length in pieces)
    return zlib.compress(head + b"".join(planes for planes, _ in pieces))


def unpacked(blob: bytes, series: int, origin: int) -> Cells:
    try:
        body = np.frombuffer(zlib.decompress(blob), dtype=np.uint8)
        count = int(body[0]) | int(body[1]) << 8
        columns, at = _columns(body, count)
        sizes = columns[1] + 1
        further, at = _numbers(body, at, int(body[_HEAD - 2]), int(columns[1].sum()))
        amounts, at = _numbers(body, at, int(body[_HEAD - 1]), int(sizes.sum()))
    except (zlib.error, ValueError, IndexError) as problem:
        raise UnreadableError("a kept block of measurements is not as it was written") from problem
    if at != len(body) or not count:
        raise UnreadableError("a kept block of measurements does not hold what it says")
    bucket, amount = _walked(np.cumsum(_unfolded(columns[2])), further, sizes), amounts + 1
    return Cells(
        np.full(count, series, dtype=np.int64),
        np.cumsum(columns[0] + 1) + (origin - 1),
        _figures(columns, bucket, amount),
        np.repeat(np.arange(count), sizes),
        bucket,
        amount,
    )


def _columns(body: _Bytes, count: int) -> tuple[list[Ints], int]:
    columns, at = [], _HEAD
    for width in body[2 : 2 + _OF_CELLS].tolist():
        column, at = _numbers(body, at, width, count)
        columns.append(column)
    return columns, at


def _figures(columns: list[Ints], bucket: Ints, amount: Ints) -> Ints:
    sizes = columns[1] + 1
    ends = np.cumsum(sizes)
    total, longest = _expected(bucket, amount, ends, sizes)
    longer = _unfolded(columns[3])
    figures = np.empty((len(sizes), len(FIGURES)), dtype=np.int64)
    figures[:, _COUNT] = np.add.reduceat(amount, ends - sizes)
    figures[:, _LONGEST] = longest + longer
    figures[:, _TOTAL] = _unfolded(columns[4]) + total + longer
    for place, column in zip(_PLAIN, columns[5:], strict=True):
        figures[:, place] = column
    return figures


def _expected(bucket: Ints, amount: Ints, ends: Ints, sizes: Ints) -> tuple[Ints, Ints]:
    """The total and the longest duration of each cell, if each were in the middle of its bucket."""
    middles = MIDDLES_US[bucket]
    return np.add.reduceat(middles * amount, ends - sizes), middles[ends - 1]


def _walked(firsts: Ints, further: Ints, sizes: Ints) -> Ints:
    """The buckets, from the first of each cell and the steps to the others."""
    ends = np.cumsum(sizes)
    steps = np.zeros(int(ends[-1]), dtype=np.int64)
    opens = np.zeros(len(steps), dtype=np.bool_)
    opens[ends - sizes] = True
    steps[~opens] = further + 1
    walked = np.cumsum(steps)
    bucket: Ints = walked + np.repeat(firsts - walked[ends - sizes], sizes)
    if int(bucket.min()) < 0 or int(bucket.max()) >= BUCKETS:
        raise UnreadableError("a kept block of measurements has a bucket that does not exist")
    return bucket


def _folded(numbers: Ints) -> Ints:
    """Numbers around zero as ones from zero: 0, -1, 1, -2 become 0, 1, 2, 3."""
    return (numbers << 1) ^ (numbers >> 63)


def _unfolded(numbers: Ints) -> Ints:
    return (numbers >> 1) ^ -(numbers & 1)


def _planes(numbers: Ints) -> tuple[bytes, int]:
    """All lowest bytes, then all second ones, as many as the greatest number needs; and how many numbers."""
    width = (int(numbers.max(initial=0)).bit_length() + 7) // 8
    return b"".join((numbers >> (8 * byte)).astype(np.uint8).tobytes() for byte in range(width)), len(numbers)


def _numbers(body: _Bytes, at: int, width: int, length: int) -> tuple[Ints, int]:
    """A column that begins there, and where the next one does."""
    until = at + width * length
    if until > len(body) or width > 8:
        raise ValueError("a column ends after the last byte")
    numbers = np.zeros(length, dtype=np.int64)
    for byte, plane in enumerate(body[at:until].reshape(width, length)):
        numbers |= plane.astype(np.int64) << (8 * byte)
    return numbers, until
