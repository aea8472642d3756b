"""What the environment may say, and what a credential never does."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import secrets
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from configuration.redaction import forget_secret, scrub_text
from configuration.settings import (
    VERSION,
    ConfigurationError,
    JiraCredentials,
    Secret,
    Settings,
    app_settings_path,
    load_settings,
)


@pytest.fixture
def token():
    value = secrets.token_hex(24)
    yield value
    forget_secret(value)
    forget_secret(value, user="ann@example.com")


def environment(token: str, **changes: str) -> dict[str, str]:
    named = {"JIRA_URL": "https://example.atlassian.net", "JIRA_EMAIL": "ann@example.com", "JIRA_TOKEN": token}
    return {name: value for name, value in (named | changes).items() if value}


def test_the_version_is_that_of_the_project():
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION


def test_an_empty_environment_means_the_demo_team_on_loopback():
    settings = load_settings({})
    assert settings == Settings()
    assert (settings.jira, settings.host, settings.port) == (None, "127.0.0.1", 8050)


def test_three_variables_give_credentials(token):
    settings = load_settings(environment(token))
    assert settings.jira == JiraCredentials("https://example.atlassian.net", "ann@example.com", Secret(token))


def test_without_an_email_the_token_is_a_personal_access_token(token):
    jira = load_settings(environment(token, JIRA_EMAIL="", JIRA_URL="https://jira.example.com/jira/")).jira
    assert jira is not None
    assert (jira.email, jira.url) == (None, "https://jira.example.com/jira")


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://Example.atlassian.net/", "https://example.atlassian.net"),
        ("https://example.atlassian.net/jira/software/projects/ABC/boards/1", "https://example.atlassian.net"),
        ("https://jira.example.com:8443/context/", "https://jira.example.com:8443/context"),
        ("https://jira.example.com/jira/browse/ABC-1", "https://jira.example.com/jira"),
        ("https://jira.example.com/secure/Dashboard.jspa?x=1", "https://jira.example.com"),
        ("https://jira.example.com/projects", "https://jira.example.com"),
        ("https://jira.example.com/restful/", "https://jira.example.com/restful"),
        ("http://127.0.0.1:9100", "http://127.0.0.1:9100"),
        ("http://localhost:9100/jira", "http://localhost:9100/jira"),
        ("https://api.atlassian.com/ex/jira/abc", "https://api.atlassian.com/ex/jira/abc"),
    ],
)
def test_the_address_is_normalised(token, given, read):
    jira = load_settings(environment(token, JIRA_URL=given)).jira
    assert jira is not None
    assert jira.url == read


@pytest.mark.parametrize(
    "url",
    [
        "example.atlassian.net",
        "ftp://example.com",
        "https://",
        "https://ann:TOKEN@example.com",
        "https://example.com\\@evil.example",
        "https://[broken",
        "https://example.com:port",
        "http://jira.example.com",
    ],
)
def test_an_address_that_cannot_be_meant_is_refused_with_the_next_step(token, url):
    with pytest.raises(ConfigurationError, match="JIRA_URL") as caught:
        load_settings(environment(token, JIRA_URL=url.replace("TOKEN", token)))
    assert caught.value.next_step
    assert token not in str(caught.value)


def test_plain_http_to_another_machine_needs_to_be_allowed(token):
    settings = load_settings(environment(token, JIRA_URL="http://jira.intern", SIGHTLINE_ALLOW_HTTP="1"))
    assert settings.jira is not None
    assert settings.jira.url == "http://jira.intern"


@pytest.mark.parametrize("forgotten", ["JIRA_URL", "JIRA_TOKEN"])
def test_half_a_configuration_names_what_is_missing(token, forgotten):
    with pytest.raises(ConfigurationError, match=f"{forgotten} is not set"):
        load_settings(environment(token, **{forgotten: ""}))


def test_a_token_pasted_with_a_line_break_is_refused_without_being_shown(token):
    with pytest.raises(ConfigurationError, match="JIRA_TOKEN") as caught:
        load_settings(environment(f"{token}\n{token}"))
    assert token not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2013-07-01T00:00Z", datetime(2013, 7, 1, tzinfo=UTC)),
        ("2022-05-01", datetime(2022, 5, 1, tzinfo=UTC)),
        ("2022-05-01T02:00+02:00", datetime(2022, 5, 1, tzinfo=UTC)),
    ],
)
def test_as_of_is_an_instant_in_utc(text, instant):
    assert load_settings({"SIGHTLINE_AS_OF": text}).as_of == instant


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIGHTLINE_AS_OF", "01.05.2022"),
        ("SIGHTLINE_PORT", "80a"),
        ("SIGHTLINE_PORT", "70000"),
        ("SIGHTLINE_PORT", "²"),
        ("SIGHTLINE_DEMO_SEED", "-1"),
        ("SIGHTLINE_LOG_LEVEL", "LOUD"),
        ("SIGHTLINE_LOG_FORMAT", "xml"),
        ("SIGHTLINE_HOST", "0.0.0.0"),  # noqa: S104 - the point of the test
        ("JIRA_JQL", "x" * 9000),
    ],
)
def test_an_unusable_value_is_refused_by_name(name, value):
    with pytest.raises(ConfigurationError, match=name):
        load_settings({name: value})


def test_being_reachable_from_other_machines_needs_to_be_asked_for():
    settings = load_settings({"SIGHTLINE_HOST": "0.0.0.0", "SIGHTLINE_ALLOW_REMOTE": "1"})  # noqa: S104 - the point of the test
    assert settings.host == "0.0.0.0"  # noqa: S104 - the point of the test


def test_paths_come_from_the_environment(tmp_path):
    given = {"SIGHTLINE_LOG_DIR": str(tmp_path / "l"), "SIGHTLINE_SETTINGS": str(tmp_path / "s.json")}
    settings = load_settings(given)
    assert (settings.log_dir, settings.app_settings_path) == (tmp_path / "l", tmp_path / "s.json")
    assert app_settings_path(given) == tmp_path / "s.json"


def test_a_secret_says_nothing_by_any_of_the_usual_ways_to_text(token):
    credentials = JiraCredentials("https://example.atlassian.net", "ann@example.com", Secret(token))
    told = [
        str(credentials.token),
        repr(credentials),
        f"{credentials.token:>20}",
        str(dataclasses.asdict(credentials)),
        repr(Settings(jira=credentials)),
        repr(copy.deepcopy(credentials)),
    ]
    assert not [text for text in told if token in text]
    assert credentials.token.reveal() == token


def test_a_secret_does_not_become_json_or_a_pickle_by_accident(token):
    for write in (json.dumps, orjson.dumps, pickle.dumps):
        with pytest.raises(TypeError):
            write(Secret(token))
        with pytest.raises(TypeError):
            write({"jira": JiraCredentials("https://example.com", None, Secret(token))})


def test_a_secret_cannot_be_changed(token):
    with pytest.raises(AttributeError):
        Secret(token)._value = "other"


def test_loaded_credentials_are_masked_in_any_text_from_then_on(token):
    load_settings(environment(token))
    assert token not in scrub_text(f"odd syntax /{token}/ here")


def test_level_and_format_of_the_logs_may_be_chosen_in_any_capitals():
    settings = load_settings({"SIGHTLINE_LOG_LEVEL": "debug", "SIGHTLINE_LOG_FORMAT": "ECS"})

    assert (settings.log_level, settings.log_format) == ("DEBUG", "ecs")
    assert (load_settings({}).log_level, load_settings({}).log_format) == ("INFO", "sightline")


def test_how_far_back_and_how_often_to_read_can_be_set():
    settings = load_settings({"SIGHTLINE_HISTORY_DAYS": "365", "SIGHTLINE_SCHEDULE_MINUTES": "60"})
    assert (settings.history_days, settings.schedule_minutes) == (365, 60)
    assert (Settings().history_days, Settings().schedule_minutes) == (None, 0)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SIGHTLINE_HISTORY_DAYS", "0"),
        ("SIGHTLINE_HISTORY_DAYS", "-3"),
        ("SIGHTLINE_HISTORY_DAYS", "a year"),
        ("SIGHTLINE_SCHEDULE_MINUTES", "7"),
        ("SIGHTLINE_SCHEDULE_MINUTES", "hourly"),
    ],
)
def test_a_span_or_schedule_that_cannot_be_meant_is_named(name, text):
    with pytest.raises(ConfigurationError, match=name):
        load_settings({name: text})


def test_the_token_for_deleting_measurements_is_masked_from_then_on(token):
    settings = load_settings({"SIGHTLINE_METRICS_TOKEN": token})

    assert settings.metrics_token == Secret(token)
    assert token not in repr(settings)
    assert token not in scrub_text(f"somebody printed {token} here")


@pytest.mark.parametrize("cut", ["short", "blank", "umlaut"])
def test_a_token_that_can_be_guessed_or_not_be_sent_is_refused_without_being_shown(token, cut):
    given = {"short": token[:15], "blank": f"{token} {token}", "umlaut": f"{token}\u00fc"}[cut]

    with pytest.raises(ConfigurationError, match="SIGHTLINE_METRICS_TOKEN") as refusal:
        load_settings({"SIGHTLINE_METRICS_TOKEN": given})

    assert given not in str(refusal.value)


def webhook_environment(url, key):
    return {"SIGHTLINE_ALERT_WEBHOOK_URL": url, "SIGHTLINE_ALERT_WEBHOOK_SECRET": key}


def test_alerts_are_posted_where_the_environment_says_and_nothing_shows_the_address(token):
    part = secrets.token_hex(12)

    webhook = load_settings(webhook_environment(f"https://hooks.example.com/in/{part}", token)).alert_webhook

    assert webhook is not None
    assert (webhook.url.reveal(), webhook.key.reveal()) == (f"https://hooks.example.com/in/{part}", token)
    assert part not in repr(webhook)
    assert token not in repr(webhook)
    assert scrub_text(f"POST /in/{part} by {token} to hooks.example.com") == (
        "POST /in/[REDACTED] by [REDACTED] to hooks.example.com"
    )
    forget_secret(part)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://localhost:9/x", "http://[::1]:9/x"])
def test_a_receiver_on_this_machine_may_be_reached_unencrypted(url, token):
    assert load_settings(webhook_environment(url, token)).alert_webhook is not None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://hooks.example.com/x", "begins with http://"),
        ("http://127.0.0.1.example.com/x", "begins with http://"),
        ("ftp://hooks.example.com/x", "not an address that begins with https://"),
        ("https://ann:pw@hooks.example.com/x", "holds a user name"),
        ("hooks.example.com/x", "not an address that begins with https://"),
        ("https://", "not an address that begins with https://"),
        ("https://hooks.example.com:99999/", "is not an address"),
        ("", "SIGHTLINE_ALERT_WEBHOOK_URL is not set"),
    ],
)
def test_an_address_that_alerts_cannot_go_to_is_refused(url, words, token):
    with pytest.raises(ConfigurationError) as refused:
        load_settings(webhook_environment(url, token))

    assert words in str(refused.value)


@pytest.mark.parametrize("key", ["", "short"])
def test_alerts_are_not_posted_unsigned(key):
    with pytest.raises(ConfigurationError, match="SIGHTLINE_ALERT_WEBHOOK_SECRET"):
        load_settings(webhook_environment("https://hooks.example.com/x", key))
