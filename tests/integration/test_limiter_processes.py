"""Threads of several processes before one real server: together they keep to the limit, and use it up.

Their time is one that stands while any of them works: what the server notes is what they decided, at any load.
"""

from __future__ import annotations

import pytest

from tests.limiter_crowd import (
    Crowd,
    Door,
    came_early,
    new_token,
    returns,
    shares,
    standing,
    worst_window,
)
from tests.shared_time import TimeKeeper


def crowd_before(door, processes, threads, seconds, **asking):
    """What is answered to these, once they have ended."""
    keeper = TimeKeeper(processes * threads)
    door.clock = lambda: keeper.now
    with standing(door) as url, keeper.standing() as time:
        return Crowd(url, new_token(), processes, threads, seconds, time=time, **asking).run()


def test_no_window_at_the_server_holds_more_than_the_limit_and_little_less(tmp_path):
    """Three windows of a hundred; nobody is left out."""
    door = Door()
    crowd_before(door, 4, 8, seconds=25.0, ledger=str(tmp_path / "limits.db"))
    arrivals = [when for when, *_ in door.log]
    assert worst_window(arrivals) <= 100
    assert len(arrivals) == 3 * 100
    assert arrivals[200] - arrivals[0] <= 2 * 10.0 / 0.95
    assert len(shares(door, first=0)) == 4 * 8


@pytest.mark.parametrize("together", [False, True], ids=["machines of their own", "one ledger"])
def test_a_herd_refused_at_one_moment_does_not_come_back_as_one(together, tmp_path):
    """The door closes at the first request. Each client is refused once, or with one ledger told by who was."""
    clients, needed = 20, 12
    door = Door(closes_after=1, closed_seconds=20.0)
    ledger = str(tmp_path / "limits.db") if together else None
    answered = crowd_before(door, 2, clients // 2, seconds=3600, requests=needed, ledger=ledger)
    assert len(answered) == clients * needed
    refused = [who for _, who, _, refused in door.log if refused]
    assert 0 < len(refused) == len(set(refused)) <= clients
    assert together or len(refused) == clients
    assert len([who for _, who, *_ in door.log if who]) == clients * needed + len(refused)
    assert came_early(door, together=together) == 0
    assert len(returns(door)) == clients
    assert worst_window(returns(door), 1.0) <= clients * 0.5
