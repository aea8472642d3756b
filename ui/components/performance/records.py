"""What the logs hold of trouble: events by name, and every record of one request, shown as text and never as markup."""

from __future__ import annotations

import json
from datetime import datetime

import dash_mantine_components as dmc
from dash import html

from configuration.log_viewing import EventCount, LogEvents, LogRecord, LogRecords, Looked
from ui import ids
from ui.components.block import Table, folded
from ui.components.performance.section import downloads, facts, mark, nothing, table_with_events
from ui.components.static import Static
from ui.page import Element, aria
from ui.performance_words import megabytes, span_words
from ui.readings import count
from ui.times import moment_words

_TONES = {"WARNING": "warn", "ERROR": "bad", "CRITICAL": "bad"}
_FACTS_SAID_ELSEWHERE = {"event", "request_id"}


def log_events(found: LogEvents, days: int, timezone: str) -> Element:
    reach = _reach(found, timezone)
    if not found["events"]:
        return [nothing(f"No warning and no error was logged in {span_words(days)}."), reach]
    names = ("Event", "Level", "Times", "Last", "What was logged", "Records")
    rows = [_event(row, timezone) for row in found["events"]]
    return [
        table_with_events(Table(f"Warnings and errors, times in {timezone}", names, rows), kind="events"),
        reach,
        downloads("log-events", "the warnings and errors", days=days),
    ]


def reference_form() -> Element:
    """Where the reference that a failed page shows is typed in."""
    return html.Div(
        [
            dmc.TextInput(
                id=ids.WATCH_REFERENCE,
                label="Find by reference",
                description="It stands under a failure, and in an answer's header X-Request-ID.",
                value="",
                size="sm",
                className="reference",
            ),
            dmc.Button("Find", id=ids.WATCH_FIND, n_clicks=0, variant="default", size="sm"),
        ],
        className="reference-form",
    )


def records_body(found: LogRecords, timezone: str) -> Element:
    head = facts([("Request", html.Code(found["request_id"]))])
    reach = _reach(found, timezone)
    if not found["records"]:
        return html.Div([head, nothing("Nothing was logged for it, or it was too long ago."), reach])
    number = count(len(found["records"]), "record")
    told = html.P(f"{number}, oldest first. Times in {timezone}; secrets and addresses are masked.", className="small")
    rows = [_record(record, timezone) for record in found["records"]]
    return html.Div([head, told, Static(html.Ol(rows, className="log-records")), reach])


def malformed_reference() -> Element:
    return nothing("A reference has at most 64 letters, digits and hyphens. Copy it again from the page or the answer.")


def _event(row: EventCount, timezone: str) -> list[Element]:
    return [
        html.Code(row["event"]),
        mark(row["level"].lower(), _TONES.get(row["level"], "calm")),
        f"{row['count']:,}",
        moment_words(datetime.fromisoformat(row["last_at"]), timezone),
        html.Span(row["message"], className="log-message"),
        _records_button(row["last_request_id"], row["event"]),
    ]


def _records_button(request_id: str | None, event: str) -> Element:
    if request_id is None:
        return html.Span("no request", className="few")
    return dmc.Button(
        "Show",
        id=ids.watch_records(request_id),
        n_clicks=0,
        variant="subtle",
        size="compact-xs",
        className="explain",
        **aria(label=f"Show the records of the last request with {event}", haspopup="dialog"),
    )


def _record(record: LogRecord, timezone: str) -> Element:
    at = datetime.fromisoformat(record["timestamp"])
    told = {name: value for name, value in record["context"].items() if name not in _FACTS_SAID_ELSEWHERE}
    return html.Li(
        [
            html.P(
                [
                    mark(record["level"].lower(), _TONES.get(record["level"], "calm")),
                    html.Span(
                        f" {moment_words(at, timezone)}:{at:%S}.{at.microsecond // 1000:03d} ", className="small"
                    ),
                    html.Code(record["event"]),
                ]
            ),
            html.P(record["message"], className="log-message"),
            folded("Facts", facts([(name, html.Code(_plain(value))) for name, value in told.items()]))
            if told
            else None,
            folded("Trace", html.Pre(record["exception"], tabIndex=0)) if record["exception"] else None,
        ]
    )


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _reach(found: Looked, timezone: str) -> Element:
    """What was not looked at, where that is something."""
    told = []
    if found["unread_bytes"]:
        since = found["complete_since"]
        whole = f"complete since {moment_words(datetime.fromisoformat(since), timezone)}" if since else "incomplete"
        told.append(f"Only the ends of large files are read ({megabytes(found['unread_bytes'])} were not): {whole}.")
    if found["unreadable"]:
        told.append(f"Could not be read: {', '.join(found['unreadable'])}.")
    if found["torn"]:
        told.append(f"{count(found['torn'], 'torn line')} skipped.")
    if found["left_out"]:
        told.append(f"{found['left_out']:,} more not shown.")
    return html.P(" ".join(told), className="small") if told else None
