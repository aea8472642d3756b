"""A fetch leaves its traces in the right log files, under one request id, and never a secret."""

from __future__ import annotations

import base64
import json
import logging
import secrets
from datetime import datetime, timedelta

import pytest

from configuration.log_fields import own_names
from configuration.logging_config import setup_logging
from configuration.settings import load_settings
from data.demo.faults import Faults
from data.errors import ApiRemoved
from data.jira_connection import connect
from data.jira_simple import fetch_team_data
from data.metric_catalogue import METRICS
from tests.demo_logs import logged_by_a_demo_start, logging_to
from tests.jira_sites import AS_OF, connected, few_issues, serving


@pytest.fixture
def logs(tmp_path):
    """The product's own logging, into a folder of the test's, and the root logger put back afterwards."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    setup_logging(tmp_path, log_level="DEBUG")
    yield tmp_path
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def entries(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def fetch(flavour, token, *, faults=()):
    with serving(few_issues(), flavour, faults=Faults.named(*faults)) as (_, url):
        environment = {"JIRA_URL": url, "JIRA_EMAIL": "ann@example.com", "JIRA_TOKEN": token}
        settings = load_settings(environment)
        client = connect(settings.jira, sleep=lambda _: None)
        try:
            return fetch_team_data(client, 'assignee = "ann@example.com" OR created > "2020-01-01"', {})
        finally:
            client.close()


def test_one_fetch_is_one_operation_with_all_its_facts(logs):
    data = fetch("cloud", secrets.token_hex(20))
    (entry,) = entries(logs / "performance.log")
    context = entry["context"]
    assert entry["module"] == "data.sync.fetch_record"
    facts = {"request_id", "jql_query", "start_time", "end_time", "duration_seconds", "data_volume_fetched"}
    facts |= {"cache_hit", "api_calls_made", "rate_limit_delays", "error"}
    assert set(context) == facts | {"event"}
    assert context["data_volume_fetched"] == len(data.issues)
    assert context["error"] is None
    assert entries(logs / "errors.log") == []


def test_everything_logged_during_a_fetch_carries_its_request_id(logs):
    fetch("datacenter", secrets.token_hex(20), faults=["unavailable@/search:1"])
    (operation,) = entries(logs / "performance.log")
    told = entries(logs / "app.log")
    retry = [entry for entry in told if entry["context"].get("event") == "jira.retry"]
    asked = [entry for entry in told if entry["context"].get("event") == "jira.answered"]
    assert len(retry) == 1
    during = [entry["context"].get("request_id") for entry in retry + asked[2:]]
    assert set(during) == {operation["context"]["request_id"]}


def test_a_failed_fetch_is_in_the_error_log_with_cause_and_next_step(logs):
    with pytest.raises(ApiRemoved):
        fetch("cloud", secrets.token_hex(20), faults=["gone@/search/jql"])
    (entry,) = entries(logs / "errors.log")
    assert "removed" in entry["context"]["error"]
    assert "What to do:" in entry["context"]["error"]
    assert entry in entries(logs / "performance.log")


def test_no_log_file_and_no_console_line_holds_the_credentials(logs, capsys):
    token = secrets.token_hex(20)
    fetch("cloud", token, faults=["unavailable@/search:2"])
    with pytest.raises(ApiRemoved):
        fetch("cloud", token, faults=["gone@/search/jql"])
    logging.getLogger("data.anything").error("oops %s", {"headers": f"Basic {token}"})
    written = capsys.readouterr().err + "".join(path.read_text("utf-8") for path in logs.iterdir())
    assert len(written) > 2000
    for form in (token, base64.b64encode(f"ann@example.com:{token}".encode()).decode().rstrip("=")):
        assert form not in written
    assert "ann@example.com" not in written
    assert "[EMAIL_REDACTED]" in written


def test_a_clock_that_is_set_back_makes_no_fetch_end_before_it_began(logs):
    """The second time the clock is asked it is a day earlier."""
    instants = iter([AS_OF, *(AS_OF - timedelta(days=1) for _ in range(9))])
    with serving(few_issues(), "cloud") as (_, url), connected(url) as client:
        fetch_team_data(client, None, {}, clock=lambda: next(instants))
    (entry,) = entries(logs / "performance.log")
    assert entry["context"]["duration_seconds"] > 0
    assert lasted(entry["context"]) == pytest.approx(entry["context"]["duration_seconds"], abs=2e-6)


def lasted(record):
    begin, end = (datetime.fromisoformat(record[name]) for name in ("start_time", "end_time"))
    return (end - begin).total_seconds()


FETCH = {"request_id", "jql_query", "start_time", "end_time", "duration_seconds", "data_volume_fetched", "cache_hit"}
FETCH |= {"api_calls_made", "rate_limit_delays", "error"}
CALCULATION = {"metric_type", "start_time", "end_time", "duration_seconds", "input_data_size", "result_data_size"}
CALCULATION |= {"cache_hits", "cache_misses"}
THRESHOLD = {"metric_type", "target_duration_seconds", "actual_duration_seconds", "threshold_status"}
THRESHOLD |= {"dataset_size_category"}


def test_a_start_leaves_every_kind_of_record_in_the_performance_log_once_per_measurement(tmp_path):
    logged_by_a_demo_start(tmp_path)
    records = [entry["context"] for entry in entries(tmp_path / "performance.log")]

    (fetch,) = [record for record in records if record.keys() >= FETCH]
    calculations = [record for record in records if record.keys() >= CALCULATION | THRESHOLD]
    assert len(calculations) + 1 == len(records)
    assert lasted(fetch) == pytest.approx(fetch["duration_seconds"], abs=2e-6)
    kinds = [record["metric_type"] for record in calculations]
    assert kinds == ["history", *(metric.key for metric in METRICS), "all_metrics"]
    assert {record["input_data_size"] for record in calculations} == {fetch["data_volume_fetched"]}
    for record in calculations:
        assert lasted(record) == pytest.approx(record["duration_seconds"], abs=2e-6)
        assert record["dataset_size_category"] == "medium"
        assert record["duration_seconds"] == record["actual_duration_seconds"] >= 0


@pytest.mark.parametrize(
    ("log_format", "named"),
    [
        ("ecs", {"@timestamp", "log.level", "message", "log.logger", "error.type", "error.stack_trace", "sightline"}),
        ("otel", {"Timestamp", "SeverityText", "SeverityNumber", "Body", "InstrumentationScope", "Attributes"}),
    ],
)
def test_the_files_may_bear_the_names_of_a_standard_and_are_masked_all_the_same(tmp_path, log_format, named):
    token = secrets.token_hex(20)
    with logging_to(tmp_path, log_format=log_format):
        try:
            raise ValueError(f"Bearer {token}")  # noqa: TRY301 - a trace is wanted
        except ValueError:
            logging.getLogger("data.anything").exception("Oops %s", "here", extra={"headers": {"apiToken": token}})

    written = (tmp_path / "errors.log").read_text("utf-8")
    assert token not in written
    assert json.loads(written).keys() >= named
    assert own_names(json.loads(written))["context"]["headers"] == {"apiToken": "[REDACTED]"}
