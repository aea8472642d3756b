"""What was fetched once is not fetched again for the same question, and never served for another."""

from __future__ import annotations

import copy
import json
import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from configuration.settings import ConfigurationError
from data.cache_manager import CacheInvalidationTrigger
from data.demo.crowd import crowd_site
from data.demo.faults import Faults
from data.demo.jira import Installation, SimulatedJira
from data.demo.life import Life
from data.demo.rate_limit import RateLimit
from data.demo.server import running_server
from data.errors import AuthenticationFailed, RateLimited, Unavailable
from data.jira_connection import connect
from data.jira_query_manager import TokenBucket
from data.jira_requests.budget import Slot
from data.jira_simple import (
    SyncRequest,
    fetch_all_issues,
    fetch_jira_data_with_cache,
    fetch_team_data,
    synchronise,
    team_data,
)
from data.persistence import load_app_settings
from tests.jira_sites import AS_OF, FLAVOURS, connected, credentials, few_issues, serving
from tests.site_truth import Truth
from tests.virtual_time import VirtualTime

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


def test_a_day_later_only_the_changes_are_fetched():
    """What changed, appeared, moved, left or vanished meanwhile is followed, for a fraction of the requests."""
    jira = SimulatedJira(crowd_site(900, AS_OF))
    life = Life(jira.site, jira.store, jira.clock, seed=4)
    with running_server(jira) as url, connected(url) as client:

        def asked_at(moment):
            jira.arrivals.forget()
            issues = fetch_jira_data_with_cache("project = TID", {}, 30, client=client, clock=lambda: moment)
            return issues, len(jira.requests)

        first, requests_of_all = asked_at(NOW)
        assert asked_at(NOW + timedelta(hours=23)) == (first, 0)
        happened = life.pass_by(0.02)
        begun = jira.clock() - timedelta(seconds=1)
        second, requests_of_changes = asked_at(NOW + timedelta(hours=25))
        assert not Truth(jira.store, in_tid).against(second, begun, jira.clock())
    assert requests_of_changes < 0.6 * requests_of_all
    before, after = ({issue["id"]: issue for issue in issues} for issues in (first, second))
    assert set(happened.deleted) & set(before)
    assert not set(happened.deleted) & set(after)
    assert set(before) - set(after) > set(happened.deleted) & set(before), "one has left for another project"
    renewed = [identity for identity in happened.changed if identity in after]
    assert renewed
    assert all(after[identity] != before.get(identity) for identity in renewed)


def in_tid(issue):
    return issue["fields"]["project"]["key"] == "TID"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_is_deleted_does_not_stay_when_something_new_takes_its_place(flavour):
    """The number of issues is the same as before, so counting alone would not notice."""
    jira = SimulatedJira(crowd_site(60, AS_OF), flavour=flavour)
    with running_server(jira) as url, connected(url) as client:

        def keys(moment):
            issues = fetch_jira_data_with_cache(None, {}, 30, client=client, clock=lambda: moment)
            return {issue["key"] for issue in issues}

        assert "TID-5" in keys(NOW)
        jira.store.delete("TID-5")
        jira.store.put({**copy.deepcopy(jira.store.find("TID-6").raw), "id": "777777", "key": "TID-777"})
        later = keys(NOW + timedelta(hours=25))
    assert "TID-777" in later
    assert "TID-5" not in later


def test_a_damaged_copy_is_fetched_again(tmp_path):
    with serving(few_issues(), "cloud") as (jira, url), connected(url) as client:
        first = fetch_jira_data_with_cache(None, {}, 30, client=client)
        (manifest,) = (tmp_path / "cache").glob("*.json")
        manifest.write_bytes(manifest.read_bytes()[:-100])
        asked = len(jira.requests)
        assert fetch_jira_data_with_cache(None, {}, 30, client=client) == first
        assert len(jira.requests) > asked


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_everything_a_fetch_brings_is_kept(flavour, tmp_path):
    with serving(few_issues(), flavour) as (_, url), connected(url) as client:
        fetched = fetch_team_data(client, None, MAPPINGS)
        request = SyncRequest(client.wire.credentials, None, MAPPINGS, tmp_path)
        assert synchronise(request, trigger="command").verdict == "complete"
        other = SyncRequest(credentials(url), None, MAPPINGS, tmp_path)
    kept = team_data(request)
    assert {issue["id"]: issue for issue in kept.issues} == {issue["id"]: issue for issue in fetched.issues}
    for fact in ("versions", "statuses", "fields", "site_url", "account_name", "account_timezone", "flavour", "jql"):
        assert getattr(kept, fact) == getattr(fetched, fact), fact
    assert team_data(other) is None, "another account has its own copy"


def test_a_changed_query_invalidates_the_copy_and_a_changed_period_does_not(tmp_path):
    with serving(few_issues(), "cloud") as (_, url), connected(url) as client:
        fetch_jira_data_with_cache("project = MAR", MAPPINGS, 30, client=client)
    (manifest,) = (tmp_path / "cache").glob("*.json")

    def judged(jql, days=60):
        return CacheInvalidationTrigger().should_invalidate(
            cache_file=manifest, current_jql=jql, current_field_mappings=MAPPINGS, current_time_period=days
        )

    assert judged("project = MAR") is False
    assert judged("project = MAR", days=7) is False
    assert judged("project = OTHER") is True


def test_while_jira_is_down_what_is_kept_serves_on(caplog):
    with serving(few_issues(), "cloud") as (jira, url), connected(url) as client:
        first = fetch_jira_data_with_cache(None, {}, 30, client=client, clock=lambda: NOW)
        jira.faults = Faults.named("unavailable-html")
        for days in (2, 6):
            moment = NOW + timedelta(days=days)
            assert fetch_jira_data_with_cache(None, {}, 30, client=client, clock=lambda at=moment: at) == first
        with pytest.raises(Unavailable):
            fetch_jira_data_with_cache(None, {}, 30, client=client, clock=lambda: NOW + timedelta(days=8))
    assert "fetch.stale_served" in {getattr(record, "event", "") for record in caplog.records}


def test_whoever_is_refused_sees_nothing_that_was_kept():
    with serving(few_issues(), "cloud") as (jira, url), connected(url) as client:
        fetch_jira_data_with_cache(None, {}, 30, client=client, clock=lambda: NOW)
        jira.faults = Faults.named("unauthorized")
        with pytest.raises(AuthenticationFailed):
            fetch_jira_data_with_cache(None, {}, 30, client=client, clock=lambda: NOW + timedelta(days=2))


def test_many_callers_at_once_make_one_fetch():
    with (
        serving(few_issues(), "cloud", installation=Installation(latency=0.02)) as (jira, url),
        connected(url) as client,
    ):
        fetch_all_issues(client=client)
        requests_of_one = len(jira.requests)
        jira.arrivals.forget()
        with ThreadPoolExecutor(24) as pool:
            asked = [pool.submit(fetch_jira_data_with_cache, None, {}, 30, client=client) for _ in range(24)]
        assert len({len(answer.result()) for answer in asked}) == 1
        assert len(jira.requests) <= requests_of_one + 2


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
    (entry,) = (tmp_path / "cache").glob("*.json")
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


@pytest.fixture
def strict_server(monkeypatch):
    """Fetches issue by issue from a server that allows a hundred requests in ten seconds."""
    monkeypatch.setattr("data.jira_walk.cloud.BULK_SIZE", 1)

    def fetch(flavour):
        virtual = VirtualTime(NOW)
        installation = Installation(page_cap=1, rate=RateLimit(limit=100, fill=100, interval=10))
        served = serving(few_issues(), flavour, installation=installation, clock=virtual.wall)
        with served as (jira, url), virtual.standing_for_requests():
            client = connect(credentials(url), clock=virtual.monotonic, sleep=virtual.sleep)
            data = fetch_team_data(client, None, {})
            client.close()
        assert len(jira.requests) > len(data.issues) == len(few_issues().issues) > 200
        return jira.arrivals.log, virtual.monotonic()

    return fetch


def refused(arrivals):
    return [arrival for arrival in arrivals if arrival.status == 429]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_our_own_limit_keeps_a_strict_server_from_refusing(flavour, strict_server):
    arrivals, seconds = strict_server(flavour)
    assert refused(arrivals) == []
    assert seconds > 10.0 * (len(arrivals) // 100 - 1), "without waiting it could not have been polite"


def test_without_our_own_limit_the_strict_server_refuses(strict_server, monkeypatch):
    """What the test above would see if the limiter did nothing."""
    monkeypatch.setattr(TokenBucket, "take", lambda *_: Slot(ticket=0, at=0.0, asked_at=0.0, paused=0.0))
    with pytest.raises(RateLimited):
        strict_server("datacenter")
