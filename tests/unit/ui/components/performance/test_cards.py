"""The four numbers that one looks at first."""

from tests.unit.ui.performance_documents import no_overview, overview
from tests.unit.ui.reading import with_class, words
from ui.components.performance.cards import cards


def test_there_are_four_cards_each_with_its_number():
    shown = [words(card) for card in cards(overview(), 7)]
    assert len(shown) == 4
    assert shown[0].startswith("Requests 51,234 5.1 a minute, of 14 kinds 21 failures (0.04 %)")
    assert "42 ms on average 182 ms P95 half within 21 ms, P99 640 ms , longest 4.21 s" in shown[1]
    assert "87 % of 32,000 answers that can be kept" in shown[2]
    assert shown[3] == "Slowest 812 ms P95 slow Forecasting how many items forecast-how-many.children"


def test_without_traffic_nothing_is_zero_that_is_unknown():
    requests, speed, cache, slowest = (words(card) for card in cards(no_overview(), 30))
    assert "Nothing was asked for in the last 30 days." in requests
    for card in (speed, cache, slowest):
        assert "0" not in card
        assert "–" in card


def test_numbers_from_few_requests_are_grey_and_say_so():
    speed = cards(overview(total_requests=12), 7)[1]
    assert words(with_class(speed, "few")[0]) == "182 ms P95"
    assert "from only 12 requests" in words(speed)
    assert with_class(cards(overview(), 7)[1], "few") == []
