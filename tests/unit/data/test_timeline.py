"""Rows by their dates, and presence, against loops."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from data.spans import NEVER, Spans
from data.timeline import INSTANTS_KEPT, Chosen, Presence, Timeline

DATES = st.lists(st.integers(0, 20), max_size=30)
LAST = 20


def column(dates: list[int]) -> np.ndarray:
    return np.array(dates, dtype=np.int64)


@given(DATES, st.integers(0, LAST), st.integers(0, LAST))
def test_a_stretch_holds_what_lies_after_its_start_and_by_its_end(dates, start, end):
    timeline = Timeline.of(np.arange(len(dates)), column(dates))

    first, last = timeline.bounds(start, max(start, end))

    found = timeline.stretch(first, last).rows.tolist()
    assert sorted(found) == [row for row, date in enumerate(dates) if start < date <= max(start, end)]
    assert [dates[row] for row in found] == sorted(dates[row] for row in found)


@given(DATES, st.sets(st.integers(0, 29)))
def test_of_a_stretch_only_the_chosen_are_left(dates, wanted):
    timeline = Timeline.of(np.arange(len(dates)), column(dates))
    chosen = Chosen(np.isin(np.arange(30), sorted(wanted)))
    half = len(dates) // 2

    assert set(chosen.of(timeline, 0, half).rows.tolist()) == set(timeline.rows[:half].tolist()) & wanted
    assert chosen.rows.tolist() == sorted(wanted)


SPANS = st.lists(st.tuples(st.integers(0, LAST), st.integers(1, 8) | st.just(NEVER)), max_size=12)


@given(SPANS, st.lists(st.integers(0, LAST), min_size=1, max_size=6).map(sorted), st.sets(st.integers(0, 11)))
def test_who_is_there_at_an_instant_came_by_then_and_left_later(spans, times, wanted):
    ends = [begin + length if length != NEVER else NEVER for begin, length in spans]
    issues = np.arange(len(spans), dtype=np.int32)
    presence = Presence(Spans(issues, column([begin for begin, _ in spans]), column(ends)))
    there = [[issue for issue, (begin, _) in enumerate(spans) if begin <= time < ends[issue]] for time in times]
    chosen = Chosen(np.isin(np.arange(12), sorted(wanted)))

    assert [presence.at(time, None).tolist() for time in times] == there
    assert presence.counts_at(column(times), None) == [len(issues) for issues in there]
    assert [presence.at(time, chosen).tolist() for time in times] == [
        [issue for issue in issues if issue in wanted] for issues in there
    ]
    assert presence.counts_at(column(times), chosen) == [len(wanted.intersection(issues)) for issues in there]


def test_of_many_instants_only_the_last_are_remembered():
    presence = Presence(Spans(np.zeros(1, dtype=np.int32), column([5]), column([NEVER])))

    assert [len(presence.at(time, None)) for time in range(3 * INSTANTS_KEPT)] == [0] * 5 + [1] * (
        3 * INSTANTS_KEPT - 5
    )
