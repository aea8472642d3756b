"""A large site is made up only where it is looked at, and is a site like any other there."""

import copy
import tracemalloc
from datetime import timedelta

import pytest

from data.demo.clock import VirtualClock
from data.demo.crowd import Crowd, crowd_site
from data.demo.jira import SimulatedJira
from data.demo.store import read_instant
from tests.unit.data.demo.sites import NOW, Asker, moves


def crowded(count=200, flavour="cloud", **options):
    return Asker(SimulatedJira(crowd_site(count, NOW), flavour=flavour, clock=VirtualClock(NOW), **options))


def test_issues_differ_and_their_histories_lead_to_where_they_are():
    issues = list(crowd_site(300, NOW).issues)
    assert len({issue["id"] for issue in issues}) == len({issue["key"] for issue in issues}) == 300
    assert {issue["fields"]["project"]["key"] for issue in issues} == {"TID", "SLU"}
    for issue in issues:
        steps = moves(issue)
        assert steps == sorted(steps, key=lambda step: step[0])
        assert [step[1] for step in steps[1:]] == [step[2] for step in steps[:-1]]
        assert steps[-1][2] == issue["fields"]["status"]["name"]
        assert (issue["fields"]["resolution"] is None) == (steps[-1][2] != "Done")
        created, updated = (read_instant(issue["fields"][name]) for name in ("created", "updated"))
        assert created < steps[0][0] <= steps[-1][0] == updated < NOW


def test_most_issues_have_ten_changes_of_status():
    counts = [len(moves(issue)) for issue in crowd_site(500, NOW).issues]
    assert counts.count(10) == 490
    assert set(counts) > {10}


def test_the_same_number_is_always_the_same_issue():
    assert copy.deepcopy(Crowd(50, NOW)[7]) == copy.deepcopy(crowd_site(50, NOW).issues[-43])
    assert [issue["id"] for issue in Crowd(50, NOW)[3:5]] == ["200003", "200004"]
    with pytest.raises(IndexError):
        Crowd(50, NOW)[50]


def test_a_site_of_no_issues_is_refused():
    with pytest.raises(ValueError, match="one or more"):
        crowd_site(0, NOW)


def test_ten_thousand_issues_cost_little_until_they_are_read():
    tracemalloc.start()
    jira = SimulatedJira(crowd_site(10_000, NOW), clock=VirtualClock(NOW))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(jira.store.all()) == 10_000
    assert held < 12_000 * 1024, "about a kilobyte each, where a record written out takes twelve"


@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
def test_it_is_searched_and_shown_like_any_other_site(flavour):
    asker = crowded(flavour=flavour)
    path = "/rest/api/3/search/jql" if flavour == "cloud" else "/rest/api/2/search"
    body = {"jql": "project = SLU ORDER BY created ASC", "fields": ["*all"], "maxResults": 100}
    found = asker.post(path, body).json()["issues"]
    assert len(found) == len([place for place in range(200) if place % 12 == 7])
    assert {"summary", "created", "status", "issuetype"} <= set(found[0]["fields"])


def test_ids_come_five_thousand_a_page():
    pages = crowded(5_200).walk("created >= -900d", fields=["id"], maxResults=5000)
    assert [len(page["issues"]) for page in pages] == [5000, 200]


def test_one_of_them_can_be_changed_and_is_then_written_out():
    asker = crowded()
    record = asker.jira.store.find("TID-1")
    asker.jira.store.change(record.id, lambda raw: raw["fields"].update(summary="Other") or [])
    shown = asker.get("/rest/api/3/issue/TID-1", fields="summary,updated").json()["fields"]
    assert shown["summary"] == "Other"
    assert abs(read_instant(shown["updated"]) - NOW) < timedelta(seconds=1)
