"""One reading of Jira as its receipt, and earlier ones as a table."""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import dcc, html

from data.sync.receipt import SyncReceipt
from ui import ids
from ui.page import Element, aria
from ui.readings import count
from ui.sync_words import KIND_WORDS, TRIGGER_WORDS, VERDICT_TONES, VERDICT_WORDS
from ui.times import duration_words, instant_words, moment_words

LISTED = 50
DATA_PATH = "/data"


def verdict_mark(verdict: str) -> Element:
    """The verdict as a word with a sign of its own, so that colour is never alone."""
    return html.Span(VERDICT_WORDS[verdict], className=f"verdict tone-{VERDICT_TONES[verdict]}")


def receipt_drawer_body(shown: SyncReceipt | None, earlier: Sequence[SyncReceipt], timezone: str) -> Element:
    if shown is None:
        return html.Div(html.P("Jira has not been read yet, so there is no receipt."), className="receipt")
    return html.Div(
        [
            receipt_panel(shown, timezone),
            html.H3("Earlier readings", className="section-title"),
            receipts_table(earlier, timezone),
            html.P(dcc.Link("Schedule, storage and all readings", href=DATA_PATH), className="small"),
        ],
        className="receipt",
    )


def receipt_panel(receipt: SyncReceipt, timezone: str) -> Element:
    return html.Div(
        [
            html.P([verdict_mark(receipt.verdict), " ", instant_words(receipt.ended_at, timezone)]),
            html.P(receipt.sentence, className="receipt-sentence"),
            _cause(receipt),
            html.Dl(
                [part for name, text in _facts(receipt) for part in (html.Dt(name), html.Dd(text))], className="facts"
            ),
            _listed("Moved to another key", receipt.moved),
            _listed("Deleted in Jira", receipt.deleted),
            _listed("No longer found by the query", receipt.left),
            _listed("Left out, and why", receipt.skipped),
        ]
    )


def receipts_table(receipts: Sequence[SyncReceipt], timezone: str) -> Element:
    """A row for each reading, newest first; wide content scrolls inside the table's own frame."""
    if not receipts:
        return html.P("There are no such readings.", role="status", className="small")
    names = ("Ended", "Verdict", "Issues", "Changes", "Requests", "Took", "Details")
    table = html.Table(
        [
            html.Caption(f"Readings of Jira, newest first, times in {timezone}"),
            html.Thead(html.Tr([html.Th(name, scope="col") for name in names])),
            html.Tbody([_row(receipt, timezone) for receipt in receipts]),
        ],
        className="data-table receipts",
    )
    return html.Div(
        table, className="table-scroll", tabIndex=0, role="region", **aria(label="Earlier readings of Jira")
    )


def _row(receipt: SyncReceipt, timezone: str) -> Element:
    ended = moment_words(receipt.ended_at, timezone)
    changes = receipt.added + receipt.changed + len(receipt.moved) + len(receipt.deleted) + len(receipt.left)
    return html.Tr(
        [
            html.Th(ended, scope="row"),
            html.Td(verdict_mark(receipt.verdict)),
            html.Td(f"{receipt.issues:,}" if receipt.issues else "\N{EN DASH}"),
            html.Td(f"{changes:,}"),
            html.Td(f"{receipt.calls:,}"),
            html.Td(duration_words(receipt.duration_seconds)),
            html.Td(_open_button(receipt, ended)),
        ]
    )


def _open_button(receipt: SyncReceipt, ended: str) -> Element:
    return dmc.Button(
        "Receipt",
        id=ids.receipt(receipt.id),
        n_clicks=0,
        variant="subtle",
        size="compact-xs",
        className="explain",
        **aria(label=f"Receipt of the reading of {ended}", haspopup="dialog"),
    )


def _cause(receipt: SyncReceipt) -> Element:
    cause = receipt.cause
    told = (
        [("Why", cause.title), ("What happened", cause.detail), ("Likely cause", cause.likely_cause)] if cause else []
    )
    step = receipt.next_step or (cause.next_step if cause else "")
    lines = [*told, *([("What to do", step)] if step else [])]
    if not lines:
        return None
    return html.Div([html.P([html.Strong(f"{name}: "), text]) for name, text in lines if text], className="cause")


def _facts(receipt: SyncReceipt) -> list[tuple[str, str]]:
    asked = f"{receipt.expected:,} by Jira's own count" if receipt.expected is not None else "no count"
    waited = f"{receipt.waits:,}, {duration_words(receipt.waited_seconds)} in all" if receipt.waits else "none"
    facts = [
        ("Read", KIND_WORDS[receipt.kind] + (f", because {receipt.reason}" if receipt.reason else "")),
        ("Started", TRIGGER_WORDS.get(receipt.trigger, receipt.trigger)),
        ("Took", duration_words(receipt.duration_seconds)),
        ("Issues expected", asked),
        ("Issues received", _received(receipt)),
        ("Issues kept", f"{receipt.issues:,}" if receipt.verdict in {"complete", "partial"} else "as before"),
        ("New, changed", f"{receipt.added:,}, {receipt.changed:,}"),
        ("Moved, deleted", f"{len(receipt.moved):,}, {len(receipt.deleted):,}"),
        ("Pages, requests", f"{receipt.pages:,}, {receipt.calls:,}"),
        ("Waits", waited),
        ("Tried again", count(receipt.retries, "time") if receipt.retries else "never"),
        ("Told to slow down", count(receipt.refusals, "time") if receipt.refusals else "never"),
    ]
    if receipt.missing:
        facts.append(("Missing", f"{count(receipt.missing, 'issue')} that Jira counts and did not hand out"))
    if receipt.held_back:
        facts.append(("Not removed", f"{count(receipt.held_back, 'issue')}, until somebody confirms it"))
    if receipt.resumed:
        facts.append(("Went on", "from where an earlier reading had stopped"))
    return facts


def _received(receipt: SyncReceipt) -> str:
    doubles = receipt.received - receipt.distinct
    return f"{receipt.distinct:,}" + (f", {doubles:,} of them sent more than once" if doubles > 0 else "")


def _listed(title: str, entries: Sequence[str]) -> Element:
    if not entries:
        return None
    more = len(entries) - LISTED
    items = [html.Li(entry) for entry in entries[:LISTED]]
    return html.Details(
        [
            html.Summary(f"{title} ({len(entries):,})"),
            html.Ul([*items, html.Li(f"and {more:,} more") if more > 0 else None], className="plain-list"),
        ],
        className="as-table",
    )
