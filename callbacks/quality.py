"""The events of the page about data quality: how far a finding moves the numbers, worked out when asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import MATCH, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from callbacks.dora_flow_metrics import period_days
from callbacks.filters import part_of
from callbacks.team import TeamLoader
from data.data_quality import find_all
from data.finding_effects import effects_of
from data.metric_catalogue import METRICS
from ui import ids
from ui.components.block import too_little
from ui.components.quality import effects_words


def register(app: Dash, loader: TeamLoader) -> None:
    app.callback(
        Output(ids.effects(MATCH), "children"),
        Input(ids.effects_button(MATCH), "n_clicks"),
        State(ids.effects(MATCH), "id"),
        State(ids.PERIOD, "value"),
        State(ids.FILTERS, "data"),
        prevent_initial_call=True,
    )(weigher(loader))


def weigher(loader: TeamLoader) -> Callable[[Any, Any, Any, Any], Any]:
    def weigh(clicks: int | None, place: dict[str, str], days: str | None, filters: str | None) -> Any:
        team = loader.team()
        if not clicks or team is None:
            raise PreventUpdate
        team = part_of(team, filters)
        finding = next((one for one in find_all(team.facts) if one["code"] == place["finding"]), None)
        if finding is None:
            return too_little("The data has changed and this finding is gone. Load the page again.")
        return effects_words(effects_of(finding, team.facts, period_days(days), METRICS))

    return weigh
