"""What was fetched once is not fetched again for the same question, and never served for another."""

from __future__ import annotations

import json
import logging
import secrets
from datetime import UTC, datetime, timedelta

import pytest

from configuration.settings import ConfigurationError
from data.cache_manager import CacheInvalidationTrigger
from data.demo.jira import Installation
from data.demo.rate_limit import RateLimit
from data.jira_connection import connect
from data.jira_query_manager import TokenBucket
from data.jira_simple import (
    cached_team_data,
    fetch_all_issues,
    fetch_jira_data_with_cache,
    fetch_team_data,
    keep_team_data,
)
from data.persistence import load_app_settings
from tests.jira_sites import FLAVOURS, connected, credentials, few_issues, serving

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
MAPPINGS = {"team": "customfield_10001"}


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Files of a test stay in its own folder, and no Jira but its own is configured."""
    for name in ("JIRA_URL", "JIRA_EMAIL", "JIRA_TOKEN", "JIRA_JQL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SIGHTLINE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("SIGHTLINE_SETTINGS", str(tmp_path / "app_settings.json"))


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_second_asking_costs_no_request_whatever_the_period(flavour):
    with serving(few_issues(), flavour) as (jira, url), connected(url) as client:
        first = fetch_jira_data_with_cache("project = MAR", MAPPINGS, 30, client=client)
        asked = len(jira.requests)
        for days in (7, 30, 365):
            assert fetch_jira_data_with_cache("project = MAR", MAPPINGS, days, client=client) == first
        assert len(jira.requests) == asked


def test_another_question_is_asked_anew():
    with serving(few_issues(), "cloud") as (jira, url), connected(url) as client:

        def requests_for(jql, mappings):
            asked = len(jira.requests)
            fetch_jira_data_with_cache(jql, mappings, 30, client=client)
            return len(jira.requests) - asked

        assert requests_for("project = MAR", MAPPINGS) > 0
        assert requests_for("project = MAR ORDER BY rank", MAPPINGS) == 0, "order does not change what is found"
        assert requests_for("project = MAR", {"sprint": "customfield_10001"}) == 0, "the same fields are asked for"
        assert requests_for("project = MAR", {"team": "customfield_10002"}) > 0
        assert requests_for('project = MAR AND type = "Bug"', MAPPINGS) > 0


def test_another_account_never_sees_what_was_kept():
    with serving(few_issues(), "cloud") as (jira, url), connected(url) as mine, connected(url) as theirs:
        fetch_jira_data_with_cache("project = MAR", MAPPINGS, 30, client=mine)
        asked = len(jira.requests)
        fetch_jira_data_with_cache("project = MAR", MAPPINGS, 30, client=theirs)
        assert len(jira.requests) > asked


def test_a_day_later_the_question_is_asked_anew():
    with serving(few_issues(), "cloud") as (jira, url), connected(url) as client:
        fetch_jira_data_with_cache(None, {}, 30, client=client, clock=lambda: NOW)
        asked = len(jira.requests)
        fetch_jira_data_with_cache(None, {}, 30, client=client, clock=lambda: NOW + timedelta(hours=23))
        assert len(jira.requests) == asked
        fetch_jira_data_with_cache(None, {}, 30, client=client, clock=lambda: NOW + timedelta(hours=25))
        assert len(jira.requests) > asked


def test_a_damaged_entry_is_fetched_again(tmp_path):
    with serving(few_issues(), "cloud") as (jira, url), connected(url) as client:
        first = fetch_jira_data_with_cache(None, {}, 30, client=client)
        (entry,) = (tmp_path / "cache").iterdir()
        entry.write_bytes(entry.read_bytes()[:-100])
        asked = len(jira.requests)
        assert fetch_jira_data_with_cache(None, {}, 30, client=client) == first
        assert len(jira.requests) > asked


def test_everything_a_fetch_brought_is_kept(tmp_path):
    with serving(few_issues(), "datacenter") as (_, url), connected(url) as client:
        data = fetch_team_data(client, None, MAPPINGS, clock=lambda: NOW)
        mine = client.wire.credentials
    keep_team_data(data, mine, MAPPINGS, cache_dir=tmp_path, clock=lambda: NOW)
    kept = cached_team_data(mine, None, MAPPINGS, cache_dir=tmp_path, clock=lambda: NOW)
    assert kept is not None
    assert kept.from_cache
    assert {**vars(kept), "from_cache": False} == vars(data)
    assert cached_team_data(credentials(url), None, MAPPINGS, cache_dir=tmp_path, clock=lambda: NOW) is None


def test_a_changed_configuration_invalidates_the_entry(tmp_path):
    with serving(few_issues(), "cloud") as (_, url), connected(url) as client:
        fetch_jira_data_with_cache("project = MAR", MAPPINGS, 30, client=client)
    (entry,) = (tmp_path / "cache").iterdir()

    def judged(jql):
        return CacheInvalidationTrigger().should_invalidate(
            cache_file=entry, current_jql=jql, current_field_mappings=MAPPINGS, current_time_period=60
        )

    assert judged("project = MAR") is False
    assert judged("project = OTHER") is True


def test_no_secret_and_no_person_reaches_the_disk(tmp_path):
    token = secrets.token_hex(20)
    with serving(few_issues(), "cloud") as (_, url), connected(url, token=token) as client:
        fetch_jira_data_with_cache(None, {}, 30, client=client)
    written = "".join(path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file())
    assert len(written) > 10_000
    assert token not in written
    assert "emailAddress" not in written
    assert few_issues().account.email not in written


def test_the_entry_in_use_is_noted_in_the_settings(tmp_path):
    with serving(few_issues(), "cloud") as (_, url), connected(url) as client:
        fetch_jira_data_with_cache(None, {}, 30, client=client, clock=lambda: NOW)
    (entry,) = (tmp_path / "cache").iterdir()
    noted = load_app_settings(tmp_path / "app_settings.json")["cache_metadata"]
    metadata = json.loads(entry.read_text())["metadata"]
    assert noted == {
        "last_cache_key": entry.stem,
        "last_cache_timestamp": "2026-01-15T12:00:00Z",
        "cache_config_hash": metadata["config_hash"],
    }


def test_hits_and_misses_are_on_record(caplog):
    caplog.set_level(logging.INFO)
    with serving(few_issues(), "cloud") as (_, url), connected(url) as client:
        for _ in range(2):
            fetch_jira_data_with_cache("project = MAR", {}, 30, client=client)
    miss, hit = [record for record in caplog.records if getattr(record, "event", "") == "fetch.finished"]
    assert (miss.cache_hit, hit.cache_hit) == (False, True)
    assert (miss.api_calls_made > 4, hit.api_calls_made) == (True, 0)
    assert miss.data_volume_fetched == hit.data_volume_fetched == len(few_issues().issues)
    assert miss.request_id != hit.request_id
    for record in (miss, hit):
        assert (record.jql_query, record.error, record.rate_limit_delays) == ("project = MAR", None, 0)
        assert record.end_time >= record.start_time
        assert record.duration_seconds >= 0


def test_the_environment_alone_is_enough(monkeypatch):
    with serving(few_issues(), "cloud") as (_, url):
        monkeypatch.setenv("JIRA_URL", url)
        monkeypatch.setenv("JIRA_EMAIL", "reader@example.com")
        monkeypatch.setenv("JIRA_TOKEN", secrets.token_hex(20))
        everything = fetch_all_issues()
        monkeypatch.setenv("JIRA_JQL", 'type = "Bug"')
        bugs = fetch_all_issues()
        assert fetch_all_issues('type = "Story"') != bugs
        assert fetch_jira_data_with_cache(None, {}, 30) == everything
    assert 0 < len(bugs) < len(everything) == len(few_issues().issues)


@pytest.mark.parametrize("ask", [fetch_all_issues, lambda: fetch_jira_data_with_cache(None, {}, 30)])
def test_without_a_jira_the_next_step_is_named(ask):
    with pytest.raises(ConfigurationError, match="JIRA_URL"):
        ask()


def test_a_period_that_is_none_is_refused():
    with pytest.raises(ValueError, match="1 or more"):
        fetch_jira_data_with_cache(None, {}, 0)


class VirtualTime:
    """One clock for client and server, moved by the client's waiting."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def wall(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def strict_server(monkeypatch):
    """Fetches 250 single issues from a server that allows a hundred requests in ten seconds."""
    monkeypatch.setattr("data.jira_search.PAGE_SIZE", 1)

    def fetch(flavour):
        virtual = VirtualTime()
        installation = Installation(rate=RateLimit(limit=100, fill=100, interval=10))
        with serving(few_issues(), flavour, installation=installation, clock=virtual.wall) as (_, url):
            client = connect(credentials(url), clock=virtual.monotonic, sleep=virtual.sleep)
            data = fetch_team_data(client, None, {})
            client.close()
        assert client.counts.calls > len(data.issues) == len(few_issues().issues) > 200
        return client.counts, virtual.seconds

    return fetch


def refusals(caplog):
    return [record for record in caplog.records if getattr(record, "event", "") == "jira.retry"]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_our_own_limit_keeps_a_strict_server_from_refusing(flavour, strict_server, caplog):
    counts, seconds = strict_server(flavour)
    assert refusals(caplog) == []
    assert counts.limit_waits > 0
    assert seconds < 10.3 * (counts.calls // 100)


def test_without_our_own_limit_the_strict_server_refuses(strict_server, caplog, monkeypatch):
    """What the test above would see if the limiter did nothing."""
    monkeypatch.setattr(TokenBucket, "acquire", lambda *_: 0.0)
    strict_server("datacenter")
    assert refusals(caplog)
