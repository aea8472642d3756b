"""The events of the page Incidents: the list of the period, and the dialog that corrects what caused one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from callbacks.dora_flow_metrics import period_days
from callbacks.filters import ready, ready_part
from callbacks.keeper import Keeper
from callbacks.team import Team
from callbacks.what_if import show_now
from data.attribution_overrides import LONGEST_NAME, LONGEST_REASON, Correction, in_force
from data.attributions import attributions, possible_causes
from ui import ids
from ui.components.attribution import NO_DEPLOYMENT, cause_choices, cause_named, corrections_so_far, incident_list
from ui.components.block import refused
from ui.page import Sources

_SHOWN, _HIDDEN = "", "nothing"


def register(app: Dash, keeper: Keeper) -> None:
    app.callback(
        Output(ids.INCIDENTS, "children"),
        Input(ids.LOAD_STATE, "data"),
        Input(ids.PERIOD, "value"),
        Input(ids.FILTERS, "data"),
    )(lister(keeper))
    app.callback(
        Output(ids.CORRECTION, "opened"),
        Output(ids.CORRECTION_SUBJECT, "data"),
        Output(ids.CORRECTION_INCIDENT, "children"),
        Output(ids.CORRECTION_CAUSE, "data"),
        Output(ids.CORRECTION_CAUSE, "value"),
        Output(ids.CORRECTION_WHY, "value"),
        Output(ids.CORRECTION_BEFORE, "children"),
        Output(ids.CORRECTION_WITHDRAW_PLACE, "className"),
        Output(ids.CORRECTION_REFUSED, "children"),
        Input(ids.CORRECTION_ASKED, "data"),
        prevent_initial_call=True,
    )(opener(keeper))
    app.callback(
        Output(ids.CORRECTION_SAID, "children"),
        Output(ids.CORRECTION, "opened", allow_duplicate=True),
        Output(ids.CORRECTION_REFUSED, "children", allow_duplicate=True),
        Input(ids.CORRECTION_SAVE, "n_clicks"),
        Input(ids.CORRECTION_WITHDRAW, "n_clicks"),
        State(ids.CORRECTION_SUBJECT, "data"),
        State(ids.CORRECTION_CAUSE, "value"),
        State(ids.CORRECTION_WHO, "value"),
        State(ids.CORRECTION_WHY, "value"),
        prevent_initial_call=True,
    )(corrector(keeper))


def lister(keeper: Keeper) -> Callable[[Any, str, Any], Any]:
    def list_incidents(_load_state: Any, days: str, filters: str | None) -> Any:
        team, period = ready_part(keeper.loader, filters), period_days(days)
        found = attributions(team.facts, period)
        sources = Sources(keeper.source.link_target(team.reading.data.site_url), team.summaries)
        return incident_list(found, sources, days=period, timezone=team.reading.rules.timezone)

    return list_incidents


def opener(keeper: Keeper) -> Callable[[Any], tuple[Any, ...]]:
    def open_correction(asked: Mapping[str, Any] | None) -> tuple[Any, ...]:
        if not asked:
            raise PreventUpdate
        team, incident = ready(keeper.loader), str(asked["button"]["incident"])
        zone = team.reading.rules.timezone
        choices = cause_choices(possible_causes(team.facts, incident), zone)
        made = [one for one in keeper.source.corrections() if one.incident == incident]
        summary = team.summaries.get(incident, "")
        place = _SHOWN if incident in in_force(made) else _HIDDEN
        return True, incident, f"{incident} {summary}", choices, None, "", corrections_so_far(made, zone), place, ""

    return open_correction


def corrector(keeper: Keeper) -> Callable[..., tuple[Any, Any, Any]]:
    def correct(_saves: Any, _withdrawals: Any, incident: Any, chosen: Any, who: Any, why: Any) -> tuple[Any, Any, Any]:
        if not ctx.triggered[0]["value"] or not isinstance(incident, str):
            raise PreventUpdate
        withdrawn = ctx.triggered_id == ids.CORRECTION_WITHDRAW
        refusal = _refusal(ready(keeper.loader), incident, None if withdrawn else chosen, (who, why))
        if withdrawn and incident not in in_force(keeper.source.corrections()):
            refusal = "There is no correction to take back."
        elif not withdrawn and not chosen:
            refusal = "It is not said what caused it. Choose a deployment, or that none did."
        if refusal:
            return no_update, no_update, refused(refusal)
        cause = None if withdrawn else cause_named(chosen)
        keeper.source.correct(Correction(incident, cause, who.strip(), keeper.source.clock(), why.strip(), withdrawn))
        show_now(keeper)
        said = (
            f"{incident} is attributed by the rules again." if withdrawn else f"The cause of {incident} is put right."
        )
        return f"{said} The numbers follow.", False, ""

    return correct


def _refusal(team: Team, incident: str, chosen: Any, words: tuple[Any, Any]) -> str:
    """Why a correction cannot be made; empty when it can."""
    names = {choice["value"] for choice in cause_choices(possible_causes(team.facts, incident), "UTC")}
    if incident not in team.facts.history.references or (chosen is not None and chosen not in {NO_DEPLOYMENT, *names}):
        return "That incident or deployment is not there any more. Close this and open it again."
    for text, missing in zip(words, ("Your name is missing.", "The reason is missing."), strict=True):
        if not isinstance(text, str) or not text.strip():
            return f"{missing} Both are kept with the correction, so that others can follow it."
    if len(words[0]) > LONGEST_NAME or len(words[1]) > LONGEST_REASON:
        return f"That is too long. Keep the name under {LONGEST_NAME} characters and the reason under {LONGEST_REASON}."
    return ""
