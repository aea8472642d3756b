"""A site's life goes on by a seed, leaves the traces that Jira leaves, and from any thread."""

import threading

import pytest

from data.demo.clock import VirtualClock
from data.demo.crowd import crowd_site
from data.demo.jira import SimulatedJira
from data.demo.life import Life
from data.demo.store import read_instant
from tests.unit.data.demo.sites import NOW, Asker


def living(seed=5, count=400):
    clock = VirtualClock(NOW)
    jira = SimulatedJira(crowd_site(count, NOW), clock=clock)
    return jira, Life(jira.site, jira.store, clock, seed), clock


def test_a_hundredth_changes_and_a_thousandth_appears_moves_and_vanishes():
    jira, life, clock = living(count=1000)
    clock.sleep(60)
    happened = life.pass_by()
    assert {name: len(ids) for name, ids in vars(happened).items()} == {
        "changed": 10,
        "added": 1,
        "moved": 1,
        "deleted": 1,
        "released": 1,
    }
    gone, moved, added = happened.deleted[0], happened.moved[0], happened.added[0]
    assert jira.store.find(gone) is None
    assert moved in gone or jira.store.find(moved).key != jira.site.issues[int(moved) - 200_000]["key"]
    assert read_instant(jira.store.find(added).fields["created"]) == clock()
    for identity in set(happened.changed) - {gone}:
        assert jira.store.find(identity).instant("updated") == clock()


def test_the_same_seed_does_the_same():
    told = []
    for _ in range(2):
        jira, life, _ = living(seed=11)
        told.append(([vars(life.pass_by()) for _ in range(3)], sorted(record.key for record in jira.store.all())))
    assert told[0] == told[1]


def test_a_change_of_status_is_in_the_history():
    jira, life, _ = living()
    for _ in range(30):
        life.pass_by()
    for record in jira.store.all():
        steps = [item for history in record.histories for item in history["items"] if item["fieldId"] == "status"]
        assert not steps or steps[-1]["to"] == record.fields["status"]["id"]
        identities = [history["id"] for history in record.histories]
        assert len(set(identities)) == len(identities)


def test_a_moved_issue_keeps_its_id_and_is_found_under_both_keys():
    jira, life, _ = living()
    moved = life.pass_by().moved[0]
    before = jira.store.written(moved)[0].key
    now = jira.store.find(moved)
    assert now.key != before
    assert jira.store.find(before) is now
    assert any(item["field"] == "Key" for history in now.histories for item in history["items"])


def test_a_release_becomes_released_without_a_change_of_its_issues():
    jira, life, _ = living()
    released = life.pass_by().released
    listed = Asker(jira).get("/rest/api/3/project/TID/versions").json()
    assert [version["id"] for version in listed if version["released"]] == released


def test_it_goes_on_while_others_read():
    """Every answer given meanwhile is whole: as many issues as there are ids, each once."""
    jira, life, _ = living()
    asker = Asker(jira)
    done = threading.Event()

    def live():
        for _ in range(150):
            life.one_thing()
        done.set()

    thread = threading.Thread(target=live)
    thread.start()
    rounds = 0
    while not done.is_set() or not rounds:
        identities = [
            found["id"]
            for page in asker.walk("created >= -900d", fields=["id"], maxResults=5000)
            for found in page["issues"]
        ]
        assert len(set(identities)) == len(identities) > 300
        rounds += 1
    thread.join()


@pytest.mark.parametrize("seed", range(5))
def test_one_thing_is_one_thing(seed):
    _, life, _ = living(seed)
    for _ in range(20):
        assert sum(len(ids) for ids in vars(life.one_thing()).values()) == 1
