"""The events about readings of Jira: asking for one, stopping it, its receipt, the schedule, deleting what is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dash import Dash, Input, Output, no_update
from dash.exceptions import PreventUpdate

from callbacks.jobs import reading_job
from callbacks.keeper import Keeper
from callbacks.standing import standing
from callbacks.watching import JobTimer
from data.jira_simple import receipts, sync_status
from data.storage.bounds import kept_size
from ui import ids
from ui.components.data_page import DataState, data_state, history_table, schedule_said, storage_words
from ui.components.receipt import receipt_drawer_body

_OWN, _NOT_OWN = "", "nothing"
_LISTED = 100


def register(app: Dash, keeper: Keeper, timer: JobTimer) -> None:
    app.callback(
        Output(ids.SYNC_DONE, "data"),
        Input(ids.SYNC_ORDER, "data"),
        background=True,
        interval=1000,
        running=[(Output(ids.OWN_JOB, "className"), _OWN, _NOT_OWN)],
        cancel=[Input(ids.STOP_AT_ONCE, "n_clicks")],
        prevent_initial_call=True,
    )(reading_job(keeper.source, timer))
    app.callback(
        Output(ids.RECEIPT_DRAWER, "opened"),
        Output(ids.RECEIPT_DRAWER, "children"),
        Input(ids.RECEIPT_ASKED, "data"),
        prevent_initial_call=True,
    )(receipt_opener(keeper))
    app.callback(
        Output(ids.DATA_STATE, "children"),
        Output(ids.KEPT_SIZE, "children"),
        Output(ids.RECEIPTS_TABLE, "children"),
        Input(ids.SYNC_FACTS, "data"),
        Input(ids.RECEIPTS_FILTER, "value"),
    )(data_page_filler(keeper))
    app.callback(
        Output(ids.SCHEDULE, "value"),
        Output(ids.SCHEDULE_SAID, "children"),
        Input(ids.SCHEDULE, "value"),
    )(scheduler(keeper))
    app.callback(
        Output(ids.DELETE_SAID, "children"),
        Input(ids.act("delete", "dialog"), "n_clicks"),
        prevent_initial_call=True,
    )(deleter(keeper))


def receipt_opener(keeper: Keeper) -> Callable[..., tuple[Any, ...]]:
    def open_receipt(asked: Mapping[str, Any] | None) -> tuple[Any, ...]:
        if not asked:
            raise PreventUpdate
        history = receipts(keeper.source.request(), limit=_LISTED)
        wanted = None if asked["button"] == ids.SYNC_LINE else asked["button"]["receipt"]
        shown = next((one for one in history if wanted in {None, one.id}), None)
        return True, receipt_drawer_body(shown, history, _timezone(keeper))

    return open_receipt


def data_page_filler(keeper: Keeper) -> Callable[..., tuple[Any, ...]]:
    def fill(_facts: Any, verdict: str) -> tuple[Any, ...]:
        state = standing(keeper)
        shown = DataState(
            news=state.news,
            site=keeper.source.site_name(),
            query=keeper.source.settings.jql or "",
            issues=state.team.reading.data.issue_count if state.team is not None else None,
            timezone=state.timezone,
            next_attempt=state.next_attempt,
            schedule=keeper.schedule(),
            deleted=state.deleted,
        )
        folder = keeper.source.settings.cache_dir
        history = history_table(state.history, verdict, state.timezone)
        return data_state(shown), storage_words(kept_size(folder), str(folder)), history

    return fill


def scheduler(keeper: Keeper) -> Callable[[str | None], tuple[Any, Any]]:
    def schedule(chosen: str | None) -> tuple[Any, Any]:
        if chosen is None:  # the page has just opened
            return str(keeper.schedule()), None
        keeper.source.choose_schedule(int(chosen))
        keeper.wake()
        return no_update, schedule_said(int(chosen))

    return schedule


def deleter(keeper: Keeper) -> Callable[[int | None], str]:
    def delete(clicks: int | None) -> str:
        if not clicks:
            raise PreventUpdate
        if sync_status(keeper.source.request()).running:
            return "Jira is being read now. Stop that first, then delete."
        left = keeper.source.forget()
        keeper.loader.forget()
        return "Deleted." if left == 0 else "Some files are in use by another program and could not be deleted yet."

    return delete


def _timezone(keeper: Keeper) -> str:
    team = keeper.loader.team()
    return team.reading.rules.timezone if team is not None else "UTC"
