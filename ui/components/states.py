"""What stands where numbers would: reading in progress, a named failure, an empty project, a passing notice."""

from __future__ import annotations

from dataclasses import dataclass

import dash_mantine_components as dmc
from dash import html

from ui import ids
from ui.page import Element, aria
from ui.readings import count


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


def loading_note(stage: str, issues: int, expected: int | None) -> Element:
    """The stage of reading in words, with a bar when the end is known."""
    words = _stage_words(stage, issues, expected)
    share = min(100.0, issues / expected * 100) if expected else None
    return dmc.Paper(
        [
            dmc.Group([dmc.Loader(size="sm", type="oval"), dmc.Text(words, fw=500)], gap="sm", wrap="nowrap"),
            dmc.Progress(value=share, size="sm", mt="sm", **aria(label="Issues read")) if share else None,
        ],
        withBorder=True,
        p="md",
        className="loading-note",
    )


def failure_panel(failure: Failure) -> Element:
    details = [("What happened", failure.happened), ("Likely cause", failure.likely_cause)]
    return dmc.Alert(
        [
            *(html.P([html.Strong(f"{label}: "), text]) for label, text in details if text),
            html.P([html.Strong("What to do: "), failure.next_step]),
            html.P(f"Reference for the log: {failure.reference}", className="reference") if failure.reference else None,
        ],
        title=failure.title,
        color="red",
        variant="light",
        className="failure",
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


def try_again_button() -> Element:
    return dmc.Button(
        "Try again", id=ids.TRY_AGAIN, n_clicks=0, variant="default", className="try-again", style={"display": "none"}
    )


def read_again_button() -> Element:
    return dmc.Button(
        "Read Jira again",
        id=ids.READ_AGAIN,
        n_clicks=0,
        variant="subtle",
        size="compact-sm",
        px=0,
        style={"display": "none"},
    )


def _stage_words(stage: str, issues: int, expected: int | None) -> str:
    match stage:
        case "issues" if expected:
            return f"Reading issues: {issues:,} of about {expected:,}"
        case "issues":
            return f"Reading issues: {count(issues, 'issue')} so far"
        case "histories":
            return f"Reading the history of {count(issues, 'issue')}"
        case "versions":
            return "Reading versions and statuses"
        case "measuring":
            return f"Measuring {count(issues, 'issue')}"
        case _:
            return "Connecting to Jira"
