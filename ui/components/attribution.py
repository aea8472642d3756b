"""Incidents with the deployments that they are put down to, and the dialog in which a person puts one right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import dash_mantine_components as dmc
from dash import dcc, html

from data.attribution_overrides import Correction
from data.attributions import NONE, Attribution, Choice
from ui import ids
from ui.components.block import too_little
from ui.components.issue_list import issue_link
from ui.issue_keys import is_issue_key
from ui.page import Element, Sources, aria
from ui.readings import count
from ui.theme import PRIMARY
from ui.times import moment_words

NO_DEPLOYMENT = "none"
_NAMED = "to:"
SURE: Mapping[str, str] = MappingProxyType(
    {
        "manual": "put down by hand",
        "linked": "sure: Jira links them",
        "version": "rather sure: it names the version",
        "window": "a guess: the last deployment before it",
        NONE: "unknown: no deployment found",
    }
)


def incident_list(found: Sequence[Attribution], sources: Sources, *, days: int, timezone: str) -> Element:
    if not found:
        return too_little(f"No incident was detected or resolved in the last {count(days, 'day')}.")
    sentence = f"{count(len(found), 'incident')} detected or resolved in the last {count(days, 'day')} ({timezone})."
    rows = [_incident(one, sources, timezone) for one in found]
    return html.Div([html.P(sentence, className="state-sentence"), html.Ul(rows, className="incidents")])


def cause_choices(causes: Sequence[Choice], timezone: str) -> list[dict[str, str]]:
    """What the dialog offers: no deployment, and each that can be the cause."""
    return [
        {"value": NO_DEPLOYMENT, "label": "No deployment caused it"},
        *(
            {
                "value": _NAMED + cause["name"],
                "label": f"{cause['label']}, {moment_words(datetime.fromisoformat(cause['at']), timezone)}",
            }
            for cause in causes
        ),
    ]


def cause_named(chosen: str) -> str | None:
    """The deployment that a choice of the dialog names, None for no deployment."""
    return None if chosen == NO_DEPLOYMENT else chosen.removeprefix(_NAMED)


def corrections_so_far(corrections: Sequence[Correction], timezone: str) -> Element:
    """What was put right before, by whom, when and why, the latest first."""
    if not corrections:
        return html.P("Nobody has corrected it yet.", className="small")
    lines = [html.Li(_correction(one, timezone)) for one in reversed(corrections)]
    return html.Div([html.P("So far:", className="small"), html.Ul(lines, className="plain-list")])


def correction_dialog() -> Element:
    return dmc.Modal(
        [
            dcc.Store(id=ids.CORRECTION_SUBJECT),
            dcc.Store(id=ids.CORRECTION_ASKED),
            html.P(id=ids.CORRECTION_INCIDENT, className="state-sentence"),
            dmc.Select(
                id=ids.CORRECTION_CAUSE,
                label="It was caused by",
                description="The last deployments before it; type to find one.",
                data=[],
                searchable=True,
                allowDeselect=False,
                nothingFoundMessage="No such deployment before it",
                size="sm",
            ),
            dmc.TextInput(id=ids.CORRECTION_WHO, label="Your name", value="", persistence=True, size="sm", mt="sm"),
            dmc.TextInput(
                id=ids.CORRECTION_WHY,
                label="Why?",
                placeholder="What shows it, for example the finding of the review",
                value="",
                size="sm",
                mt="sm",
            ),
            html.Div(id=ids.CORRECTION_REFUSED, role="status", className="told"),
            dmc.Group(
                [
                    dmc.Button("Put it right", id=ids.CORRECTION_SAVE, n_clicks=0, size="sm", color=f"{PRIMARY}.8"),
                    html.Div(
                        dmc.Button(
                            "Take the correction back",
                            id=ids.CORRECTION_WITHDRAW,
                            n_clicks=0,
                            size="sm",
                            variant="default",
                        ),
                        id=ids.CORRECTION_WITHDRAW_PLACE,
                    ),
                ],
                mt="md",
            ),
            html.Div(id=ids.CORRECTION_BEFORE),
        ],
        id=ids.CORRECTION,
        title="What caused this incident?",
        opened=False,
        centered=True,
        closeButtonProps={"aria-label": "Close without changing anything"},
    )


def _incident(one: Attribution, sources: Sources, timezone: str) -> Element:
    key, summary = one["incident"], sources.summaries.get(one["incident"])
    resolved = one["resolved_at"]
    until = f"resolved {moment_words(datetime.fromisoformat(resolved), timezone)}" if resolved else "still open"
    return html.Li(
        [
            html.Div(
                [
                    issue_link(key, sources.site_url),
                    html.Span(summary, className="issue-summary") if summary else None,
                ],
                className="age-head",
            ),
            html.P(
                f"Detected {moment_words(datetime.fromisoformat(one['detected_at']), timezone)}, {until}",
                className="small",
            ),
            html.P(
                [
                    html.Strong(one["deployment"] or "No deployment", className="bar-name"),
                    html.Span(SURE[one["confidence"]], className=f"sureness sure-{one['confidence']}"),
                    _button(key) if is_issue_key(key) else None,
                ],
                className="cause-line",
            ),
        ]
    )


def _button(key: str) -> Element:
    return dmc.Button(
        "Put it right",
        id=ids.correct(key),
        n_clicks=0,
        variant="default",
        size="compact-sm",
        **aria(label=f"Put right what caused {key}", haspopup="dialog"),
    )


def _correction(one: Correction, timezone: str) -> str:
    if one.withdrawn:
        done = "taken back"
    else:
        done = f"put down to {one.deployment}" if one.deployment is not None else "put down to no deployment"
    return f"{moment_words(one.when, timezone)}, {one.who}: {done}. {one.why}"
