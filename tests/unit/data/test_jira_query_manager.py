"""The limiter holds its limit in every window, and waits grow, jitter and never undercut what Jira asks."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import FetchCancelled, RateLimited, Unavailable
from data.jira_query_manager import RetryPolicy, TokenBucket
from data.jira_requests.ledger import MemoryLedger
from data.jira_requests.run import Run
from tests.patience import PATIENCE_SECONDS, eventually
from tests.shared_time import TimeKeeper


class VirtualTime:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def bucket(time_, capacity=100, period=10.0, guard=0.25):
    return TokenBucket(capacity, period, guard_seconds=guard, clock=time_.clock, sleep=time_.sleep)


def test_a_burst_up_to_the_capacity_waits_for_nothing():
    virtual = VirtualTime()
    tokens = bucket(virtual)
    assert [tokens.acquire() for _ in range(100)] == [0.0] * 100
    assert tokens.acquire() == 10.25


def test_after_a_quiet_period_the_whole_burst_is_there_again():
    virtual = VirtualTime()
    tokens = bucket(virtual)
    for _ in range(100):
        tokens.acquire()
    virtual.sleep(10.25)
    assert [tokens.acquire() for _ in range(100)] == [0.0] * 100


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 8),
    st.floats(0.5, 20),
    st.lists(st.floats(0, 6), min_size=1, max_size=60),
)
def test_no_window_of_one_period_ever_holds_more_than_the_capacity(capacity, period, pauses):
    virtual = VirtualTime()
    tokens = bucket(virtual, capacity, period, guard=0.0)
    sent = []
    for pause in pauses:
        virtual.sleep(pause)
        tokens.acquire()
        sent.append(virtual.now)
    for earlier, later in zip(sent, sent[capacity:], strict=False):
        assert later - earlier >= period - 1e-9


def test_threads_share_one_limit():
    sent, lock, shared = [], threading.Lock(), TimeKeeper(crew=30)
    tokens = TokenBucket(10, 0.2, guard_seconds=0.0, clock=lambda: shared.now, sleep=shared.wait)

    def ask() -> None:
        tokens.acquire()
        with lock:
            sent.append(shared.now)
        shared.leave()

    threads = [threading.Thread(target=ask) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sent) == 30
    assert all(later - earlier >= 0.2 - 1e-9 for earlier, later in zip(sent, sent[10:], strict=False))


def test_nobody_is_kept_from_reserving_while_another_waits():
    asleep, wake, virtual = threading.Semaphore(0), threading.Event(), VirtualTime()

    def sleep(seconds: float) -> None:
        asleep.release()
        wake.wait(PATIENCE_SECONDS)
        virtual.sleep(seconds)

    tokens = TokenBucket(1, 10.0, clock=virtual.clock, sleep=sleep)
    tokens.acquire()
    threads = [threading.Thread(target=tokens.acquire) for _ in range(2)]
    for thread in threads:
        thread.start()
    both_wait = all(asleep.acquire(timeout=PATIENCE_SECONDS) for _ in range(2))
    wake.set()
    for thread in threads:
        thread.join()
    assert both_wait


def test_those_asleep_with_a_slot_notice_a_pause_and_go_in_the_order_of_asking():
    """They sleep in threads of their own, towards slots that a pause then takes from them."""
    shared = TimeKeeper(crew=1 + 6)
    tokens = TokenBucket(4, 0.2, guard_seconds=0.0, clock=lambda: shared.now, sleep=shared.wait)
    went, lock, begun = [], threading.Lock(), shared.now
    for _ in range(4):
        tokens.acquire()

    def ask(number: int) -> None:
        tokens.acquire()
        with lock:
            went.append((number, shared.now))
        shared.leave()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for number, thread in enumerate(threads):
        thread.start()
        eventually(lambda asked=number: tokens._ledger.read("requests", lambda document: document["next"]) == 5 + asked)
    until = begun + 0.6
    assert tokens.hold(0.6, least=0.5, asked_at=begun, slower=False) == (pytest.approx(0.6), True)
    assert tokens.hold(9.0, least=0.1, asked_at=begun, slower=False)[1] is False, "the pause that is on is long enough"
    shared.leave()
    for thread in threads:
        thread.join()
    assert [number for number, _ in went] == list(range(6))
    assert min(when for _, when in went) >= until
    assert went[-1][1] - went[0][1] >= 4 * 0.05, "one by one, not all at once"


def test_whoever_oversleeps_into_a_pause_waits_it_out():
    """The slot came while its owner was still asleep, and so did a pause: the request has not been sent yet."""
    virtual = VirtualTime()

    def oversleep(seconds: float) -> None:
        virtual.sleep(seconds)
        if virtual.now < 1020:
            virtual.sleep(3)
            tokens.hold(30.0, least=30.0, asked_at=virtual.now, slower=False)

    tokens = TokenBucket(1, 10.0, guard_seconds=0.0, clock=virtual.clock, sleep=oversleep)
    tokens.acquire()
    tokens.acquire()
    assert virtual.now == 1000 + 10 + 3 + 30


def test_whoever_is_cancelled_while_asleep_gives_the_slot_back():
    virtual = VirtualTime()
    tokens = bucket(virtual, capacity=1, guard=0.0)
    tokens.acquire()
    with pytest.raises(FetchCancelled):
        tokens.take(Run(virtual.clock, virtual.sleep, cancelled=lambda: virtual.now > 1003))
    assert virtual.now < 1003.5
    tokens.acquire()
    assert virtual.now == pytest.approx(1010), "not a period later"


def test_buckets_of_one_name_on_one_ledger_are_one():
    virtual, ledger = VirtualTime(), MemoryLedger()
    one, same, other = (
        TokenBucket(2, 10.0, guard_seconds=0.0, clock=virtual.clock, sleep=virtual.sleep, ledger=ledger, name=name)
        for name in ("a", "a", "b")
    )
    assert [one.acquire(), same.acquire(), other.acquire(), same.acquire()] == [0.0, 0.0, 0.0, 10.0]


def longest(low: float, high: float) -> float:
    assert low == 0.0
    return high


def test_waits_double_from_one_second_to_thirty_two():
    policy = RetryPolicy(uniform=longest)
    assert [policy.delay(attempt, Unavailable()) for attempt in range(7)] == [1, 2, 4, 8, 16, 32, 32]


def test_jitter_covers_the_whole_wait():
    waits = {RetryPolicy().delay(5, Unavailable()) for _ in range(200)}
    assert len(waits) > 150
    assert min(waits) < 8
    assert 24 < max(waits) <= 32


@pytest.mark.parametrize("asked", [0.0, 1.0, 2.5, 60.0, 3600.0])
def test_what_jira_asks_for_is_the_least_that_is_waited(asked):
    waits = [RetryPolicy().delay(0, RateLimited(retry_after=asked)) for _ in range(50)]
    assert all(max(1.0, asked) <= wait <= max(1.0, asked) + 20.0 for wait in waits)
    assert len(set(waits)) > 25, "clients told the same time must not come back at the same moment"


def test_those_refused_together_come_back_over_twenty_seconds():
    waits = [RetryPolicy().delay(0, RateLimited(retry_after=5.0)) for _ in range(400)]
    assert max(waits) - min(waits) > 15
    assert RetryPolicy(uniform=longest).delay(5, RateLimited(retry_after=5.0)) == 5 + 32


def test_a_rate_limit_without_a_time_waits_at_least_a_second():
    assert RetryPolicy(uniform=lambda low, _: low).delay(0, RateLimited()) == 1.0
