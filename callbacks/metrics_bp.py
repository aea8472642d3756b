"""The JSON API of the measurements below /metrics/api: documents, exports, and one way to delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import orjson
from dash import Dash
from flask import Response, request
from werkzeug.exceptions import HTTPException

from callbacks.metrics_guard import guard_deletion
from callbacks.metrics_parameters import asked, json_answer, refusal, refuse
from callbacks.metrics_tables import Address, Document, addresses, as_csv
from configuration.log_viewing import LogViewer
from configuration.request_notes import current_request_id
from configuration.settings import Settings
from data.performance_metrics_service import MOST_DAYS, PerformanceMetricsService
from data.watch.store import StoreUnavailable

ROOT = "/metrics/api/"
MOST_BYTES = 1024
ALL_ROWS = 100_000
_KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_DOCUMENTED = "See docs/operations.md for the addresses, their methods and parameters."

View = Callable[..., Response]


def register(
    app: Dash, service: PerformanceMetricsService, settings: Settings, *, alerts: Callable[[], Document]
) -> None:
    """Adds the addresses, and JSON bodies for whatever is refused below them."""
    server, told = app.server, addresses(service, LogViewer(settings.log_dir), alerts)
    for name, address in told.items():
        server.add_url_rule(f"{ROOT}{name}", f"metrics_{name}", _document(address, service), methods=["GET"])
    server.add_url_rule(f"{ROOT}export/<table>.<kind>", "metrics_export", _export(told, service), methods=["GET"])
    server.add_url_rule(f"{ROOT}rotate", "metrics_rotate", _rotate(service, settings), methods=["POST"])
    nothing = _nothing_here({*told}, {"rotate"})
    server.add_url_rule(ROOT, "metrics_root", nothing, methods=_METHODS, defaults={"rest": ""})
    server.add_url_rule(f"{ROOT}<path:rest>", "metrics_unknown", nothing, methods=_METHODS)
    server.register_error_handler(HTTPException, _in_json)


def _document(address: Address, service: PerformanceMetricsService) -> View:
    def document() -> Response:
        question = asked(address.takes, knows_route=service.knows_route)
        return json_answer(address.answer(question))

    return document


def _export(told: Mapping[str, Address], service: PerformanceMetricsService) -> View:
    def export(table: str, kind: str) -> Response:
        """All rows of a table as a file; the same rows as CSV and as JSON."""
        if table not in told:
            refuse("table", table, f"one of {', '.join(told)}", "Take one of these names.", status=404)
        if kind not in _KINDS:
            refuse("kind", kind, "csv or json", "End the address in .csv or .json.", status=404)
        address = told[table]
        takes = [name for name in address.takes if name != "limit"]
        question = replace(asked(takes, knows_route=service.knows_route), limit=ALL_ROWS)
        rows, now = address.rows(address.answer(question)), datetime.now(UTC)
        if kind == "csv":
            answer = Response(as_csv(rows, address.shape), content_type=_KINDS[kind])
            answer.headers["Cache-Control"] = "private, no-store"
        else:
            answer = json_answer({"table": table, "days": question.days if "days" in takes else None, "rows": rows})
        span = f"-{question.days}-days" if "days" in takes else ""
        name = f"sightline-{table}{span}-{now:%Y-%m-%d}.{kind}"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    return export


def _rotate(service: PerformanceMetricsService, settings: Settings) -> View:
    def rotate() -> Response:
        """Deletes what is older than the days to keep."""
        request.max_content_length = MOST_BYTES
        guard_deletion(host=settings.host, token=settings.metrics_token)
        days = _days_to_keep()
        try:
            return json_answer(service.rotate(days))
        except StoreUnavailable:
            next_step = "Try again in a minute. If it stays so, see that the folder of the logs can be written."
            refuse("database", None, "a database that can be written now", next_step, status=503)

    return rotate


def _days_to_keep() -> int:
    sent = request.get_data()
    if not sent:
        return MOST_DAYS
    try:
        body = orjson.loads(sent)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict) or body.keys() - {"days_to_keep"}:
        given = sent.decode("utf-8", "replace")
        refuse("body", given, '{"days_to_keep": 90}', "Send such an object, or nothing for 90 days.")
    days = body.get("days_to_keep", MOST_DAYS)
    if type(days) is not int or not 1 <= days <= MOST_DAYS:
        allowed = f"a whole number from 1 to {MOST_DAYS}"
        refuse("days_to_keep", days, allowed, f"Send such a number, or nothing for {MOST_DAYS}.")
    return days


def _nothing_here(readable: set[str], deleting: set[str]) -> View:
    def nothing_here(rest: str) -> Response:
        """Whatever no other address takes: an unknown name, or a known one by the wrong method."""
        methods = "POST" if rest in deleting else "GET" if rest in readable or rest.startswith("export/") else None
        if methods is None or request.method == methods:
            names = sorted({*readable, *deleting, "export/<table>.csv", "export/<table>.json"})
            return refusal("path", request.path, f"{ROOT} and one of {', '.join(names)}", _DOCUMENTED, status=404)
        answer = refusal("method", request.method, methods, f"Ask by {methods}.", status=405)
        answer.headers["Allow"] = f"{methods}, OPTIONS"
        return answer

    return nothing_here


_NEXT_STEPS = {
    400: ("request", "a request that this server can read", "Ask by the address that the server prints at its start."),
    405: ("method", "GET, or POST to rotate", "Ask by another method."),
    413: ("body", f"at most {MOST_BYTES} bytes", 'Send no more than {"days_to_keep": 90}.'),
    415: ("Content-Type", "application/json", "Send the header Content-Type: application/json."),
}


def _in_json(error: HTTPException) -> Response | HTTPException:
    """What was refused below our addresses says so as everything there is said; other pages keep their own words."""
    if not request.path.startswith(ROOT) or error.response is not None:
        return error
    code = error.code or 500
    reference = f"Try again. In the log, look for request {current_request_id.get()}."
    parameter, allowed, next_step = _NEXT_STEPS.get(code, ("request", "any that is documented", reference))
    answer = refusal(parameter, None, allowed, next_step, status=code)
    for name, value in error.get_headers():
        if name == "Allow":
            answer.headers[name] = value
    return answer
