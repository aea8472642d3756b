"""Both flavours of Jira, over real HTTP, give the same team its same history, whole."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from data.demo.faults import Faults
from data.demo.jira import Installation
from data.errors import FetchCancelled
from data.jira_simple import fetch_team_data
from tests.jira_sites import FLAVOURS, connected, few_issues, plain_issue, plain_site, serving, team_site

KEPT = {"status", "resolution", "Flagged"}


def entries(histories):
    """What a history says, whatever its order, form of date and company."""
    return Counter(
        (str(history["id"]), item["field"], item.get("fromString"), item.get("toString"))
        for history in histories
        for item in history.get("items", [])
        if item["field"] in KEPT
    )


def truth(site):
    return {str(issue["id"]): entries(issue["changelog"]["histories"]) for issue in site.issues}


def fetched(data):
    return {issue["id"]: entries(issue["changelog"]["histories"]) for issue in data.issues}


def read(site, flavour, jql=None, mappings=None, *, connecting=None, **options):
    with serving(site, flavour, **options) as (_, url), connected(url, **(connecting or {})) as client:
        return fetch_team_data(client, jql, mappings or {})


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_issue_comes_with_every_change_of_status_resolution_and_flag(flavour):
    site = team_site()
    data = read(site, flavour)
    assert fetched(data) == truth(site)
    assert data.skipped == []
    assert (data.flavour, data.account_timezone) == (flavour, site.account.timezone)
    assert len(data.versions) == len(site.versions)
    global_statuses = {status["id"] for status in site.statuses if "scope" not in status}
    assert {status["id"] for status in data.statuses} >= global_statuses
    assert data.notice is None


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_only_what_the_metrics_read_is_kept(flavour):
    data = read(few_issues(), flavour, mappings={"team": "customfield_10001"})
    assert {name for issue in data.issues for name in issue} == {"id", "key", "fields", "changelog"}
    histories = [history for issue in data.issues for history in issue["changelog"]["histories"]]
    assert {name for history in histories for name in history} == {"id", "created", "items"}
    asked = {name for issue in data.issues for name in issue["fields"]}
    assert {"status", "created", "fixVersions", "issuelinks"} <= asked
    assert not asked & {"description", "comment", "assignee", "reporter", "worklog", "attachment"}


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    "fault",
    ["newest-first", "without-items", "without-author", "without-field-id", "epoch-milliseconds", "epoch-seconds"],
)
def test_histories_in_an_unusual_form_lose_nothing(flavour, fault):
    site = few_issues()
    assert fetched(read(site, flavour, faults=Faults.named(fault))) == truth(site)


@pytest.mark.parametrize("fault", ["short-page", "no-is-last", "null-token", "duplicate-issues", "empty-page:1"])
def test_cloud_pages_in_an_unusual_form_lose_nothing(fault):
    site = few_issues()
    assert fetched(read(site, "cloud", faults=Faults.named(fault))) == truth(site)


def test_cloud_without_any_history_leaves_the_histories_unknown():
    """An empty history would claim that nothing ever happened."""
    data = read(few_issues(), "cloud", faults=Faults.named("without-changelog"))
    assert not [issue for issue in data.issues if "changelog" in issue]
    assert data.skipped == [f"Jira delivered no history of an issue ({len(data.issues)} times)"]


def test_data_center_issues_without_history_keep_none():
    data = read(few_issues(), "datacenter", faults=Faults.named("without-changelog"))
    assert data.issues
    assert not [issue for issue in data.issues if "changelog" in issue]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_empty_project_is_an_answer_that_says_so(flavour):
    data = read(plain_site([]), flavour)
    assert data.issues == []
    assert data.notice is not None
    assert "no issue" in data.notice


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_malformed_issues_are_named_and_the_others_kept(flavour):
    site = few_issues()
    data = read(site, flavour, faults=Faults.named("malformed-issues"))
    assert data.skipped
    assert 0 < len(data.issues) < len(site.issues)
    whole = truth(site)
    assert all(whole[issue_id] == found for issue_id, found in fetched(data).items())


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    ("jql", "numbers"),
    [
        ("key in (PL-1, PL-2) ORDER BY updated DESC", {1, 2}),
        ("order by created", {1, 2, 3}),
        ('labels = "order by luck"', {3}),
        ("key = PL-1 OR key = PL-3", {1, 3}),
        (None, {1, 2, 3}),
        ("  ", {1, 2, 3}),
    ],
)
def test_the_query_is_the_users_and_its_order_ours(flavour, jql, numbers):
    created = datetime(2025, 3, 3, 9, tzinfo=UTC)
    issues = [plain_issue(1, created), plain_issue(2, created), plain_issue(3, created, labels=["order by luck"])]
    data = read(plain_site(issues), flavour, jql)
    assert {issue["key"] for issue in data.issues} == {f"PL-{number}" for number in numbers}


def test_going_on_from_a_minute_keeps_the_users_alternatives_together():
    start = datetime(2025, 3, 3, 9, tzinfo=UTC)
    site = plain_site([plain_issue(number, start + timedelta(hours=number)) for number in range(1, 9)])
    installation = Installation(page_cap=2, result_window=2)
    jql = "key in (PL-1, PL-2, PL-3) OR key in (PL-7, PL-8)"
    data = read(site, "datacenter", jql, installation=installation)
    assert {issue["key"] for issue in data.issues} == {"PL-1", "PL-2", "PL-3", "PL-7", "PL-8"}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_progress_counts_up_through_the_stages(flavour):
    told = []
    with serving(few_issues(), flavour) as (_, url), connected(url) as client:
        data = fetch_team_data(client, None, {}, progress=told.append)
    stages = list(dict.fromkeys(progress.stage for progress in told))
    assert stages == ["connecting", "issues", "versions"]
    for name in ("issues", "pages", "calls"):
        counts = [getattr(progress, name) for progress in told]
        assert counts == sorted(counts)
    assert told[-1].issues == told[-1].expected == len(data.issues)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_cancelled_fetch_asks_no_more(flavour):
    told = []
    with serving(few_issues(), flavour) as (jira, url), connected(url) as client:
        with pytest.raises(FetchCancelled):
            fetch_team_data(client, None, {}, progress=told.append, cancelled=lambda: len(told) >= 4)
        assert len(told) == 4
        assert len(jira.requests) == client.counts.calls <= 10
