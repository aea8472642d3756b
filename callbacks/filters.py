"""The events of the filters: what there is to choose from, and what is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from callbacks.team import Team, TeamLoader
from ui import ids
from ui.components.filter_bar import button_words, filter_choices, filter_line
from ui.filter_choice import Choice, read_choice


def register(app: Dash, loader: TeamLoader) -> None:
    app.callback(
        Output(ids.FILTER_CHOICES, "children"),
        Input(ids.LOAD_STATE, "data"),
        State(ids.FILTERS, "data"),
    )(offerer(loader))
    app.callback(
        Output(ids.FILTER_SAID, "children"),
        Output(ids.FILTER_BUTTON, "children"),
        Input(ids.FILTERS, "data"),
        Input(ids.LOAD_STATE, "data"),
    )(teller(loader))


def offerer(loader: TeamLoader) -> Callable[[Any, Any], Any]:
    def offer(_load_state: Any, text: str | None) -> Any:
        team = ready(loader)
        return filter_choices(team.facts.history.facets, choice_of(team, text))

    return offer


def teller(loader: TeamLoader) -> Callable[[Any, Any], Any]:
    def tell(text: str | None, _load_state: Any) -> Any:
        team = ready(loader)
        choice = choice_of(team, text)
        return filter_line(choice, team.where(choice.filters).facts.count), button_words(choice)

    return tell


def choice_of(team: Team, text: str | None) -> Choice:
    return read_choice(text if isinstance(text, str) else None, team.facts.history.facets)


def part_of(team: Team, text: str | None) -> Team:
    """The team as far as the filters of a page look at it."""
    return team.where(choice_of(team, text).filters)


def ready(loader: TeamLoader) -> Team:
    """The team's numbers; before the first are there, an event changes nothing."""
    team = loader.team()
    if team is None:
        raise PreventUpdate
    return team


def ready_part(loader: TeamLoader, text: str | None) -> Team:
    return part_of(ready(loader), text)
