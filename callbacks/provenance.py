"""Downloads: what a number rests on, every candidate with its evidence, and the issues themselves as a table."""

from __future__ import annotations

import json
from collections.abc import Callable

from dash import Dash
from flask import Response, abort, request

from callbacks.dora_flow_metrics import period_days
from callbacks.earlier import known_on
from callbacks.filters import part_of
from callbacks.team import TeamLoader
from callbacks.team_source import Source
from data.facts import DeliveryFacts
from data.jira_simple import receipts
from data.metric_catalogue import METRICS, metric
from data.provenance.document import as_csv, provenance

_KINDS = {"csv": "text/csv", "json": "application/json"}
_NO_SUCH_DAY = (
    "as_of is no day that is over. Give one before the date of the report, such as as_of=2026-01-31, or leave it out."
)


def register(app: Dash, loader: TeamLoader, source: Source) -> None:
    app.server.add_url_rule("/provenance/<key>.<kind>", "provenance", download(loader, source), methods=["GET"])
    app.server.add_url_rule("/issues.csv", "issues", issue_download(loader), methods=["GET"])


def download(loader: TeamLoader, source: Source) -> Callable[[str, str], Response]:
    def provenance_file(key: str, kind: str) -> Response:
        """A file of one metric over a period, of the work that the filters select; unknown names are not found.

        `as_of` in the address is an earlier day, at whose end the period ends.
        """
        team = loader.team()
        if team is None or kind not in _KINDS or key not in {declared.key for declared in METRICS}:
            abort(404)
        day = request.args.get("as_of")
        known = team if day is None else known_on(team, day)
        if known is None:
            return Response(_NO_SUCH_DAY, 400, mimetype="text/plain")
        facts = part_of(known, request.query_string.decode("utf-8", "replace")).facts
        days, kept = period_days(request.args.get("days")), team.reading.data.data_version
        receipt = next((one.id for one in receipts(source.request()) if one.data_version == kept), None)
        found = provenance(metric(key), facts, days, data_version=kept, receipt_id=receipt)
        text = as_csv(found) if kind == "csv" else json.dumps(found, ensure_ascii=False, indent=1)
        return _file(text, _KINDS[kind], f"{key}{_part(facts)}-{days}-days-{facts.as_of:%Y-%m-%d}.{kind}")

    return provenance_file


def issue_download(loader: TeamLoader) -> Callable[[], Response]:
    def issues_file() -> Response:
        """Every issue that the filters select, with what had happened to it by the date of the report."""
        from data.tables import issue_csv  # noqa: PLC0415 - loads pandas, which no page needs

        team = loader.team()
        if team is None:
            abort(404)
        team = part_of(team, request.query_string.decode("utf-8", "replace"))
        return _file(issue_csv(team.facts), _KINDS["csv"], f"issues{_part(team.facts)}-{team.as_of:%Y-%m-%d}.csv")

    return issues_file


def _part(facts: DeliveryFacts) -> str:
    return "-filtered" if facts.filters else ""


def _file(text: str, mimetype: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="sightline-{name}"'}
    return Response(text, mimetype=mimetype, headers=headers)
