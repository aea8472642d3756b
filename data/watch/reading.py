"""Sums of measurements over any span, for any of the series: read from as few rows as hold them."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from data.watch.blocks import BLOCK, DAY, HOUR, MINUTE, Part, blocks_in, parts_of, read_recent, version_of
from data.watch.cells import Cells
from data.watch.measurement import Kind
from data.watch.packing import unpacked
from data.watch.series import WHOLE_KIND, labelled
from data.watch.summary import LabelKey, Summary

_ENTRIES_KEPT = 2_000_000
_COARSER: Mapping[int | None, Sequence[int]] = {None: (DAY, HOUR), DAY: (DAY, HOUR), HOUR: (HOUR,), MINUTE: (HOUR,)}
Sums = Mapping[tuple[int, int], Summary]
"""By series and step; by 0 where series, or steps, are not told apart."""


class Question(NamedTuple):
    """Minutes from the epoch, `until` not among them; `step` so many minutes, None for all of them in one."""

    since: int
    until: int
    kinds: tuple[Kind, ...]
    label: str | None = None
    step: int | None = None


class KeptSums:
    """Answers for whole hours that are over, which are the same until another hour is moved to the blocks."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[object, ...], Sums] = OrderedDict()
        self._entries = 0

    def get(self, key: tuple[object, ...], make: Callable[[], Sums]) -> Sums:
        if key in self._held:
            self._held.move_to_end(key)
            return self._held[key]
        made = self._held[key] = make()
        self._entries += _entries(made)
        while self._entries > _ENTRIES_KEPT and len(self._held) > 1:
            _, dropped = self._held.popitem(last=False)
            self._entries -= _entries(dropped)
        return made


def sums_together(connection: sqlite3.Connection, question: Question, kept: KeptSums) -> dict[int, Summary]:
    """By step."""
    names = tuple(labelled(connection, question.kinds, question.label))
    series = names if question.label is not None else tuple(WHOLE_KIND[kind] for kind in question.kinds)
    answer = _Answer(connection, question, kept).of(series, names, apart=False)
    return {start: one for (_, start), one in sorted(answer.items())}


def sums_by_label(
    connection: sqlite3.Connection, question: Question, kept: KeptSums
) -> dict[LabelKey, dict[int, Summary]]:
    """By name and method, and by step."""
    keys = labelled(connection, question.kinds, question.label)
    answer = _Answer(connection, question, kept).of(tuple(keys), tuple(keys), apart=True)
    result: dict[LabelKey, dict[int, Summary]] = {}
    for (number, start), one in sorted(answer.items()):
        result.setdefault(keys[number], {})[start] = one
    return result


def span_of(connection: sqlite3.Connection) -> tuple[int, int] | None:
    """The first and the last minute in which anything was measured."""
    kinds = tuple(WHOLE_KIND.values())
    rows = (
        f"SELECT min(block), max(block) FROM blocks WHERE unit = {MINUTE} AND series IN ({','.join('?' * len(kinds))})"  # noqa: S608 - marks
    )
    first, last = connection.execute(rows, kinds).fetchone()
    ends = list(connection.execute("SELECT min(minute), max(minute) FROM minutes").fetchone())
    for hour in (first, last):
        if hour is not None:
            for cells in _read(connection, Part(MINUTE, hour * HOUR, (hour + 1) * HOUR), kinds):
                ends += [int(cells.start.min()), int(cells.start.max())]
    known = [minute for minute in ends if minute is not None]
    return (min(known), max(known)) if known else None


class _Answer(NamedTuple):
    connection: sqlite3.Connection
    question: Question
    kept: KeptSums

    def of(self, series: Sequence[int], names: Sequence[int], *, apart: bool) -> dict[tuple[int, int], Summary]:
        """From the blocks of the series, and from the recent minutes, which are there by name only."""
        since, until, _, _, step = self.question
        parts = list(parts_of(since, until, _COARSER[step]))
        whole = [_in_minutes(part) if step == MINUTE else part for part in parts if part.unit != MINUTE]
        edges = [part for part in parts if part.unit == MINUTE]
        recent = read_recent(self.connection, since, until, names)

        def added_up() -> Sums:
            return self._sums(self._pieces(whole, series), apart=apart)

        key = (version_of(self.connection), *whole, series, step, apart)
        result = dict(self.kept.get(key, added_up) if whole else {})
        for place, one in self._sums([*self._pieces(edges, series), (recent, MINUTE)], apart=apart).items():
            result[place] = result[place] + one if place in result else one
        return result

    def _pieces(self, parts: Iterable[Part], series: Sequence[int]) -> Iterator[tuple[Cells, int]]:
        return ((cells, part.unit) for part in parts for cells in _read(self.connection, part, series))

    def _sums(self, pieces: Iterable[tuple[Cells, int]], *, apart: bool) -> Sums:
        summed = (self._placed(piece, unit, apart=apart).summed().compact() for piece, unit in pieces)
        cells = Cells.joined(summed).summed().compact()
        places = zip(cells.series.tolist(), cells.start.tolist(), strict=True)
        return dict(zip(places, cells.summaries(), strict=True))

    def _placed(self, cells: Cells, unit: int, *, apart: bool) -> Cells:
        step = self.question.step
        start = 0 if step is None else cells.start * unit // step
        return cells.keyed(start=start) if apart else cells.keyed(series=0, start=start)


def _read(connection: sqlite3.Connection, part: Part, series: Sequence[int]) -> Iterator[Cells]:
    """The spans of the part, block by block, so that little is in memory at once."""
    for number, rows in groupby(blocks_in(connection, part, series), key=lambda one: one.number):
        cells = Cells.joined(unpacked(one.blob, one.series, number * BLOCK[part.unit]) for one in rows)
        yield cells.where((cells.start >= part.first) & (cells.start < part.until))


def _in_minutes(part: Part) -> Part:
    return Part(MINUTE, part.first * part.unit, part.until * part.unit)


def _entries(sums: Sums) -> int:
    return sum(len(one.histogram.buckets) for one in sums.values())
