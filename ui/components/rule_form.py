"""The form in which rules are chosen to be tried, beginning with the ones in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from data.model import DeploymentSource
from ui import ids
from ui.page import Element
from ui.rule_choices import ALL_HOURS, FIRST_SOURCE, LONGEST_WINDOW, WEEKDAYS, WORKING_HOURS
from ui.rule_words import POPULATION_NAMES
from ui.wording import SOURCE_NAMES

_STATUSES = {
    "start_statuses": ("Work starts in", "Empty: with the first status that is in progress."),
    "waiting_statuses": ("Work waits in", "Time there is not active work."),
    "blocked_statuses": ("Work is blocked in", "Time there is not active work."),
}


def rule_form(values: Mapping[str, Any], statuses: Sequence[str]) -> Element:
    return html.Div(
        [
            html.Div([_status_choice(rule, values[rule], statuses) for rule in _STATUSES], className="rule-group"),
            html.Div(
                [
                    _number(
                        "attribution_window_days",
                        values,
                        label="Days after a deployment in which an incident is put down to it",
                        description="Empty: no limit.",
                        max=LONGEST_WINDOW,
                    ),
                    _number(
                        "headline_percentile",
                        values,
                        label="Percentile of durations in the headline",
                        description="50 is the median.",
                        max=99.9,
                    ),
                    _select("incident_population", values, "Incidents that count", POPULATION_NAMES),
                    _select("deployment_source", values, "Deployments are", _sources()),
                ],
                className="rule-group",
            ),
            html.Div(_calendar(values), className="rule-group"),
        ]
    )


def _status_choice(rule: str, chosen: list[str], statuses: Sequence[str]) -> Element:
    label, description = _STATUSES[rule]
    return dmc.MultiSelect(
        id=ids.rule(rule),
        label=label,
        description=description,
        data=list(statuses),
        value=chosen,
        searchable=True,
        hidePickedOptions=True,
        size="sm",
    )


def _number(rule: str, values: Mapping[str, Any], **words: Any) -> Element:
    return dmc.NumberInput(id=ids.rule(rule), value=values[rule], min=0, size="sm", hideControls=True, **words)


def _select(rule: str, values: Mapping[str, Any], label: str, names: Mapping[Any, str]) -> Element:
    return dmc.Select(
        id=ids.rule(rule),
        label=label,
        data=[{"value": str(value), "label": name} for value, name in names.items()],
        value=values[rule],
        allowDeselect=False,
        size="sm",
    )


def _sources() -> dict[str, str]:
    own = {str(source): SOURCE_NAMES[source].capitalize().replace("jira", "Jira") for source in DeploymentSource}
    return {FIRST_SOURCE: "The first of these that Jira has", **own}


def _calendar(values: Mapping[str, Any]) -> list[Element]:
    hours = [(ALL_HOURS, "All hours, day and night"), (WORKING_HOURS, "Working hours only")]
    days = [dmc.Checkbox(label=name, value=str(day), size="sm") for day, name in enumerate(WEEKDAYS)]
    return [
        dmc.RadioGroup(
            dmc.Stack([dmc.Radio(label, value=value, size="sm") for value, label in hours], gap="xs", mt="xs"),
            id=ids.rule("calendar"),
            label="Durations count",
            value=values["calendar"],
            size="sm",
        ),
        _number("start_hour", values, label="The working day begins at (hour)", max=24),
        _number("end_hour", values, label="and ends at (hour)", max=24),
        dmc.CheckboxGroup(
            dmc.Group(days, gap="sm", mt="xs"),
            id=ids.rule("weekdays"),
            label="Working days",
            value=values["weekdays"],
            size="sm",
        ),
    ]
