"""Numbered pages are read whole and in order, from any minute on, whatever size the server allows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.demo.jira import Installation
from data.errors import IncompleteAnswer, WindowExceeded
from data.jira_walk.offsets import OffsetWalk, Search
from data.jira_walk.workers import Workers
from tests.jira_sites import connected, plain_issue, plain_site, serving

START = datetime(2025, 3, 3, tzinfo=UTC)
SITE = plain_site([plain_issue(number, START + timedelta(minutes=number)) for number in range(1, 61)])
ALL = [str(1000 + number) for number in range(1, 61)]


def walked(*, since=None, workers=3, **installation):
    options = {"installation": Installation(**installation)}
    with serving(SITE, "datacenter", **options) as (jira, url), connected(url) as client:
        with Workers(client, workers) as pool:
            pages = list(OffsetWalk(pool, Search("project = PL", ("created", "updated")), since).pages())
        return pages, jira


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("cap", [1, 2, 7, 59, 60, 61])
def test_every_issue_comes_once_in_the_order_of_creation(cap, workers):
    pages, _ = walked(page_cap=cap, workers=workers)
    assert [entry["id"] for page in pages for entry in page.entries] == ALL
    assert {page.total for page in pages} == {60}


def test_each_page_says_how_far_it_is():
    pages, _ = walked(page_cap=10)
    untils = [page.until for page in pages]
    assert untils == sorted(untils)
    assert untils[-1] == START + timedelta(minutes=60)


@pytest.mark.parametrize("minute", [1, 17, 60])
def test_from_a_minute_on_only_the_rest_is_read(minute):
    pages, _ = walked(since=START + timedelta(minutes=minute, seconds=40), page_cap=10)
    assert [entry["id"] for page in pages for entry in page.entries] == ALL[minute - 1 :]


@pytest.mark.parametrize("window", [2, 10, 59])
def test_the_window_is_found_by_asking_and_gone_on_from(window):
    pages, _ = walked(result_window=window, page_cap=20)
    assert [entry["id"] for page in pages for entry in page.entries] == ALL


def test_a_window_is_run_into_once_and_then_known():
    """All pages that were under way at that time may be refused, and none later."""
    _, jira = walked(result_window=10, page_cap=5, workers=1)
    refused = [number for number, arrival in enumerate(jira.arrivals.log) if arrival.status == 500]
    assert len(refused) <= 8
    assert len(jira.arrivals.log) - refused[-1] > 10


def test_a_window_that_shows_nothing_new_is_said_plainly():
    """Through a window of one issue, the minute of the first shows the first again."""
    with pytest.raises(WindowExceeded):
        walked(result_window=1)


def test_a_walk_longer_than_any_real_one_is_given_up(monkeypatch):
    monkeypatch.setattr("data.jira_walk.offsets.LONGEST_WALK", 3)
    with pytest.raises(IncompleteAnswer, match="did not end"):
        walked(page_cap=10)


def test_a_small_result_is_one_request():
    _, jira = walked()
    assert sum(path.endswith("/search") for _, path in jira.requests) == 1
