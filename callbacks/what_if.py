"""The events of the page What if: other rules are compared, saved, and listed with their dates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dash import Dash, Input, Output, State, no_update, set_props
from dash.exceptions import PreventUpdate

from callbacks.dora_flow_metrics import period_days
from callbacks.filters import choice_of, ready
from callbacks.keeper import Keeper
from callbacks.team import Team
from data.metric_catalogue import METRICS
from data.model import TeamRules
from data.team_rules import rules_with
from data.what_if import compare
from ui import ids
from ui.components.block import refused
from ui.components.comparison import comparison, versions_list
from ui.components.filter_bar import filter_note
from ui.components.rule_form import rule_form
from ui.page import Sources
from ui.rule_choices import CHOICES, TRIABLE, ChoiceError, changes, shown, status_options

Tried = Mapping[str, Any]
_STALE = "The rules have changed since they were compared. Compare again, then save."


def register(app: Dash, keeper: Keeper) -> None:
    app.callback(
        Output(ids.RULES_FORM, "children"),
        Output(ids.RULES_FORM_STAND, "data"),
        Output(ids.RULE_VERSIONS, "children"),
        Input(ids.LOAD_STATE, "data"),
        State(ids.RULES_FORM_STAND, "data"),
    )(form_filler(keeper))
    app.callback(
        Output(ids.RULES_TRIED, "data"),
        Output(ids.RULES_SAID, "children"),
        Input(ids.RULES_TRY, "n_clicks"),
        *(State(ids.rule(name), "value") for name in CHOICES),
        prevent_initial_call=True,
    )(trier(keeper))
    app.callback(
        Output(ids.RULES_COMPARED, "children"),
        Input(ids.RULES_TRIED, "data"),
        Input(ids.PERIOD, "value"),
        Input(ids.FILTERS, "data"),
        Input(ids.LOAD_STATE, "data"),
        prevent_initial_call=True,
    )(comparer(keeper))
    app.callback(
        Output(ids.RULES_SAVED, "children"),
        Input(ids.act("rules", "dialog"), "n_clicks"),
        State(ids.RULES_TRIED, "data"),
        prevent_initial_call=True,
    )(saver(keeper))


def form_filler(keeper: Keeper) -> Callable[[Any, str | None], tuple[Any, Any, Any]]:
    def fill(_load_state: Any, stand: str | None) -> tuple[Any, Any, Any]:
        team = ready(keeper.loader)
        told = (
            "The rules of the demo team never change. Those of your own team are listed here with their dates."
            if keeper.source.is_demo
            else versions_list(keeper.source.rule_versions(), team.reading.rules.timezone)
        )
        rules, version = _own(team), _version(team)
        if version == stand:  # what somebody is choosing must not be taken away by newer data
            return no_update, no_update, told
        options = _options(team)
        return rule_form(shown(rules, options), options), version, told

    return fill


def trier(keeper: Keeper) -> Callable[..., tuple[Any, Any]]:
    def try_rules(clicks: int | None, *chosen: Any) -> tuple[Any, Any]:
        team = keeper.loader.team()
        if not clicks or team is None:
            raise PreventUpdate
        try:
            found = changes(_own(team), _options(team), dict(zip(CHOICES, chosen, strict=True)))
        except ChoiceError as refusal:
            return None, refused(str(refusal))
        if not found:
            return None, refused("These are the rules in force. Choose something else to compare them with.")
        return {"changes": found, "version": _version(team)}, "Compared: see what they would change."

    return try_rules


def comparer(keeper: Keeper) -> Callable[[Tried | None, str, Any, Any], Any]:
    def compare_rules(tried: Tried | None, days: str, filters: str | None, _load_state: Any) -> Any:
        team = keeper.loader.team()
        if tried is None or team is None or not _fits(tried, team):
            return "Choose other rules, then compare."
        period, choice = period_days(days), choice_of(team, filters)
        part = team.where(choice.filters)
        found = compare(part.facts, rules_with(_own(team), tried["changes"]), period, metrics=METRICS)
        site_url = keeper.source.link_target(team.reading.data.site_url)
        sources = Sources(site_url, team.summaries)
        body = comparison(found, sources, days=period, demo=keeper.source.is_demo)
        return [filter_note(choice), body]

    return compare_rules


def saver(keeper: Keeper) -> Callable[[int | None, Tried | None], str]:
    def save(clicks: int | None, tried: Tried | None) -> str:
        team = keeper.loader.team()
        if not clicks or team is None or tried is None:
            raise PreventUpdate
        if keeper.source.is_demo:
            return "The rules of the demo team are not saved. Set JIRA_URL to use your own Jira."
        if not _fits(tried, team):
            return _STALE
        keeper.source.save_rules(tried["changes"])
        show_now(keeper)
        return "Saved. All numbers are measured by these rules from now on."

    return save


def _fits(tried: Tried, team: Team) -> bool:
    """Whether it was compared with the rules in force; a browser can send anything."""
    return tried.get("version") == _version(team) and set(tried.get("changes", ())) <= TRIABLE


def show_now(keeper: Keeper) -> None:
    """Measure by the words as they have just been changed, and let this page follow at once; others poll."""
    team = keeper.loader.current()
    if team is not None:
        set_props(ids.LOAD_STATE, {"data": {"phase": "ready", "version": team.version}})


def _own(team: Team) -> TeamRules:
    return team.facts.history.rules


def _version(team: Team) -> str:
    return team.results(period_days(None))["deployment_frequency"]["config_version"]


def _options(team: Team) -> list[str]:
    return status_options(_own(team), team.facts.history.statuses.names)
