"""Each way in which Jira can fail reaches the page as its own words, and the log as its own record."""

import logging
import secrets
import socket

import pytest

from app import create_app
from configuration.settings import Settings
from data.demo.faults import Faults
from data.demo.jira import Installation
from data.errors import (
    AnonymousAccess,
    ApiRemoved,
    AuthenticationFailed,
    CaptchaRequired,
    NotJira,
    PermissionDenied,
    QueryRejected,
    QuotaSpent,
    RedirectedElsewhere,
    Unreachable,
)
from tests.integration.page_events import body_of, outcome
from tests.jira_sites import AS_OF, credentials, few_issues, serving

CASES = [
    ("unauthorized", AuthenticationFailed),
    ("anonymous", AnonymousAccess),
    ("captcha", CaptchaRequired),
    ("login-page", NotJira),
    ("login-redirect", RedirectedElsewhere),
    ("forbidden@/search/jql", PermissionDenied),
    ("gone@/search/jql", ApiRemoved),
    ("quota@/search/jql", QuotaSpent),
    ("bad-query@/search/jql", QueryRejected),
]


@pytest.mark.parametrize(("fault", "kind"), CASES)
def test_a_failure_of_jira_is_shown_in_its_own_words(fault, kind, tmp_path, caplog):
    token = secrets.token_hex(20)
    with serving(few_issues(), "cloud", faults=Faults.named(fault)) as (_, url), caplog.at_level(logging.ERROR):
        shown = outcome(
            Settings(
                jira=credentials(url, token=token), app_settings_path=tmp_path / "app_settings.json", cache_dir=tmp_path
            )
        )

    assert '"phase":"failed"' in shown
    for part in (kind.title, "Likely cause", "What to do", kind.next_step[:30].split("'")[0].split('"')[0]):
        assert part in shown
    assert token not in shown + caplog.text
    assert [record for record in caplog.records if kind.title in str(getattr(record, "error", ""))]


def test_a_wrong_path_on_the_right_host_is_told_apart_from_a_wrong_host(tmp_path):
    file = tmp_path / "app_settings.json"
    with serving(few_issues(), "datacenter", installation=Installation(context_path="/jira")) as (_, url):
        shown = outcome(
            Settings(jira=credentials(url.removesuffix("/jira")), app_settings_path=file, cache_dir=tmp_path)
        )
    assert NotJira.title in shown

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = credentials(f"http://127.0.0.1:{taken.getsockname()[1]}")
        shown = outcome(Settings(jira=nobody, app_settings_path=file, cache_dir=tmp_path))
    assert Unreachable.title in shown


def test_a_broken_settings_file_is_shown_and_not_overwritten(tmp_path):
    file = tmp_path / "app_settings.json"
    file.write_text("{", encoding="utf-8")
    with serving(few_issues(), "cloud") as (_, url):
        shown = outcome(Settings(jira=credentials(url), as_of=AS_OF, app_settings_path=file, cache_dir=tmp_path))

    assert "The saved settings cannot be used" in shown
    assert file.read_text(encoding="utf-8") == "{"


def test_an_error_nobody_foresaw_is_a_calm_notice_with_a_reference_into_the_log(caplog, tmp_path):
    client = create_app(Settings(cache_dir=tmp_path)).server.test_client()
    with caplog.at_level(logging.ERROR):
        shown = body_of(client, "no-such-page")

    assert "Something went wrong inside Sightline" in shown
    assert "KeyError" not in shown
    assert "Traceback" not in shown
    (record,) = [record for record in caplog.records if record.exc_info]
    assert record.exc_info[0] is KeyError
    assert f"Reference for the log: {record.request_id}" in shown
