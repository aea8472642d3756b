"""Many Jira dates read at once, as microseconds since 1970 UTC."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from data.performance_utils import parse_instant

Times = npt.NDArray[np.int64]

UNREADABLE = np.iinfo(np.int64).min
"""The instant of what is no date."""

_SHAPE = "2025-11-09T14:30:45.123+0000"
"""What Jira itself writes; anything else is read one by one."""

_DIGITS = [place for place, sign in enumerate(_SHAPE) if sign.isdigit()]
_SIGN = _SHAPE.index("+")
_MARKS = [(place, ord(sign)) for place, sign in enumerate(_SHAPE) if not sign.isdigit() and place != _SIGN]

_MONTHS = np.arange("0000-01", "10000-01", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64)
"""The first day of every month of four-digit years, counted from 1970."""

_LENGTHS = np.diff(_MONTHS, append=_MONTHS[-1] + 31).astype(np.int32)
_AT_ONCE = 16_384  # rows whose columns stay in the processor's cache


def parse_instants(values: Sequence[object]) -> Times:
    """What `parse_instant` reads from each value, `UNREADABLE` where it reads nothing."""
    found = np.full(len(values), UNREADABLE)
    for begin in range(0, len(values), _AT_ONCE):
        _parse_into(found[begin : begin + _AT_ONCE], values[begin : begin + _AT_ONCE])
    return found


def _parse_into(found: Times, values: Sequence[object]) -> None:
    usual, rows = _usual(values)
    if len(rows):
        signs = np.frombuffer("".join(usual).encode("ascii"), dtype=np.uint8).reshape(-1, len(_SHAPE))
        instants, read = _parse_usual(np.ascontiguousarray(signs.T))
        found[rows[read]] = instants[read]
    for row in np.flatnonzero(found == UNREADABLE).tolist():
        value = values[row]
        instant = None if value is None else parse_instant(value)
        if instant is not None:
            found[row] = instant


def _usual(values: Sequence[object]) -> tuple[list[str], npt.NDArray[np.intp]]:
    """The texts that have the usual length, and where they stand."""
    texts: list[str] = [value if type(value) is str else "" for value in values]
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    rows = np.flatnonzero(lengths == len(_SHAPE))
    if len(rows) == len(texts) and "".join(texts).isascii():
        return texts, rows
    rows = rows[[texts[row].isascii() for row in rows.tolist()]] if len(rows) else rows
    return [texts[row] for row in rows.tolist()], rows


def _parse_usual(signs: npt.NDArray[np.uint8]) -> tuple[Times, npt.NDArray[np.bool_]]:
    """The instants of texts given place by place, and which of them really have the usual shape."""
    digits = signs - np.uint8(ord("0"))

    def number(first: int, width: int) -> npt.NDArray[np.int32]:
        total: npt.NDArray[np.int32] = digits[first].astype(np.int32)
        for place in range(first + 1, first + width):
            total = total * np.int32(10) + digits[place]
        return total

    year, hour, minute, second = number(0, 4), number(11, 2), number(14, 2), number(17, 2)
    month, day, offset_hours, offset_minutes = number(5, 2), number(8, 2), number(24, 2), number(26, 2)
    read = digits[_DIGITS].max(axis=0) <= 9
    for place, code in _MARKS:
        read &= signs[place] == code
    behind = signs[_SIGN] == ord("-")
    read &= (signs[_SIGN] == ord("+")) | behind
    read &= (year > 1) & (year < 9999) & (month >= 1) & (month <= 12) & (day >= 1)
    read &= (hour < 24) & (minute < 60) & (second < 60) & (offset_hours < 24) & (offset_minutes < 60)
    months = np.where(read, year * np.int32(12) + month - np.int32(1), 0)
    read &= day <= _LENGTHS[months]
    offset = offset_hours * np.int32(60) + offset_minutes
    minutes = hour * np.int32(60) + minute + np.where(behind, offset, -offset)
    of_day = (minutes * np.int32(60) + second).astype(np.int64) * 1000 + number(20, 3)
    return ((_MONTHS[months] + day - 1) * 86_400_000 + of_day) * 1000, read
