"""How the time to answer went, as a picture and a table."""

from __future__ import annotations

from typing import Any

from dash import html

from data.watch.documents import Trend, TrendPoint
from ui.components.block import Table, folded
from ui.components.performance.section import downloads, nothing, watch_table
from ui.figures.graph import graph_document
from ui.figures.response_times import response_times, step_words, trend_sentence, trend_zone
from ui.page import Element
from ui.performance_words import FEW_FOR_P95, milliseconds, per_cent, span_words

LEGEND = (("p95", "P95: 19 of 20 are faster"), ("average", "Average"), ("ghost", "The same, a week before"))


def trend(found: Trend, timezone: str) -> tuple[Element, Any, Element]:
    """What stands above the chart, the chart for its store, and what stands beneath it."""
    if all(point["p95_ms"] is None for point in found["points"]):
        why = f"Nothing was measured in {span_words(found['days'])}, so there is no trend to draw."
        return [nothing(why)], None, None
    zone = trend_zone(found, timezone)
    legend = [html.Li([html.Span(className=f"stroke stroke-{key}"), name]) for key, name in LEGEND]
    above = [
        html.P(trend_sentence(found, timezone), className="block-sentence"),
        html.Ul(legend, className="share-legend"),
    ]
    beneath = [
        folded("Show as a table", watch_table(_table(found, zone))),
        downloads("route-trend", "the trend", days=found["days"]),
    ]
    return above, graph_document(response_times(found, timezone)), beneath


def _table(found: Trend, zone: str) -> Table:
    before = {point["at"]: point for point in found["week_before"]}
    ended = found["points"][-2::-1]  # the last is still running, and a long table that changes with every look is slow
    rows = [_row(point, before.get(point["at"]), found["step"], zone) for point in ended]
    names = ("From", "Requests", "Average", "P95", "Failed", "P95 a week before")
    caption = f"Time to answer, by {found['step']} without the running one, newest first, times in {zone}"
    return Table(caption, names, rows)


def _row(point: TrendPoint, ghost: TrendPoint | None, step: str, zone: str) -> list[Element]:
    p95 = milliseconds(point["p95_ms"])
    return [
        step_words(point, step, zone),
        f"{point['requests']:,}",
        milliseconds(point["avg_ms"]),
        html.Span(p95, className="few") if point["requests"] < FEW_FOR_P95 else p95,
        per_cent(point["error_rate"]),
        milliseconds(ghost["p95_ms"] if ghost else None),
    ]
