"""How much may be asked right now is told as it is, without changing it."""

from __future__ import annotations

import secrets

import pytest

from configuration.settings import JiraCredentials, Secret
from data.errors import Unavailable
from data.jira_connection import _account_name, _site, headroom
from data.jira_query_manager import TokenBucket
from data.jira_requests.budget import ServerRate
from data.jira_requests.ledger import MemoryLedger
from data.jira_requests.run import Run


class World:
    def __init__(self) -> None:
        self.now = 1000.0
        self.ledger = MemoryLedger()
        self.who = JiraCredentials("https://jira.example.com", "ann@example.com", Secret(secrets.token_hex(20)))
        self.bucket = TokenBucket(clock=self.clock, ledger=self.ledger, name=f"{_account_name(self.who)} search")
        self.site = _site(self.who, self.ledger, Run(self.clock, lambda _: None))
        self.site.answered(self.now, usefully=True)

    def clock(self) -> float:
        return self.now

    def told(self):
        return headroom(self.who, self.ledger, self.clock)

    def send(self, times: int) -> None:
        for _ in range(times):
            self.bucket.acquire()


@pytest.fixture
def world():
    return World()


def test_kinds_that_were_never_asked_are_left_out(world):
    assert world.told().rooms == []
    world.send(1)
    assert [room.kind for room in world.told().rooms] == ["search"]


def test_what_was_sent_is_no_longer_left_until_a_period_has_passed(world):
    world.send(30)
    (room,) = world.told().rooms
    assert (room.left, room.capacity, room.paused_seconds) == (70, 100, 0)
    world.now += 10.5
    assert world.told().rooms[0].left == 100


def test_a_pause_leaves_nothing_and_says_how_long(world):
    world.send(1)
    world.bucket.hold(20.0, least=1.0, asked_at=world.now, slower=True)
    (room,) = world.told().rooms
    assert (room.left, room.capacity, room.paused_seconds) == (0, 50, 20)


def test_the_servers_own_bucket_counts_too(world):
    world.send(1)
    world.bucket.follow(ServerRate(limit=50, fill=10, interval=1, remaining=5))
    assert world.told().rooms[0].left == 5


def test_a_site_that_is_left_alone_and_a_spent_quota_are_told(world):
    for _ in range(5):
        world.now += 1
        world.site.failed(Unavailable(), world.now)
    rest = world.told().rest
    assert (rest.rest_seconds, rest.is_recovering, rest.last_failure) == (30, False, Unavailable().title)
    world.now += 31
    assert (world.told().rest.rest_seconds, world.told().rest.is_recovering) == (0, True)
    world.site.spend_quota(90)
    assert world.told().rest.quota_seconds == 90


def test_looking_changes_nothing(world):
    world.send(3)
    before = world.ledger.read(world.bucket._name, repr)
    for _ in range(5):
        world.told()
    assert world.ledger.read(world.bucket._name, repr) == before
