"""What Sightline does besides answering: calculations against their promises, calls to Jira, jobs, readings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash import dcc, html

from data.jira_requests.headroom import Headroom
from data.sync.receipt import SyncReceipt
from data.watch.documents import CalculationRow, JiraCalls, JiraEndpoint, JobRow, Threshold
from ui.components.block import Table
from ui.components.performance.section import downloads, facts, mark, named, nothing, sparse, watch_table
from ui.components.receipt import DATA_PATH, receipts_table
from ui.operation_names import operation_name
from ui.page import Element
from ui.performance_words import FEW_FOR_P95, milliseconds, often_words, per_cent, span_words
from ui.readings import count
from ui.times import duration_words, moment_words

RECEIPTS_SHOWN = 8
_VERDICTS = {"pass": ("kept", "good"), "warning": ("just over", "warn"), "fail": ("broken", "bad")}
_SIZES = {"small": "up to 1,000 issues", "medium": "up to 5,000 issues", "large": "above 5,000 issues"}
_CLASSES = {
    "rest": "Single requests",
    "search": "Searches",
    "histories": "Histories in bulk",
    "issues": "Issues in bulk",
}


def calculations(rows: Sequence[CalculationRow], days: int) -> Element:
    if not rows:
        return [nothing(f"Nothing was computed in {span_words(days)}.")]
    names = ("Calculation", "Times", "Average", "P95", "Promised time")
    table = Table("Calculations against their promises", names, [_calculation(row) for row in rows])
    return [
        html.P(_promises_kept(rows), className="block-sentence"),
        watch_table(table),
        downloads("calculations", "the calculations", days=days),
    ]


def _promises_kept(rows: Sequence[CalculationRow]) -> str:
    thresholds = [row["threshold"] for row in rows if row["threshold"] is not None]
    asked = sum(found["pass"] + found["warning"] + found["fail"] for found in thresholds)
    kept = sum(found["pass"] for found in thresholds)
    if not asked:
        return "No calculation here has a promised time."
    if kept == asked:
        return f"All {count(asked, 'calculation')} kept the promised time."
    return f"{kept:,} of {count(asked, 'calculation')} kept the promised time, {asked - kept:,} took longer."


def _calculation(row: CalculationRow) -> list[Element]:
    size = row["dataset_size_category"]
    threshold = row["threshold"]
    technical = f"{row['metric_type']}, {_SIZES.get(size, size)}" if size else row["metric_type"]
    return [
        named(operation_name("calculation", row["metric_type"]), technical),
        _times(row["count"], row["failures"]),
        milliseconds(row["avg_ms"]),
        sparse(milliseconds(row["p95_ms"]), row["count"], FEW_FOR_P95),
        _kept(threshold) if threshold else "none",
    ]


def _times(number: int, failures: int) -> Element:
    return [f"{number:,}", html.Span(f"{failures:,} failed", className="beneath refusal") if failures else None]


def _kept(threshold: Threshold) -> Element:
    word, tone = _VERDICTS[threshold["verdict"]]
    over = threshold["warning"] + threshold["fail"]
    promise = f"of {milliseconds(threshold['target_seconds'] * 1000)}"
    return [
        mark(word, tone),
        html.Span(f"{promise}, {count(over, 'time')} over" if over else promise, className="beneath"),
    ]


def jira(calls: JiraCalls, headroom: Headroom | None, days: int) -> Element:
    told = facts([*_standing(headroom), *_calls(calls, days)])
    if not calls["calls"]:
        return [told, nothing(f"Jira was not asked for anything in {span_words(days)}.")]
    endpoints = [_endpoint(row) for row in calls["endpoints"]]
    names = ("Asked for", "Calls", "Average", "P95", "Waited", "429", "Refused", "Failed")
    return [
        html.Div([told, watch_table(Table("Calls to Jira", names, endpoints))], className="facts-and-table"),
        downloads("jira-calls", "the calls to Jira", days=days),
    ]


def _standing(headroom: Headroom | None) -> list[tuple[str, Element]]:
    if headroom is None:
        return [("Allowed now", "everything; nothing that was asked is on record")]
    left = [
        html.Li(
            f"{_CLASSES.get(room.kind, room.kind)}: {room.left:,} of {room.capacity:,}{_slowed(room.paused_seconds)}"
        )
        for room in headroom.rooms
    ]
    return [
        ("Is Jira asked?", _willing(headroom)),
        ("Requests left now, in ten seconds", html.Ul(left, className="plain")),
    ]


def _slowed(paused_seconds: float) -> str:
    return f", paused for {duration_words(paused_seconds)}" if paused_seconds > 0 else ""


def _willing(headroom: Headroom) -> Element:
    rest = headroom.rest
    if rest.quota_seconds > 0:
        return mark(f"no: its quota is spent for {duration_words(rest.quota_seconds)}", "bad")
    if rest.rest_seconds > 0:
        because = f" after: {rest.last_failure}" if rest.last_failure else ""
        return mark(f"no: it is left alone for {duration_words(rest.rest_seconds)}{because}", "bad")
    if rest.is_recovering:
        return mark("one request is tried, to see whether it answers again", "warn")
    return mark("yes", "good")


def _calls(calls: JiraCalls, days: int) -> list[tuple[str, Element]]:
    if not calls["calls"]:
        return []
    errors = calls["errors"]
    failed = f"{count(errors, 'call')} ({per_cent(calls['error_rate'])})" if errors else "none"
    slowed = count(calls["rate_limited"], "time") if calls["rate_limited"] else "never"
    return [
        (f"In {span_words(days)}", f"{count(calls['calls'], 'call')}, {often_words(calls['per_minute'])}"),
        ("Time to answer", f"{milliseconds(calls['avg_ms'])} on average, P95 {milliseconds(calls['p95_ms'])}"),
        ("Waited before calls", milliseconds(calls["waited_ms"]) + " in all" if calls["waited_ms"] else "never"),
        ("Told to slow down (429)", slowed),
        ("Refused", count(calls["refusals"], "call") if calls["refusals"] else "none"),
        ("Failed", failed),
    ]


def _endpoint(row: JiraEndpoint) -> list[Element]:
    return [
        html.Code(row["endpoint"]),
        f"{row['calls']:,}",
        milliseconds(row["avg_ms"]),
        sparse(milliseconds(row["p95_ms"]), row["calls"], FEW_FOR_P95),
        milliseconds(row["waited_ms"]) if row["waited_ms"] else "never",
        f"{row['rate_limited']:,}",
        f"{row['refusals']:,}",
        f"{row['errors']:,}",
    ]


def readings(receipts: Sequence[SyncReceipt], timezone: str) -> Element:
    """The last readings of Jira as on the page Data, whose buttons open the same receipts."""
    more = dcc.Link("Schedule, storage and all readings", href=DATA_PATH)
    return [receipts_table(receipts[:RECEIPTS_SHOWN], timezone), html.P(more, className="watch-downloads")]


def jobs(rows: Sequence[JobRow], days: int, timezone: str) -> Element:
    if not rows:
        return [nothing(f"No job ran in the background in {span_words(days)}.")]
    names = ("Job", "Runs", "Average", "Longest", "Last run")
    table = Table("Jobs in the background", names, [_job(row, timezone) for row in rows])
    return [watch_table(table), downloads("jobs", "the jobs", days=days)]


def _job(row: JobRow, timezone: str) -> list[Element]:
    last = row["last"]
    ended = None
    if last is not None:
        when = moment_words(datetime.fromisoformat(last["at"]), timezone)
        ended = mark(when if last["ok"] else f"failed {when}", "good" if last["ok"] else "bad")
    return [
        named(operation_name("job", row["job"]), row["job"]),
        _times(row["runs"], row["failures"]),
        milliseconds(row["avg_ms"]),
        milliseconds(row["max_ms"]),
        ended,
    ]
