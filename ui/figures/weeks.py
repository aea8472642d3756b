"""The weeks of a trend in words: dates, readings, a sentence for those who cannot see the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from data.metric import MetricResult, TrendPoint
from ui.readings import Scale, read, scale_for


def week_monday(label: str) -> date:
    """The Monday of an ISO week label such as `2026-W03`."""
    year, week = label.split("-W")
    return date.fromisocalendar(int(year), int(week), 1)


def day_name(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def known_values(trend: Sequence[TrendPoint]) -> list[float]:
    return [float(point["value"]) for point in trend if isinstance(point["value"], float | int)]


def trend_scale(result: MetricResult) -> Scale:
    """One unit for every point of a trend, chosen by the largest."""
    return scale_for(result["unit"], max(known_values(result["trend"]), default=0.0))


def week_text(value: float, unit: str, scale: Scale) -> str:
    """One week's value in words: durations in their own best unit, all else in the chart's."""
    return read(value, unit).text if unit == "hours" else scale.of(value).text


def trend_sentence(result: MetricResult) -> str:
    """What the chart shows, in one sentence: span, lowest, highest, the last full week, the running week."""
    trend = result["trend"]
    if not trend:
        return f"{result['title']}: no weeks to show."
    span = f"{len(trend)} weeks from {day_name(week_monday(trend[0]['week']))}"
    if any(isinstance(point["value"], Mapping) for point in trend):
        return f"{result['title']} by week, {span}; the table gives the share of each kind."
    values = known_values(trend)
    if not values:
        return f"{result['title']} by week, {span}: no week has a value."
    scale = scale_for(result["unit"], max(values))
    unit = result["unit"]
    lowest, highest = (week_text(extreme(values), unit, scale) for extreme in (min, max))
    parts = [f"lowest {lowest}", f"highest {highest}"]
    full = [point["value"] for point in trend if not point["partial"] and isinstance(point["value"], float | int)]
    if full:
        parts.append(f"last full week with a value {week_text(float(full[-1]), unit, scale)}")
    return f"{result['title']} by week, {span}: {', '.join(parts)}. The running week is drawn hollow."
