"""Where the team's data comes from and is kept, and where its issues link to."""

import json
import pickle
import secrets
from datetime import UTC, datetime

import pytest

from callbacks.team import TeamLoader
from callbacks.team_source import Source
from configuration.settings import JiraCredentials, Secret, Settings
from data.attribution_overrides import OVERRIDES_FILE, Correction, record_correction
from data.configuration_history import VERSIONS_FILE, configuration_versions
from data.demo.clock import VirtualClock
from data.errors import SettingsInvalid
from tests.builders import at
from tests.jira_sites import few_issues, serving
from tests.unit.callbacks.readings import source_of

AS_OF = datetime(2026, 3, 5, 15, 30, tzinfo=UTC)


def of(url):
    return Source(Settings(jira=JiraCredentials(url, None, Secret(secrets.token_hex(20)))))


def test_without_configuration_the_demo_team_comes_through_the_real_client(tmp_path):
    source = Source(Settings(as_of=AS_OF, cache_dir=tmp_path))
    assert source.version() is None
    receipt = source.synchronise("first visit")
    reading = source.reading()

    assert receipt.verdict == "complete"
    assert len(reading.columns.history) > 1000
    assert reading.data.issue_count >= len(reading.columns.history)
    assert reading.data.flavour == "cloud"
    assert reading.rules.waiting_statuses
    assert reading.columns.history.has_history.all()
    assert {room.kind for room in source.headroom().rooms} >= {"rest", "search"}


def test_made_up_worlds_are_never_taken_for_one_another_or_for_a_real_jira(tmp_path):
    clock = VirtualClock(datetime(2026, 3, 5, 23, 0, tzinfo=UTC))
    demo = Source(Settings(cache_dir=tmp_path), clock=clock)
    keys = {demo.request().key, Source(Settings(cache_dir=tmp_path, demo_seed=8), clock=clock).request().key}
    keys.add(source_of("https://demo.atlassian.net", tmp_path, clock).request().key)
    clock.sleep(1800)
    same_day = demo.request().key
    clock.sleep(3600)

    assert len(keys | {demo.request().key}) == 4
    assert same_day in keys


@pytest.mark.parametrize(
    ("configured", "site", "target"),
    [
        ("https://jira.example.com", "https://jira.example.com", "https://jira.example.com"),
        ("http://127.0.0.1:9100", "http://127.0.0.1:9100", "http://127.0.0.1:9100"),
        ("https://jira.example.com", "http://elsewhere.example.com", None),
        ("https://jira.example.com", "javascript:alert(1)", None),
    ],
)
def test_issues_link_to_https_or_to_the_very_address_that_was_configured(configured, site, target):
    assert of(configured).link_target(site) == target


def test_made_up_issues_link_nowhere():
    demo = Source(Settings())

    assert demo.link_target("https://demo.atlassian.net") is None
    assert demo.site_name() == "the demo team"


def test_a_site_is_named_by_its_host():
    assert of("https://jira.example.com/jira").site_name() == "jira.example.com"


def test_what_was_read_serves_again_and_the_teams_own_words_change_the_numbers_without_a_request(tmp_path):
    token = secrets.token_hex(20)
    with serving(few_issues(), "datacenter") as (jira, url):
        settings = Settings(
            jira=JiraCredentials(url, None, Secret(token)), cache_dir=tmp_path, app_settings_path=tmp_path / "own.json"
        )
        source = Source(settings)
        source.synchronise("page")
        asked, first = len(jira.requests), source.version()
        again = Source(settings)
        reading = again.reading()
        (tmp_path / "own.json").write_text(json.dumps({"team_rules": {"waiting_statuses": ["To Do"]}}))

        assert again.version() != first
        assert again.reading().rules.waiting_statuses != reading.rules.waiting_statuses
        assert again.reading().columns.summaries == reading.columns.summaries
        assert len(jira.requests) == asked
        told, when = again.version(), datetime(2026, 1, 1, tzinfo=UTC)
        record_correction(Correction("AB-1", None, "Ada", when, "no deployment did it"), tmp_path / OVERRIDES_FILE)

        assert again.version() != told
        assert again.reading().rules.attribution_overrides == {"AB-1": None}
        assert len(configuration_versions(tmp_path / VERSIONS_FILE)) == 3, "each set of rules that was in force"
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "requests.db"]
    assert all(token.encode() not in path.read_bytes() for path in kept)


def test_what_is_deleted_on_request_stays_away_until_somebody_asks(tmp_path):
    clock = VirtualClock(AS_OF)
    with serving(few_issues(), "cloud") as (_, url):
        source = source_of(url, tmp_path, clock)
        source.synchronise("page")
        left = source.forget()

        assert (left, source.version(), source.is_forgotten()) == (0, None, True)
        source.synchronise("page")
        assert source.version() is not None
        assert not source.is_forgotten()


def test_a_chosen_schedule_is_kept_beside_the_other_settings(tmp_path):
    file = tmp_path / "app_settings.json"
    file.write_text(json.dumps({"team_rules": {"timezone": "UTC"}}))
    source = Source(Settings(cache_dir=tmp_path, app_settings_path=file, schedule_minutes=60))
    assert source.schedule() == 60
    source.choose_schedule(15)

    assert Source(Settings(cache_dir=tmp_path, app_settings_path=file)).schedule() == 15
    assert json.loads(file.read_text())["team_rules"] == {"timezone": "UTC"}
    with pytest.raises(SettingsInvalid):
        source.choose_schedule(7)


def test_another_process_gets_the_source_of_its_environment_and_no_credential(monkeypatch, tmp_path):
    token = secrets.token_hex(20)
    monkeypatch.setenv("JIRA_URL", "https://jira.example.com")
    monkeypatch.setenv("JIRA_TOKEN", token)
    monkeypatch.setenv("SIGHTLINE_CACHE_DIR", str(tmp_path))
    pickled = pickle.dumps(of("https://elsewhere.example.com"))

    assert token.encode() not in pickled
    assert pickle.loads(pickled).settings.jira.url == "https://jira.example.com"  # noqa: S301 - made above


def test_numbers_measured_once_serve_another_process_and_another_start(tmp_path, monkeypatch):
    """What was derived is kept beside the issues, for this state of data, rules, period and program."""
    measured = []
    monkeypatch.setattr(
        "callbacks.team.measure_together", lambda *given: measured.append(given[-1]) or {"days": given[-1]}
    )

    def start():
        source = Source(Settings(cache_dir=tmp_path, app_settings_path=tmp_path / "s.json", as_of=at("2026-01-14")))
        if source.version() is None:
            source.synchronise("page")
        return TeamLoader(source.version, source.reading, as_of=source.settings.as_of, first_period=30).current()

    assert start().results(30) == start().results(30) == {"days": 30}
    assert start().results(90) == {"days": 90}
    assert measured == [30, 90]


def test_a_reading_is_noted_as_the_one_in_use(tmp_path):
    own = tmp_path / "own.json"
    with serving(few_issues(), "cloud") as (_, url):
        credentials = JiraCredentials(url, "reader@example.com", Secret(secrets.token_hex(20)))
        source = Source(Settings(jira=credentials, cache_dir=tmp_path / "cache", app_settings_path=own))
        receipt = source.synchronise("page")
    noted = json.loads(own.read_text())["cache_metadata"]
    assert noted["last_cache_key"] == source.request().key
    assert noted["last_cache_timestamp"] == receipt.ended_at.isoformat().replace("+00:00", "Z")
