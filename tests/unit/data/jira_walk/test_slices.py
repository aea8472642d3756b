"""A search cut by time remembers what is left of it, and goes on from there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.jira_walk.rows import Question
from data.jira_walk.slices import Slices, Span, by_creation
from data.jira_walk.workers import Workers
from tests.jira_sites import connected, plain_issue, plain_site, serving

START = datetime(2025, 3, 3, 9, tzinfo=UTC)
QUESTION = Question("project = PL", ("updated",))


@pytest.fixture(scope="module")
def client():
    site = plain_site([plain_issue(number, START + timedelta(minutes=number)) for number in range(250)])
    with serving(site, "cloud") as (_, url), connected(url) as found:
        yield found


def read(slices, client, workers=3):
    with Workers(client, workers) as pool:
        return [entry["id"] for entries in slices.read(pool, QUESTION) for entry in entries]


def test_spans_share_no_issue_and_lose_none(client, monkeypatch):
    monkeypatch.setattr("data.jira_walk.slices.FEWEST_ISSUES", 10)
    slices = by_creation(client, QUESTION.where, 8)
    assert len(slices.spans) == 8
    found = read(slices, client)
    assert sorted(found) == sorted(str(1000 + number) for number in range(250))
    assert slices.spans == []


def test_few_issues_are_one_span(client):
    assert len(by_creation(client, QUESTION.where, 8).spans) == 1


def test_the_state_in_the_middle_leads_to_the_rest(client):
    slices = Slices("created", [Span(until=START + timedelta(minutes=100)), Span(START + timedelta(minutes=100))])
    with Workers(client, 1) as pool:
        pages = slices.read(pool, QUESTION)
        first = {entry["id"] for entry in next(pages)}
        state = slices.state
        pages.close()
    rest = set(read(Slices.resumed("created", state), client))
    assert first | rest == {str(1000 + number) for number in range(250)}
    assert len(first & rest) <= 1


def test_a_state_says_what_is_left_as_json():
    slices = Slices("updated", [Span(START), Span(None, START)], met=7)
    assert slices.state == {
        "by": "updated",
        "spans": [["2025-03-03T09:00:00Z", None], [None, "2025-03-03T09:00:00Z"]],
        "met": 7,
    }
    again = Slices.resumed("updated", slices.state)
    assert again is not None
    assert again.state == slices.state


@pytest.mark.parametrize(
    "state", [None, {}, {"by": "created", "spans": []}, {"by": "updated"}, {"by": "updated", "spans": [[1], 2]}]
)
def test_a_state_of_another_kind_is_none(state):
    assert Slices.resumed("updated", state) is None
