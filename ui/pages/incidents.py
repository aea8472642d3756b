"""Incidents and what caused them, where a person can put the cause right."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html

from ui import ids
from ui.components.attribution import correction_dialog
from ui.page import InfoPage

INCIDENTS = InfoPage(
    key="incidents",
    path="/incidents",
    name="Incidents",
    title="Incidents",
    intro="Which deployment each incident is put down to, how sure that is, and putting it right by hand.",
    layout=html.Div(
        [
            html.Div(id=ids.CORRECTION_SAID, role="status", className="saved-words"),
            dmc.Card(
                html.Div(html.P("The numbers are not there yet. The incidents come with them."), id=ids.INCIDENTS),
                withBorder=True,
                padding="md",
                className="data-section",
            ),
            correction_dialog(),
        ],
        className="what-if-page",
    ),
)
