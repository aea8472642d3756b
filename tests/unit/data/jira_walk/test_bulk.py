"""Of issues asked for by their ids every one comes, or a reason why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.demo.faults import Faults
from data.errors import IncompleteAnswer
from data.jira_walk.bulk import GONE, BulkRefused, listed, read_issues
from data.jira_walk.rows import Page
from tests.jira_sites import connected, plain_issue, plain_site, serving

IDS = [str(1000 + number) for number in range(1, 31)]
SITE = plain_site(
    [plain_issue(number, datetime(2025, 3, 3, tzinfo=UTC) + timedelta(hours=number)) for number in range(1, 31)]
)


def read(ids, *faults, gone=()):
    with serving(SITE, "cloud", faults=Faults.named(*faults)) as (jira, url), connected(url) as client:
        for identity in gone:
            jira.store.delete(identity)
        return read_issues(client, ("summary",), ids)


def test_they_come_in_the_order_of_asking():
    page = read(IDS[::-1])
    assert [row["id"] for row in page.rows] == IDS[::-1]
    assert (page.skipped, page.answers) == ([], 1)


def test_the_missing_are_asked_for_once_more_and_then_counted():
    page = read([*IDS, "77", "78"], gone=["1004"])
    assert len(page.rows) == 29
    assert page.skipped == [GONE] * 3
    assert page.answers == 2


def test_what_was_unreadable_for_once_is_read_after_all():
    page = read(IDS, "malformed-issues@bulkfetch:1")
    assert len(page.rows) == 30
    assert all(row["fields"] for row in page.rows)
    assert page.skipped == []


def test_what_stays_unreadable_is_kept_without_fields_or_counted():
    page = read(IDS, "malformed-issues")
    assert len(page.rows) + len(page.skipped) == 30
    assert [row["id"] for row in page.rows if row["fields"] is None]


@pytest.mark.parametrize("fault", ["forbidden", "gone", "dead-link", "bad-query"])
def test_a_refusal_is_told_from_a_failure(fault):
    with pytest.raises(BulkRefused):
        read(IDS, f"{fault}@bulkfetch")


def test_many_listed_issues_of_which_none_is_there_are_not_believed():
    with pytest.raises(IncompleteAnswer):
        listed(Page(), IDS)
    assert listed(Page(), IDS[:5]) == Page()
