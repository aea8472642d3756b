# ruff: noqa: SIM117 - a server stands around what is tried against it
"""Each way in which Jira, or the way to it, fails is named, explained, and carries no secret."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta

import pytest

from data.demo.faults import Faults
from data.demo.jira import Installation
from data.errors import (
    AnonymousAccess,
    ApiRemoved,
    AuthenticationFailed,
    BrokenOff,
    CaptchaRequired,
    IncompleteAnswer,
    NotFound,
    NotJira,
    PermissionDenied,
    QueryRejected,
    RateLimited,
    RedirectedElsewhere,
    RequestRefused,
    SightlineError,
    Unavailable,
    UnboundedQuery,
    Unreachable,
)
from data.jira_simple import fetch_team_data
from tests.jira_sites import AS_OF, FLAVOURS, Waits, connected, explained, few_issues, plain_site, serving

FINAL = [
    ("unauthorized", AuthenticationFailed),
    ("unauthorized-text", AuthenticationFailed),
    ("login-failed", AuthenticationFailed),
    ("scope-mismatch", AuthenticationFailed),
    ("captcha", CaptchaRequired),
    ("captcha-200", CaptchaRequired),
    ("forbidden", PermissionDenied),
    ("forbidden-html", PermissionDenied),
    ("login-page", NotJira),
    ("login-redirect", RedirectedElsewhere),
    ("dead-link", NotFound),
    ("gone", ApiRemoved),
    ("bad-query", QueryRejected),
    ("bad-query-list", QueryRejected),
    ("foreign-json", IncompleteAnswer),
]
PASSING = [
    ("rate-limited", RateLimited),
    ("rate-limited-zero", RateLimited),
    ("rate-limited-silent", RateLimited),
    ("rate-limited-date", RateLimited),
    ("rate-limited-garbage", RateLimited),
    ("rate-limited-html", RateLimited),
    ("rate-limited-tomcat", RateLimited),
    ("unavailable", Unavailable),
    ("unavailable-html", Unavailable),
    ("server-error", Unavailable),
    ("bad-gateway", Unavailable),
    ("gateway-timeout", Unavailable),
    ("empty", BrokenOff),
    ("not-json", BrokenOff),
    ("truncated", BrokenOff),
    ("wrong-length", BrokenOff),
    ("reset", Unreachable),
]
SEARCH = {"cloud": "/search/jql", "datacenter": "/search"}


@pytest.fixture
def token():
    return secrets.token_hex(20)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(("fault", "kind", "times"), [(*one, 1) for one in FINAL] + [(*one, 5) for one in PASSING])
def test_a_failure_is_named_after_it_was_tried_as_often_as_may_help(flavour, fault, kind, *, times, token):
    """Once where it will not pass, five times where it may."""
    faults = Faults.named(f"{fault}@{SEARCH[flavour]}")
    with serving(few_issues(), flavour, faults=faults) as (jira, url), connected(url, token=token) as client:
        with pytest.raises(SightlineError) as caught:
            fetch_team_data(client, None, {})
        assert type(caught.value) is kind
        explained(caught.value, token)
        assert len([path for _, path in jira.requests if path.endswith(SEARCH[flavour])]) == times


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(("fault", "kind"), PASSING)
def test_what_passes_in_time_costs_nothing(flavour, fault, kind):
    faults = Faults.named(f"{fault}@{SEARCH[flavour]}:3")
    with serving(few_issues(), flavour, faults=faults) as (_, url), connected(url) as client:
        data = fetch_team_data(client, None, {})
    assert len(data.issues) == len(few_issues().issues)
    assert client.counts.retries == 3
    assert client.counts.refusals == (3 if kind is RateLimited else 0)
    assert client.counts.waits >= 3


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("login-page", NotJira),
        ("dead-link", NotJira),
        ("foreign-json", NotJira),
        ("empty-server-info", NotJira),
        ("login-redirect", RedirectedElsewhere),
        ("anonymous", AnonymousAccess),
        ("unauthorized", AuthenticationFailed),
        ("captcha", CaptchaRequired),
        ("gone", ApiRemoved),
        ("reset", Unreachable),
        ("bad-query", RequestRefused),
    ],
)
def test_the_first_contact_names_what_is_wrong(fault, kind, token):
    with serving(few_issues(), "cloud", faults=Faults.named(fault)) as (_, url):
        with pytest.raises(kind) as caught, connected(url, token=token):
            pytest.fail("connected to a broken Jira")
        explained(caught.value, token)


def test_an_empty_first_answer_of_the_server_is_asked_for_again():
    with serving(few_issues(), "datacenter", faults=Faults.named("empty-server-info:1")) as (_, url):
        with connected(url) as client:
            assert client.flavour == "datacenter"


def test_a_wrong_token_is_refused_by_both_flavours(token):
    for flavour in FLAVOURS:
        with serving(few_issues(), flavour, token=secrets.token_hex(20)) as (jira, url):
            gateway = f"{url}/ex/jira"
            with pytest.raises(AuthenticationFailed) as caught, connected(url, token=token, gateway_url=gateway):
                pytest.fail("a wrong token connected")
            explained(caught.value, token)
            presented = [path for _, path in jira.requests if path.endswith("/myself")]
            assert len(presented) == (2 if flavour == "cloud" else 1), "each refusal counts towards a CAPTCHA"


def test_a_site_on_this_machine_never_leads_to_the_gateway_outside(token):
    with serving(few_issues(), "cloud", token=secrets.token_hex(20)) as (jira, url):
        with pytest.raises(AuthenticationFailed), connected(url, token=token):
            pytest.fail("a wrong token connected")
        assert [path for _, path in jira.requests] == ["/rest/api/2/serverInfo", "/rest/api/3/myself"]


def test_a_gateway_that_fails_leaves_the_sites_own_refusal(token):
    faults = Faults.named("unavailable@/ex/jira")
    with serving(few_issues(), "cloud", token=secrets.token_hex(20), faults=faults) as (_, url):
        with pytest.raises(AuthenticationFailed), connected(url, token=token, gateway_url=f"{url}/ex/jira"):
            pytest.fail("a wrong token connected")


def test_a_token_that_expires_later_is_noticed_although_cloud_answers_200():
    """Cloud then answers a search with what a stranger may see: nothing."""
    with serving(few_issues(), "cloud") as (jira, url), connected(url) as client:
        jira.faults = Faults.named("anonymous@/search")
        with pytest.raises(AnonymousAccess) as caught:
            fetch_team_data(client, None, {})
    explained(caught.value)


def test_too_many_wrong_logins_end_in_a_captcha(token):
    installation = Installation(captcha_after=2)
    with serving(few_issues(), "datacenter", token=secrets.token_hex(20), installation=installation) as (_, url):
        for kind in (AuthenticationFailed, AuthenticationFailed, CaptchaRequired):
            with pytest.raises(kind), connected(url, token=token):
                pytest.fail("a wrong token connected")


def test_a_wrong_address_on_the_right_host_is_not_jira():
    with serving(few_issues(), "datacenter", installation=Installation(context_path="/jira")) as (_, url):
        with pytest.raises(NotJira) as caught, connected(url.removesuffix("/jira")):
            pytest.fail("connected without the context path")
        assert "/jira" in explained(caught.value)
        with connected(url) as client:
            assert client.site_url.endswith("/jira")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_mistake_in_the_query_is_quoted_in_jiras_own_words(flavour):
    with serving(few_issues(), flavour) as (_, url), connected(url) as client:
        with pytest.raises(QueryRejected, match="universe") as caught:
            fetch_team_data(client, "universe = 42", {})
    explained(caught.value)


def test_cloud_wants_a_bounded_query_and_gets_one():
    """What a user leaves empty is bounded by us; a tautology of the user's own is refused by Jira."""
    with serving(few_issues(), "cloud") as (_, url), connected(url) as client:
        assert fetch_team_data(client, "", {}).issues
        with pytest.raises(UnboundedQuery) as caught:
            client.post("/search/jql", {"jql": "order by created"})
    explained(caught.value)


def test_an_hour_long_quota_is_not_waited_for():
    slept: list[float] = []
    with serving(few_issues(), "cloud", faults=Faults.named("quota@/search")) as (_, url):
        with connected(url, sleep=slept.append) as client, pytest.raises(RateLimited, match="60 minutes") as caught:
            fetch_team_data(client, None, {})
    assert caught.value.retry_after == 3600
    assert slept == []


def test_waits_are_never_shorter_than_asked_for():
    waits = Waits()

    def wall():
        return AS_OF + timedelta(seconds=waits.clock())

    with serving(few_issues(), "cloud", faults=Faults.named("rate-limited@/search:3"), clock=wall) as (jira, url):
        with connected(url, clock=waits.clock, sleep=waits.sleep) as client:
            fetch_team_data(client, None, {})
    assert [arrival.status for arrival in jira.arrivals.log].count(429) == 3
    assert jira.arrivals.early() == []
    assert waits.clock() >= 3 * 2


def test_a_failed_fetch_is_on_record_without_secrets(caplog, token):
    caplog.set_level(logging.INFO)
    with serving(few_issues(), "cloud", faults=Faults.named("gone@/search/jql")) as (_, url):
        with connected(url, token=token) as client, pytest.raises(ApiRemoved):
            fetch_team_data(client, "project = MAR", {})
    (record,) = [record for record in caplog.records if getattr(record, "event", "") == "fetch.failed"]
    assert record.levelno == logging.ERROR
    assert "removed" in record.error
    assert (record.cache_hit, record.data_volume_fetched) == (False, 0)
    assert record.api_calls_made == client.counts.calls - 2


def test_optional_lists_that_are_refused_cost_only_themselves():
    faults = Faults.named("forbidden@/versions", "forbidden@/status", "forbidden@/field")
    with serving(few_issues(), "datacenter", faults=faults) as (_, url), connected(url) as client:
        data = fetch_team_data(client, None, {})
    assert len(data.issues) == len(few_issues().issues)
    assert (data.versions, data.statuses, data.fields) == ([], [], [])
    assert len(data.skipped) >= 3


def test_an_empty_project_is_logged_as_such(caplog):
    with serving(plain_site([]), "cloud") as (_, url), connected(url) as client:
        fetch_team_data(client, None, {})
    assert "The query finds no issue" in caplog.text
