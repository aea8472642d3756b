"""How long answers took over time: average and P95, and the same hours a week before as a ghost behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from data.watch.documents import Trend, TrendPoint
from data.watch.severity import GOOD_BELOW_MS, SLOW_BELOW_MS, WARNING_BELOW_MS
from ui.figures.drawing import ACCENT, Figure, axis_title, level_line, level_name, plain_layout
from ui.performance_words import milliseconds
from ui.readings import count
from ui.times import day_words, moment_words

Measured = Literal["avg_ms", "p95_ms"]
AVERAGE, GHOST = "var(--watch-average)", "var(--watch-ghost)"
LEVELS = (GOOD_BELOW_MS, WARNING_BELOW_MS, SLOW_BELOW_MS)
"""Where the words for P95 change."""
STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
SECONDS_FROM = 10_000.0
FEWEST_FOR_A_LINE = 3
_BESIDE = {"xanchor": "left", "yanchor": "middle", "xshift": 4}
_HOUR, _DAY = 3_600_000, 86_400_000
_TICKS = [
    {"dtickrange": [None, _HOUR - 1], "value": "%H:%M"},
    {"dtickrange": [_HOUR, _DAY - 1], "value": "%H:%M\n%-d %b"},
    {"dtickrange": [_DAY, None], "value": "%-d %b"},
]


@dataclass(frozen=True, slots=True)
class Axis:
    """The zone of the times and the milliseconds in a unit of the durations."""

    zone: str
    unit: float

    def local(self, point: TrendPoint) -> str:
        return f"{datetime.fromisoformat(point['at']).astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M}"


def response_times(trend: Trend, timezone: str) -> Figure:
    """A step without traffic is a gap, never a line across it."""
    zone = trend_zone(trend, timezone)
    points, before = (_with_gaps(steps, STEPS[trend["step"]]) for steps in (trend["points"], trend["week_before"]))
    top = max((point["p95_ms"] or 0.0 for point in [*trend["points"], *trend["week_before"]]), default=0.0)
    axis = Axis(zone, 1000.0 if top >= SECONDS_FROM else 1.0)
    levels = [level for level in LEVELS if top * 0.12 <= level <= top * 1.1]
    return {
        "data": [
            _line("Average a week before", "avg_ms", before, axis) | _paint(GHOST, 1.5, "dot"),
            _line("P95 a week before", "p95_ms", before, axis) | _paint(GHOST, 2, "solid"),
            _line("Average", "avg_ms", points, axis) | _paint(AVERAGE, 2, "solid"),
            _line("P95", "p95_ms", points, axis) | _paint(ACCENT, 2.5, "solid"),
        ],
        "layout": plain_layout(
            xaxis={"type": "date", "tickformatstops": _TICKS},
            yaxis={"title": axis_title("seconds" if axis.unit > 1 else "milliseconds")},
            shapes=[level_line(level / axis.unit, dash="dot") for level in levels],
            annotations=[level_name(level / axis.unit, milliseconds(level)) | _BESIDE for level in levels],
            margin={"l": 48, "r": 52, "t": 8, "b": 40},
        ),
    }


def trend_zone(trend: Trend, timezone: str) -> str:
    """The zone in which its times are told: days are summed up by the days of UTC."""
    return "UTC" if trend["step"] == "day" else timezone


def step_words(point: TrendPoint, step: str, zone: str) -> str:
    at = datetime.fromisoformat(point["at"])
    return day_words(at, zone) if step == "day" else moment_words(at, zone)


def trend_sentence(trend: Trend, timezone: str) -> str:
    """What the picture shows, in one sentence."""
    zone = trend_zone(trend, timezone)
    known = [(point["p95_ms"], point) for point in trend["points"] if point["p95_ms"] is not None]
    (low, _), (high, slowest) = (extreme(known, key=lambda pair: pair[0]) for extreme in (min, max))
    when = step_words(slowest, trend["step"], zone)
    if len(known) == 1:
        return f"P95 was {milliseconds(high)} in the one {trend['step']} that was measured, {when}."
    each = f"{len(known):,} {trend['step']}s with traffic"
    return f"P95 was between {milliseconds(low)} and {milliseconds(high)} over {each}, highest on {when}."


def _with_gaps(points: Sequence[TrendPoint], step: timedelta) -> list[TrendPoint | None]:
    """Nothing stands for one or many steps without traffic."""
    spread: list[TrendPoint | None] = []
    last: datetime | None = None
    for point in points:
        if point["p95_ms"] is None:
            continue
        at = datetime.fromisoformat(point["at"])
        if last is not None and at - last > step * 1.5:
            spread.append(None)
        spread.append(point)
        last = at
    return spread


def _line(name: str, what: Measured, points: Sequence[TrendPoint | None], axis: Axis) -> Figure:
    known = [(point, point[what] or 0.0) if point is not None else None for point in points]
    return {
        "type": "scatter",
        "mode": "lines" if len(points) >= FEWEST_FOR_A_LINE else "lines+markers",
        "connectgaps": False,
        "cliponaxis": False,
        "name": name,
        "x": [axis.local(one[0]) if one else None for one in known],
        "y": [round(one[1] / axis.unit, 3) if one else None for one in known],
        "customdata": [_hover(name, *one, axis.zone) if one else None for one in known],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _paint(colour: str, width: float, dash: str) -> Figure:
    return {"line": {"color": colour, "width": width, "dash": dash}, "marker": {"color": colour, "size": 6}}


def _hover(name: str, point: TrendPoint, value: float, zone: str) -> str:
    return f"{name}: {milliseconds(value)}<br>{_when(point['at'], zone)}, {count(point['requests'], 'request')}"


@lru_cache(maxsize=1024)
def _when(at: str, zone: str) -> str:
    """The same hours are told with every look, and for each of four lines."""
    return moment_words(datetime.fromisoformat(at), zone)
