"""A metric's card."""

import pytest

from data.metric_catalogue import METRICS
from data.model import ResultStatus
from tests.unit.ui.reading import of_kind, with_class, words
from tests.unit.ui.results import SHARES, better, result
from ui.components.card import metric_card


@pytest.mark.parametrize("key", [metric.key for metric in METRICS])
def test_every_metric_has_a_card_with_title_value_picture_and_explanation(key):
    card = metric_card(result(key))

    text = words(card)
    assert result(key)["title"] in text
    assert "How is this computed?" in text
    assert with_class(card, "value") or with_class(card, "share-bar")
    pictures = of_kind(card, "Img")
    assert all(picture.alt for picture in pictures)
    assert len(pictures) == (0 if key == "flow_distribution" else 1)


def test_a_healthy_value_is_told_with_change_sample_certainty_and_benchmark():
    card = metric_card(
        result(value=76.8, before=96.0, interval=[70.0, 90.0], change=better("better"), proxy="start of work")
    )

    text = words(card)
    for part in (
        "3.2 days",
        "Better: 20 % shorter than the 30 days before",
        "Median of 20 deployed changes",
        "Likely 2.9 to 3.8 days (95 % interval)",
        "Counted from the start of work",
        "Benchmark:",
        "2025",
    ):
        assert part in text, part
    assert with_class(card, "change-teal")


def test_worse_is_red_and_uncertain_is_neither_colour():
    worse = result("cfr", value=0.5, before=0.2, change=better("worse"))
    perhaps = result("cfr", value=0.5, before=0.2, interval=[0.1, 0.9], change=better("worse"))

    assert with_class(metric_card(worse), "change-red")
    assert "Perhaps worse: 30 points higher" in words(metric_card(perhaps))
    assert with_class(metric_card(perhaps), "change-gray")


@pytest.mark.parametrize("status", [ResultStatus.NO_DATA, ResultStatus.NOT_CONFIGURED, ResultStatus.NOT_MEASURABLE])
@pytest.mark.parametrize("key", [metric.key for metric in METRICS])
def test_a_missing_value_is_explained_and_never_a_number(key, status):
    card = metric_card(result(key, value=None, status=status, sample_size=0, trend=[]))

    assert with_class(card, "no-value")
    assert not with_class(card, "value")
    assert not any(character.isdigit() for character in words(with_class(card, "no-value-box")))


def test_zero_is_a_value():
    card = metric_card(result("deployment_frequency", value=0.0, sample_size=0, status=ResultStatus.LOW_SAMPLE))

    assert words(with_class(card, "value")) == "0 a week"
    assert "Few items" in words(card)


def test_few_items_are_marked_and_get_no_benchmark():
    card = metric_card(result(value=5.0, sample_size=3, status=ResultStatus.LOW_SAMPLE))

    assert "Few items" in words(card)
    assert "Benchmark" not in words(card)


def test_shares_are_told_in_words_beside_their_colours():
    card = metric_card(result("flow_distribution", value=SHARES))

    (bar,) = with_class(card, "share-bar")
    assert getattr(bar, "aria-label").replace("\N{NO-BREAK SPACE}", " ") == "Features 60 %, Defects 30 %, Debt 10 %"
    assert "Risk" not in words(with_class(card, "share-legend"))


def test_a_count_is_told_by_kind():
    card = metric_card(result("flow_load", value=12.0, by_kind={"feature": 8.0, "defect": 4.0}))

    assert "Features 8, Defects 4" in words(card)


def test_a_number_that_rests_on_a_partial_reading_carries_a_mark():
    assert "Partial data" in words(metric_card(result(), partial=True))
    assert "Few items, Partial data" in words(metric_card(result(status="low_sample"), partial=True))
    assert "Partial data" not in words(metric_card(result()))
