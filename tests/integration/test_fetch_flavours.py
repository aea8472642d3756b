"""Both flavours of Jira, over real HTTP, give the same team its same history, whole."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from data.demo.faults import Faults
from data.demo.jira import Installation
from data.errors import FetchCancelled, IncompleteAnswer, WindowExceeded
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
    assert (data.flavour, data.from_cache, data.account_timezone) == (flavour, False, site.account.timezone)
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


@pytest.mark.parametrize("fault", ["repeated-token", "lost-token", "expired-token"])
def test_a_cloud_walk_that_cannot_be_finished_is_an_error_not_a_part(fault):
    with pytest.raises(IncompleteAnswer):
        read(few_issues(), "cloud", faults=Faults.named(fault))


def test_cloud_histories_split_over_pages_and_batches_are_put_together(monkeypatch):
    monkeypatch.setattr("data.jira_changelogs.ENTRIES_AT_ONCE", 20)
    monkeypatch.setattr("data.jira_changelogs.ISSUES_AT_ONCE", 100)
    site = few_issues()
    with serving(site, "cloud") as (jira, url), connected(url) as client:
        data = fetch_team_data(client, None, {})
    assert fetched(data) == truth(site)
    assert Counter(path for _, path in jira.requests)["/rest/api/3/changelog/bulkfetch"] > 40


def test_cloud_without_any_history_leaves_the_histories_unknown():
    """An empty history would claim that nothing ever happened."""
    data = read(few_issues(), "cloud", faults=Faults.named("without-changelog"))
    assert not [issue for issue in data.issues if "changelog" in issue]
    assert data.skipped == ["Jira delivered no history for any issue"]


def test_data_center_issues_without_history_keep_none():
    data = read(few_issues(), "datacenter", faults=Faults.named("without-changelog"))
    assert data.issues
    assert not [issue for issue in data.issues if "changelog" in issue]


def test_a_small_page_cap_of_the_server_is_followed():
    site = few_issues()
    assert fetched(read(site, "datacenter", installation=Installation(page_cap=37))) == truth(site)


def test_a_data_center_walk_that_stays_short_is_an_error_not_a_part():
    with pytest.raises(IncompleteAnswer, match="Jira counts"):
        read(few_issues(), "datacenter", faults=Faults.named("total-too-large"))


@pytest.mark.parametrize("our_window", [10_000, 120])
def test_a_query_beyond_the_result_window_is_cut_into_slices(monkeypatch, our_window):
    """Also where the server's window is smaller than we know."""
    monkeypatch.setattr("data.jira_search.LARGEST_WINDOW", our_window)
    site = few_issues()
    assert fetched(read(site, "datacenter", installation=Installation(result_window=120))) == truth(site)


def test_slices_meet_exactly_when_the_clock_goes_back():
    """In New York the hour before 2025-11-02 06:00 UTC is repeated; no issue of it is lost or out of place."""
    start = datetime(2025, 11, 2, 3, tzinfo=UTC)
    site = plain_site([plain_issue(number, start + timedelta(minutes=number)) for number in range(1, 361)])
    data = read(site, "datacenter", installation=Installation(result_window=100))
    assert fetched(data) == truth(site)


def test_more_issues_in_one_minute_than_the_window_is_said_plainly():
    site = plain_site([plain_issue(number, datetime(2025, 3, 3, 9, 0, tzinfo=UTC)) for number in range(1, 151)])
    with pytest.raises(WindowExceeded, match="minute"):
        read(site, "datacenter", installation=Installation(result_window=100))


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


def test_slices_keep_the_users_alternatives_together(monkeypatch):
    monkeypatch.setattr("data.jira_search.LARGEST_WINDOW", 2)
    monkeypatch.setattr("data.jira_search.PAGE_SIZE", 2)
    start = datetime(2025, 3, 3, 9, tzinfo=UTC)
    site = plain_site([plain_issue(number, start + timedelta(hours=number)) for number in range(1, 9)])
    data = read(site, "datacenter", "key in (PL-1, PL-2, PL-3) OR key in (PL-7, PL-8)")
    assert {issue["key"] for issue in data.issues} == {"PL-1", "PL-2", "PL-3", "PL-7", "PL-8"}


def test_an_issue_deleted_during_the_walk_costs_no_other():
    """Offset paging shifts when a row goes; the walk notices and goes again."""
    start = datetime(2025, 3, 3, 9, tzinfo=UTC)
    site = plain_site([plain_issue(number, start + timedelta(hours=number)) for number in range(1, 251)])
    with serving(site, "datacenter") as (jira, url), connected(url) as client:

        def delete_one(progress):
            if progress.pages == 1 and progress.stage == "issues":
                jira.store.delete("1005")

        data = fetch_team_data(client, None, {}, progress=delete_one)
    assert {issue["id"] for issue in data.issues} >= {str(1000 + number) for number in range(1, 251) if number != 5}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_progress_counts_up_through_the_stages(flavour):
    told = []
    with serving(few_issues(), flavour) as (_, url), connected(url) as client:
        data = fetch_team_data(client, None, {}, progress=told.append)
    stages = list(dict.fromkeys(progress.stage for progress in told))
    assert stages == ["connecting", "issues", "histories", "versions"]
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
        assert len(jira.requests) == client.counts.calls < 10
