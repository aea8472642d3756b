"""Trying other rules: what they would do to the numbers, saving them, and the rules so far."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html

from ui import ids
from ui.components.block import card
from ui.components.data_page import confirmation
from ui.page import Element, InfoPage
from ui.theme import PRIMARY

_WAITING = "The numbers are not there yet. The form comes with them."


def _layout() -> Element:
    return html.Div(
        [
            dcc.Store(id=ids.RULES_FORM_STAND),
            dcc.Store(id=ids.RULES_TRIED),
            card(
                "Other rules",
                [
                    html.Div(html.P(_WAITING), id=ids.RULES_FORM),
                    dmc.Button("Compare", id=ids.RULES_TRY, n_clicks=0, size="sm", color=f"{PRIMARY}.8"),
                    html.Div(id=ids.RULES_SAID, role="status", className="told"),
                ],
            ),
            html.Div(id=ids.RULES_SAVED, role="status", className="saved-words"),
            card(
                "What they would change",
                [html.Div(html.P("Choose other rules, then compare."), id=ids.RULES_COMPARED)],
            ),
            card("The rules so far", [html.Div(id=ids.RULE_VERSIONS)]),
            confirmation(
                "rules",
                "Save these rules?",
                (
                    "Every number on every page, past weeks included, will be measured by them, for everybody who uses "
                    "this Sightline. Jira is not asked or changed. The rules before stay on this page with their date."
                ),
                "Save",
            ),
        ],
        className="what-if-page",
    )


WHAT_IF = InfoPage(
    key="what-if",
    path="/what-if",
    name="What if",
    title="What if",
    intro="Try other rules of counting and see what they do to the numbers. Nothing is saved unless you say so.",
    layout=_layout(),
)
