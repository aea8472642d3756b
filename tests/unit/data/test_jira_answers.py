"""Whatever shape an answer has, its words are found and its waiting time is read."""

from __future__ import annotations

import json

import pytest
import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import NameResolutionError

from data.errors import AnonymousAccess, BrokenOff, JiraError, NotJira, TooSlow, Unreachable, WindowExceeded
from data.jira_answers import Answer, failure_of, json_of, messages, retry_after

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
        ({"Retry_After": "Thu, 15 Jan 2026 12:00:45 GMT"}, None),
        ({"X_RateLimit_Reset": "2026-01-15T12:03Z", "Date": DATE}, 180.0),
        ({"X_RateLimit_Reset": "2026-01-15T12:03:00.000Z", "Date": DATE}, 180.0),
        ({"Retry_After": "7", "X_RateLimit_Reset": "2026-01-15T12:03Z", "Date": DATE}, 7.0),
        ({"X_RateLimit_Reset": "later", "Date": DATE}, None),
        ({}, None),
    ],
)
def test_the_time_to_wait_is_read_in_all_its_forms(headers, seconds):
    assert retry_after(answer(429, **headers)) == seconds


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
