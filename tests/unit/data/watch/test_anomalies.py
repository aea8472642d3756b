"""Unusual is what lies far above the same hour of the weeks before, for three of five minutes, with traffic enough."""

from datetime import timedelta

import numpy as np
import pytest

from data.model import iso_utc
from data.watch.anomalies import FEWEST, FEWEST_MINUTES, LEAST_SPREAD, AnomalyWatch, alarming, anomalies, usual_of
from data.watch.measurement import Kind
from data.watch.store import MetricsStore
from tests.watching import NOON, measured

CALM = np.array([90.0, 100.0, 110.0] * 20)


@pytest.fixture
def store(tmp_path):
    """Four weeks in which every minute from noon on had a dozen callbacks of 90 to 110 ms."""
    store = MetricsStore(tmp_path / "metrics.db", clock=lambda: NOON + timedelta(minutes=30))
    usual = {"kind": Kind.CALLBACK, "label": "body.children"}
    past = [(timedelta(weeks=-week, minutes=minute), minute % 3) for week in range(1, 5) for minute in range(30)]
    store.write([measured(NOON + at, ms=90.0 + 10 * third, **usual) for at, third in past for _ in range(12)])
    yield store
    store.close()


def put(store, minute, ms, *, weeks=0, count=12, label="body.children", kind=Kind.CALLBACK):
    at = NOON + timedelta(weeks=weeks, minutes=minute, seconds=10)
    store.write([measured(at, kind=kind, label=label, ms=ms)] * count)


def look(store, minute, watch=None):
    return (watch or AnomalyWatch(store)).look(NOON + timedelta(minutes=minute, seconds=10))


def test_usual_is_the_median_and_its_deviation_over_the_weeks():
    usual = usual_of([CALM, CALM, np.full(60, 5000.0)])

    assert usual is not None
    assert usual.ms == pytest.approx(110, abs=1), "one bad week of three moves it little"
    assert usual.weeks == 3
    assert usual.score(np.array([usual.ms]))[0] == pytest.approx(0)


def test_the_spread_has_a_floor_so_that_the_steadiest_thing_may_differ_by_a_third():
    usual = usual_of([np.full(60, 100.0)] * 4)

    assert usual is not None
    assert usual.spread == LEAST_SPREAD
    assert usual.score(np.array([130.0]))[0] < 4 < usual.score(np.array([200.0]))[0]


def test_a_few_milliseconds_more_are_never_unusual():
    usual = usual_of([np.full(60, 1.0)] * 4)

    assert usual is not None
    assert usual.score(np.array([8.0]))[0] < 4


@pytest.mark.parametrize(
    "weeks", [[], [CALM, CALM], [CALM, CALM, CALM[: FEWEST_MINUTES - 1]], [np.array([])] * 8], ids=len
)
def test_too_few_weeks_or_minutes_know_nothing_usual(weeks):
    assert usual_of(weeks) is None


@pytest.mark.parametrize(
    ("scores", "alarms"),
    [
        ([9, 9, 9, 0, 0], "..!.."),
        ([9, 0, 9, 0, 9], "....!"),
        ([9, 9, 0, 0, 0, 9], "......"),
        ([9, 9, 9, 9, 9, 9], "..!!!!"),
        ([4, 4, 4, 4, 4], "....."),
        ([-9, -9, -9, -9], "...."),
        ([9, 9, float("nan"), float("nan"), 9], "....!"),
        ([float("nan")] * 6, "......"),
        ([9, 9], ".."),
        ([], ""),
    ],
)
def test_three_of_five_minutes_far_above_the_usual_are_an_alarm(scores, alarms):
    found = alarming(np.array(scores, dtype=np.float64))

    assert "".join("!" if one else "." for one in found) == alarms


def test_what_becomes_slow_is_found_once_and_goes_on(store):
    watch = AnomalyWatch(store)
    for minute in range(10):
        put(store, minute, 100.0 if minute < 4 else 400.0 + 10 * minute)
        new = look(store, minute + 1, watch)
        assert [one["label"] for one in new] == (["body.children"] if minute == 6 else [])

    (found,) = anomalies(store, NOON + timedelta(minutes=11))
    assert (found["label"], found["kind"]) == ("body.children", "callback")
    assert (found["at"], found["until"]) == (
        iso_utc(NOON + timedelta(minutes=6)),
        iso_utc(NOON + timedelta(minutes=10)),
    )
    assert found["value_ms"] == pytest.approx(490, rel=0.02)
    assert found["usual_ms"] == pytest.approx(100, rel=0.05)
    assert found["score"] > 4
    assert "490 ms on average in a minute, where 100 ms are usual" in found["sentence"]


def test_minutes_that_nobody_looked_at_in_time_are_looked_at_later(store):
    put(store, 0, 100.0)
    look(store, 1)
    for minute in range(1, 8):
        put(store, minute, 500.0)

    assert [one["at"] for one in look(store, 8)] == [iso_utc(NOON + timedelta(minutes=3))]


def test_another_process_goes_on_where_the_first_left_off(store):
    for minute in range(4):
        put(store, minute, 500.0)
        look(store, minute + 1, AnomalyWatch(store))
        assert AnomalyWatch(store).look(NOON + timedelta(minutes=minute + 1, seconds=20)) == []

    assert len(anomalies(store, NOON + timedelta(minutes=5))) == 1


@pytest.mark.parametrize("usual", [{"label": "new.children"}, {"count": FEWEST - 1}], ids=["no history", "no traffic"])
def test_what_is_new_or_rare_is_never_unusual(store, usual):
    watch = AnomalyWatch(store)
    for minute in range(8):
        put(store, minute, 5000.0, **usual)
        assert look(store, minute + 1, watch) == []


def test_the_same_at_another_hour_of_the_week_is_not_known(store):
    watch, later = AnomalyWatch(store), timedelta(hours=5)
    for minute in range(8):
        put(store, minute + 300, 5000.0)
        assert watch.look(NOON + later + timedelta(minutes=minute + 1, seconds=10)) == []


def test_what_ended_long_ago_is_forgotten(store):
    for minute in range(6):
        put(store, minute, 500.0)
        look(store, minute + 1)
    assert anomalies(store, NOON + timedelta(days=6))

    assert anomalies(store, NOON + timedelta(days=8)) == []
