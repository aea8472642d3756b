"""A failing site is left alone and probed by one; a spent quota holds for all; retries stay in proportion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.errors import JiraResting, QuotaSpent, Unavailable
from data.jira_requests.circuit_breaker import Site
from data.jira_requests.ledger import MemoryLedger

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


class World:
    """One site seen by several processes, here several `Site`s on one ledger."""

    def __init__(self) -> None:
        self.now = 500.0
        self.ledger = MemoryLedger()
        self.site = self.another()
        self.site.answered(self.now, usefully=True)

    def another(self, account: str = "ann") -> Site:
        return Site(self.ledger, "jira", f"{account} quota", lambda: self.now, self.wall)

    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self.now - 500)

    def fail(self, times: int, site: Site | None = None) -> None:
        for _ in range(times):
            self.now += 1
            (site or self.site).failed(Unavailable(), self.now)

    def rests(self) -> float:
        """Seconds for which the site is left alone."""
        try:
            self.another().check()
        except JiraResting as resting:
            return (resting.until - self.wall()).total_seconds()
        return 0.0


@pytest.fixture
def world():
    return World()


def test_four_failures_in_a_row_change_nothing(world):
    world.fail(4)
    assert world.rests() == 0


def test_the_fifth_failure_in_a_row_ends_the_asking_for_all(world):
    world.fail(3)
    world.fail(2, world.another())
    assert world.rests() == 30
    with pytest.raises(JiraResting, match="Jira is not available at the moment") as caught:
        world.another("bob").enter()
    assert "2026-01-15 12:00:35 UTC" in caught.value.detail, "it says when it is tried again"


def test_an_answer_between_them_begins_the_count_anew(world):
    for _ in range(3):
        world.fail(4)
        world.now += 1
        world.site.answered(world.now, usefully=False)
    assert world.rests() == 0


def test_more_failures_than_answers_among_twenty_end_the_asking(world):
    for _ in range(9):
        world.fail(1)
        world.now += 1
        world.site.answered(world.now, usefully=True)
    world.fail(1)
    assert world.rests() == 0, "ten of nineteen"
    world.fail(1)
    assert world.rests() == 30


def test_requests_that_were_under_way_together_fail_as_one(world):
    """Eight workers that meet one hiccup are no eight failures in a row."""
    asked_at = world.now
    for _ in range(8):
        world.now += 0.1
        world.site.failed(Unavailable(), asked_at)
    assert world.rests() == 0


def test_when_the_rest_is_over_one_request_probes(world):
    world.fail(5)
    world.now += 30
    world.site.enter()
    with pytest.raises(JiraResting):
        world.another().enter()
    world.site.answered(world.now, usefully=True)
    world.another().enter()


def test_a_probe_whose_process_died_is_replaced_after_a_minute(world):
    world.fail(5)
    world.now += 30
    world.site.enter()
    world.now += 59
    assert world.rests() == pytest.approx(1)
    world.now += 1
    world.another().enter()


def test_rests_double_up_to_ten_minutes(world):
    world.fail(5)
    rests = []
    for _ in range(7):
        rests.append(world.rests())
        world.now += rests[-1]
        world.site.enter()
        world.site.failed(Unavailable(), world.now)
    assert rests == [30, 60, 120, 240, 480, 600, 600]


def test_an_old_answer_does_not_end_a_rest(world):
    before = world.now
    world.fail(5)
    world.site.answered(before, usefully=True)
    assert world.rests() == 30


def test_after_a_rest_everything_is_as_new(world):
    world.fail(5)
    world.now += 30
    world.site.enter()
    world.site.answered(world.now, usefully=True)
    world.fail(4)
    assert world.rests() == 0
    world.fail(1)
    assert world.rests() == 30


def test_a_host_that_never_answered_is_not_rested_from(world):
    stranger = Site(world.ledger, "misspelt", "ann quota", lambda: world.now, world.wall)
    world.fail(20, stranger)
    stranger.enter()
    assert not stranger.has_answered()


def test_a_spent_quota_holds_for_its_account_everywhere(world):
    assert world.site.spend_quota(1800) == 1800
    world.now += 600
    with pytest.raises(QuotaSpent) as caught:
        world.another().check()
    assert caught.value.until == NOON + timedelta(seconds=1800)
    assert caught.value.retry_after == 1200
    world.another("bob").check()
    world.now += 1200
    world.another().check()


def test_a_quota_that_names_no_time_is_over_with_the_hour(world):
    world.now += 13 * 60
    assert world.site.spend_quota(None) == 47 * 60


def test_no_quota_is_believed_for_more_than_a_day(world):
    assert world.site.spend_quota(1e10) == 86_400


def test_retries_stay_in_proportion_to_answers(world):
    assert [world.site.may_retry() for _ in range(12)] == [True] * 10 + [False] * 2
    for _ in range(9):
        world.another().answered(world.now, usefully=True)
        world.another().answered(world.now, usefully=False)
    assert not world.site.may_retry()
    world.site.answered(world.now, usefully=True)
    assert (world.site.may_retry(), world.site.may_retry()) == (True, False)
    for _ in range(500):
        world.site.answered(world.now, usefully=True)
    assert [world.site.may_retry() for _ in range(11)] == [True] * 10 + [False], "they do not pile up"
