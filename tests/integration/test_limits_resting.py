"""A Jira that keeps failing is left alone, by all clients together, and probed ever less often."""

from __future__ import annotations

from itertools import pairwise

import pytest

from data.errors import (
    AuthenticationFailed,
    JiraResting,
    RateLimited,
    Unavailable,
    Unreachable,
)
from data.jira_connection import connect
from data.jira_requests.ledger import MemoryLedger
from tests.jira_sites import credentials


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504])
def test_five_failures_in_a_row_open_the_breaker_for_all(script, ask, waits, status):
    ledger = MemoryLedger()
    client, other = ask(ledger=ledger), ask("bob", ledger=ledger)
    script.plan("/status", (status, {}), times=5)
    with pytest.raises(Unavailable) as caught:
        client.get("/status")
    assert caught.value.status == status
    assert 0 < waits.clock() <= 1 + 2 + 4 + 8
    before = len(script.log)
    with pytest.raises(JiraResting):
        other.get("/myself")
    at = waits.clock()
    for _ in range(150):
        with pytest.raises(JiraResting):
            other.get("/status")
    assert len(script.log) == before, "nothing is asked meanwhile"
    assert waits.clock() == at, "nor is a slot waited for"
    waits.sleep(30)
    assert other.get("/myself")
    assert client.get("/status") == []


def test_while_one_request_probes_the_others_go_on_resting(script, ask, waits):
    ledger, met = MemoryLedger(), []
    client, other = ask(ledger=ledger), ask("bob", ledger=ledger)
    script.plan("/status", (503, {}), times=5)
    with pytest.raises(Unavailable):
        client.get("/status")
    waits.sleep(30)

    def ask_as_well():
        try:
            other.get("/myself")
        except JiraResting:
            met.append(other.counts.calls)

    script.on_the_way.append(ask_as_well)
    assert client.get("/status") == []
    assert met == [2], "it had asked nothing since it connected"
    assert other.get("/myself")


def test_while_jira_is_down_it_is_probed_ever_less_often(script, ask, waits):
    client = ask()
    script.plan("/status", (503, {}), times=1000)
    for _ in range(3600):
        with pytest.raises(Unavailable):
            client.get("/status")
        waits.sleep(1)
    probes = script.asked("/status")[5:]
    gaps = [later - earlier for earlier, later in pairwise(probes)]
    assert min(gaps) >= 30
    assert gaps[-1] >= 600
    assert len(probes) <= 10


@pytest.mark.parametrize(("status", "kind"), [(401, AuthenticationFailed), (429, RateLimited)])
def test_what_is_no_failure_of_jira_does_not_open_the_breaker(script, ask, status, kind):
    client = ask()
    script.plan("/status", (status, {"Retry-After": "599"}), times=30)
    for _ in range(30):
        with pytest.raises(kind):
            client.get("/status")
    assert client.post("/search/jql", {}) == []


def test_a_host_that_has_never_answered_is_named_as_such_every_time(waits):
    ledger = MemoryLedger()
    for _ in range(8):
        with pytest.raises(Unreachable, match="refuses the connection"):
            connect(credentials("http://127.0.0.1:9"), clock=waits.clock, sleep=waits.sleep, ledger=ledger)
    assert waits.clock() == 0
