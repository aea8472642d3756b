"""What is older than it may be goes, exactly that, and whatever the clock does."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from data.watch.measurement import Kind
from data.watch.store import MetricsStore
from data.watch.summary import Summary
from tests.watching import NOON, filled_store, measured, traffic

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EVER = {"since": NOON - 1000 * DAY, "until": NOON + 1000 * DAY}


@pytest.fixture
def store(tmp_path):
    opened = MetricsStore(tmp_path / "metrics.db", clock=lambda: NOON)
    yield opened
    opened.close()


@pytest.mark.parametrize("odd", [timedelta(), 17 * MINUTE, 5 * HOUR], ids=["noon", "in an hour", "in a day"])
def test_exactly_what_is_older_goes_from_minutes_hours_days_and_rows(store, odd):
    measurements = list(traffic(NOON - 3 * DAY, NOON, per_minute=0.1, seed=5))
    store.write(measurements)
    now = NOON + odd
    cutoff = now - DAY
    younger = [one for one in measurements if one.at // 60 >= cutoff.timestamp() // 60]

    deleted = store.rotate(1, now)

    assert deleted == len(measurements) - len(younger) > 0
    assert {one.at >= cutoff.timestamp() for one in store.recent(limit=9999, kinds=tuple(Kind))} == {True}
    everything = {"kinds": tuple(Kind), **EVER}
    assert store.summary(**everything) == Summary.of(younger)
    for step in (MINUTE, HOUR, DAY):
        told = store.over_time(**everything, step=step)
        assert sum((one for _, one in told), Summary()) == Summary.of(younger)
    for key, one in store.by_label(**everything).items():
        assert one == Summary.of(each for each in younger if key == (each.kind, each.label, each.method))
    assert store.rotate(1, now) == 0, "and a second time nothing does"


def test_totals_outlive_retention(store):
    store.write([measured(NOON - 5 * DAY)])

    assert store.rotate(1) == 1
    assert sum(one.count for one in store.totals().values()) == 1
    assert store.storage().oldest is None


def test_ninety_days_are_ninety_days_also_when_summer_time_begins_in_between(store):
    now = datetime(2026, 4, 10, 12, 0, tzinfo=UTC)
    limit = now - 90 * DAY
    store.write([measured(limit - MINUTE), measured(limit), measured(limit + MINUTE)])

    assert store.rotate(90, now) == 1
    assert store.summary(**EVER).count == 2


@pytest.mark.parametrize("step", [DAY, -DAY], ids=["forward", "back"])
def test_a_clock_that_steps_by_a_day_and_back_takes_no_more_than_that_day_and_breaks_nothing(tmp_path, step):
    clock = [NOON]
    store = MetricsStore(tmp_path / "metrics.db", clock=lambda: clock[0])
    store.write([measured(NOON - number * HOUR, ms=5) for number in range(1, 6)])
    assert store.keep_tidy(90) == 0

    clock[0] = NOON + step
    store.write([measured(clock[0], ms=7)])
    store.keep_tidy(90)
    clock[0] = NOON + MINUTE
    store.write([measured(clock[0], ms=9)])
    store.keep_tidy(90)

    told = store.over_time(since=NOON - 2 * DAY, until=NOON + 2 * DAY, step=DAY)
    assert sum(one.count for _, one in told) == 7
    assert [one.duration_ms for one in store.recent(limit=1, slower_than_ms=8)] == [9]
    store.close()


def test_tidying_up_is_done_once_a_day_by_whichever_process_comes_first(tmp_path, caplog):
    clock = [NOON]
    one, other = (MetricsStore(tmp_path / "metrics.db", clock=lambda: clock[0]) for _ in range(2))
    one.write([measured(NOON - 5 * DAY)])
    caplog.set_level(logging.INFO, "data.watch")

    assert (one.keep_tidy(4), other.keep_tidy(4), one.keep_tidy(4)) == (1, 0, 0)
    clock[0] += DAY
    other.keep_tidy(4)

    assert [record.event for record in caplog.records] == ["watch.rotated"] * 2
    one.close()
    other.close()


def test_the_file_grows_smaller_when_most_of_it_is_gone(tmp_path):
    store = filled_store(tmp_path / "metrics.db", days=0.25, per_minute=24)
    store.close()
    before = store.path.stat().st_size

    store.rotate(0)
    store.close()

    assert store.path.stat().st_size < before / 2


def test_others_may_write_between_the_steps_of_a_long_deletion(tmp_path, monkeypatch):
    store = filled_store(tmp_path / "metrics.db", days=1, per_minute=1)
    other = MetricsStore(tmp_path / "metrics.db", clock=lambda: NOON)
    write, steps = store._database.write, []

    def between(step):
        steps.append(other.write([measured(NOON)]))
        return write(step)

    monkeypatch.setattr(store._database, "write", between)
    store.rotate(0)

    assert other.summary(since=NOON, until=NOON + MINUTE).count == len(steps) > 10
    store.close()
    other.close()


def test_days_that_cannot_be_are_refused(store):
    with pytest.raises(ValueError, match="-1 days cannot be kept; give 0 or more"):
        store.rotate(-1)
