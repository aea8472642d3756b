"""The events of the forecast page: a day or a number of items is chosen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from dash import Dash, Input, Output, State

from callbacks.filters import ready_part
from callbacks.team import TeamLoader
from data.forecast import how_many, when_done
from data.weeks import end_of_day, instant
from ui import ids
from ui.components.block import too_little
from ui.components.forecast import MOST_ITEMS, how_many_words, when_done_words


def register(app: Dash, loader: TeamLoader) -> None:
    filters = State(ids.FILTERS, "data")
    until, items = (Input(ids.forecast_choice(what), "value") for what in ("until", "items"))
    app.callback(Output(ids.FORECAST_HOW_MANY, "children"), until, filters, optional=True)(by_a_day(loader))
    app.callback(Output(ids.FORECAST_WHEN_DONE, "children"), items, filters, optional=True)(of_items(loader))


def by_a_day(loader: TeamLoader) -> Callable[[Any, Any], Any]:
    def forecast_by_a_day(chosen: str | None, filters: str | None) -> Any:
        team = ready_part(loader, filters)
        try:
            day = date.fromisoformat(str(chosen)[:10])
            forecast = how_many(team.facts, instant(end_of_day(day, team.facts.zone)))
        except (ValueError, OverflowError):
            return too_little("Choose a day after the date of this report, and within the next ten years.")
        return how_many_words(forecast, team.reading.rules.timezone)

    return forecast_by_a_day


def of_items(loader: TeamLoader) -> Callable[[Any, Any], Any]:
    def forecast_of_items(chosen: int | None, filters: str | None) -> Any:
        team = ready_part(loader, filters)
        if not isinstance(chosen, int) or not 1 <= chosen <= MOST_ITEMS:
            return too_little(f"Choose a whole number of items from 1 to {MOST_ITEMS:,}.")
        return when_done_words(when_done(team.facts, chosen), team.reading.rules.timezone)

    return forecast_of_items
