"""Threads of several processes before one real server: together they keep to the limit, and use it up."""

from __future__ import annotations

import pytest

from tests.limiter_crowd import (
    Crowd,
    Door,
    came_early,
    new_token,
    retries_by_second,
    shares,
    standing,
    worst_window,
)
from tests.property.effort import FACTOR

SPEED = 5.0


def test_no_window_at_the_server_holds_more_than_the_limit_and_little_less(tmp_path):
    """Three windows of a hundred, in a fifth of the time; nobody is left out."""
    door = Door(speed=SPEED)
    with standing(door) as url:
        Crowd(url, new_token(), 4, 8, seconds=25.0, speed=SPEED, ledger=str(tmp_path / "limits.db")).run()
    arrivals = [when for when, *_ in door.log]
    assert worst_window(arrivals) <= 100
    assert len(arrivals) > 200
    assert arrivals[200] - arrivals[0] <= 2 * 10.0 / (0.95 if FACTOR > 1 else 0.6)
    turns = shares(door, first=0)
    assert len(turns) == 4 * 8


@pytest.mark.parametrize("together", [False, True], ids=["machines of their own", "one ledger"])
def test_a_herd_refused_at_one_moment_does_not_come_back_as_one(together, tmp_path):
    clients, needed = 20, 12
    door = Door(speed=20.0, closes_after=3, closed_seconds=20.0)
    with standing(door) as url:
        ledger = str(tmp_path / "limits.db") if together else None
        answered = Crowd(url, new_token(), 2, clients // 2, 3600, 20.0, needed, ledger).run()
    assert len(answered) == clients * needed
    sent = [which for _, who, which, _ in door.log if who]
    assert len(sent) / (clients * needed) <= 1.1
    assert came_early(door, together=together) == 0
    assert max(retries_by_second(door).values()) <= clients * 0.5
