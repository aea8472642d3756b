"""The page's events that concern all pages: reading the team, the period, the colours, the navigation."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from flask import request

from callbacks.team import Loading, Team, TeamLoader
from callbacks.team_source import site_name
from configuration.settings import Settings
from ui import ids
from ui.components.data_line import DataFacts, data_line
from ui.components.states import Failure, failure_panel, loading_note
from ui.layout import POLL_MILLISECONDS
from ui.page import Page

RESTING_MILLISECONDS = 60_000
_HIDDEN, _SHOWN = {"display": "none"}, {"display": "inline-block"}


def register(app: Dash, loader: TeamLoader, settings: Settings, pages: tuple[Page, ...]) -> None:
    app.server.before_request(starter(loader, {page.path for page in pages}))
    app.callback(
        Output(ids.LOAD_STATE, "data"),
        Output(ids.LOAD_NOTE, "children"),
        Output(ids.LOAD_FAILURE, "children"),
        Output(ids.TRY_AGAIN, "style"),
        Output(ids.DATA_LINE, "children"),
        Output(ids.LOAD_POLL, "interval"),
        Output(ids.READ_AGAIN, "style"),
        Input(ids.LOAD_POLL, "n_intervals"),
        Input(ids.TRY_AGAIN, "n_clicks"),
        Input(ids.READ_AGAIN, "n_clicks"),
        State(ids.LOAD_STATE, "data"),
    )(watcher(loader, settings))
    _register_browser_events(app)


def starter(loader: TeamLoader, paths: Collection[str]) -> Callable[[], None]:
    """Begins the reading as soon as a browser asks for a page, while it still loads the page's scripts."""

    def begin() -> None:
        if request.path in paths:
            loader.state()

    return begin


def watcher(loader: TeamLoader, settings: Settings) -> Callable[[Any, Any, Any, Any], tuple[Any, ...]]:
    """The callback that tells a page how far the reading is; the first page to ask starts it."""

    def watch(_polls: int | None, _tries: Any, _readings: Any, seen: dict[str, str] | None) -> tuple[Any, ...]:
        asked = ctx.triggered_id in {ids.TRY_AGAIN, ids.READ_AGAIN}
        state = loader.read_again() if asked else loader.state()
        match state:
            case Loading(progress):
                note = loading_note(progress.stage, progress.issues, progress.expected)
                return _changed(seen, "loading", ""), note, None, _HIDDEN, no_update, POLL_MILLISECONDS, _HIDDEN
            case Failure():
                shown = _changed(seen, "failed", state.title)
                return shown, None, failure_panel(state), _SHOWN, None, RESTING_MILLISECONDS, _HIDDEN
            case Team():
                line = data_line(data_facts(state, settings), now=datetime.now(UTC))
                shown = _changed(seen, "ready", state.version)
                problem = failure_panel(state.problem) if state.problem else None
                return shown, None, problem, _HIDDEN, line, RESTING_MILLISECONDS, _SHOWN

    return watch


def data_facts(team: Team, settings: Settings) -> DataFacts:
    data = team.reading.data
    return DataFacts(
        issues=len(data.issues),
        skipped=len(data.skipped),
        site=site_name(settings, data.site_url),
        fetched_at=data.fetched_at,
        as_of=team.as_of,
        timezone=team.reading.rules.timezone,
    )


def _changed(seen: dict[str, str] | None, phase: str, version: str) -> Any:
    """A new state wakes the page's body; the same one again must not."""
    state = {"phase": phase, "version": version}
    return no_update if seen == state else state


def _register_browser_events(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("sightline", "drawChart"),
        Output(ids.chart(MATCH), "children"),
        Input(ids.chart_source(MATCH), "data"),
        Input(ids.COLOUR_SCHEME, "computedColorScheme"),
        State(ids.chart(MATCH), "id"),
    )
    app.clientside_callback(
        ClientsideFunction("sightline", "period"),
        Output(ids.PERIOD, "value"),
        Output(ids.LOCATION, "search"),
        Output(ids.nav_link(ALL), "href"),
        Input(ids.PERIOD, "value"),
        Input(ids.LOCATION, "search"),
        State(ids.nav_link(ALL), "href"),
    )
    app.clientside_callback(
        ClientsideFunction("sightline", "navigation"),
        Output(ids.SHELL, "navbar"),
        Output(ids.BURGER, "opened"),
        Input(ids.BURGER, "opened"),
        Input(ids.LOCATION, "pathname"),
        State(ids.SHELL, "navbar"),
        prevent_initial_call=True,
    )
