"""Every fault can be switched on, for some paths and some requests, and does what its name says."""

import gzip
import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest

from data.demo.clock import VirtualClock
from data.demo.fault_names import ANSWER_FAULTS, FAULT_NAMES, SHAPE_FAULTS, STORM_FAULTS, WIRE_FAULTS
from data.demo.faults import Fault, Faults, Storm
from tests.unit.data.demo.sites import NOW, Asker, cloud, data_center, errors, issue, keys, numbered

MYSELF = "/rest/api/3/myself"
STATUSES = {
    "unauthorized": 401,
    "unauthorized-text": 401,
    "login-failed": 401,
    "scope-mismatch": 401,
    "captcha": 403,
    "forbidden": 403,
    "forbidden-html": 403,
    "login-page": 200,
    "login-redirect": 302,
    "redirect-plain": 302,
    "redirect-away": 302,
    "dead-link": 404,
    "gone": 410,
    "bad-query": 400,
    "bad-query-list": 400,
    "request-timeout": 408,
    "too-early": 425,
    "rate-limited": 429,
    "rate-limited-past": 429,
    "rate-limited-reset": 429,
    "rate-limited-negative": 429,
    "rate-limited-endless": 429,
    "rate-limited-zero": 429,
    "rate-limited-silent": 429,
    "rate-limited-date": 429,
    "rate-limited-garbage": 429,
    "rate-limited-html": 429,
    "rate-limited-tomcat": 429,
    "quota": 429,
    "unavailable": 503,
    "unavailable-html": 503,
    "server-error": 500,
    "bad-gateway": 502,
    "gateway-timeout": 504,
    "empty": 200,
    "not-json": 200,
    "foreign-json": 200,
    "gzip-bomb": 200,
}
HTML = {
    "captcha",
    "forbidden-html",
    "login-page",
    "dead-link",
    "rate-limited-html",
    "rate-limited-tomcat",
    "unavailable",
    "unavailable-html",
    "bad-gateway",
    "gateway-timeout",
}


def spoiled(*names, path=MYSELF, issues=()):
    return Asker(cloud(*(issues or (issue(1),)), faults=Faults.named(*names))).get(path)


@pytest.mark.parametrize("name", sorted(ANSWER_FAULTS))
def test_a_whole_answer_is_replaced(name):
    answer = spoiled(name)
    assert answer.status == STATUSES[name]
    assert answer.headers.get("Content-Type", "").startswith("text/html") == (name in HTML)


def test_every_fault_that_replaces_an_answer_is_known_here():
    assert set(STATUSES) == set(ANSWER_FAULTS)
    assert len(FAULT_NAMES) == len(SHAPE_FAULTS) + len(ANSWER_FAULTS) + len(WIRE_FAULTS)


def test_a_storm_has_33_faults_any_of_which_can_strike_any_request():
    assert len(set(STORM_FAULTS)) == 33
    assert set(STORM_FAULTS) <= set(FAULT_NAMES)
    asker = Asker(cloud(issue(1), faults=Storm(seed=3, share=0.5)))
    for _ in range(600):
        asker.get(MYSELF)
    struck = [fault for arrival in asker.jira.arrivals.log for fault in arrival.faults]
    assert set(struck) == set(STORM_FAULTS)
    assert 200 < len(struck) < 400


def test_a_storm_can_blow_over():
    asker = Asker(cloud(issue(1), faults=Storm(seed=3, share=1.0, names=("server-error",), most=2)))
    assert [asker.get(MYSELF).status for _ in range(4)] == [500, 500, 200, 200]


def test_error_bodies_come_in_their_variants():
    assert isinstance(spoiled("bad-query").json()["errorMessages"], str)
    assert isinstance(spoiled("bad-query-list").json()["errors"], list)
    assert "errorMessage" in spoiled("server-error").json()
    assert spoiled("scope-mismatch").json() == {"code": 401, "message": "Unauthorized; scope does not match"}
    assert errors(spoiled("login-failed")) == ["Login failed"]
    assert spoiled("empty").body == b""
    with pytest.raises(json.JSONDecodeError):
        spoiled("not-json").json()


def test_waits_are_told_in_their_variants():
    assert spoiled("rate-limited").headers["Retry-After"] == "2"
    assert spoiled("rate-limited").headers["RateLimit-Reason"] == "jira-burst-based"
    assert spoiled("rate-limited-zero").headers["Retry-After"] == "0"
    assert "Retry-After" not in spoiled("rate-limited-silent").headers
    assert parsedate_to_datetime(spoiled("rate-limited-date").headers["Retry-After"]) > NOW
    assert spoiled("quota").headers["Retry-After"] == "3600"
    assert spoiled("quota").headers["X-RateLimit-Reset"] == "2026-03-02T10:00:00Z"
    assert spoiled("unavailable").headers["Retry-After"] == "2"
    assert "Retry-After" not in spoiled("unavailable-html").headers
    assert spoiled("rate-limited-negative").headers["Retry-After"] == "-1"
    assert spoiled("rate-limited-endless").headers["Retry-After"] == "10000000000"
    assert parsedate_to_datetime(spoiled("rate-limited-past").headers["Retry-After"]) < NOW
    only_reset = spoiled("rate-limited-reset").headers
    assert "Retry-After" not in only_reset
    assert only_reset["X-RateLimit-Reset"] == "2026-03-02T09:30:04Z"


def test_redirections_lead_to_a_login_to_plain_http_and_to_another_host():
    assert urlsplit(spoiled("login-redirect").headers["Location"]).path == "/login.jsp"
    assert spoiled("redirect-plain").headers["Location"].startswith("http://marram.example/")
    assert urlsplit(spoiled("redirect-away").headers["Location"]).hostname == "elsewhere.example"


def test_a_small_answer_can_unpack_to_a_huge_one():
    answer = spoiled("gzip-bomb")
    assert len(answer.body) < 100_000
    assert len(gzip.decompress(answer.body)) == 64 * 1024 * 1024


def test_an_issue_asked_for_by_id_can_come_as_a_passing_error():
    asker = Asker(cloud(*numbered(5), faults=Faults.named("bulk-errors:1")))
    first, second = (
        asker.post("/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": ["1001", "1002", "9999"]}).json() for _ in range(2)
    )
    assert ([entry["id"] for entry in first["issueErrors"]], [entry["id"] for entry in first["issues"]]) == (
        ["1001"],
        ["1002"],
    )
    assert (second["issueErrors"], [entry["id"] for entry in second["issues"]]) == ([], ["1001", "1002"])


def test_a_fault_can_be_over_after_some_requests():
    asker = Asker(cloud(issue(1), faults=Faults.named("rate-limited:2")))
    assert [asker.get(MYSELF).status for _ in range(4)] == [429, 429, 200, 200]


def test_a_fault_can_begin_later():
    asker = Asker(cloud(issue(1), faults=Faults((Fault("unavailable", first=1, skip=2),))))
    assert [asker.get(MYSELF).status for _ in range(4)] == [200, 200, 503, 200]


def test_a_fault_can_be_about_one_path_and_counts_only_there():
    asker = Asker(cloud(issue(1), faults=Faults.named("unavailable@/search/jql:1")))
    assert asker.get(MYSELF).status == 200
    assert [asker.search().status for _ in range(2)] == [503, 200]


def test_faults_can_change_while_it_runs():
    asker = Asker(cloud(issue(1)))
    assert asker.get(MYSELF).status == 200
    asker.jira.faults = Faults.named("gone")
    assert asker.get(MYSELF).status == 410
    asker.jira.faults = Faults()
    assert asker.get(MYSELF).status == 200


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("gone", Fault("gone")),
        ("gone:3", Fault("gone", first=3)),
        ("gone@/search", Fault("gone", path="/search")),
        ("gone@/search:3", Fault("gone", path="/search", first=3)),
    ],
)
def test_a_fault_is_written_as_name_path_and_count(text, fault):
    assert Fault.parse(text) == fault


@pytest.mark.parametrize("text", ["no-such-fault", "gone:many", "gone@/x:", ""])
def test_what_is_no_fault_is_refused_with_the_way_out(text):
    with pytest.raises(ValueError, match=r"choose from|should be NAME"):
        Fault.parse(text)


def test_credentials_can_be_ignored_under_a_telling_header():
    asker = Asker(cloud(issue(1), faults=Faults.named("anonymous")))
    answer = asker.search("created >= -900d")
    assert (answer.status, answer.json()["issues"]) == (200, [])
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    assert asker.get(MYSELF).status == 401


def test_a_right_answer_can_say_that_the_login_was_denied():
    answer = spoiled("captcha-200")
    assert (answer.status, answer.json()["accountId"]) == (200, "me")
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATION_DENIED"


def test_a_success_can_warn_of_the_limit():
    assert spoiled("near-limit").headers["X-RateLimit-NearLimit"] == "true"


def test_the_server_can_be_silent_about_itself():
    assert spoiled("empty-server-info", path="/rest/api/2/serverInfo").json() == {}
    assert "deploymentType" not in spoiled("old-server-info", path="/rest/api/2/serverInfo").json()


def test_a_body_can_end_half_way():
    whole = Asker(cloud(issue(1))).get(MYSELF).body
    assert spoiled("truncated").body == whole[: len(whole) // 2]
    assert int(spoiled("wrong-length").headers["Content-Length"]) > len(whole)


@pytest.mark.parametrize("make", [cloud, data_center])
def test_some_issues_of_a_page_can_be_unreadable(make):
    asker = Asker(make(*numbered(40), faults=Faults.named("malformed-issues")))
    answer = (
        asker.search(fields=["summary"])
        if asker.jira.is_cloud
        else asker.post("/rest/api/2/search", {"jql": "", "fields": ["summary"]})
    )
    found = answer.json()["issues"]
    assert len(found) == 40
    readable = [entry for entry in found if isinstance(entry, dict) and "id" in entry and entry.get("fields")]
    assert len(readable) == 34
    kinds = {type(entry) for entry in found}
    assert kinds == {dict, str, type(None)}


def test_every_answer_carries_the_time_of_the_site():
    clock = VirtualClock(NOW)
    asker = Asker(cloud(issue(1), clock=clock))
    clock.sleep(90)
    assert parsedate_to_datetime(asker.get(MYSELF).headers["Date"]) == datetime(2026, 3, 2, 9, 31, 30, tzinfo=UTC)


def test_what_was_asked_is_remembered():
    asker = Asker(cloud(issue(1)))
    keys(asker.search(fields=["summary"]))
    assert asker.jira.requests == [("POST", "/rest/api/3/search/jql")]
