"""The events of the metric pages: drawing a page's numbers, explaining one, finding issues in its lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from dash import MATCH, Dash, Input, Output, State, html, no_update, set_props
from dash.exceptions import PreventUpdate

from callbacks import earlier
from callbacks.earlier import Subject, changer, last_day_over, subject_team
from callbacks.filters import choice_of, part_of, ready_part
from callbacks.team import Team, TeamLoader
from callbacks.team_source import Source
from data.metric_catalogue import metric
from data.provenance.explain import explain_each, explain_facts
from data.provenance.rule_sentences import rule_sentences
from ui import ids
from ui.components.benchmark import group_of
from ui.components.explanation import LookedAt, explanation, listing
from ui.components.issue_list import FIRST, STEP, issue_rows
from ui.components.known_then import known_choice
from ui.components.states import empty_project
from ui.filter_choice import LONGEST_TEXT
from ui.layout import DEFAULT_PERIOD, PERIODS, page_skeleton
from ui.page import Page, Sources, View, ViewPage

Asked = tuple[str, str | None, str | None, str | None]
"""The period, the filters, the whole question of the address, and whom to compare with."""

LONGEST_KEY = 100
LONGEST_TREND = timedelta(weeks=53)


def register(app: Dash, loader: TeamLoader, source: Source, pages: tuple[Page | ViewPage, ...]) -> None:
    app.callback(
        output=(Output(ids.PAGE_BODY, "children"), Output(ids.PAGE_DRAWN, "data")),
        inputs=[
            Input(ids.PAGE_KEY, "data"),
            (
                Input(ids.PERIOD, "value"),
                Input(ids.FILTERS, "data"),
                State(ids.LOCATION, "search"),
                State(ids.BENCHMARK, "data"),
            ),
            Input(ids.LOAD_STATE, "data"),
            State(ids.PAGE_DRAWN, "data"),
        ],
    )(page_drawer(loader, source, pages))
    app.callback(
        Output(ids.DRAWER, "opened"),
        Output(ids.DRAWER, "title"),
        Output(ids.DRAWER, "children"),
        Output(ids.DRAWER_SUBJECT, "data"),
        Input(ids.EXPLANATION_ASKED, "data"),
        State(ids.PERIOD, "value"),
        State(ids.FILTERS, "data"),
        State(ids.BENCHMARK, "data"),
        prevent_initial_call=True,
    )(explainer(loader, source))
    app.callback(
        Output(ids.issue_list(MATCH), "children"),
        Output(ids.issue_more(MATCH), "style"),
        Input(ids.issue_search(MATCH), "value"),
        Input(ids.issue_more(MATCH), "n_clicks"),
        State(ids.issue_list(MATCH), "id"),
        State(ids.DRAWER_SUBJECT, "data"),
        prevent_initial_call=True,
    )(issue_finder(loader, source))
    app.callback(
        Output(ids.WHY_ANSWER, "children"),
        Input(ids.WHY_KEY, "value"),
        State(ids.DRAWER_SUBJECT, "data"),
        prevent_initial_call=True,
        optional=True,
    )(answerer(loader))
    earlier.register(app, changer(loader, explained(source), lambda team: _sources(team, source), period_days))


def page_drawer(
    loader: TeamLoader, source: Source, pages: tuple[Page | ViewPage, ...]
) -> Callable[[str, Asked, Any, Any], tuple[Any, Any]]:
    by_key = {page.key: page for page in pages}

    def draw_page(
        page_key: str,
        asked: Asked,
        load_state: Mapping[str, str] | None,
        drawn: Mapping[str, str] | None,
    ) -> tuple[Any, Any]:
        page, (days, filters, search, group) = by_key[page_key], asked
        shown = {"page": page_key, "days": days, "filters": filters or "", **(load_state or {})}
        # Two polls on their way at once tell the same news twice; a body drawn anew would swallow a click on it.
        if load_state is None or shown == drawn:
            raise PreventUpdate
        if load_state["phase"] in {"failed", "idle"}:
            return None, shown
        team = loader.team()
        if team is None or team.version != load_state["version"]:
            # Another process measured them first; this one is about to.
            team = loader.current() if load_state["phase"] == "ready" else None
        if team is None:
            return page_skeleton(page), shown
        set_props(ids.NOTICE, {"children": None})
        part = part_of(team, filters)
        view = View(part.facts, period_days(days), _sources(team, source), _asked(search))
        return _body(page, (part, source), view, group_of(group)), shown

    return draw_page


def _asked(search: object) -> dict[str, str]:
    """What the question of an address says, by name; a browser can send anything."""
    return dict(parse_qsl(search.removeprefix("?")[:LONGEST_TEXT])) if isinstance(search, str) else {}


def _body(page: Page | ViewPage, read: tuple[Team, Source], view: View, group: str) -> Any:
    team, source = read
    data = team.reading.data
    if not data.issue_count:
        return empty_project(data.jql, data.account_name)
    if isinstance(page, ViewPage):
        return page.body(view)
    results = {key: result for key, result in team.results(view.days).items() if result["family"] in page.families}
    changes = source.definition_changes(team.as_of - LONGEST_TREND)
    return page.body(results, partial=data.verdict == "partial", changes=changes, group=group)


def explainer(loader: TeamLoader, source: Source) -> Callable[[Any, str, Any, Any], tuple[Any, ...]]:
    def explain(asked: Mapping[str, Any] | None, days: str, filters: str | None, group: Any) -> tuple[Any, ...]:
        if not asked:
            raise PreventUpdate
        team = ready_part(loader, filters)
        subject = {"metric": asked["button"]["metric"], "days": days, "filters": filters}
        body = html.Div(explained(source)(team, subject, group), id=ids.EXPLAINED)
        return True, metric(subject["metric"]).title, [known_choice(last_day_over(team)), body], subject

    return explain


def explained(source: Source) -> Callable[[Team, Subject, Any], Any]:
    """The explanation of a drawer's subject, of the team as it is, or was, known."""

    def draw(team: Team, subject: Subject, group: Any) -> Any:
        key, days = subject["metric"], period_days(subject["days"])
        return explanation(
            team.results(days)[key],
            team.reading.rules,
            _sources(team, source),
            rule=rule_sentences(key, team.facts, days),
            told=_told(team, key, days),
            looked_at=LookedAt(choice_of(team, subject.get("filters")), subject.get("as_of") or ""),
            group=group_of(group),
        )

    return draw


def issue_finder(loader: TeamLoader, source: Source) -> Callable[[Any, Any, Any, Any], Any]:
    def find_issues(search: str | None, clicks: int, list_id: dict[str, str], subject: dict[str, str] | None) -> Any:
        if subject is None:
            raise PreventUpdate
        team = subject_team(loader, subject)
        days, key = period_days(subject["days"]), subject["metric"]
        found = listing(team.results(days)[key], list_id["group"], _told(team, key, days))
        limit = FIRST + STEP * (clicks or 0)
        rows = issue_rows(found, _sources(team, source), search=search or "", limit=limit)
        return rows, {"display": "none"} if limit >= len(found.keys) else no_update

    return find_issues


def answerer(loader: TeamLoader) -> Callable[[Any, Any], str]:
    def answer_why(issue_key: str | None, subject: dict[str, str] | None) -> str:
        if not issue_key or not issue_key.strip() or subject is None:
            return ""
        team, days = subject_team(loader, subject), period_days(subject["days"])
        return explain_facts(metric(subject["metric"]), team.facts, days, issue_key[:LONGEST_KEY])

    return answer_why


def _told(team: Team, metric_key: str, days: int) -> Callable[[Sequence[str]], Mapping[str, str]]:
    return lambda keys: explain_each(metric(metric_key), team.facts, days, keys)


def period_days(text: str | None) -> int:
    """The chosen period; whatever else a browser may send counts as the usual one."""
    return int(text) if text in {str(days) for days in PERIODS} else DEFAULT_PERIOD


def _sources(team: Team, source: Source) -> Sources:
    return Sources(source.link_target(team.reading.data.site_url), team.summaries)
