"""The weeks of a trend in words: dates, readings, a sentence for those who cannot see the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from data.metric import MetricResult, TrendPoint
from ui.readings import Scale, scale_for


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
    parts = [f"lowest {scale.of(min(values)).text}", f"highest {scale.of(max(values)).text}"]
    full = [point["value"] for point in trend if not point["partial"] and isinstance(point["value"], float | int)]
    if full:
        parts.append(f"last full week with a value {scale.of(float(full[-1])).text}")
    return f"{result['title']} by week, {span}: {', '.join(parts)}. The running week is drawn hollow."
