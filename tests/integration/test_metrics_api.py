"""The metrics API over HTTP, with a real database behind it."""

from __future__ import annotations

import csv
import io
import json
import logging
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TypedDict

import pytest

from callbacks.metrics_tables import addresses
from configuration.log_viewing import LogEvents, LogRecords, LogViewer
from configuration.request_notes import request_noted
from configuration.settings import Settings
from data.performance_metrics_service import PerformanceMetricsService
from data.watch import documents
from data.watch.alert_documents import AlertsDocument
from data.watch.anomalies import Anomaly
from data.watch.week_comparison import WeekComparison
from tests.demo_logs import logging_to
from tests.metrics_api import alerts_of, api_alone, misfits, served
from tests.watching import NOON, filled_tracker, measured

FORMULA = '=HYPERLINK("//example.org")'
REQUEST = "the-id-from-the-page"


class Span(TypedDict):
    days: int
    since: str
    until: str


class SlowRoutes(Span):
    routes: list[documents.SlowRoute]


class ComparedRoutes(Span):
    routes: list[documents.ComparedRoute]


class Calculations(Span):
    calculations: list[documents.CalculationRow]


class Jobs(Span):
    jobs: list[documents.JobRow]


class CacheEffectiveness(documents.CacheEffectiveness, Span): ...


class Health(documents.Health, Span): ...


class JiraCalls(documents.JiraCalls, Span): ...


class Anomalies(TypedDict):
    anomalies: list[Anomaly]


SHAPES = {
    "overview": documents.Overview,
    "slow-routes": SlowRoutes,
    "route-trend": documents.Trend,
    "cache-effectiveness": CacheEffectiveness,
    "health-score": Health,
    "compare-routes": ComparedRoutes,
    "calculations": Calculations,
    "jira-calls": JiraCalls,
    "jobs": Jobs,
    "alerts": AlertsDocument,
    "anomalies": Anomalies,
    "comparison": WeekComparison,
    "log-events": LogEvents,
    "log-records": LogRecords,
    "storage": documents.Storage,
}
NEEDS = {"log-records": f"?request_id={REQUEST}"}
WITHOUT_DAYS = {"alerts", "anomalies", "comparison", "storage"}
MAY_BE_EMPTY = {"alerts", "anomalies"}


@pytest.fixture(scope="module")
def tracker(tmp_path_factory):
    """Two days and their like of the week before, one route of which has a name that a spreadsheet would carry out."""
    tracker = filled_tracker(tmp_path_factory.mktemp("watch") / "metrics.db", days=1)
    tracker.store.write(
        [measured(NOON - timedelta(days=7, minutes=number), label="/", ms=30) for number in range(1, 60)]
        + [measured(NOON - timedelta(minutes=number), label=FORMULA, ms=-5 + 1500) for number in range(1, 30)]
    )
    yield tracker
    tracker.close()


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """Two records of one request."""
    folder = tmp_path_factory.mktemp("logs")
    with logging_to(folder), request_noted(REQUEST):
        logger = logging.getLogger("data.watch")
        logger.warning("Something is odd", extra={"event": "test.odd", "formula": FORMULA})
        logger.error("Something has failed", extra={"event": "test.failed"})
    return folder


@pytest.fixture(scope="module")
def api(tracker, logs):
    with served(api_alone(tracker, Settings(log_dir=logs), clock=lambda: NOON)) as client:
        yield client


@pytest.fixture(scope="module")
def service(tracker):
    return PerformanceMetricsService(tracker, clock=lambda: NOON)


def contents(tracker):
    """Everything in the database, as another connection sees it."""
    with closing(sqlite3.connect(tracker.store.path)) as connection:
        return list(connection.iterdump())


def test_every_address_is_tried_here(service, logs, tracker):
    assert SHAPES.keys() == addresses(service, LogViewer(logs), alerts_of(tracker).document).keys()


@pytest.mark.parametrize("name", SHAPES)
def test_a_document_has_the_shape_that_is_written_down_and_is_kept_by_no_cache(api, name):
    answer = api.get(name + NEEDS.get(name, ""))

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Request-ID"]
    assert list(misfits(answer.json, SHAPES[name])) == []


def test_numbers_over_http_are_those_of_the_service(api, service):
    assert api.get("overview?days=1").json == json.loads(json.dumps(service.get_performance_overview(1)))
    assert api.get("slow-routes?days=1&limit=3").json["routes"] == service.get_slow_routes(3, 1)
    assert api.get("route-trend?days=1&route=%2F").json["points"] == service.get_performance_trend("/", 1)["points"]
    assert api.get("health-score?days=1").json["total_score"] == service.get_performance_health_score(1)["total_score"]
    assert api.get("compare-routes?days=1").json["routes"] == service.compare_routes(1)


def test_the_week_before_is_told_beneath(api):
    told = api.get("route-trend?days=1&route=%2F").json

    assert [point["at"] for point in told["points"]] == [point["at"] for point in told["week_before"]]
    assert sum(point["requests"] for point in told["week_before"]) == 59


@pytest.mark.parametrize(
    ("question", "status", "parameter"),
    [
        ("overview?days=0", 400, "days"),
        ("overview?days=91", 400, "days"),
        ("overview?days=7.0", 400, "days"),
        ("overview?days=-7", 400, "days"),
        ("overview?days=seven", 400, "days"),
        ("overview?days=7&days=8", 400, "days"),
        ("overview?days[]=7", 400, "days[]"),
        ("overview?limit=5", 400, "limit"),
        ("slow-routes?limit=0", 400, "limit"),
        ("slow-routes?limit=101", 400, "limit"),
        ("route-trend?route=/nowhere", 404, "route"),
        ("route-trend?route=", 404, "route"),
        ("route-trend?route=..%2F..%2Fetc%2Fpasswd", 404, "route"),
        ("export/slow-routes.csv?limit=5", 400, "limit"),
        ("export/slow-routes.csv?days=100", 400, "days"),
        ("export/nothing.csv", 404, "table"),
        ("export/slow-routes.xlsx", 404, "kind"),
        ("export/..%2F..%2Fmetrics.db", 404, "path"),
        ("nothing", 404, "path"),
        ("overview/", 404, "path"),
        ("overview/../storage", 404, "path"),
        ("", 404, "path"),
        ("storage?days=7", 400, "days"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_what_would_do(api, question, status, parameter):
    answer = api.get(question)

    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/json")
    assert answer.error.keys() == {"parameter", "given", "allowed", "next_step"}
    assert answer.error["parameter"] == parameter
    assert answer.error["allowed"]
    assert answer.error["next_step"]
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("name", ["overview", "export/slow-routes.csv"])
def test_reading_is_by_get_alone(api, name, method):
    answer = api.ask(f"/metrics/api/{name}", method, "{}", {"Content-Type": "application/json"})

    assert (answer.status, answer.headers["Allow"]) == (405, "GET, OPTIONS")
    assert answer.error["parameter"] == "method"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_deleting_is_by_post_alone(api, method):
    answer = api.ask("/metrics/api/rotate", method, headers={"Content-Type": "application/json"})

    assert (answer.status, answer.headers["Allow"]) == (405, "POST, OPTIONS")


def test_a_method_that_does_not_exist_is_refused_in_json(api):
    answer = api.ask("/metrics/api/overview", "SNIFF")

    assert (answer.status, answer.error["parameter"]) == (405, "method")


def test_no_get_changes_anything(api, tracker, service):
    """Byte for byte in the file, and row for row as another process sees it."""
    api.get("overview")
    before, held = tracker.store.path.read_bytes(), contents(tracker)
    exports = [f"export/{name}.{kind}" for name in SHAPES for kind in ("csv", "json")]

    for name in [*SHAPES, *exports, "rotate", "nothing", "overview?days=0", "rotate?days_to_keep=1"]:
        for method in ("GET", "HEAD", "OPTIONS"):
            assert api.ask(f"/metrics/api/{name}", method).status < 500

    assert contents(tracker) == held
    assert tracker.store.path.read_bytes() == before


def read(cell):
    """A cell of a CSV as what it was: text is quoted, numbers are not, so that only the unknown is ambiguous."""
    try:
        return float(cell)
    except ValueError:
        return cell.removeprefix("'") if cell.startswith("'=") else cell


def written(row, name):
    """What a column of that name says of a row, of a document inside it where both names make up that of the column."""
    if name in row:
        value = row[name]
    else:
        outer = next(key for key in row if name.startswith(f"{key}_"))
        return "" if row[outer] is None else written(row[outer], name.removeprefix(f"{outer}_"))
    if isinstance(value, dict | list):
        return json.dumps(value, separators=(",", ":"))
    return {True: "yes", False: "no", None: ""}[value] if isinstance(value, bool | None) else value


@pytest.mark.parametrize("name", SHAPES)
def test_an_export_as_csv_holds_what_the_one_as_json_does(api, name):
    takes = NEEDS.get(name, "" if name in WITHOUT_DAYS else "?days=90")
    as_json, as_csv = api.get(f"export/{name}.json{takes}"), api.get(f"export/{name}.csv{takes}")

    assert (as_json.status, as_csv.status) == (200, 200)
    assert as_csv.headers["Content-Type"] == "text/csv; charset=utf-8"
    for answer, kind in ((as_json, "json"), (as_csv, "csv")):
        assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="sightline-{name}-')
        assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
        assert answer.headers["Cache-Control"] == "private, no-store"
    rows = as_json.json["rows"]
    head, *lines = csv.reader(io.StringIO(as_csv.body.decode(), newline=""))
    assert [[read(cell) for cell in line] for line in lines] == [[written(row, key) for key in head] for row in rows]
    assert len(head) > 4
    assert rows or name in MAY_BE_EMPTY


def test_an_export_holds_all_rows_and_no_formula(api, service):
    rows = api.get("export/slow-routes.json?days=7").json["rows"]
    text = api.get("export/slow-routes.csv?days=7").body.decode()

    assert rows == service.get_slow_routes(1000, 7)
    assert FORMULA in {row["route"] for row in rows}
    assert '''"'=HYPERLINK(""//example.org"")"''' in text
    assert '"=' not in text
