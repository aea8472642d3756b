"""An increment misses no change, wherever the account lives and whatever its clock does, and asks for little."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from data.demo.clock import VirtualClock
from data.demo.faults import Fault, Faults
from data.demo.jira import Installation, SimulatedJira
from data.demo.server import running_server
from data.jira_walk.walk import look_up, walk_changed
from tests.jira_sites import AS_OF, FLAVOURS, connected, few_issues, plain_issue, plain_site, serving
from tests.walking import EVERYTHING, Walked, entries, meanwhile, told, truth

START = datetime(2025, 3, 3, 9, tzinfo=UTC)
ZONES = ("UTC", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Pago_Pago")
CLOCK_CHANGES = (datetime(2025, 11, 2, 6, tzinfo=UTC), datetime(2025, 3, 9, 7, tzinfo=UTC))
REOPENED = {"field": "status", "fieldId": "status", "from": "3", "to": "1", "toString": "To Do"}


def jira_text(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def updated_every(gap, count, start, zone):
    times = [start + gap * number for number in range(count)]
    return plain_site([plain_issue(n, START, updated=jira_text(when)) for n, when in enumerate(times, 1)], zone), times


def changed(client, since, known=None, **options):
    found = Walked()
    return found.take(walk_changed(client, EVERYTHING, since, known=known or {}, skip=found.skip, **options))


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("zone", ZONES)
def test_what_changed_since_is_found_wherever_the_account_lives(flavour, zone):
    site, times = updated_every(timedelta(minutes=7), 40, datetime(2025, 6, 1, tzinfo=UTC), zone)
    with serving(site, flavour) as (_, url), connected(url) as client:
        found = set(changed(client, times[25] + timedelta(seconds=30)).rows)
    wanted = {str(1001 + number) for number in range(26, 40)}
    assert wanted <= found <= wanted | {"1026"}


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("change", CLOCK_CHANGES)
def test_nothing_is_missed_while_the_clock_changes(flavour, change):
    """The hour that comes twice is asked for from its beginning; the hour that never was is never named."""
    start = change - timedelta(minutes=90)
    site, times = updated_every(timedelta(minutes=5), 36, start, "America/New_York")
    with serving(site, flavour) as (_, url), connected(url) as client:
        for since in times[::5]:
            found = set(changed(client, since).rows)
            wanted = {str(1001 + number) for number, when in enumerate(times) if when >= since}
            assert wanted <= found
            early = [when for number, when in enumerate(times) if str(1001 + number) in found and when < since]
            assert all(since - when <= timedelta(minutes=91) for when in early)


def test_histories_are_asked_for_only_where_something_moved():
    with serving(few_issues(), "cloud") as (jira, url), connected(url) as client:
        everything = changed(client, datetime(2020, 1, 1, tzinfo=UTC))
        known = {identity: row["fields"]["updated"] for identity, row in everything.rows.items()}
        jira.arrivals.forget()
        again = changed(client, datetime(2020, 1, 1, tzinfo=UTC), known)
        assert set(again.rows) == set(known)
        assert not [path for path in (arrival.path for arrival in jira.arrivals.log) if "changelog" in path]
        assert not [row for row in again.rows.values() if "changelog" in row]
        one = next(iter(known))
        jira.store.change(one, lambda _: [REOPENED])
        moved = changed(client, AS_OF - timedelta(days=900), known)
        assert [identity for identity, row in moved.rows.items() if "changelog" in row] == [one]
        assert told({one: moved.rows[one]}) == {one: truth(jira)[one]}


def test_an_increment_without_change_is_one_request():
    with serving(few_issues(), "cloud") as (jira, url), connected(url) as client:
        jira.arrivals.forget()
        assert changed(client, AS_OF + timedelta(days=1)).rows == {}
        assert len(jira.arrivals.log) == 1


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_issue_that_changes_during_the_increment_comes_as_it_is_afterwards(flavour):
    """There is no upper bound under which a busy issue could never come."""
    site, _ = updated_every(timedelta(minutes=7), 60, datetime(2025, 6, 1, tzinfo=UTC), "UTC")
    installation = Installation(page_cap=10)
    with serving(site, flavour, installation=installation) as (jira, url), connected(url) as client:
        meanwhile(jira, "/search", 3, lambda: jira.store.change("1002", lambda _: [REOPENED]))
        meanwhile(jira, "/search", 4, lambda: jira.store.change("1055", lambda _: [REOPENED]))
        found = changed(client, datetime(2025, 6, 1, tzinfo=UTC), workers=1)
        assert set(found.rows) == set(truth(jira))
        assert entries(found.rows["1055"]["changelog"]["histories"]) == truth(jira)["1055"]


def test_an_issue_that_is_met_again_in_a_newer_version_comes_again():
    """The search begins anew where Jira forgot its token, and finds at the end what had been met at the beginning."""
    site, _ = updated_every(timedelta(minutes=7), 60, datetime(2025, 6, 1, tzinfo=UTC), "UTC")
    faults = Faults((Fault("expired-token", "search/jql", first=1, skip=3),))
    with (
        serving(site, "cloud", installation=Installation(page_cap=10), faults=faults) as (jira, url),
        connected(url) as client,
    ):
        meanwhile(jira, "/search", 3, lambda: jira.store.change("1002", lambda _: [REOPENED]))
        found = changed(client, datetime(2025, 6, 1, tzinfo=UTC), workers=1)
        assert found.met.count("1002") == 2
        newest = datetime.fromisoformat(found.rows["1002"]["fields"]["updated"])
        assert newest == datetime.fromisoformat(jira.store.find("1002").fields["updated"])
        assert told(found.rows) == truth(jira)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_killed_after_any_page_an_increment_brings_the_rest(flavour, monkeypatch):
    monkeypatch.setattr("data.jira_walk.cloud.ISSUES_AT_ONCE", 20)
    monkeypatch.setattr("data.jira_walk.cloud.BULK_SIZE", 10)
    site, _ = updated_every(timedelta(minutes=7), 60, datetime(2025, 6, 1, tzinfo=UTC), "Asia/Kolkata")
    since = datetime(2025, 6, 1, 1, tzinfo=UTC)
    with serving(site, flavour, installation=Installation(page_cap=10)) as (_, url), connected(url) as client:
        whole = changed(client, since)
        for killed_after in range(1, len(whole.batches) + 1):
            found = Walked()
            walk = walk_changed(client, EVERYTHING, since, known={}, skip=found.skip)
            found.take(itertools.islice(walk, killed_after))
            walk.close()
            state = found.batches[-1].state
            found.take(walk_changed(client, EVERYTHING, since, known={}, state=state, skip=found.skip))
            assert told(found.rows) == told(whole.rows)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_the_index_learns_late_is_found_by_the_overlap(flavour):
    clock = VirtualClock(AS_OF)
    jira = SimulatedJira(
        few_issues(), flavour=flavour, installation=Installation(index_lag=timedelta(minutes=4)), clock=clock
    )
    with running_server(jira) as url, connected(url) as client:
        jira.store.put(plain_issue(77, AS_OF))
        assert "1077" not in changed(client, AS_OF).rows
        clock.sleep(300)
        later = changed(client, clock() - timedelta(minutes=5))
        assert told({"1077": later.rows["1077"]}) == {"1077": truth(jira)["1077"]}


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("refused", [False, True])
def test_issues_are_looked_up_whatever_became_of_them(flavour, refused):
    """Moved is the same id under a new key; out of the query is still there; deleted is not."""
    site = plain_site([plain_issue(number, START + timedelta(hours=number)) for number in range(1, 131)])
    faults = Faults.named("forbidden@issue/bulkfetch") if refused else Faults()
    with serving(site, flavour, faults=faults) as (jira, url), connected(url) as client:
        jira.store.move("1001", "OT-1", {"id": "11", "key": "OT", "name": "Other"})
        jira.store.delete("1002")
        ids = [str(1000 + number) for number in range(1, 131)]
        found = look_up(client, EVERYTHING, [*ids, "999999"])
        assert found["1001"]["key"] == "OT-1"
        assert set(found) == set(ids) - {"1002"}
        assert told(found) == truth(jira)
        without = look_up(client, EVERYTHING, ids[:3], histories=False)
        assert set(without) == {"1001", "1003"}
        assert not any("changelog" in row for row in without.values())
