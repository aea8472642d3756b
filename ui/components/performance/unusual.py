"""Whether this week differs from the last by more than weeks do anyway, and what took unusually long lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash import html

from data.watch.anomalies import Anomaly
from data.watch.week_comparison import RouteVerdict, WeekComparison
from ui.components.block import Table, folded
from ui.components.performance.section import downloads, mark, named, nothing, watch_table
from ui.operation_names import operation_name
from ui.page import Element
from ui.performance_words import milliseconds
from ui.times import moment_words

SHOWN = 8
USUAL = (
    "A minute counts as unusual when its average lies far above that of the same hour of the week in the weeks "
    "before (a robust score above 4), and at least three of five minutes do. That takes three weeks of traffic to "
    "compare with."
)


def unusual(week: WeekComparison, found: Sequence[Anomaly], timezone: str) -> Element:
    return [
        html.P([_mark(week), f" {week['sentence']}"], className="block-sentence"),
        _routes([row for row in week["routes"] if row["is_more_than_noise"]]),
        folded("How are the weeks compared?", html.P(week["how"], className="block-definition")),
        html.H3("Unusually slow in the last seven days", className="watch-subtitle"),
        _anomalies(found, timezone),
        folded("What is unusual?", html.P(USUAL, className="block-definition")),
        downloads("anomalies", "what was unusual"),
    ]


def _mark(week: WeekComparison) -> Element:
    if week["is_more_than_noise"] is None or week["ratio"] is None:
        return mark("not known.", "calm")
    if not week["is_more_than_noise"]:
        return mark("as usual.", "good")
    return mark("slower.", "warn") if week["ratio"] > 1 else mark("faster.", "good")


def _routes(rows: Sequence[RouteVerdict]) -> Element:
    if not rows:
        return None
    names = ("By more than noise", "P95 last week", "P95 this week")
    return watch_table(
        Table("What got slower or faster by more than noise", names, [_route(row) for row in rows[:SHOWN]])
    )


def _route(row: RouteVerdict) -> list[Element]:
    slower = (row["ratio"] or 1.0) > 1
    now = [mark(milliseconds(row["p95_ms"]), "warn" if slower else "good")]
    return [
        named(operation_name(row["kind"], row["label"]), row["label"]),
        milliseconds(row["p95_ms_before"]),
        now,
    ]


def _anomalies(found: Sequence[Anomaly], timezone: str) -> Element:
    if not found:
        return nothing("Nothing, or there is too little traffic to know what is usual.")
    names = ("What", "When", "Took", "Usual")
    rows = [
        [
            named(operation_name(one["kind"], one["label"]), one["label"]),
            moment_words(datetime.fromisoformat(one["at"]), timezone),
            milliseconds(one["value_ms"]),
            milliseconds(one["usual_ms"]),
        ]
        for one in found[:SHOWN]
    ]
    return watch_table(Table(f"Unusually slow, newest first, times in {timezone}", names, rows))
