"""The page's events that concern all pages: where the reading stands, the period, the colours, the navigation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from flask import request

from callbacks.keeper import Keeper
from callbacks.standing import Standing, notice, notice_signature, standing
from callbacks.team import Team
from callbacks.team_source import Source
from data.jira_simple import ask_to_stop
from ui import ids
from ui.components.data_line import DataFacts, data_line
from ui.components.progress import BESIDE_NUMBERS, HIDDEN, INSTEAD_OF_NUMBERS, progress_body
from ui.layout import POLL_MILLISECONDS
from ui.page import AnyPage
from ui.sync_words import line_facts, said_aloud

RESTING_MILLISECONDS = 5_000
PENDING_MILLISECONDS = 15_000
_HIDDEN, _SHOWN = "nothing", ""


def register(app: Dash, keeper: Keeper, pages: tuple[AnyPage, ...]) -> None:
    app.server.before_request(starter(keeper, {page.path for page in pages}))
    app.callback(
        Output(ids.LOAD_STATE, "data"),
        Output(ids.SYNC_FACTS, "data"),
        Output(ids.LOAD_FAILURE, "children"),
        Output(ids.DATA_LINE, "children"),
        Output(ids.READ_NOW_PLACE, "className"),
        Output(ids.SYNC_PANEL, "className"),
        Output(ids.SYNC_PROGRESS, "children"),
        Output(ids.SYNC_SAID, "children"),
        Output(ids.STOP_AT_ONCE_PLACE, "className"),
        Output(ids.POLL, "interval"),
        Output(ids.POLL_ANSWERED, "data"),
        Input(ids.POLL_ASKED, "data"),
        Input(ids.SYNC_ORDER, "data"),
        Input(ids.STOP, "n_clicks"),
        State(ids.SYNC_DONE, "data"),  # as an input it would make the page wait for the end of the job
        State(ids.LOAD_STATE, "data"),
        State(ids.SYNC_FACTS, "data"),
    )(watcher(keeper))
    _register_browser_events(app)


def starter(keeper: Keeper, paths: Collection[str]) -> Callable[[], None]:
    """Begins the reading as soon as a browser asks for a page, while it still loads the page's scripts."""

    def begin() -> None:
        if request.path in paths:
            keeper.visit()

    return begin


def watcher(keeper: Keeper) -> Callable[..., tuple[Any, ...]]:
    """The callback that tells a page where the reading stands, whichever tab or process does it."""

    def watch(asked: int | None, order: Any, _stops: Any, done: Any, *shown: dict[str, Any] | None) -> tuple[Any, ...]:
        keeper.visit()
        if ctx.triggered_id == ids.STOP:
            ask_to_stop(keeper.source.request())
        state = standing(keeper)
        if state.version is not None and (state.team is None or state.team.version != state.version):
            keeper.wake()
        facts = {**line_facts(state.news), "notice": notice_signature(state), "version": state.version}
        passing = _passing(state, _is_pending(state, order, done))
        return (*_lasting(state, keeper.source, facts, shown), *passing, asked)

    return watch


def _lasting(
    state: Standing, source: Source, facts: dict[str, Any], seen: Sequence[dict[str, Any] | None]
) -> tuple[Any, ...]:
    """What changes with a reading's beginning and end; the same again must not wake the page."""
    shown, told = seen
    loaded: Any = {"phase": state.phase, "version": state.team.version if state.team else ""}
    # Another process may be ahead of this one: numbers that a page has already must not be taken back.
    if shown == loaded or (shown and shown["version"] == state.version and loaded["version"] != state.version):
        loaded = no_update
    if told == facts:
        return loaded, no_update, no_update, no_update, no_update
    line = data_line(data_facts(state.team, source)) if state.team is not None else None
    return loaded, facts, notice(state), line, _HIDDEN if state.status.running or state.team is None else _SHOWN


def _passing(state: Standing, is_pending: bool) -> tuple[Any, ...]:  # noqa: FBT001 - one of a pair, passed once
    """What changes while a reading runs."""
    if not (state.status.running or is_pending or state.phase == "loading"):
        return HIDDEN, None, _ended_aloud(state), _HIDDEN, RESTING_MILLISECONDS
    place = INSTEAD_OF_NUMBERS if state.team is None else BESIDE_NUMBERS
    body = progress_body(state.progress, stopping=state.status.stopping)
    stop_at_once = _SHOWN if state.status.stopping else _HIDDEN
    return place, body, said_aloud(state.progress), stop_at_once, POLL_MILLISECONDS


def _ended_aloud(state: Standing) -> str:
    last = state.news.last
    return last.sentence if last is not None else ""


def _is_pending(state: Standing, order: Mapping[str, Any] | None, done: Mapping[str, Any] | None) -> bool:
    """Whether this tab has asked for a reading that has not begun to tell of itself yet."""
    if not order or (done and done["nonce"] == order["nonce"]):
        return False
    return bool(abs(state.now.timestamp() * 1000 - order["at"]) < PENDING_MILLISECONDS)


def data_facts(team: Team, source: Source) -> DataFacts:
    data = team.reading.data
    return DataFacts(
        issues=data.issue_count,
        skipped=len(data.skipped),
        site=source.site_name(),
        as_of=team.as_of,
        timezone=team.reading.rules.timezone,
    )


def _register_browser_events(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("sightline", "drawChart"),
        Output(ids.chart(MATCH), "children"),
        Input(ids.chart_source(MATCH), "data"),
        Input(ids.COLOUR_SCHEME, "computedColorScheme"),
        State(ids.chart(MATCH), "id"),
    )
    app.clientside_callback(
        ClientsideFunction("sightline", "poll"),
        Output(ids.POLL_ASKED, "data"),
        Input(ids.POLL, "n_intervals"),
        State(ids.POLL_ANSWERED, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("sightline", "address"),
        Output(ids.PERIOD, "value"),
        Output(ids.LOCATION, "search"),
        Output(ids.nav_link(ALL), "href"),
        Output(ids.FILTERS, "data"),
        Output(ids.filter_box(ALL), "value"),
        Output(ids.forecast_choice(ALL), "value"),
        Input(ids.PERIOD, "value"),
        Input(ids.LOCATION, "search"),
        Input(ids.filter_box(ALL), "value"),
        Input(ids.filter_reset(ALL), "n_clicks"),
        Input(ids.forecast_choice(ALL), "value"),
        State(ids.filter_box(ALL), "data"),
        State(ids.filter_box(ALL), "id"),
        State(ids.forecast_choice(ALL), "id"),
        State(ids.forecast_usual(ALL), "data"),
        State(ids.nav_link(ALL), "href"),
        State(ids.FILTERS, "data"),
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
    _register_flow_diagram(app)
    _register_reading_events(app)
    _register_presses(app)


def _register_flow_diagram(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("sightline", "flowBands"),
        Output(ids.flow("source", MATCH), "data"),
        Output(ids.flow("legends", MATCH), "className"),
        Input(ids.flow("choice", MATCH), "value"),
        Input(ids.flow("diagrams", MATCH), "data"),
    )
    app.clientside_callback(
        ClientsideFunction("sightline", "drawChart"),
        Output(ids.flow("place", MATCH), "children"),
        Input(ids.flow("source", MATCH), "data"),
        Input(ids.COLOUR_SCHEME, "computedColorScheme"),
        State(ids.flow("place", MATCH), "id"),
    )


def _register_presses(app: Dash) -> None:
    buttons = {
        ids.EXPLANATION_ASKED: [Input(ids.explain(ALL), "n_clicks")],
        ids.RECEIPT_ASKED: [Input(ids.SYNC_LINE, "n_clicks"), Input(ids.receipt(ALL), "n_clicks")],
        ids.CORRECTION_ASKED: [Input(ids.correct(ALL), "n_clicks")],
    }
    for asked, pressed in buttons.items():
        app.clientside_callback(
            ClientsideFunction("sightline", "pressed"), Output(asked, "data"), *pressed, prevent_initial_call=True
        )


def _register_reading_events(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("sightline", "syncLine"),
        Output(ids.SYNC_WORDS, "children"),
        Output(ids.SYNC_LINE, "className"),
        Input(ids.SYNC_FACTS, "data"),
        Input(ids.CLOCK, "n_intervals"),
    )
    app.clientside_callback(
        ClientsideFunction("sightline", "order"),
        Output(ids.SYNC_ORDER, "data"),
        Input(ids.act(ALL, ALL), "n_clicks"),
        State(ids.SYNC_FACTS, "data"),
        State(ids.SYNC_ORDER, "data"),
        State(ids.SYNC_DONE, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("sightline", "confirm"),
        Output(ids.confirm(MATCH), "opened"),
        Input(ids.ask(MATCH), "n_clicks"),
        Input(ids.leave(MATCH), "n_clicks"),
        Input(ids.act(MATCH, "dialog"), "n_clicks"),
        prevent_initial_call=True,
    )
