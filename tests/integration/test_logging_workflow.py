"""A fetch leaves its traces in the right log files, under one request id, and never a secret."""

from __future__ import annotations

import base64
import json
import logging
import secrets

import pytest

from configuration.logging_config import setup_logging
from configuration.settings import load_settings
from data.demo.faults import Faults
from data.errors import ApiRemoved
from data.jira_query_manager import connect
from data.jira_simple import fetch_team_data
from tests.jira_sites import few_issues, serving


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
    assert entry["module"] == "data.jira_simple"
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
