"""A rule goes from fine to pending to firing and back, and what is not known moves nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.watch.alert_rules import Rule
from data.watch.alert_state import LONGEST_GAP, State, first_standing, next_standing
from tests.property.effort import effort

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
RULE = Rule(name="Slow", metric="p95_ms", comparison=">", value=100, for_minutes=3)


def walk(values, rule=RULE, step=timedelta(minutes=1)):
    """How the rule stands after each value."""
    standing, found = first_standing(START), []
    for place, value in enumerate(values):
        standing = next_standing(rule, standing, value, START + place * step)
        found.append(standing)
    return found


def states(values, rule=RULE, step=timedelta(minutes=1)):
    return [standing.state.value for standing in walk(values, rule, step)]


def test_a_limit_broken_for_long_enough_fires_and_is_over_once_kept_to_as_long():
    values = [50, 200, 200, 200, 200, 50, 50, 50, 50]

    assert states(values) == [*["ok"], *["pending"] * 3, *["firing"] * 4, "ok"]
    assert [standing.is_on for standing in walk(values)] == [False] * 4 + [True] * 4 + [False]


def test_the_limit_itself_is_not_above_it():
    assert set(states([100] * 10)) == {"ok"}


def test_a_short_trouble_fires_nothing():
    assert states([200, 200, 200, 50, 200, 200, 200, 50]) == ["pending"] * 3 + ["ok"] + ["pending"] * 3 + ["ok"]


def test_a_value_that_swings_about_the_limit_is_one_incident():
    assert states([200] * 4 + [50, 200, 50, 50, 200]) == ["pending"] * 3 + ["firing"] * 6


def test_with_no_minutes_to_wait_it_fires_and_ends_at_once():
    assert (
        states([200, 50, 200], Rule(name="x", metric="p95_ms", comparison=">", value=1, for_minutes=0))
        == ["firing"] * 3
    )
    now = Rule(name="x", metric="p95_ms", comparison=">", value=100, for_minutes=0)
    assert states([200, 50, 200], now) == ["firing", "ok", "firing"]


def test_what_is_unknown_neither_fires_nor_ends():
    """An incident stays on through it; a limit about to fire begins to count anew."""
    found = walk([200] * 4 + [None] * 50 + [50, 50, 50, 50])

    assert [standing.state for standing in found[4:54]] == [State.NO_DATA] * 50
    assert all(standing.is_on and standing.value is None for standing in found[4:54])
    assert [standing.state for standing in found[54:]] == [State.FIRING] * 3 + [State.OK]
    assert states([200, 200, 200, None, 200, 200, 200, 200])[3:] == [
        "no_data",
        "pending",
        "pending",
        "pending",
        "firing",
    ]


def test_time_in_which_nobody_looked_counts_for_nothing():
    slow = LONGEST_GAP + timedelta(seconds=1)

    assert states([200] * 5, step=slow) == ["pending"] * 5
    assert states([200, 200], step=LONGEST_GAP) == ["pending", "firing"]


def test_a_clock_that_goes_back_begins_the_count_anew():
    before = walk([200, 200])[-1]

    after = next_standing(RULE, before, 200, START - timedelta(days=1))

    assert after.state is State.PENDING
    assert after.broken_since == after.since == START - timedelta(days=1)


def test_a_state_lasts_since_it_began():
    found = walk([50, 50, 200, 200, 200, 200, 200])

    assert [standing.since - START for standing in found] == [timedelta(minutes=m) for m in (0, 0, 2, 2, 2, 5, 5)]


@pytest.mark.parametrize("value", [float("inf"), 1e300])
def test_even_an_absurd_value_is_only_broken(value):
    assert states([value]) == ["pending"]


@given(st.lists(st.sampled_from([None, 50, 200]), max_size=60), st.integers(0, 5))
@effort(150)
def test_an_incident_begins_and_ends_only_with_full_spans_behind_it(values, minutes):
    """Whatever is measured: it begins after that many minutes broken on end, and ends after as many kept to."""
    rule = Rule(name="x", metric="p95_ms", comparison=">", value=100, for_minutes=minutes)
    was_on = False
    for place, standing in enumerate(walk(values, rule)):
        if standing.is_on != was_on:
            span = values[max(0, place - minutes) : place + 1]
            assert len(span) == minutes + 1
            assert set(span) == ({200} if standing.is_on else {50})
        elif values[place] is None:
            assert standing.state is State.NO_DATA
        was_on = standing.is_on
