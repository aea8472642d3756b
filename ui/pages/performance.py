"""How Sightline itself is doing: how fast it answers, what slows it down, what failed, what is kept about that."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html

from ui import ids
from ui.components.data_page import confirmation
from ui.components.performance.records import reference_form
from ui.components.performance.section import card_shapes, section
from ui.components.performance.storage import DAYS_KEPT, ROTATE
from ui.figures.graph import chart_place
from ui.page import Element, InfoPage, aria
from ui.performance_words import DEFAULT_SPAN, SPANS

LOOK_MILLISECONDS = 5_000
STILL = "Looked at again every few seconds. What you are reading, marking or sorting by keyboard keeps still meanwhile."

PARTS = {
    "now": ("alarm", "health", "cards"),
    "trend": ("trend",),
    "routes": ("routes", "cache"),
    "work": ("calculations", "jira", "readings", "jobs"),
    "care": ("alerts", "unusual", "events", "storage"),
}
"""Sections that are looked at together, in one request of the page."""
UNHURRIED = frozenset({"work", "care"})
"""Parts that are looked at less often than the others."""


def _layout() -> Element:
    return html.Div(
        [
            dcc.Interval(id=ids.WATCH_INTERVAL, interval=LOOK_MILLISECONDS),
            *(
                dcc.Store(id=name)
                for name in (ids.WATCH_TICK, ids.WATCH_SLOW_TICK, ids.WATCH_ANSWERED, ids.WATCH_ORDER, ids.WATCH_ASKED)
            ),
            *(dcc.Store(id=ids.watch_seen(part)) for part in PARTS),
            html.Div(id=ids.WATCH_SAID, className="visually-hidden", role="status", **aria(live="polite")),
            _toolbar(),
            html.P(STILL, className="still"),
            html.Div(id=ids.watch_section("alarm")),
            html.Div(
                [
                    section("health", "Health"),
                    html.Div(
                        [
                            html.Div(card_shapes(), id=ids.watch_section("cards"), className="stats"),
                            section("alerts", "Alerts"),
                        ],
                        className="watch-column",
                    ),
                    section("trend", "Time to answer", wide=True, beneath=_chart()),
                    section("routes", "Where the time goes", wide=True),
                    section("cache", "Cache"),
                    section("calculations", "Calculations and their promises"),
                    section("unusual", "This week against the last"),
                    section("readings", "Readings of Jira"),
                    section("jira", "Calls to Jira", wide=True),
                    section("events", "Warnings and errors in the logs", wide=True, above=reference_form()),
                    section("jobs", "Jobs in the background"),
                    section("storage", "What is kept about this", beneath=_rotation()),
                ],
                className="watch-grid",
            ),
            _drawer(),
            confirmation(
                ROTATE,
                f"Delete measurements older than {DAYS_KEPT} days?",
                "Single measurements and summaries from before then are deleted from this machine. They cannot be "
                "brought back. The team's issues and numbers are not touched.",
                "Delete them",
            ),
        ],
        className="performance-page",
    )


def _toolbar() -> Element:
    return html.Div(
        [
            html.Div(
                [
                    html.Span("Span", id="watch-span-label", className="period-label"),
                    dmc.SegmentedControl(
                        id=ids.WATCH_SPAN,
                        data=[{"value": str(days), "label": words} for days, words in SPANS.items()],
                        value=str(DEFAULT_SPAN),
                        size="sm",
                        **aria(labelledby="watch-span-label"),
                    ),
                ],
                className="watch-span",
            ),
            html.Div(
                [
                    html.Span("Being measured", id=ids.WATCH_LINE, className="verdict tone-calm live-line"),
                    dmc.Button("Pause", id=ids.WATCH_PAUSE, n_clicks=0, variant="default", size="compact-sm"),
                ],
                className="live",
            ),
        ],
        className="watch-bar",
    )


def _chart() -> Element:
    """Always the same place: a chart that went with every look would never be whole."""
    return html.Div(
        [
            chart_place(ids.watch_chart_source(), ids.watch_chart()),
            html.Div(id=ids.watch_section("steps"), className="watch-body"),
        ],
        className="live-chart",
    )


def _rotation() -> Element:
    return html.Div(
        [
            html.Div(id=ids.watch_section("rotation")),
            html.Div(id=ids.WATCH_ROTATED, role="status", className="small"),
        ],
        className="rotation",
    )


def _drawer() -> Element:
    return dmc.Drawer(
        html.Div(id=ids.WATCH_RECORDS),
        id=ids.WATCH_DRAWER,
        title="What was logged",
        opened=False,
        position="right",
        size="min(100vw, 720px)",
        padding="lg",
        closeButtonProps={"aria-label": "Close the records"},
    )


PERFORMANCE = InfoPage(
    key="performance",
    path="/metrics/performance",
    name="Performance of Sightline",
    title="Performance of Sightline",
    intro="How fast this program answers, what slows it down and what went wrong. It says nothing about the team.",
    layout=_layout(),
    is_aside=True,
)
