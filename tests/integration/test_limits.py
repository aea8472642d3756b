"""What Jira's limits, quotas and failures do to requests, over HTTP: who waits, for how long, and who is told what."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from data.errors import (
    DeadlinePassed,
    FetchCancelled,
    QuotaSpent,
    RateLimited,
    Unavailable,
)
from data.jira_connection import connect
from data.jira_query_manager import RetryPolicy
from data.jira_requests.ledger import MemoryLedger, SqliteLedger
from data.jira_requests.run import POLL_SECONDS
from tests.jira_sites import credentials
from tests.limiter_crowd import worst_window


def refused(**headers):
    return 429, {name.replace("_", "-"): value for name, value in headers.items()}


def http_date(seconds):
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


YESTERDAY = http_date(-86_400)


@pytest.mark.parametrize("asked_for", ["86400", "1e10", 86_400, 900, "121", "600"])
def test_nobody_waits_for_longer_than_a_request_may_take(script, ask, waits, asked_for):
    """In text as it stands; a number is a date so many seconds from now."""
    client, begun = ask(), datetime.now(UTC)
    script.plan("/status", refused(Retry_After=asked_for if isinstance(asked_for, str) else http_date(asked_for)))
    with pytest.raises(RateLimited) as caught:
        client.for_run(deadline_seconds=1000).get("/status")
    assert waits.clock() == 0
    assert len(script.asked("/status")) == 1
    assert caught.value.status == 429
    assert caught.value.until > begun + timedelta(seconds=60)


@pytest.mark.parametrize("asked_for", ["-1", "soon", "", "nan", YESTERDAY, "0"])
def test_a_wait_that_makes_no_sense_is_a_short_one(script, ask, waits, asked_for):
    client = ask()
    script.plan("/status", refused(Retry_After=asked_for))
    assert client.get("/status") == []
    assert 1 <= waits.clock() <= 21


@pytest.mark.parametrize("least", [7, 2.5, 90])
def test_nobody_comes_back_before_the_wait_is_over(script, ask, least):
    client = ask()
    script.plan("/status", refused(Retry_After=str(least)))
    client.get("/status")
    first, second = script.asked("/status")
    assert least <= second - first <= least + 20
    assert (client.counts.refusals, client.counts.retries) == (1, 1)


def test_a_pause_is_for_its_class_of_addresses_and_for_all_clients(script, ask, waits):
    ledger = MemoryLedger()
    mine, other, strangers = ask(ledger=ledger), ask(ledger=ledger), ask("bob", ledger=ledger)
    script.plan("/search/jql", refused(Retry_After="60"))
    mine.for_run()
    with pytest.raises(RateLimited):
        mine.for_run(deadline_seconds=30).post("/search/jql", {})
    other.get("/status")
    strangers.post("/search/jql", {})
    assert waits.clock() == 0
    other.post("/search/jql", {})
    assert 60 <= waits.clock() <= 80


def test_a_pause_beyond_the_deadline_of_a_run_ends_it_with_the_time_to_come_back(script, ask, waits):
    client, begun = ask(), datetime.now(UTC)
    script.plan("/status", refused(Retry_After="30"))
    with pytest.raises(RateLimited) as caught:
        client.for_run(deadline_seconds=20).get("/status")
    assert waits.clock() == 0
    assert begun + timedelta(seconds=30) <= caught.value.until <= datetime.now(UTC) + timedelta(seconds=50)
    assert client.get("/status") == [], "another run may wait"
    assert waits.clock() >= 30


def test_our_own_limit_does_not_outlast_a_run(ask, waits):
    run = ask().for_run(deadline_seconds=5)
    for _ in range(98):
        run.get("/status")
    with pytest.raises(DeadlinePassed):
        run.get("/status")
    assert waits.clock() == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"RateLimit_Reason": "jira-quota-tenant-based", "Retry_After": "1800"},
        {"RateLimit_Reason": "jira-quota-global-based"},
        {"Retry_After": "3600"},
    ],
)
def test_a_spent_quota_is_known_to_all_processes_of_the_account(script, ask, tmp_path, headers):
    path, waits = tmp_path / "requests.db", script.waits
    mine, other, strangers = (ask(who, ledger=SqliteLedger(path, clock=waits.clock)) for who in ("ann", "ann", "bob"))
    script.plan("/status", refused(**headers))
    with pytest.raises(QuotaSpent) as first:
        mine.get("/status")
    with pytest.raises(QuotaSpent) as second:
        other.post("/search/jql", {})
    assert script.asked("/search/jql") == []
    assert abs(first.value.until - second.value.until) < timedelta(minutes=10)
    assert strangers.get("/status") == []
    waits.sleep(3601)
    assert other.get("/status") == []


def test_near_the_limit_the_rate_is_halved_and_grows_again(script, ask, waits):
    client = ask()
    script.plan("/search/jql", (200, {"X-RateLimit-NearLimit": "true"}))
    for _ in range(101):
        client.post("/search/jql", {})
    assert waits.clock() == pytest.approx(10.25)
    sent = script.asked("/search/jql")
    for _ in range(60):
        client.post("/search/jql", {})
    at = waits.clock()
    assert len([when for when in script.asked("/search/jql") if at - 10 < when <= at]) <= 53
    assert len(sent) == 101


def test_data_centers_bucket_is_kept_to(script, ask, waits):
    """The server says 15 at once and 5 a minute."""
    told = {"X-RateLimit-Limit": "15", "X-RateLimit-FillRate": "5", "X-RateLimit-Interval-Seconds": "60"}
    script.plan("/status", (200, told), times=40)
    client = ask()
    for _ in range(23):
        client.get("/status")
    assert len([when for when in script.asked("/status") if when < 1]) == 15 - 2, "connecting took two"
    assert waits.clock() == pytest.approx(10 * 12, rel=0.05)


def test_a_request_that_travels_for_long_still_fits_into_every_window_at_the_server(script, ask, waits):
    client = ask()
    script.on_the_way.append(lambda: waits.sleep(3))
    for _ in range(250):
        client.get("/status")
    assert worst_window([when for when, _ in script.log]) <= 100


def test_retries_end_when_too_few_answers_come(script, ask):
    """A Jira that fails every other time gets no double load."""
    client, given_up = ask(), 0
    for number in range(60):
        script.plan(f"/issue/{number}", (503, {}))
        try:
            client.get(f"/issue/{number}")
        except Unavailable:
            given_up += 1
    assert given_up > 40
    assert client.counts.retries <= 10 + 60 * 0.1


def test_several_pauses_of_one_request_are_added_up(script, url, waits):
    script.plan("/status", refused(Retry_After="50"), times=5)
    client = connect(
        credentials(url), clock=waits.clock, sleep=waits.sleep, retry=RetryPolicy(uniform=lambda low, _: low)
    )
    with pytest.raises(RateLimited):
        client.get("/status")
    assert waits.clock() == pytest.approx(100)
    assert len(script.asked("/status")) == 3
    client.close()


def test_a_failure_that_cannot_be_tried_again_in_time_is_told_as_it_is(script, url, waits):
    script.plan("/status", (503, {}))
    client = connect(
        credentials(url), clock=waits.clock, sleep=waits.sleep, retry=RetryPolicy(uniform=lambda _, high: high)
    )
    with pytest.raises(Unavailable):
        client.for_run(deadline_seconds=0.5).get("/status")
    client.close()


def test_a_wait_of_any_length_ends_when_the_run_is_cancelled(script, url):
    """It is looked at again after a piece of the wait."""
    slept = []
    client = connect(credentials(url), sleep=slept.append)
    script.plan("/status", refused(Retry_After="60"))
    stopped, heard = threading.Event(), []
    run = client.for_run(cancelled=stopped.is_set, waiting=lambda *told: (heard.append(told), stopped.set()))
    with pytest.raises(FetchCancelled):
        run.get("/status")
    assert slept == [POLL_SECONDS]
    ((seconds, why),) = heard
    assert 60 <= seconds <= 80
    assert why == "Jira asked for a pause"
    client.close()


def test_a_run_inside_a_run_shares_its_counts_and_ends_with_it(ask, waits):
    stopped, inner_stopped = threading.Event(), threading.Event()
    client = ask()
    before = client.counts.calls
    outer = client.for_run(cancelled=stopped.is_set, deadline_seconds=100)
    inner = outer.for_run(cancelled=inner_stopped.is_set)
    inner.get("/status")
    assert (inner.counts.calls, outer.counts.calls, client.counts.calls - before) == (1, 1, 1)
    inner_stopped.set()
    with pytest.raises(FetchCancelled):
        inner.get("/status")
    outer.get("/status")
    waits.sleep(101)
    with pytest.raises(DeadlinePassed):
        outer.for_run(deadline_seconds=500).get("/status")
    stopped.set()
    with pytest.raises(FetchCancelled):
        outer.for_run().get("/status")


def test_threads_share_a_client(script, ask):
    client = ask()
    failed = []

    def work():
        try:
            for _ in range(10):
                client.get("/status")
        except Exception as error:  # noqa: BLE001 - whatever it is, it failed the thread
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(script.asked("/status")) == 80 == client.counts.calls - 2
