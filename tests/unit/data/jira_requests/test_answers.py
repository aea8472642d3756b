"""Whatever shape an answer has, its words are found and its waiting time is read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import NameResolutionError

from data.errors import (
    AnonymousAccess,
    BrokenOff,
    JiraError,
    NotJira,
    QuotaSpent,
    RateLimited,
    TooSlow,
    Unavailable,
    Unreachable,
    WindowExceeded,
)
from data.jira_requests.answers import Answer, failure_of, is_near_limit, json_of, messages, retry_after, server_rate
from data.jira_requests.budget import ServerRate

DATE = "Thu, 15 Jan 2026 12:00:00 GMT"


def answer(status=200, body=b"{}", path="/rest/api/3/search/jql", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, CaseInsensitiveDict({"Content-Type": "application/json"} | named), body, path)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"errorMessages": ["one", "two"], "errors": {}}, "one two"),
        ({"errorMessages": ["one"], "warningMessages": []}, "one"),
        ({"errorMessages": "plain"}, "plain"),
        ({"errorMessages": [], "errors": {"jql": "is wrong"}}, "jql: is wrong"),
        ({"errors": ["listed"]}, "listed"),
        ({"errors": [{"message": "nested"}]}, "nested"),
        ({"message": "Gone.", "status-code": 404}, "Gone."),
        ({"errorMessage": "single"}, "single"),
        ({"error": "invalid_grant", "error_description": "Unknown token."}, "Unknown token. invalid_grant"),
        ({"code": 401, "message": "Unauthorized"}, "Unauthorized"),
        ({"errorMessages": None, "errors": None}, ""),
        (None, ""),
        ([], ""),
        (42, ""),
    ],
)
def test_the_words_of_every_error_body_are_found(body, text):
    assert messages(json.dumps(body).encode()) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", ""),
        (b"XSRF check failed", "XSRF check failed"),
        (b"<html><head><title> Oops </title></head><body>long</body></html>", "Oops"),
        (b"<h1>no title</h1>", ""),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"[" * 200_000, None),
    ],
)
def test_a_body_that_is_no_json_is_quoted_only_where_it_is_plain(body, text):
    found = messages(body)
    assert text is None or found == text


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "30"}, 30.0),
        ({"Retry_After": "0"}, 0.0),
        ({"Retry_After": "-5"}, 0.0),
        ({"Retry_After": "2.5"}, 2.5),
        ({"Retry_After": "inf"}, None),
        ({"Retry_After": "nan"}, None),
        ({"Retry_After": "1e400"}, None),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "Thu, 15 Jan 2026 12:00:45 GMT", "Date": DATE}, 45.0),
        ({"Retry_After": "Thu, 15 Jan 2026 11:00:00 GMT", "Date": DATE}, 0.0),
        ({"X_RateLimit_Reset": "2026-01-15T12:03Z", "Date": DATE}, 180.0),
        ({"X_RateLimit_Reset": "2026-01-15T12:03:00.000Z", "Date": DATE}, 180.0),
        ({"Retry_After": "7", "X_RateLimit_Reset": "2026-01-15T12:03Z", "Date": DATE}, 7.0),
        ({"X_RateLimit_Reset": "later", "Date": DATE}, None),
        ({}, None),
    ],
)
def test_the_time_to_wait_is_read_in_all_its_forms(headers, seconds):
    assert retry_after(answer(429, **headers)) == seconds


def test_a_date_from_a_server_that_tells_no_time_is_measured_by_our_own_clock():
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True)
    seconds = retry_after(answer(429, Retry_After=until))
    assert seconds is not None
    assert 500 < seconds <= 600


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (429, {}, RateLimited),
        (429, {"Retry_After": "600"}, RateLimited),
        (429, {"Retry_After": "3600"}, QuotaSpent),
        (429, {"Retry_After": "1e10"}, QuotaSpent),
        (429, {"Retry_After": "-1"}, RateLimited),
        (429, {"Retry_After": "5", "RateLimit_Reason": "jira-burst-based"}, RateLimited),
        (429, {"Retry_After": "5", "RateLimit_Reason": "jira-quota-tenant-based"}, QuotaSpent),
        (429, {"RateLimit_Reason": "jira-quota-global-based"}, QuotaSpent),
        (503, {"Retry_After": "5"}, Unavailable),
    ],
)
def test_a_spent_quota_is_told_from_a_moment_of_too_many_requests(status, headers, kind):
    with pytest.raises(JiraError) as caught:
        json_of(answer(status, b"", **headers))
    assert type(caught.value) is kind


TOLD = {"X_RateLimit_Limit": "15", "X_RateLimit_FillRate": "5", "X_RateLimit_Interval_Seconds": "60"}


@pytest.mark.parametrize(
    ("headers", "rate"),
    [
        (TOLD, ServerRate(15, 5, 60)),
        (TOLD | {"X_RateLimit_Remaining": "7"}, ServerRate(15, 5, 60, 7)),
        (TOLD | {"X_RateLimit_Remaining": "0"}, ServerRate(15, 5, 60, 0)),
        (TOLD | {"X_RateLimit_Remaining": "many"}, ServerRate(15, 5, 60)),
        (TOLD | {"X_RateLimit_FillRate": "0"}, None),
        (TOLD | {"X_RateLimit_Interval_Seconds": "-1"}, None),
        (TOLD | {"X_RateLimit_Limit": "nan"}, None),
        (TOLD | {"X_RateLimit_Limit": "inf"}, None),
        ({"X_RateLimit_Limit": "350", "X_RateLimit_Remaining": "349"}, None),
        ({}, None),
    ],
)
def test_the_bucket_of_data_center_is_read_where_it_is_told_whole(headers, rate):
    assert server_rate(answer(200, **headers)) == rate


@pytest.mark.parametrize(("told", "near"), [("true", True), ("True", True), ("false", False), ("", False)])
def test_cloud_says_when_its_limit_is_near(told, near):
    assert is_near_limit(answer(200, X_RateLimit_NearLimit=told)) is near


def test_sound_json_passes():
    assert json_of(answer(body=b'{"issues": []}')) == {"issues": []}
    assert json_of(answer(body=b"[]", X_Seraph_LoginReason="OK")) == []


def test_a_200_for_a_stranger_is_not_taken_for_an_answer():
    with pytest.raises(AnonymousAccess):
        json_of(answer(body=b'{"issues": []}', X_Seraph_LoginReason="AUTHENTICATED_FAILED"))


def test_a_400_for_a_stranger_is_about_the_token_not_the_query():
    body = json.dumps({"errorMessages": ["The value 'AB' does not exist for the field 'project'."]}).encode()
    with pytest.raises(AnonymousAccess):
        json_of(answer(400, body, X_Seraph_LoginReason="AUTHENTICATED_FAILED"))


def test_html_is_recognised_whatever_it_claims_to_be():
    with pytest.raises(NotJira, match="Log in"):
        json_of(answer(body=b"  <!DOCTYPE html><title>Log in</title>"))
    with pytest.raises(NotJira):
        json_of(answer(body=b"hello", Content_Type="text/plain"))


def test_json_cut_short_is_broken_off():
    with pytest.raises(BrokenOff):
        json_of(answer(body=b'{"issues": ['))


def test_the_result_window_is_not_an_outage():
    body = json.dumps({"errorMessages": ["Search limit exceeded. It requests 10,100 results."]}).encode()
    with pytest.raises(WindowExceeded):
        json_of(answer(500, body))


@pytest.mark.parametrize("status", [*range(300, 309), *range(400, 420), 425, 429, 451, *range(500, 512), 599])
def test_every_status_that_is_no_success_is_a_named_error_with_its_status(status):
    with pytest.raises(JiraError) as caught:
        json_of(answer(status, b""))
    assert caught.value.status == status


def test_an_unknown_name_is_told_from_a_broken_connection():
    unknown = requests.ConnectionError(NameResolutionError("jira.invalid", None, OSError("unknown")))  # type: ignore[arg-type]
    assert "No machine is known by the name jira.invalid" in str(failure_of(unknown, "jira.invalid"))
    assert type(failure_of(requests.ConnectionError("reset"), "jira.invalid")) is Unreachable
    assert type(failure_of(requests.ConnectionError("Read timed out."), "jira.invalid")) is TooSlow
    assert "proxy" in failure_of(requests.exceptions.ProxyError("x"), "jira.invalid").detail
