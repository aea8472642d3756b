"""What the log tells becomes measurements, and reaches no file that it did not reach before."""

import logging
from datetime import UTC, datetime

import pytest

from configuration.request_notes import request_noted
from data.errors import JiraError
from data.jira_requests.answers import Exchange, note_unanswered
from data.performance_utils import Calculation, PerformanceTimer
from data.sync.fetch_record import recorded
from data.watch.log_events import endpoint, listen, reason_of, stop_listening
from data.watch.measurement import Kind
from tests.demo_logs import entries_of, logging_to

logger = logging.getLogger("data.test")


@pytest.fixture
def heard():
    """The measurements of what is logged during the test."""
    measurements = []
    listen(measurements.append)
    yield measurements
    stop_listening()


def test_the_answers_of_jira_are_heard_and_written_nowhere_that_they_were_not(heard, tmp_path):
    facts = {"method": "POST", "path": "/jira/rest/api/2/issue/ABC-1/changelog", "status": 429, "elapsed_seconds": 0.25}
    with logging_to(tmp_path, "INFO"), request_noted("page-1"):
        logger.debug("An answer", extra={"event": "jira.answered", "waited_seconds": 1.5, **facts})

    (one,) = heard
    assert one[1:] == (
        Kind.JIRA,
        "POST /rest/api/2/issue/{}/changelog",
        "POST",
        250.0,
        429,
        None,
        "Too Many Requests",
        "page-1",
        1500.0,
    )
    assert entries_of(tmp_path / "app.log") == entries_of(tmp_path / "performance.log") == []


def test_a_call_without_an_answer_has_no_status_but_the_name_of_its_error(heard):
    note_unanswered(JiraError("silent"), Exchange("GET", "jira.example.com", "/rest/api/3/myself", 0.0, 0.0))

    assert heard[0][1:4] == (Kind.JIRA, "GET /rest/api/3/myself", "GET")
    assert (heard[0].status, heard[0].error, heard[0].failed) == (0, "JiraError", True)


def test_a_calculation_is_known_by_its_metric_and_the_size_of_its_data(heard):
    with Calculation("flow_time", 3_000):
        pass

    assert heard[0][1:4] == (Kind.CALCULATION, "flow_time", "medium")
    assert (heard[0].status, heard[0].error, heard[0].cache_hit) == (200, None, None)


def test_an_operation_that_fails_is_an_error_of_its_kind(heard):
    with pytest.raises(ZeroDivisionError), PerformanceTimer("history"):
        _ = 1 / 0

    assert (heard[0].kind, heard[0].label, heard[0].status, heard[0].error) == (
        Kind.CALCULATION,
        "history",
        500,
        "ZeroDivisionError",
    )


@pytest.mark.parametrize(
    ("verdict", "status", "error"),
    [("complete", 200, None), ("partial", 200, None), ("cancelled", 200, None), ("failed", 500, "failed")],
)
def test_a_sync_is_a_job_named_after_what_set_it_off(heard, verdict, status, error):
    facts = {"trigger": "schedule", "verdict": verdict, "elapsed_seconds": 2.0}
    logger.info("It ended", extra={"event": "sync.ended", **facts})

    assert heard[0][1:8] == (Kind.JOB, "sync: schedule", "", 2000.0, status, None, error)


def test_a_fetch_says_whether_what_is_kept_answered(heard):
    with recorded("project = A", lambda: datetime.now(UTC)) as record:
        record.cache_hit = True

    assert (heard[0].kind, heard[0].label, heard[0].cache_hit) == (Kind.JOB, "fetch", True)
    assert heard[0].request_id


def test_only_the_latest_who_asked_hears_anything(heard):
    later = []
    listen(later.append)
    with PerformanceTimer("reading"):
        pass

    assert (len(heard), len(later)) == (0, 1)


def test_nobody_is_heard_once_nobody_listens(heard):
    stop_listening()
    logger.debug("An answer", extra={"event": "jira.answered"})

    assert heard == []
    assert logging.getLogger("data").level == logging.NOTSET


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/rest/api/3/search/jql", "/rest/api/3/search/jql"),
        ("/jira/rest/api/2/project/SECRET/versions", "/rest/api/2/project/{}/versions"),
        ("/rest/api/3/issue/10001", "/rest/api/3/issue/{}"),
        ("/login/somebody", "/{}/{}"),
    ],
)
def test_an_endpoint_names_no_project_issue_or_folder(path, template):
    assert endpoint(path) == template


def test_a_status_is_put_into_the_words_of_http():
    assert [reason_of(status) for status in (200, 304, 404, 503, 599)] == [
        None,
        None,
        "Not Found",
        "Service Unavailable",
        "599",
    ]
