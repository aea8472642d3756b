"""This week against the last, and what took unusually long."""

import pytest

from tests.unit.ui.reading import with_class, words
from tests.unit.ui.trouble_documents import anomaly, compared, week
from ui.components.performance.unusual import unusual


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "as usual."),
        ({"is_more_than_noise": True, "ratio": 1.4}, "slower."),
        ({"is_more_than_noise": True, "ratio": 0.7}, "faster."),
        ({"is_more_than_noise": None, "ratio": None}, "not known."),
    ],
)
def test_a_difference_counts_only_when_it_is_more_than_noise(facts, said):
    shown = unusual(week(**facts), [], "UTC")
    assert words(with_class(shown, "verdict")[0]) == said
    assert week()["sentence"] in words(shown).replace("\N{NO-BREAK SPACE}", " ")


def test_only_routes_beyond_noise_are_listed():
    noise = compared(label="explanation.opened +3", is_more_than_noise=False)
    shown = words(unusual(week(routes=[compared(), noise]), [], "UTC"))
    assert "Drawing a page page-body.children +1 240 ms 380 ms" in shown
    assert "Explaining a number" not in shown


def test_an_unusual_minute_is_told_with_what_is_usual():
    shown = words(unusual(week(), [anomaly()], "Europe/Berlin"))
    assert "Drawing a page page-body.children +1 4 Mar 2026, 20:00 1.90 s 90 ms" in shown


def test_nothing_unusual_does_not_claim_to_know_what_is_usual():
    assert "or there is too little traffic to know what is usual" in words(unusual(week(), [], "UTC"))
