"""The store answers every question as if it had added up the measurements themselves."""

from __future__ import annotations

import multiprocessing
import os
import sys
from datetime import UTC, datetime, timedelta

import pytest

from data.watch.labels import OTHER
from data.watch.measurement import Kind
from data.watch.store import WEB, MetricsStore, TotalsKey
from data.watch.summary import Summary
from tests.patience import PATIENCE_SECONDS
from tests.unhurried import give_nothing_up_early
from tests.watching import HABITS, NOON, measured, traffic

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAYS = 3


@pytest.fixture(scope="module")
def measurements():
    return list(traffic(NOON - DAYS * DAY, NOON, per_minute=0.5, seed=3))


@pytest.fixture(scope="module")
def store(tmp_path_factory, measurements):
    """What came bit by bit, the clock going along: most of it lies in blocks, the last hour in minutes."""
    clock = [NOON - DAYS * DAY]
    opened = MetricsStore(tmp_path_factory.mktemp("store") / "metrics.db", clock=lambda: clock[0])
    for first in range(0, len(measurements), 200):
        batch = measurements[first : first + 200]
        clock[0] = datetime.fromtimestamp(batch[-1].at, UTC)
        opened.write(batch)
    yield opened
    opened.close()


def minute_of(when):
    return when.timestamp() // 60


def those(measurements, since, until, *, kinds=WEB, label=None):
    return [
        one
        for one in measurements
        if minute_of(since) <= one.at // 60 < minute_of(until + MINUTE - timedelta(microseconds=1))
        and one.kind in kinds
        and label in (None, one.label)
    ]


def by_step(found, step):
    seconds, groups = step.total_seconds(), {}
    for one in found:
        groups.setdefault(datetime.fromtimestamp(one.at // seconds * seconds, UTC), []).append(one)
    return {start: Summary.of(group) for start, group in sorted(groups.items())}


SPANS = {
    "all": (NOON - DAYS * DAY, NOON),
    "odd minutes": (NOON - 2 * DAY - 17 * MINUTE, NOON - 70 * MINUTE),
    "within an hour": (NOON - 26 * HOUR + 5 * MINUTE, NOON - 26 * HOUR + 40 * MINUTE),
    "just now": (NOON - 45 * MINUTE, NOON),
    "odd seconds": (NOON - 2 * DAY - timedelta(seconds=90.5), NOON - timedelta(seconds=30)),
    "whole days": (datetime(2026, 3, 16, tzinfo=UTC), datetime(2026, 3, 18, tzinfo=UTC)),
    "before anything": (NOON - 90 * DAY, NOON - 80 * DAY),
    "backwards": (NOON, NOON - DAY),
}


@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS.keys())
@pytest.mark.parametrize("label", [None, "page-body.children +1", "nobody asks for this"])
def test_a_span_is_summed_up_exactly(store, measurements, span, label):
    since, until = span

    assert store.summary(since=since, until=until, label=label) == Summary.of(
        those(measurements, since, until, label=label)
    )


@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS.keys())
@pytest.mark.parametrize("step", [MINUTE, HOUR, DAY], ids=["minute", "hour", "day"])
def test_steps_are_those_with_traffic_each_summed_up_exactly(store, measurements, span, step):
    since, until = span

    told = dict(store.over_time(since=since, until=until, step=step))

    assert told == by_step(those(measurements, since, until), step)
    assert list(told) == sorted(told)


@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS.keys())
def test_each_name_has_its_own_sums(store, measurements, span):
    since, until = span
    found = those(measurements, since, until, kinds=tuple(Kind))

    told = store.by_label(since=since, until=until, kinds=tuple(Kind))

    assert told == {key: Summary.of(one for one in found if key == (one.kind, one.label, one.method)) for key in told}
    assert sum(one.count for one in told.values()) == len(found)


def test_each_name_has_its_own_steps(store, measurements):
    since, until = SPANS["odd minutes"]
    found = those(measurements, since, until, kinds=[Kind.JIRA])

    told = store.by_label_over_time(since=since, until=until, step=HOUR, kinds=[Kind.JIRA])

    assert len(told) == 2
    for key, steps in told.items():
        assert dict(steps) == by_step([one for one in found if one.label == key.label], HOUR)


def test_asking_again_gives_the_same_also_after_more_was_moved_to_blocks(store, measurements):
    since, until = SPANS["all"]
    first = store.over_time(since=since, until=until, step=HOUR)

    store._clock, clock = (lambda: NOON + 3 * HOUR), store._clock
    store.compact()
    store._clock = clock

    assert store.over_time(since=since, until=until, step=HOUR) == first
    assert store.summary(since=since, until=until) == Summary.of(those(measurements, since, until))


def test_what_comes_late_is_counted_where_it_belongs(tmp_path):
    store = MetricsStore(tmp_path / "metrics.db", clock=lambda: NOON)
    store.write([measured(NOON - 3 * HOUR, ms=10)])
    store.compact()
    assert store.summary(since=NOON - DAY, until=NOON).count == 1

    store.write([measured(NOON - 3 * HOUR, ms=30), measured(NOON + DAY, ms=50)])
    store.compact()

    hours = store.over_time(since=NOON - DAY, until=NOON + 2 * DAY, step=HOUR)
    assert [(at, one.count, one.max_ms) for at, one in hours] == [(NOON - 3 * HOUR, 2, 30), (NOON + DAY, 1, 50)]
    store.close()


def test_the_newest_are_kept_one_by_one(store, measurements):
    newest = sorted(those(measurements, *SPANS["all"]), key=lambda one: -one.at)

    (first,) = store.recent(limit=1)
    assert first.at == pytest.approx(newest[0].at, abs=0.001)
    assert first.duration_ms == pytest.approx(newest[0].duration_ms, abs=0.001)
    assert first[1:4] == newest[0][1:4]
    assert [one.request_id for one in store.recent(limit=20)] == [one.request_id for one in newest[:20]]
    failed = [one.request_id for one in newest if one.failed]
    assert [one.request_id for one in store.recent(limit=1000, errors_only=True)] == failed != []
    slow = [one.duration_ms > 500 and one.label == "forecast-when-done.children" for one in newest]
    assert len(store.recent(limit=9999, slower_than_ms=500, label="forecast-when-done.children")) == sum(slow) > 0


def test_totals_have_the_whole_life_by_name_and_class_of_status_exact_at_the_edges(store, measurements):
    totals = store.totals()

    assert sum(one.count for one in totals.values()) == len(measurements)
    key = TotalsKey(Kind.JIRA, "/rest/api/3/search/jql", "GET", "4xx")
    found = [one for one in measurements if one.label == key.label and one.status == 429]
    assert (totals[key].count, totals[key].throttled, totals[key].errors) == (len(found), len(found), 0)
    assert totals[key].waited_ms == pytest.approx(sum(one.waited_ms for one in found), abs=0.001 * len(found))
    everything = {
        edge: sum(one.at_most[edge] for one in totals.values()) for edge in next(iter(totals.values())).at_most
    }
    durations = [round(one.duration_ms * 1000) / 1000 for one in measurements]
    assert everything == {edge: sum(one <= edge for one in durations) for edge in everything}


def test_storage_says_what_there_is(store, measurements):
    told = store.storage()

    assert told.raw_rows == len(measurements)
    assert told.oldest == datetime.fromtimestamp(measurements[0].at // 60 * 60, UTC)
    assert told.newest == datetime.fromtimestamp(measurements[-1].at // 60 * 60, UTC)
    assert (told.bytes > 0, told.readable, told.schema_version) == (True, True, 2)


def test_measurements_that_make_no_sense_do_no_harm(tmp_path):
    store = MetricsStore(tmp_path / "metrics.db", clock=lambda: NOON)
    nonsense = [float("nan"), float("inf"), float("-inf"), -5.0, 1e300]

    store.write([measured(ms=ms) for ms in nonsense] + [measured()._replace(at=at) for at in nonsense])

    told = store.summary(since=NOON, until=NOON + MINUTE)
    assert (told.count, told.max_ms, told.histogram.quantile(0)) == (10, 1e9, 0)
    assert {one.at for one in store.recent(limit=99)} == {NOON.timestamp()}
    store.close()


def test_a_name_that_utf8_cannot_hold_is_written_out(tmp_path):
    store = MetricsStore(tmp_path / "metrics.db", clock=lambda: NOON)

    store.write([measured(label="/\ud800", method="\udfff", error="\ud801", request_id="\ud802"), measured(label="/ö")])

    assert {(key.label, key.method) for key in store.by_label(since=NOON, until=NOON + MINUTE)} == {
        ("/\\ud800", "\\udfff"),
        ("/ö", "GET"),
    }
    assert {one.error for one in store.recent(limit=9)} == {None, "\\ud801"}
    store.close()


def test_what_could_not_be_kept_is_counted_for_all_processes(tmp_path):
    one, other = (MetricsStore(tmp_path / "metrics.db", clock=lambda: NOON) for _ in range(2))

    one.write([measured()], dropped=3)
    other.write([], dropped=4)

    assert one.storage().dropped_total == 7
    assert one.summary(since=NOON, until=NOON + MINUTE).count == 1
    one.close()
    other.close()


def test_no_flood_of_names_gets_in(tmp_path):
    store = MetricsStore(tmp_path / "metrics.db", clock=lambda: NOON)

    for turn in range(4):
        store.write([measured(label=f"/guess/{turn}/{number}") for number in range(500)])

    told = store.by_label(since=NOON, until=NOON + MINUTE)
    assert len(told) <= 90
    assert sum(one.count for one in told.values()) == 2000
    assert {one.label for one in store.recent(limit=10)} == {OTHER}
    store.close()


def test_documents_are_shared_and_changed_by_one_at_a_time(tmp_path):
    one, other = (MetricsStore(tmp_path / "metrics.db") for _ in range(2))
    assert one.document("alerts") is None

    one.put_document("alerts", {"seen": [1]})
    other.change_document("alerts", lambda document: document | {"told": True})

    assert one.document("alerts") == {"seen": [1], "told": True}
    one.close()
    other.close()


def _write_many(path, number):
    give_nothing_up_early()
    store = MetricsStore(path, clock=lambda: NOON)
    for turn in range(15):
        store.write([measured(NOON - number * HOUR, label=f"/{turn % 3}", ms=turn + 1)] * 10)
    store.close()


def test_many_processes_write_and_nothing_is_lost_or_doubled(tmp_path):
    path = tmp_path / "metrics.db"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_write_many, args=(path, number % 2)) for number in range(2)]
    for process in processes:
        process.start()
    _write_many(path, 0)
    for process in processes:
        process.join(PATIENCE_SECONDS)

    store = MetricsStore(path, clock=lambda: NOON)
    assert [process.exitcode for process in processes] == [0, 0]
    assert store.summary(since=NOON - DAY, until=NOON + MINUTE).count == 450
    assert sum(one.count for one in store.totals().values()) == 450
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork there")
def test_a_forked_process_uses_connections_of_its_own(tmp_path):
    store = MetricsStore(tmp_path / "metrics.db", clock=lambda: NOON)
    store.write([measured()])
    assert store.summary(since=NOON, until=NOON + MINUTE).count == 1
    child = multiprocessing.get_context("fork").Process(target=_write_and_close, args=(store, os.getpid()))
    child.start()
    child.join(PATIENCE_SECONDS)

    store.write([measured()])

    assert (child.exitcode, store.summary(since=NOON, until=NOON + MINUTE).count) == (0, 3)
    store.close()


def _write_and_close(store, parent):
    assert os.getpid() != parent
    store.write([measured()])
    store.close()


def test_only_minutes_hours_and_days_are_steps(store):
    with pytest.raises(ValueError, match="minute, hour or day"):
        store.over_time(since=NOON, until=NOON, step=timedelta(minutes=5))


def test_the_traffic_has_every_kind(measurements):
    assert {one.kind for one in measurements} == set(Kind)
    assert {one.label for one in measurements} == {habit.label for habit in HABITS}
