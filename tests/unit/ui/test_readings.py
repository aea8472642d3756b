"""Numbers read in the unit that suits them."""

import pytest

from ui.readings import count, decimal, read, read_range


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.25, "hours", "15 minutes"),
        (1 / 60, "hours", "1 minute"),
        (1.0, "hours", "60 minutes"),
        (5.25, "hours", "5.2 hours"),
        (36.0, "hours", "36 hours"),
        (24.0 * 4, "hours", "4 days"),
        (24.0 * 7 * 5, "hours", "5 weeks"),
        (2.34, "deployments/day", "2.3 a day"),
        (1.0, "deployments/day", "1 a day"),
        (0.3, "deployments/day", "2.1 a week"),
        (0.0, "deployments/day", "0 a week"),
        (0.125, "ratio", "12 %"),
        (0.0, "ratio", "0 %"),
        (1.0, "ratio", "100 %"),
        (1234.0, "items", "1,234 items"),
        (1.0, "items", "1 item"),
        (7.25, "unheard-of", "7.2"),
    ],
)
def test_a_value_is_read_in_the_unit_that_suits_it(value, unit, text):
    assert plain(read(value, unit).text) == text


def test_something_small_never_reads_as_nothing():
    assert decimal(0.04) == "0.04"
    assert decimal(0.00001) == "under 0.001"
    assert decimal(0.0) == "0"


def test_a_fall_has_a_true_minus_sign():
    assert decimal(-2.5) == "\N{MINUS SIGN}2.5"


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        (67.0, 94.0, "hours", "2.8 to 3.9 days"),
        (2.4, 360.0, "hours", "2.4 hours to 15 days"),
        (0.0, 48.0, "hours", "0 to 2 days"),
        (0.2, 0.2, "ratio", "20 %"),
        (0.14, 0.57, "deployments/day", "1 to 4 a week"),
        (39.2, 68.1, "items", "39 to 68 items"),
        (0.6, 8.8, "items", "1 to 9 items"),
    ],
)
def test_a_range_shares_one_unit_unless_its_low_end_would_be_a_fraction(low, high, unit, text):
    assert plain(read_range(low, high, unit)) == text


def test_one_is_not_several():
    assert plain(count(1, "issue")) == "1 issue"
    assert plain(count(1200, "issue")) == "1,200 issues"
    assert plain(count(2, "entry", "entries")) == "2 entries"
