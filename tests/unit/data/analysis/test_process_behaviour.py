"""Limits tell noise from signal, and a level that has moved gets limits of its own."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.analysis.process_behaviour import behaviour_of_trend, process_behaviour
from tests.property.effort import effort

STEADY = [10.0, 12.0, 11.0, 9.0, 10.0, 12.0, 11.0, 9.0]


def point(value, *, partial=False):
    return {"week": "2026-W01", "start": "", "value": value, "sample_size": 1, "partial": partial}


def rules(behaviour):
    return [(signal["rule"], signal["first"], signal["last"]) for signal in behaviour["signals"]]


def test_limits_lie_two_and_two_thirds_mean_moves_from_the_mean():
    (baseline,) = process_behaviour(STEADY)["baselines"]
    mean_move = (2 + 1 + 2 + 1 + 2 + 1 + 2) / 7
    assert baseline["mean"] == 10.5
    assert baseline["high"] == pytest.approx(10.5 + 2.66 * mean_move)
    assert baseline["low"] == pytest.approx(10.5 - 2.66 * mean_move)
    assert (baseline["first"], baseline["last"]) == (0, 7)


def test_noise_is_no_signal():
    assert process_behaviour(STEADY)["signals"] == []


def test_a_point_outside_the_limits_is_a_signal():
    behaviour = process_behaviour([*STEADY, 9.0, 11.0, 40.0])
    assert ("outside_limits", 10, 10) in rules(behaviour)
    assert next(s for s in behaviour["signals"] if s["rule"] == "outside_limits")["side"] == "above"


def test_eight_weeks_on_one_side_begin_a_level_of_their_own():
    behaviour = process_behaviour([*STEADY * 3, *[15.0, 16.0, 15.0, 14.0] * 3])
    first, second = behaviour["baselines"]
    assert (first["last"], second["first"]) == (23, 24)
    assert second["mean"] == 15.0
    assert ("shift", 24, 31) in rules(behaviour)
    assert all(signal["first"] == 24 for signal in behaviour["signals"] if signal["rule"] == "shift")


def test_seven_weeks_on_one_side_do_not():
    behaviour = process_behaviour([*STEADY * 3, *[13.0, 12.0, 13.0, 12.0, 13.0, 12.0, 13.0], 9.0])
    assert len(behaviour["baselines"]) == 1
    assert "shift" not in [rule for rule, *_ in rules(behaviour)]


def test_three_of_four_near_a_limit_are_a_signal():
    behaviour = process_behaviour([*STEADY, 10.0, 13.9, 10.0, 13.9, 13.9])
    assert ("near_a_limit", 9, 12) in rules(behaviour)


def test_limits_stay_within_what_is_possible():
    (baseline,) = process_behaviour([0.9, 0.1, 0.8, 0.2, 1.0, 0.0], highest=1.0)["baselines"]
    assert (baseline["low"], baseline["high"]) == (0.0, 1.0)


def test_without_any_noise_every_move_is_a_signal():
    behaviour = process_behaviour([*[3.0] * 20, 3.5])
    assert rules(behaviour) == [("outside_limits", 20, 20)]


@pytest.mark.parametrize("level", [0.1, 0.7, 1 / 3])
def test_a_level_that_never_moves_is_no_signal(level):
    assert process_behaviour([level] * 24)["signals"] == []


def test_five_values_are_too_few():
    behaviour = process_behaviour([1.0, None, 2.0, 3.0, 2.0, 1.0])
    assert (behaviour["enough"], behaviour["judged"], behaviour["baselines"]) == (False, 5, [])


def test_points_without_a_value_keep_their_place():
    behaviour = process_behaviour([None, *STEADY, None, 60.0])
    assert ("outside_limits", 10, 10) in rules(behaviour)
    assert behaviour["judged"] == 9


def test_the_running_week_is_never_judged():
    trend = [point(value) for value in STEADY]
    assert behaviour_of_trend([*trend, point(99.0)])["signals"]
    assert behaviour_of_trend([*trend, point(99.0, partial=True)])["signals"] == []


def test_shares_have_no_single_level():
    assert behaviour_of_trend([point({"feature": 1.0})] * 9)["enough"] is False


def test_every_signal_is_told_in_a_sentence():
    signals = process_behaviour([*STEADY * 3, *[15.0, 16.0, 15.0, 14.0] * 3, 90.0])["signals"]
    assert {signal["rule"] for signal in signals} >= {"shift", "outside_limits"}
    assert all(signal["sentence"].endswith(".") for signal in signals)


@effort(200)
@given(st.lists(st.none() | st.floats(0, 1e6) | st.sampled_from([0.0, 1.0, 2.0, 3.0]), max_size=60))
def test_any_series_is_cut_into_stretches_that_follow_each_other(values):
    behaviour = process_behaviour(values)
    known = [place for place, value in enumerate(values) if value is not None]
    stretches = behaviour["baselines"]
    assert behaviour["judged"] == len(known)
    if len(known) < 6:
        assert stretches == behaviour["signals"] == []
        return
    assert (stretches[0]["first"], stretches[-1]["last"]) == (known[0], known[-1])
    assert all(
        known.index(later["first"]) == known.index(earlier["last"]) + 1 for earlier, later in pairwise(stretches)
    )
    assert all(baseline["low"] <= baseline["mean"] + 1e-6 <= baseline["high"] + 2e-6 for baseline in stretches)
    assert len(stretches) - 1 == sum(signal["rule"] == "shift" for signal in behaviour["signals"])


def test_a_series_that_only_rises_is_judged_too():
    assert process_behaviour([float(value) for value in range(52)])["enough"] is True
