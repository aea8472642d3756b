"""Where the team's data comes from, and where its issues link to."""

import secrets
from datetime import UTC, datetime

import pytest

from callbacks.team_source import link_target, reader, site_name
from configuration.settings import JiraCredentials, Secret, Settings
from data.demo.jira import SimulatedJira
from data.demo.server import running_server
from data.demo.team import demo_site

AS_OF = datetime(2026, 3, 5, 15, 30, tzinfo=UTC)


def settings(url):
    return Settings(jira=JiraCredentials(url, None, Secret(secrets.token_hex(20))))


def test_without_configuration_the_demo_team_comes_through_the_real_client():
    told = []
    reading = reader(Settings(as_of=AS_OF), kept=True)(told.append)

    assert len(reading.data.issues) > 1000
    assert reading.data.flavour == "cloud"
    assert {progress.stage for progress in told} >= {"issues", "histories"}
    assert reading.rules.waiting_statuses
    assert all("changelog" in issue for issue in reading.data.issues)


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
    assert link_target(settings(configured), site) == target


def test_made_up_issues_link_nowhere():
    assert link_target(Settings(), "https://demo.atlassian.net") is None
    assert site_name(Settings(), "https://demo.atlassian.net") == "the demo team"


def test_a_site_is_named_by_its_host():
    assert site_name(settings("https://jira.example.com/jira"), "https://jira.example.com/jira") == "jira.example.com"


def test_what_was_read_serves_again_until_somebody_asks_for_newer_data(tmp_path):
    """The second start asks Jira nothing; reading anew asks again, and nothing kept holds the token."""
    token = secrets.token_hex(20)
    jira = SimulatedJira(demo_site(7, AS_OF), flavour="datacenter", clock=lambda: AS_OF)
    with running_server(jira) as url:
        credentials = JiraCredentials(url, None, Secret(token))
        configured = Settings(jira=credentials, cache_dir=tmp_path, app_settings_path=tmp_path / "none.json")
        first = reader(configured, kept=True)(lambda _progress: None)
        asked = len(jira.requests)
        second = reader(configured, kept=True)(lambda _progress: None)
        asked_for_second = len(jira.requests) - asked
        third = reader(configured, kept=False)(lambda _progress: None)

    assert (first.data.from_cache, second.data.from_cache, third.data.from_cache) == (False, True, False)
    assert asked_for_second == 0 < asked
    assert second.data.issues == first.data.issues
    assert all(token not in path.read_text(encoding="utf-8") for path in tmp_path.iterdir() if path.is_file())
