"""The limiter holds its limit in every window, and waits grow, jitter and never undercut what Jira asks."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import RateLimited, Unavailable
from data.jira_query_manager import RetryPolicy, TokenBucket


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
    sent = []
    lock = threading.Lock()
    tokens = TokenBucket(10, 0.2, guard_seconds=0.0)

    def ask() -> None:
        tokens.acquire()
        with lock:
            sent.append(time.monotonic())

    threads = [threading.Thread(target=ask) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent.sort()
    assert all(later - earlier >= 0.2 - 0.02 for earlier, later in zip(sent, sent[10:], strict=False))


def test_nobody_is_kept_from_reserving_while_another_waits():
    asleep, wake = threading.Semaphore(0), threading.Event()

    def sleep(seconds: float) -> None:
        asleep.release()
        wake.wait(10)

    tokens = TokenBucket(1, 10.0, sleep=sleep)
    tokens.acquire()
    threads = [threading.Thread(target=tokens.acquire) for _ in range(2)]
    for thread in threads:
        thread.start()
    both_wait = asleep.acquire(timeout=5) and asleep.acquire(timeout=5)
    wake.set()
    for thread in threads:
        thread.join()
    assert both_wait


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


def test_a_rate_limit_without_a_time_waits_at_least_a_second():
    assert RetryPolicy(uniform=lambda low, _: low).delay(0, RateLimited()) == 1.0
