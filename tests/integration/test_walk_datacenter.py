"""A walk over a Data Center: pages that overlap, windows that end, histories that are missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.demo.faults import Faults
from data.demo.jira import Installation
from data.errors import IncompleteAnswer, WindowExceeded
from tests.jira_sites import AS_OF, connected, few_issues, plain_issue, plain_site, serving
from tests.walking import SILENT, START, hourly, meanwhile, read, told, truth, walked


def test_data_center_issues_without_history_are_counted_and_kept():
    found, true, _ = read(few_issues(), "datacenter", faults=Faults.named("without-changelog"))
    assert set(found.rows) == set(true)
    assert found.skipped == {SILENT: len(true)}


def test_data_center_histories_that_lack_for_once_are_asked_for_again():
    found, true, _ = read(few_issues(), "datacenter", faults=Faults.named("without-changelog@/search:1"))
    assert told(found.rows) == true
    assert found.skipped == {}


@pytest.mark.parametrize("cap", [1, 2, 37, 1000])
def test_a_page_cap_of_the_server_is_followed(cap):
    found, true, _ = read(hourly(75), "datacenter", installation=Installation(page_cap=cap))
    assert told(found.rows) == true


@pytest.mark.parametrize("our_window", [10_000, 120])
def test_a_query_beyond_the_result_window_goes_on_from_the_last_minute(monkeypatch, our_window):
    """Also where the server's window is smaller than we know."""
    monkeypatch.setattr("data.jira_walk.offsets.LARGEST_WINDOW", our_window)
    installation = Installation(result_window=120, page_cap=50)
    found, true, _ = read(few_issues(), "datacenter", installation=installation)
    assert told(found.rows) == true
    assert len(found.met) == len(true)
    assert found.batches[-1].expected == len(true)


def test_windows_meet_exactly_when_the_clock_goes_back():
    """In New York the hour before 2025-11-02 06:00 UTC is repeated; no issue of it is lost or doubled."""
    start = datetime(2025, 11, 2, 3, tzinfo=UTC)
    site = plain_site([plain_issue(number, start + timedelta(minutes=number)) for number in range(1, 361)])
    found, true, _ = read(site, "datacenter", installation=Installation(result_window=100, page_cap=40))
    assert told(found.rows) == true
    assert len(found.met) == len(true)


def test_more_issues_in_one_minute_than_the_window_is_said_plainly():
    site = plain_site([plain_issue(number, START) for number in range(1, 151)])
    with pytest.raises(WindowExceeded, match="minute"):
        read(site, "datacenter", installation=Installation(result_window=100, page_cap=50))


def test_a_data_center_walk_that_stays_short_is_an_error_not_a_part():
    with pytest.raises(IncompleteAnswer, match="Jira counts"):
        read(few_issues(), "datacenter", faults=Faults.named("total-too-large"))


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("request_number", [2, 3, 4, 5])
def test_issues_that_go_while_others_come_hide_none(request_number, workers):
    """The total stays the same and the rows shift: only pages that should overlap notice."""
    gone, new = ["1005", "1007", "1011"], [plain_issue(number, AS_OF) for number in (501, 502, 503)]
    with serving(hourly(120), "datacenter", installation=Installation(page_cap=30)) as (jira, url):

        def swap():
            for identity, issue in zip(gone, new, strict=True):
                jira.store.delete(identity)
                jira.store.put(issue)

        meanwhile(jira, "/search", request_number, swap)
        with connected(url) as client:
            found = walked(client, workers=workers)
        there_all_along = set(truth(jira)) - {issue["id"] for issue in new}
    assert set(found.rows) >= there_all_along
    assert len(found.met) == len(set(found.met))


def test_an_unending_coming_and_going_ends_in_an_error_or_in_the_whole():
    """Every page finds the list shifted; each attempt still gets further."""
    with serving(hourly(90), "datacenter", installation=Installation(page_cap=10)) as (jira, url):
        for number in range(2, 40):
            meanwhile(jira, "/search", number, lambda number=number: jira.store.delete(str(1000 + number)))
        with connected(url) as client:
            found = walked(client, workers=1)
        assert set(found.rows) >= set(truth(jira))
