"""A reading that is on: how far it is, what it waits for, and the ways to stop it."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html

from data.sync.team_fetch import FetchProgress
from ui import ids
from ui.page import Element, aria
from ui.sync_words import progress_detail, progress_words, share_read, waiting_words

HIDDEN = "sync-panel nothing"
BESIDE_NUMBERS = "sync-panel beside"
INSTEAD_OF_NUMBERS = "sync-panel alone"


def progress_frame() -> Element:
    """The panel on every page; its buttons stay in place while the words in it change."""
    return html.Div(
        [
            html.Div(id=ids.SYNC_PROGRESS),
            dmc.Group(
                [
                    dmc.Button("Stop reading", id=ids.STOP, n_clicks=0, variant="default", size="compact-sm"),
                    html.Div(
                        html.Div(
                            dmc.Button(
                                "Stop at once",
                                id=ids.STOP_AT_ONCE,
                                n_clicks=0,
                                variant="default",
                                size="compact-sm",
                                **aria(label="Stop at once, losing the page that is being read"),
                            ),
                            id=ids.STOP_AT_ONCE_PLACE,
                            className="nothing",
                        ),
                        id=ids.OWN_JOB,
                        className="nothing",
                    ),
                ],
                gap="xs",
                mt="sm",
            ),
        ],
        id=ids.SYNC_PANEL,
        className=INSTEAD_OF_NUMBERS,
        role="group",
        **aria(label="Reading Jira"),
    )


def progress_body(progress: FetchProgress | None, *, stopping: bool) -> list[Element]:
    waiting = waiting_words(progress)
    detail = progress_detail(progress) if progress is not None and progress.pages else None
    return [
        html.P("Stopping, after what is on its way" if stopping else progress_words(progress), className="sync-stage"),
        _bar(share_read(progress)),
        html.P(waiting, className="sync-waiting") if waiting else None,
        html.P(detail, className="small") if detail else None,
    ]


def _bar(share: int | None) -> Element:
    """Without a known end it only moves."""
    known = {} if share is None else {"valuenow": str(share), "valuetext": f"{share} per cent of the issues"}
    style = {} if share is None else {"width": f"{share}%"}
    return html.Div(
        html.Div(style=style, className="bar-done" if share is not None else "bar-done endless"),
        className="bar",
        role="progressbar",
        **aria(label="Issues read", valuemin="0", valuemax="100", **known),
    )
