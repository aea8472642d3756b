"""A cursor is followed to its end, and to no end that is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.demo.faults import Fault, Faults
from data.demo.jira import Installation
from data.errors import IncompleteAnswer, JiraError, QueryRejected
from data.jira_walk.cursors import Cursor, TokenRefused
from tests.jira_sites import connected, plain_issue, plain_site, serving

START = datetime(2025, 3, 3, tzinfo=UTC)
SITE = plain_site([plain_issue(number, START + timedelta(hours=number)) for number in range(1, 31)])
ALL = [str(1000 + number) for number in range(1, 31)]


def followed(*faults, jql="project = PL ORDER BY created ASC, key ASC"):
    options = {"faults": Faults(faults), "installation": Installation(page_cap=10)}
    with serving(SITE, "cloud", **options) as (_, url), connected(url) as client:
        cursor, found = Cursor(client, jql, ("summary",)), []
        while not cursor.ended:
            found += [entry["id"] for entry in cursor.read()]
        return found


def test_every_page_is_read_in_order():
    assert followed() == ALL


def test_a_short_or_empty_page_is_not_the_last():
    assert followed(Fault("short-page", "search"), Fault("empty-page", "search", first=3, skip=1)) == ALL


@pytest.mark.parametrize(
    ("fault", "said"),
    [("repeated-token", "circle"), ("empty-page", "circle"), ("lost-token", "not how to ask")],
)
def test_a_list_of_pages_without_end_is_recognised(fault, said):
    with pytest.raises(IncompleteAnswer, match=said):
        followed(Fault(fault, "search"))


def test_a_walk_longer_than_any_real_one_is_given_up(monkeypatch):
    monkeypatch.setattr("data.jira_walk.cursors.LONGEST_WALK", 2)
    with pytest.raises(IncompleteAnswer, match="did not end"):
        followed(Fault("short-page", "search"))


def test_a_refused_token_is_told_from_a_refused_query():
    with pytest.raises(TokenRefused):
        followed(Fault("expired-token", "search"))
    with pytest.raises(QueryRejected):
        followed(jql="project = NOWHERE")


@pytest.mark.parametrize("fault", ["foreign-json", "not-json", "truncated"])
def test_an_answer_that_is_none_is_an_error(fault):
    with pytest.raises(JiraError):
        followed(Fault(fault, "search"))
