"""The events of an explanation at an earlier day: what was known then, and the way back to now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from callbacks.filters import ready_part
from callbacks.team import Team, TeamLoader
from data.facts import facts_as_of
from data.performance_utils import microseconds
from data.weeks import end_of_day, instant, local_day
from ui import ids
from ui.components.block import refused
from ui.components.known_then import HIDDEN, day_name, known_note
from ui.page import Element, Sources

EARLIEST = instant(0)
Subject = Mapping[str, Any]
"""What a drawer explains: the metric, the days of its period, the filters, and the earlier day if it is one."""


def register(app: Dash, change: Callable[..., Any]) -> None:
    app.callback(
        Output(ids.EXPLAINED, "children"),
        Output(ids.DRAWER_SUBJECT, "data", allow_duplicate=True),
        Output(ids.KNOWN_DAY, "value"),
        Output(ids.KNOWN_NOW, "style"),
        Output(ids.KNOWN_SAID, "children"),
        Input(ids.KNOWN_DAY, "value"),
        Input(ids.KNOWN_NOW, "n_clicks"),
        State(ids.DRAWER_SUBJECT, "data"),
        State(ids.BENCHMARK, "data"),
        prevent_initial_call=True,
        optional=True,
    )(change)


def known_on(team: Team, day: object) -> Team | None:
    """The team as it was known at the end of a day in its zone; None for what is no day that is over.

    What is measured so is not shared with other processes: the place of it is that of today's numbers.
    """
    try:
        end = instant(end_of_day(date.fromisoformat(str(day)), team.facts.zone))
    except (ValueError, OverflowError):
        return None
    if not EARLIEST <= end <= team.as_of:
        return None
    facts = facts_as_of(team.facts.history, end).where(team.facts.filters)
    return replace(team, facts=facts, as_of=end, reading=replace(team.reading, keep=None))


def subject_team(loader: TeamLoader, subject: Subject) -> Team:
    """The team as a drawer looks at it: the part of the work, and what was known on its day."""
    team = ready_part(loader, subject.get("filters"))
    then = known_on(team, subject["as_of"]) if subject.get("as_of") else None
    return then or team


def last_day_over(team: Team) -> date:
    return local_day(microseconds(team.as_of), team.facts.zone) - timedelta(days=1)


def changer(
    loader: TeamLoader,
    explained: Callable[[Team, Subject, Any], Element],
    sources: Callable[[Team], Sources],
    days_of: Callable[[Any], int],
) -> Callable[[Any, Any, Any, Any], tuple[Any, ...]]:
    """`explained` draws the explanation of a drawer's subject for a team as it is known."""

    def change(day: str | None, _clicks: Any, subject: Subject | None, group: Any) -> tuple[Any, ...]:
        if subject is None or (not day and not subject.get("as_of")):
            raise PreventUpdate
        team = ready_part(loader, subject.get("filters"))
        if ctx.triggered_id == ids.KNOWN_NOW or not day:
            now = {name: value for name, value in subject.items() if name != "as_of"}
            return explained(team, now, group), now, None, HIDDEN, "This is what is known now."
        then = known_on(team, day)
        if then is None:
            said = f"Choose a day that is over, up to {day_name(last_day_over(team))}."
            return no_update, no_update, no_update, no_update, refused(said)
        days, key = days_of(subject["days"]), subject["metric"]
        note = known_note(date.fromisoformat(day), then.results(days)[key], team.results(days)[key], sources(team))
        subject = {**subject, "as_of": day}
        return [note, explained(then, subject, group)], subject, no_update, {}, ""

    return change
