"""The events of the benchmarks: whom to compare with is chosen once, and every card and explanation follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from callbacks.dora_flow_metrics import period_days
from callbacks.filters import ready_part
from callbacks.team import TeamLoader
from ui import ids
from ui.components.benchmark import benchmark_words, group_of, lines_of


def register(app: Dash, loader: TeamLoader) -> None:
    app.clientside_callback(
        ClientsideFunction("sightline", "benchmark"),
        Output(ids.BENCHMARK, "data"),
        Output(ids.benchmark_group(ALL), "value"),
        Input(ids.benchmark_group(ALL), "value"),
        Input(ids.BENCHMARK, "data"),
        prevent_initial_call=True,
    )
    app.callback(
        Output(ids.benchmark_line(ALL), "children"),
        Input(ids.BENCHMARK, "data"),
        State(ids.benchmark_line(ALL), "id"),
        State(ids.PERIOD, "value"),
        State(ids.FILTERS, "data"),
        prevent_initial_call=True,
    )(liner(loader))
    app.callback(
        Output(ids.BENCHMARK_SAID, "children"),
        Input(ids.BENCHMARK, "data"),
        State(ids.DRAWER_SUBJECT, "data"),
        prevent_initial_call=True,
        optional=True,
    )(comparer(loader))


def liner(loader: TeamLoader) -> Callable[[Any, Any, Any, Any], list[str]]:
    def compare_cards(
        group: str | None, lines: Sequence[Mapping[str, str]], days: str, filters: str | None
    ) -> list[str]:
        if not lines:
            raise PreventUpdate
        results = ready_part(loader, filters).results(period_days(days))
        return lines_of(results, [line["metric"] for line in lines], group_of(group))

    return compare_cards


def comparer(loader: TeamLoader) -> Callable[[Any, Any], Any]:
    def compare_with(group: str | None, subject: Mapping[str, Any] | None) -> Any:
        if subject is None:
            raise PreventUpdate
        results = ready_part(loader, subject.get("filters")).results(period_days(subject["days"]))
        return benchmark_words(results[subject["metric"]], group_of(group))

    return compare_with
