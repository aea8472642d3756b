"""Downloads: what a number rests on, every candidate with its evidence, and the issues themselves as a table."""

from __future__ import annotations

import json
from collections.abc import Callable

from dash import Dash
from flask import Response, abort, request

from callbacks.dora_flow_metrics import period_days
from callbacks.filters import part_of
from callbacks.team import Team, TeamLoader
from callbacks.team_source import Source
from data.jira_simple import receipts
from data.metric_catalogue import METRICS, metric
from data.provenance.document import as_csv, provenance

_KINDS = {"csv": "text/csv", "json": "application/json"}


def register(app: Dash, loader: TeamLoader, source: Source) -> None:
    app.server.add_url_rule("/provenance/<key>.<kind>", "provenance", download(loader, source), methods=["GET"])
    app.server.add_url_rule("/issues.csv", "issues", issue_download(loader), methods=["GET"])


def download(loader: TeamLoader, source: Source) -> Callable[[str, str], Response]:
    def provenance_file(key: str, kind: str) -> Response:
        """A file of one metric over a period, of the work that the filters select; unknown names are not found."""
        team = loader.team()
        if team is None or kind not in _KINDS or key not in {declared.key for declared in METRICS}:
            abort(404)
        team = part_of(team, request.query_string.decode("utf-8", "replace"))
        days, kept = period_days(request.args.get("days")), team.reading.data.data_version
        receipt = next((one.id for one in receipts(source.request()) if one.data_version == kept), None)
        found = provenance(metric(key), team.facts, days, data_version=kept, receipt_id=receipt)
        text = as_csv(found) if kind == "csv" else json.dumps(found, ensure_ascii=False, indent=1)
        return _file(text, _KINDS[kind], f"{key}{_part(team)}-{days}-days-{team.as_of:%Y-%m-%d}.{kind}")

    return provenance_file


def issue_download(loader: TeamLoader) -> Callable[[], Response]:
    def issues_file() -> Response:
        """Every issue that the filters select, with what had happened to it by the date of the report."""
        from data.tables import issue_csv  # noqa: PLC0415 - loads pandas, which no page needs

        team = loader.team()
        if team is None:
            abort(404)
        team = part_of(team, request.query_string.decode("utf-8", "replace"))
        return _file(issue_csv(team.facts), _KINDS["csv"], f"issues{_part(team)}-{team.as_of:%Y-%m-%d}.csv")

    return issues_file


def _part(team: Team) -> str:
    return "-filtered" if team.facts.filters else ""


def _file(text: str, mimetype: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="sightline-{name}"'}
    return Response(text, mimetype=mimetype, headers=headers)
