"""A metric's trend as a small SVG picture: no script, a few hundred bytes, the running week hollow."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from math import hypot
from typing import NamedTuple
from urllib.parse import quote

from data.metric import TrendPoint

WIDTH, HEIGHT, PAD = 150, 44, 5
COLOUR = "#4c6ef5"
STROKE = 1.75
RING = 3


class _Dot(NamedTuple):
    week: int
    x: float
    y: float
    partial: bool


def sparkline(trend: Sequence[TrendPoint], chart: str) -> str | None:
    """A data URI for an `img`, or None when no week has a value; weeks without a value are gaps."""
    points = [(index, point["value"], point["partial"]) for index, point in enumerate(trend)]
    known = [(index, float(value), partial) for index, value, partial in points if isinstance(value, float | int)]
    if not known:
        return None
    top = max(value for _, value, _ in known) or 1.0
    body = _bars(known, len(trend), top) if chart in {"bar", "stacked"} else _line(known, len(trend), top)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{body}</svg>'
    return "data:image/svg+xml," + quote(svg, safe="/:=' ,.-()")


def _bars(known: Sequence[tuple[int, float, bool]], weeks: int, top: float) -> str:
    slot = (WIDTH - 2) / weeks
    width = max(slot * 0.68, 1.5)
    shapes = []
    for index, value, partial in known:
        height = max(value / top * (HEIGHT - 4), 1.0)
        x, y = 1 + index * slot + (slot - width) / 2, HEIGHT - 1 - height
        paint = f'fill="none" stroke="{COLOUR}"' if partial else f'fill="{COLOUR}"'
        shapes.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="1" {paint}/>')
    return "".join(shapes)


def _line(known: Sequence[tuple[int, float, bool]], weeks: int, top: float) -> str:
    step = (WIDTH - 2 * PAD) / max(weeks - 1, 1)
    dots = [
        _Dot(index, PAD + index * step, HEIGHT - PAD - value / top * (HEIGHT - 2 * PAD), partial)
        for index, value, partial in known
    ]
    weeks_known = {dot.week for dot in dots}
    segments = [_segment(before, here) for before, here in itertools.pairwise(dots) if here.week == before.week + 1]
    marks = [_mark(dot) for dot in dots if dot.partial or not {dot.week - 1, dot.week + 1} & weeks_known]
    return "".join(segments + marks)


def _segment(before: _Dot, here: _Dot) -> str:
    x, y = here.x, here.y
    dashes = ""
    if here.partial:
        length = hypot(x - before.x, y - before.y)
        x, y = x - (x - before.x) * RING / length, y - (y - before.y) * RING / length
        dashes = ' stroke-dasharray="2 3"'
    return (
        f'<path d="M{before.x:.1f} {before.y:.1f}L{x:.1f} {y:.1f}" fill="none" stroke="{COLOUR}" '
        f'stroke-width="{STROKE}" stroke-linecap="round"{dashes}/>'
    )


def _mark(dot: _Dot) -> str:
    paint = f'fill="none" stroke="{COLOUR}" stroke-width="1.5"' if dot.partial else f'fill="{COLOUR}"'
    return f'<circle cx="{dot.x:.1f}" cy="{dot.y:.1f}" r="{RING if dot.partial else 2}" {paint}/>'
