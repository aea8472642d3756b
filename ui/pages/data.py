"""The page about the data itself: read it, schedule it, see how the readings went, delete it."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html

from ui import ids
from ui.components.block import card
from ui.components.data_page import asking_button, confirmation, schedule_choice, verdict_filter
from ui.page import Element, InfoPage
from ui.theme import PRIMARY

_CONFIRMATIONS = (
    (
        "anew",
        "Read everything anew?",
        (
            "Every issue is asked for again, which may take long and uses much of what Jira allows. The present "
            "numbers stay until the reading is complete. It is needed only if the numbers look wrong."
        ),
        "Read everything",
    ),
    (
        "losses",
        "Are these issues really gone?",
        (
            "Everything is read anew, and what Jira no longer has is removed here too. If only the account's rights "
            "have changed, leave it, and have them mended first."
        ),
        "Remove what is gone",
    ),
    (
        "delete",
        "Delete what is kept on this machine?",
        (
            "All issues and the record of readings are deleted from this machine. Jira is not touched, settings stay. "
            "Nothing is read again until somebody asks for it."
        ),
        "Delete",
    ),
)


def _layout() -> Element:
    return html.Div(
        [
            card("The data now", [html.Div(id=ids.DATA_STATE), _reading_buttons()]),
            card("Schedule", [schedule_choice(), html.Div(id=ids.SCHEDULE_SAID, role="status")]),
            card("Readings so far", [verdict_filter(), html.Div(id=ids.RECEIPTS_TABLE)]),
            card(
                "Kept on this machine",
                [
                    html.Div(id=ids.KEPT_SIZE),
                    dmc.Group(asking_button("delete", "Delete what is kept on this machine"), mt="sm"),
                    html.Div(id=ids.DELETE_SAID, role="status"),
                ],
            ),
            *(confirmation(*words) for words in _CONFIRMATIONS),
        ],
        className="data-page",
    )


def _reading_buttons() -> Element:
    return dmc.Group(
        [
            dmc.Button("Read now", id=ids.act("now", "data"), n_clicks=0, size="sm", color=f"{PRIMARY}.8"),
            asking_button("anew", "Read everything anew"),
        ],
        gap="sm",
        mt="md",
        className="reading-buttons",
    )


DATA = InfoPage(
    key="data",
    path="/data",
    name="Data",
    title="Data",
    intro="How current and complete the numbers are, and when Jira is read.",
    layout=_layout(),
)
