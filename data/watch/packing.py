"""The cells of one series as bytes: like numbers stand together, their low bytes first, and all of it is compressed."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.watch.cells import FIGURES, Cells
from data.watch.histogram import BUCKETS, Ints

_NARROW, _AMOUNT, _FIGURE = np.dtype("<u2"), np.dtype("<u4"), np.dtype("<i8")


class UnreadableError(ValueError):
    """Bytes that were not written here, or are no longer what was written."""


def packed(cells: Cells, origin: int) -> bytes:
    """How many cells; then for each its start from the origin, how many buckets it has, its figures; then of each
    bucket the step from the one before, and its amount less one.
    """
    sizes = np.bincount(cells.cell, minlength=len(cells))
    opens = np.diff(cells.cell, prepend=-1) != 0
    steps = np.where(opens, cells.bucket, np.diff(cells.bucket, prepend=0) - 1)
    columns = (
        _planes(cells.start - origin, _NARROW),
        _planes(sizes, _NARROW),
        _planes(cells.figures.T, _FIGURE),
        _planes(steps, _NARROW),
        _planes(cells.amount - 1, _AMOUNT),
    )
    return zlib.compress(len(cells).to_bytes(2, "little") + b"".join(columns))


def unpacked(blob: bytes, series: int, origin: int) -> Cells:
    try:
        body = memoryview(zlib.decompress(blob))
        count = int.from_bytes(body[:2], "little")
        per_cell = 2 * _NARROW.itemsize + len(FIGURES) * _FIGURE.itemsize
        entries = (len(body) - 2 - count * per_cell) // (_NARROW.itemsize + _AMOUNT.itemsize)
        columns, at = [], 2
        widths = (
            (_NARROW, count),
            (_NARROW, count),
            (_FIGURE, count * len(FIGURES)),
            (_NARROW, entries),
            (_AMOUNT, entries),
        )
        for width, length in widths:
            columns.append(_numbers(body[at : at + length * width.itemsize], width))
            at += length * width.itemsize
        start, sizes, figures, steps, amounts = columns
        if at != len(body) or int(sizes.sum()) != entries or not (count and sizes.all()):
            raise UnreadableError("a kept block of measurements does not hold what it says")
    except (zlib.error, ValueError) as problem:
        raise UnreadableError("a kept block of measurements is not as it was written") from problem
    cell = np.repeat(np.arange(count), sizes)
    return Cells(
        np.full(count, series, dtype=np.int64),
        start + origin,
        np.ascontiguousarray(figures.reshape(len(FIGURES), count).T),
        cell,
        _walked(steps, sizes),
        amounts + 1,
    )


def _walked(steps: Ints, sizes: Ints) -> Ints:
    """Buckets again from their steps: the first of each cell stands for itself."""
    walked = np.cumsum(steps + 1)
    ends = np.cumsum(sizes)
    before = np.concatenate(([0], walked[ends[:-1] - 1]))
    buckets: Ints = walked - np.repeat(before, sizes) - 1
    if int(buckets.max()) >= BUCKETS:
        raise UnreadableError("a kept block of measurements has a bucket that does not exist")
    return buckets


def _planes(numbers: Ints, width: np.dtype[Any]) -> bytes:
    """All first bytes, then all second ones and so on: the high ones are zeros, and take no room when compressed."""
    return np.ascontiguousarray(numbers, dtype=width).ravel().view(np.uint8).reshape(-1, width.itemsize).T.tobytes()


def _numbers(planes: memoryview, width: np.dtype[Any]) -> Ints:
    rows: NDArray[np.uint8] = np.frombuffer(planes, dtype=np.uint8).reshape(width.itemsize, -1)
    return np.array(np.ascontiguousarray(rows.T).view(width).ravel(), dtype=np.int64)
