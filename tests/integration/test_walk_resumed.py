"""A walk that is killed after any page goes on from there, and with an increment and a sweep the whole is true."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from data.demo.clock import VirtualClock
from data.demo.faults import Faults
from data.demo.jira import Installation, SimulatedJira
from data.demo.life import Life
from data.demo.server import running_server
from data.jira_walk.walk import walk_all, walk_changed, walk_ids
from tests.jira_sites import AS_OF, connected, few_issues, plain_issue, plain_site, serving
from tests.property.effort import FACTOR
from tests.walking import EVERYTHING, Walked, facts, told, true_facts, truth

START = datetime(2025, 3, 3, 9, tzinfo=UTC)
WAYS = {
    "ids first": ("cloud", Faults()),
    "cursors": ("cloud", Faults.named("forbidden@issue/bulkfetch")),
    "pages": ("datacenter", Faults()),
}


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch):
    monkeypatch.setattr("data.jira_walk.cloud.BULK_SIZE", 10)
    monkeypatch.setattr("data.jira_walk.cloud.ISSUES_AT_ONCE", 20)
    monkeypatch.setattr("data.jira_walk.slices.FEWEST_ISSUES", 20)
    monkeypatch.setattr("data.jira_walk.ids.IDS_AT_ONCE", 40)


def some(walked, batches, count):
    """Saves so many batches, and then the process is gone."""
    walked.take(itertools.islice(batches, count))
    batches.close()
    return walked.batches[-1].state if walked.batches else None


@pytest.mark.parametrize("way", WAYS)
def test_killed_after_any_page_a_walk_brings_the_rest_and_nothing_twice(way):
    flavour, faults = WAYS[way]
    site = plain_site([plain_issue(number, START + timedelta(hours=number)) for number in range(1, 96)])
    installation = Installation(page_cap=10)
    with serving(site, flavour, faults=faults, installation=installation) as (jira, url), connected(url) as client:
        first = Walked()
        whole = first.take(walk_all(client, EVERYTHING, skip=first.skip, workers=2))
        assert len(whole.batches) > 8
        for killed_after in range(1, len(whole.batches) + 1):
            found = Walked()
            walk = walk_all(client, EVERYTHING, skip=found.skip, workers=2)
            state = some(found, walk, killed_after)
            found.take(walk_all(client, EVERYTHING, state=state, staged=set(found.rows), skip=found.skip, workers=2))
            assert told(found.rows) == truth(jira)
            assert len(found.met) == len(found.rows)
            assert found.batches[-1].expected == len(found.rows)


@pytest.mark.parametrize("way", WAYS)
def test_a_resumed_walk_reads_little_again(way):
    flavour, faults = WAYS[way]
    site = plain_site([plain_issue(number, START + timedelta(hours=number)) for number in range(1, 96)])
    installation = Installation(page_cap=10)
    with serving(site, flavour, faults=faults, installation=installation) as (jira, url), connected(url) as client:
        first = Walked()
        first.take(walk_all(client, EVERYTHING, skip=first.skip, workers=1))
        whole = len(jira.arrivals.log)
        found = Walked()
        state = some(found, walk_all(client, EVERYTHING, skip=found.skip, workers=1), 8)
        jira.arrivals.forget()
        found.take(walk_all(client, EVERYTHING, state=state, staged=set(found.rows), skip=found.skip, workers=1))
        assert len(jira.arrivals.log) < 0.7 * whole
        assert told(found.rows) == truth(jira)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", range(3 * FACTOR))
def test_kills_and_changes_at_random_end_in_the_truth(way, seed):
    """Whatever happens between the pieces of a full walk, an increment since its first start and a sweep mend it."""
    flavour, faults = WAYS[way]
    random, clock = Random(seed), VirtualClock(AS_OF)  # noqa: S311 - a story, no secret
    installation = Installation(page_cap=random.choice((5, 10, 40)))
    jira = SimulatedJira(few_issues(), flavour=flavour, faults=faults, installation=installation, clock=clock)
    life = Life(jira.site, jira.store, clock, seed)
    with running_server(jira) as url, connected(url) as client:
        there_first = {record.id for record in jira.store.all()}
        state, found = None, Walked()
        for _ in range(4):
            walk = walk_all(
                client, EVERYTHING, state=state, staged=set(found.rows), skip=found.skip, workers=random.choice((1, 3))
            )
            state = some(found, walk, random.randrange(1, 8)) or state
            clock.sleep(random.randrange(200))
            for _ in range(random.randrange(6)):
                life.one_thing()
        found.take(walk_all(client, EVERYTHING, state=state, staged=set(found.rows), skip=found.skip))
        assert set(found.rows) >= there_first & set(truth(jira))

        known = {identity: row["fields"]["updated"] for identity, row in found.rows.items()}
        increment = walk_changed(client, EVERYTHING, AS_OF, known=known, skip=found.skip)
        found.take(increment)
        there = {identity for page in walk_ids(client, EVERYTHING.where) for identity, _ in page}
        kept = {identity: row for identity, row in found.rows.items() if identity in there}
        assert facts(kept) == true_facts(jira)
        assert told(kept) == truth(jira)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "state", [{}, {"by": "created"}, {"created": "never"}, {"spans": [1]}, {"by": "created", "spans": [[5]]}]
)
def test_a_state_that_says_nothing_begins_anew(way, state):
    flavour, faults = WAYS[way]
    site = plain_site([plain_issue(number, START + timedelta(hours=number)) for number in range(1, 31)])
    with serving(site, flavour, faults=faults) as (jira, url), connected(url) as client:
        found = Walked()
        found.take(walk_all(client, EVERYTHING, state=state, skip=found.skip))
        assert told(found.rows) == truth(jira)
