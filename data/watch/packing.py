"""Cells as bytes: what repeats stands together, small numbers take one byte, and what is long is compressed."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data.watch.cells import FIGURES, Cells
from data.watch.histogram import BUCKETS, Ints

_COLUMNS = 1 + len(FIGURES)
_MORE = 0x80


class UnreadableError(ValueError):
    """Bytes that `packed` did not write."""


def packed(cells: Cells, blobs: Ints, origins: Ints) -> list[bytes]:
    """The cells in so many blobs, of which each names its first cell; starts are counted from the blob's origin.

    Each blob is: how many cells, how many entries each has, their starts, their figures column by column, the buckets
    of all entries as steps from the one before, and their amounts less one.
    """
    bounds = np.append(blobs, len(cells))
    entry_bounds = np.searchsorted(cells.cell, bounds)
    sizes = np.bincount(cells.cell, minlength=len(cells))
    opens = np.concatenate(([True], np.diff(cells.cell) != 0))
    steps = np.where(opens, cells.bucket, np.diff(cells.bucket, prepend=0) - 1)
    amounts = cells.amount - 1
    parts: list[Ints] = []
    for number, origin in enumerate(origins):
        low, high = bounds[number : number + 2]
        first, last = entry_bounds[number : number + 2]
        parts.append(
            np.concatenate(
                (
                    [high - low],
                    sizes[low:high],
                    cells.start[low:high] - origin,
                    cells.figures[low:high].T.ravel(),
                    steps[first:last],
                    amounts[first:last],
                )
            )
        )
    return _as_bytes(parts)


def unpacked(blobs: Sequence[bytes], series: Sequence[int], origins: Sequence[int]) -> Cells:
    """What `packed` had, for blobs of which each has its series and origin."""
    if not blobs:
        return Cells.none()
    numbers, begins = _as_numbers(blobs)
    try:
        return _laid_out(numbers, begins, np.array(series, dtype=np.int64), np.array(origins, dtype=np.int64))
    except (IndexError, ValueError) as problem:
        raise UnreadableError("a kept sum of measurements is not as it was written") from problem


def _laid_out(numbers: Ints, begins: Ints, series: Ints, origins: Ints) -> Cells:
    cells_in = numbers[begins]
    if int(cells_in.sum()) > len(numbers):
        raise UnreadableError("a kept sum of measurements names more cells than it has")
    blob = np.repeat(np.arange(len(begins)), cells_in)
    at = begins[blob] + 1 + np.arange(len(blob)) - (np.cumsum(cells_in) - cells_in)[blob]
    sizes = numbers[at]
    columns = numbers[at[:, None] + cells_in[blob][:, None] * np.arange(1, _COLUMNS + 1)]
    entries_in = np.bincount(blob, weights=sizes, minlength=len(begins)).astype(np.int64)
    body = begins + 1 + cells_in * (_COLUMNS + 1)
    if not np.array_equal(body + 2 * entries_in, np.append(begins[1:], len(numbers))):
        raise UnreadableError("a kept sum of measurements is cut short")
    cell = np.repeat(np.arange(len(blob)), sizes)
    entry_blob = blob[cell]
    place = body[entry_blob] + np.arange(len(cell)) - (np.cumsum(entries_in) - entries_in)[entry_blob]
    ends = np.cumsum(sizes)
    walked = np.cumsum(numbers[place] + 1)
    bucket = walked - np.concatenate(([0], walked))[ends - sizes][cell] - 1
    if len(bucket) and int(bucket.max()) >= BUCKETS:
        raise UnreadableError("a kept sum of measurements has a bucket that does not exist")
    amount = numbers[place + entries_in[entry_blob]] + 1
    return Cells(series[blob], origins[blob] + columns[:, 0], columns[:, 1:], cell, bucket, amount)


def _as_bytes(parts: Sequence[Ints]) -> list[bytes]:
    """Numbers of any size, seven bits a byte, the lowest first; the last byte of each has its highest bit clear."""
    numbers = np.concatenate(parts)
    length = np.ones(len(numbers), dtype=np.int64)
    for seven in range(7, 63, 7):
        length += numbers >= (1 << seven)
    ends = np.cumsum(length)
    written = np.empty(int(ends[-1]), dtype=np.uint8)
    for byte in range(int(length.max())):
        chosen = length > byte
        more = np.where(length[chosen] > byte + 1, _MORE, 0)
        written[(ends - length)[chosen] + byte] = ((numbers[chosen] >> (7 * byte)) & 0x7F) | more
    bounds = ends[np.cumsum([len(part) for part in parts]) - 1]
    return [piece.tobytes() for piece in np.split(written, bounds[:-1])]


def _as_numbers(blobs: Sequence[bytes]) -> tuple[Ints, Ints]:
    """All numbers of all blobs, and which of them is the first of each."""
    raw: NDArray[np.uint8] = np.frombuffer(b"".join(blobs), dtype=np.uint8)
    ends = np.flatnonzero(raw < _MORE)
    bounds = np.cumsum([len(blob) for blob in blobs])
    after = np.searchsorted(ends, bounds)
    if not all(blobs) or not np.array_equal(ends[after - 1] + 1, bounds):
        raise UnreadableError("a kept sum of measurements ends within a number")
    length = np.diff(ends, prepend=-1)
    if int(length.max()) > 9:
        raise UnreadableError("a kept sum of measurements has a number that is too great")
    numbers = raw[ends].astype(np.int64)
    for byte in range(1, int(length.max())):
        longer = np.flatnonzero(length > byte)
        numbers[longer] = (numbers[longer] << 7) | (raw[ends[longer] - byte] & 0x7F)
    return numbers, np.concatenate(([0], after[:-1]))


def compressed(blob: bytes) -> bytes:
    return zlib.compress(blob, 9)


def decompressed(blob: bytes) -> bytes:
    try:
        return zlib.decompress(blob)
    except zlib.error as problem:
        raise UnreadableError("a kept hour of measurements is not as it was written") from problem
