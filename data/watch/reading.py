"""Sums of measurements over any span, for any of the series: read from as few rows as hold them."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from data.watch.blocks import BLOCK, DAY, HOUR, MINUTE, Block, Part, blocks_in, parts_of, read_part, read_recent
from data.watch.cells import Cells
from data.watch.measurement import Kind
from data.watch.packing import unpacked
from data.watch.series import WHOLE_KIND, labelled
from data.watch.summary import LabelKey, Summary

_FINER: Mapping[int, Sequence[int]] = {DAY: (DAY, HOUR), HOUR: (HOUR,), MINUTE: ()}
_KEPT_BLOCKS = 512


class Question(NamedTuple):
    """Minutes from the epoch, `until` not among them."""

    since: int
    until: int
    kinds: Collection[Kind]
    label: str | None = None


def summary_of(connection: sqlite3.Connection, question: Question) -> Summary:
    together = Cells.joined(_all_parts(connection, question, _together(connection, question), DAY))
    return next(iter(together.keyed(series=0, start=0).summed().summaries()), Summary())


def summaries_by_label(connection: sqlite3.Connection, question: Question) -> dict[LabelKey, Summary]:
    keys = labelled(connection, question.kinds, question.label)
    apart = Cells.joined(_all_parts(connection, question, tuple(keys), DAY)).keyed(start=0).summed()
    return {keys[number]: one for number, one in zip(apart.series.tolist(), apart.summaries(), strict=True)}


def summaries_over_time(connection: sqlite3.Connection, question: Question, step: int) -> dict[int, Summary]:
    """By the step of so many minutes in which they were measured, counted from the epoch."""
    series = _together(connection, question)
    rest: list[Cells] = []
    result: dict[int, Summary] = {}
    for part in parts_of(question.since, question.until, _FINER[step]):
        if part.unit == step:
            result |= _whole_steps(connection, part, series)
        else:
            rest.append(_by_step(read_part(connection, part, series), part.unit, step))
    rest.append(_by_step(_recent(connection, question), MINUTE, step))
    edges = Cells.joined(rest).keyed(series=0).summed()
    for start, one in zip(edges.start.tolist(), edges.summaries(), strict=True):
        result[start] = result[start] + one if start in result else one
    return dict(sorted(result.items()))


def summaries_by_label_over_time(
    connection: sqlite3.Connection, question: Question, step: int
) -> dict[LabelKey, dict[int, Summary]]:
    keys = labelled(connection, question.kinds, question.label)
    parts = _all_parts(connection, question, tuple(keys), step)
    apart = Cells.joined(parts).summed()
    result: dict[LabelKey, dict[int, Summary]] = {}
    for number, start, one in zip(apart.series.tolist(), apart.start.tolist(), apart.summaries(), strict=True):
        result.setdefault(keys[number], {})[start] = one
    return result


def span_of(connection: sqlite3.Connection) -> tuple[int, int] | None:
    """The first and the last minute in which anything was measured."""
    series = ",".join(str(number) for number in WHOLE_KIND.values())
    blocks = f"SELECT {{}}(block) FROM blocks WHERE unit = {MINUTE} AND series IN ({series})"  # noqa: S608 - numbers
    (first,), (last,) = (connection.execute(blocks.format(end)).fetchone() for end in ("min", "max"))
    low, high = connection.execute("SELECT min(minute), max(minute) FROM minutes").fetchone()
    moved = [] if first is None else [first * HOUR, last * HOUR]
    parts = [read_part(connection, Part(MINUTE, hour, hour + HOUR), tuple(WHOLE_KIND.values())) for hour in moved]
    minutes = [minute for minute in (low, high) if minute is not None]
    minutes += [int(end) for part in parts if len(part) for end in (part.start.min(), part.start.max())]
    return (min(minutes), max(minutes)) if minutes else None


def _together(connection: sqlite3.Connection, question: Question) -> Sequence[int]:
    """The series that add up to what is asked for."""
    if question.label is None:
        return tuple(WHOLE_KIND[kind] for kind in question.kinds)
    return tuple(labelled(connection, question.kinds, question.label))


def _all_parts(connection: sqlite3.Connection, question: Question, series: Sequence[int], step: int) -> Iterable[Cells]:
    for part in parts_of(question.since, question.until, _FINER[step]):
        yield _by_step(read_part(connection, part, series), part.unit, step)
    yield _by_step(_recent(connection, question), MINUTE, step)


def _recent(connection: sqlite3.Connection, question: Question) -> Cells:
    wanted = labelled(connection, question.kinds, question.label)
    return read_recent(connection, question.since, question.until, tuple(wanted))


def _by_step(cells: Cells, unit: int, step: int) -> Cells:
    return cells.keyed(start=cells.start * unit // step)


def _whole_steps(connection: sqlite3.Connection, part: Part, series: Sequence[int]) -> dict[int, Summary]:
    blocks = groupby(blocks_in(connection, part, series), key=lambda one: one.number)
    return {
        start: one
        for _, rows in blocks
        for start, one in _added_up(tuple(rows), part.unit)
        if part.first <= start < part.until
    }


@lru_cache(maxsize=_KEPT_BLOCKS)
def _added_up(blocks: tuple[Block, ...], unit: int) -> tuple[tuple[int, Summary], ...]:
    """The summaries of rows with the same number; a row that has not changed is not taken apart again."""
    cells = Cells.joined(unpacked(one.blob, one.series, one.number * BLOCK[unit]) for one in blocks)
    added = cells.keyed(series=0).summed()
    return tuple(zip(added.start.tolist(), added.summaries(), strict=True))
