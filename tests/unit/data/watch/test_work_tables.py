"""Calculations, calls to Jira and jobs, against values worked out by hand."""

import pytest

from data.watch.measurement import Kind, Measurement
from data.watch.work_tables import calculations, jira_calls, jobs
from tests.unit.data.watch.traffic import key, requests


def test_a_calculation_is_held_against_the_promise_for_the_size_of_its_data():
    """Two seconds for small data and a fifth above: 18 in time, 1 just late, 1 too late; the P95 is the late one."""
    durations = [*[900.0] * 18, 2300.0, 2500.0]
    rows = calculations(
        {
            key("flow_time", Kind.CALCULATION, "small"): requests(*durations, failed=1),
            key("flow_time", Kind.CALCULATION, "large"): requests(*durations),
        }
    )

    small = next(row for row in rows if row["dataset_size_category"] == "small")
    large = next(row for row in rows if row["dataset_size_category"] == "large")
    assert small["threshold"] == {"target_seconds": 2.0, "pass": 18, "warning": 1, "fail": 1, "verdict": "warning"}
    assert (small["count"], small["failures"], small["max_ms"]) == (20, 1, 2500)
    assert large["threshold"] == {"target_seconds": 10.0, "pass": 20, "warning": 0, "fail": 0, "verdict": "pass"}


def test_an_edge_of_the_promise_still_keeps_it():
    (row,) = calculations({key("history", Kind.CALCULATION, "medium"): requests(5000.0, 6000.0, 6000.1)})

    assert {name: row["threshold"][name] for name in ("pass", "warning", "fail")} == {
        "pass": 1,
        "warning": 1,
        "fail": 1,
    }


def test_a_calculation_on_data_of_unknown_size_is_not_judged():
    (row,) = calculations({key("history", Kind.CALCULATION, ""): requests(50_000.0)})

    assert (row["dataset_size_category"], row["threshold"]) == (None, None)


def test_calls_to_jira_are_told_by_endpoint_with_waits_and_refusals():
    told = jira_calls(
        {
            key("GET /rest/api/3/search/jql", Kind.JIRA, "GET"): requests(*[200.0] * 6, failed=1, waited_ms=50.0),
            key("/rest/api/3/issue/bulkfetch", Kind.JIRA, "POST"): requests(*[10.0] * 4, status=429),
        },
        minutes=5.0,
    )

    assert (told["calls"], told["per_minute"], told["errors"], told["error_rate"]) == (10, 2.0, 1, 0.1)
    assert (told["refusals"], told["rate_limited"], told["waited_ms"]) == (4, 4, 300.0)
    search, bulk = told["endpoints"]
    assert (search["endpoint"], bulk["endpoint"]) == (
        "GET /rest/api/3/search/jql",
        "POST /rest/api/3/issue/bulkfetch",
    )
    assert (search["errors"], search["rate_limited"], search["waited_ms"]) == (1, 0, 300.0)
    assert (bulk["errors"], bulk["refusals"], bulk["rate_limited"]) == (0, 4, 4)


def test_without_a_call_nothing_is_known_of_their_times():
    told = jira_calls({}, minutes=5.0)

    assert (told["calls"], told["per_minute"], told["error_rate"], told["avg_ms"]) == (0, None, None, None)


def test_a_job_shows_its_last_run():
    def run(at, status, label="sync", error=None):
        return Measurement(at, Kind.JOB, label, "", 1234.56, status, None, error, "the-id")

    rows = jobs(
        {
            key("sync", Kind.JOB, ""): requests(100.0, 300.0, failed=1),
            key("rotate", Kind.JOB, ""): requests(10.0),
        },
        [run(1_767_225_600.0, 500, error="JiraUnavailable"), run(1_767_222_000.0, 200), run(0.0, 200, "rotate")],
    )

    assert [row["job"] for row in rows] == ["rotate", "sync"]
    assert (rows[1]["runs"], rows[1]["failures"], rows[1]["avg_ms"]) == (2, 1, 200)
    assert rows[1]["p95_ms"] == pytest.approx(300, rel=0.01)
    assert rows[1]["last"] == {
        "at": "2026-01-01T00:00:00Z",
        "duration_ms": 1234.6,
        "ok": False,
        "error": "JiraUnavailable",
        "request_id": "the-id",
    }
