"""What stands where numbers would: their shapes, a named failure, a stopped reading, an empty project."""

from __future__ import annotations

from dataclasses import dataclass

import dash_mantine_components as dmc
from dash import html

from ui import ids
from ui.page import Element, aria


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure in words; `reference` is the id under which the log has the rest, where there is one."""

    title: str
    happened: str
    likely_cause: str
    next_step: str
    reference: str | None = None


def skeleton(cards: int) -> Element:
    """Empty shapes of the cards to come; hidden from screen readers, who hear the note beside it."""
    shapes = [
        dmc.Card(
            [dmc.Skeleton(height=14, width="45%"), dmc.Skeleton(height=34, width="60%"), dmc.Skeleton(height=12)],
            withBorder=True,
            className="metric-card skeleton-card",
        )
        for _ in range(cards)
    ]
    return html.Div(shapes, className="card-grid", **aria(hidden="true"))


def failure_panel(failure: Failure, *, after: str | None = None, offer: str | None = None) -> Element:
    """The failure in words; `after` says what holds meanwhile, `offer` names a button that reads Jira again."""
    details = [("What happened", failure.happened), ("Likely cause", failure.likely_cause)]
    return dmc.Alert(
        [
            *(html.P([html.Strong(f"{label}: "), text]) for label, text in details if text),
            html.P([html.Strong("What to do: "), failure.next_step]),
            html.P(after) if after else None,
            html.P(f"Reference for the log: {failure.reference}", className="reference") if failure.reference else None,
            _reading_button(offer) if offer else None,
        ],
        title=failure.title,
        color="red",
        variant="light",
        className="failure",
    )


def reading_stopped(sentence: str) -> Element:
    """Somebody stopped the first reading: no failure, but no numbers either."""
    return _wished("Reading Jira was stopped", sentence, "Go on reading")


def nothing_kept() -> Element:
    sentence = "What was kept on this machine has been deleted, as asked."
    return _wished("There is nothing to show", sentence, "Read Jira")


def _wished(title: str, sentence: str, way_on: str) -> Element:
    return dmc.Alert(
        [html.P(sentence), _reading_button(way_on)],
        title=title,
        color="gray",
        variant="light",
        className="failure calm",
    )


def partial_mark(sentence: str) -> Element:
    return dmc.Alert(
        html.P(sentence),
        title="These numbers rest on a partial reading",
        color="yellow",
        variant="light",
        className="partial-note",
    )


def _reading_button(label: str) -> Element:
    return dmc.Button(
        label, id=ids.act("now", "failure"), n_clicks=0, variant="default", size="compact-sm", className="try-again"
    )


def empty_project(jql: str, account_name: str) -> Element:
    """Jira answered well and found nothing: not an error, and not ten zeros."""
    return dmc.Alert(
        [
            html.P(["The query ", html.Code(jql), f" finds no issue that {account_name or 'this account'} may see."]),
            html.P(
                [
                    html.Strong("What to do: "),
                    (
                        "try the query in Jira's own issue search with the same account; if it finds nothing either, "
                        "set JIRA_JQL to the team's project, or ask for permission to browse it."
                    ),
                ]
            ),
        ],
        title="There are no issues to measure",
        color="yellow",
        variant="light",
        className="empty-project",
    )


def not_found_layout() -> Element:
    return html.Div(
        [
            dmc.Title("There is no such page", order=1),
            html.P(["The address is misspelt or has moved. ", html.A("Go to the overview", href="/")]),
        ]
    )
