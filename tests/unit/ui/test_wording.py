"""What the page says about a change, a sample, a missing value."""

import pytest

from data.metric_catalogue import METRICS
from data.model import DeploymentSource, FlowKind, ResultStatus
from tests.unit.ui.results import SHARES, better, result
from ui.wording import (
    KIND_NAMES,
    SOURCE_NAMES,
    advice,
    change_words,
    interval_words,
    proxy_words,
    ratio_words,
    sample_words,
    status_words,
)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("key", "now", "before", "sentence"),
    [
        ("lead_time", 88.0, 100.0, "12 % shorter than the 30 days before"),
        ("mttr", 3.0, 2.0, "50 % longer than the 30 days before"),
        ("deployment_frequency", 0.5, 0.25, "100 % more often than the 30 days before"),
        ("cfr", 0.25, 0.21, "4 points higher than the 30 days before"),
        ("cfr", 0.20, 0.21, "1 point lower than the 30 days before"),
        ("flow_velocity", 30.0, 40.0, "25 % fewer than the 30 days before"),
        ("flow_velocity", 30.0, 0.0, "30 items more than the 30 days before"),
        ("flow_load", 12.0, 12.0, "Same as the 30 days before"),
    ],
)
def test_a_change_is_said_in_the_words_of_its_unit(key, now, before, sentence):
    words = change_words(result(key, value=now, before=before, change=better("better")))

    assert plain(words.sentence) == sentence
    assert words.direction == ("up" if now > before else "down" if now < before else "level")


def test_the_verdict_is_the_metrics_own():
    assert change_words(result(value=50.0, before=90.0, change=better("better"))).verdict == "better"
    assert change_words(result(value=90.0, before=50.0, change=better("worse"))).verdict == "worse"


def test_a_change_within_the_uncertainty_is_not_certain():
    inside = result(value=88.0, before=100.0, interval=[70.0, 110.0], change=better("better"))
    outside = result(value=88.0, before=130.0, interval=[70.0, 110.0], change=better("better"))

    assert not change_words(inside).certain
    assert change_words(outside).certain


def test_a_change_between_few_items_is_not_judged():
    words = change_words(result(value=50.0, before=100.0, sample_size=4, change=better("better")))

    assert words.verdict == "none"
    assert plain(words.sentence) == "Too few items to judge the change; it was 4.2 days in the 30 days before"


def test_without_an_earlier_value_there_is_nothing_to_compare():
    words = change_words(result(value=50.0, before=None))

    assert (words.sentence, words.verdict) == ("Nothing to compare with in the 30 days before", "none")


def test_a_missing_value_has_no_change():
    assert change_words(result(value=None, before=3.0)).sentence == ""


def test_of_shares_the_one_that_moved_most_is_named():
    before = SHARES | {"feature": 0.5, "defect": 0.38, "debt": 0.12}
    words = change_words(result("flow_distribution", before=before))

    assert plain(words.sentence) == "Features: 10 points more than the 30 days before"
    assert words.verdict == "none"


def test_a_ratio_of_deployments_is_spelled_out():
    assert ratio_words(result("cfr", numerator=3.0, denominator=41.0)) == "3 of 41 deployments failed"
    assert ratio_words(result("rework_rate", numerator=0.0, denominator=9.0)) == (
        "0 of 9 deployments were unplanned fixes"
    )
    assert ratio_words(result("flow_efficiency", numerator=3.0, denominator=41.0)) is None


def test_an_interval_is_said_with_its_level():
    assert plain(interval_words(result(interval=[67.0, 94.0])) or "") == "Likely 2.8 to 3.9 days (95 % interval)"
    assert interval_words(result(interval=None)) is None


def test_a_sample_is_counted_in_the_metrics_own_things():
    assert plain(sample_words(result("mttr", sample_size=1))) == "1 recovered incident"
    assert plain(sample_words(result("cfr"), 41)) == "41 deployments"


@pytest.mark.parametrize("key", [metric.key for metric in METRICS])
@pytest.mark.parametrize("status", [ResultStatus.NO_DATA, ResultStatus.NOT_CONFIGURED, ResultStatus.NOT_MEASURABLE])
def test_every_missing_value_says_what_is_missing_and_what_to_do(key, status):
    words = advice(result(key, value=None, status=status))

    assert words.missing.endswith(".")
    assert words.next_step.endswith(".")
    assert status_words(result(key, value=None, status=status))


def test_a_stand_in_is_named_even_when_it_is_a_new_one():
    assert proxy_words(result(proxy=None)) is None
    assert "start of work" in (proxy_words(result(proxy="start of work")) or "")
    assert proxy_words(result(proxy="the moon")) == "Stand-in used: the moon"


def test_every_kind_and_every_source_has_a_name():
    assert set(KIND_NAMES) == set(FlowKind)
    assert set(SOURCE_NAMES) == set(DeploymentSource)


def test_one_failure_more_than_none_is_no_certain_change():
    """1 of 9 after 0 of 8: nothing lies inside this period's interval, but 1 of 9 lies well inside the other's."""
    rate = result("cfr", value=1 / 9, interval=[0.02, 0.43], sample_size=9)
    rate["previous"] |= {"value": 0.0, "sample_size": 8}

    assert not change_words(rate).certain
