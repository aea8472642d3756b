"""Comparisons with published figures, with their source and year."""

import pytest

from data.benchmarks import ALL, benchmark, groups


def result(key, value, status="ok"):
    return {"key": key, "value": value, "status": status}


@pytest.mark.parametrize(
    ("key", "value", "score"),
    [
        ("lead_time", 0.5, 10.0),
        ("lead_time", 20.0, 8.0),
        ("lead_time", 24.0 * 20, 4.0),
        ("lead_time", 24.0 * 400, 0.0),
        ("deployment_frequency", 2.0, 8.0),
        ("deployment_frequency", 1 / 10, 4.0),
        ("mttr", 3.0, 8.0),
        ("cfr", 0.25, 7.5),
        ("rework_rate", 0.0, 10.0),
    ],
)
def test_values_are_scored_on_the_quick_checks_own_scale(key, value, score):
    assert benchmark(result(key, value)).score == pytest.approx(score)


def test_rates_and_recovery_are_turned_so_that_higher_is_better():
    """The file gives failure as a rate, and recovery by size as the complement of a score."""
    assert benchmark(result("cfr", 0.1)).mean == pytest.approx(8.1)
    assert benchmark(result("mttr", 1.0)).mean == pytest.approx(7.4)
    assert benchmark(result("mttr", 1.0), "fewer_than_100").mean == pytest.approx(7.6, abs=1)


def test_the_sentence_names_source_year_and_group():
    found = benchmark(result("lead_time", 20.0))

    assert found.sentence == "8.0 of 10, above the mean of 5.5 (All industries, DORA Quick Check 2025)"
    assert (found.source, found.year) == ("DORA Quick Check 2025", 2025)


@pytest.mark.parametrize(("value", "tier"), [(0.05, "Elite"), (0.12, "Medium"), (0.19, "High"), (0.5, "Low")])
def test_the_failure_clusters_of_2024_are_not_in_order_so_the_nearest_is_named(value, tier):
    assert benchmark(result("cfr", value)).tier_2024 == f"nearest to {tier}"


@pytest.mark.parametrize(
    "unfit", [result("lead_time", None, "no_data"), result("lead_time", 3.0, "low_sample"), result("flow_time", 3.0)]
)
def test_without_a_sound_value_there_is_no_comparison(unfit):
    assert benchmark(unfit) is None


def test_rework_never_had_a_tier():
    assert benchmark(result("rework_rate", 0.1)).tier_2024 is None


def test_groups_begin_with_all_and_an_unknown_one_is_named():
    assert groups()[0].key == ALL
    assert len({group.key for group in groups()}) == len(groups()) > 15
    with pytest.raises(KeyError, match="no benchmark group 'moon'"):
        benchmark(result("cfr", 0.1), "moon")
