"""Measured times, rates and verdicts in words."""

import pytest

from data.watch.severity import Severity
from ui.performance_words import (
    DEFAULT_SPAN,
    SEVERITY_TONES,
    SEVERITY_WORDS,
    grade_tone,
    megabytes,
    milliseconds,
    often_words,
    per_cent,
    span_days,
)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (0.0, "0 ms"),
        (4.21, "4.2 ms"),
        (320.4, "320 ms"),
        (999.4, "999 ms"),
        (999.6, "1.00 s"),
        (1240.0, "1.24 s"),
        (9994.0, "9.99 s"),
        (9996.0, "10.0 s"),
        (99_960.0, "1.7 min"),
        (99_996.0, "1.7 min"),
        (180_000.0, "3 min"),
    ],
)
def test_a_duration_has_the_digits_that_matter(value, words):
    assert milliseconds(value).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (None, "–"),
        (0.0, "0 %"),
        (0.0004, "0.04 %"),
        (0.0049, "0.5 %"),
        (0.874, "87 %"),
        (0.9999, "99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(rate, words):
    assert per_cent(rate).replace("\N{NO-BREAK SPACE}", " ") == words


def test_how_often_is_told_in_a_unit_that_one_can_picture():
    told = [often_words(rate) for rate in (None, 1200, 5.1, 0.1, 0.01)]
    assert told == ["how often is not known", "20 a second", "5.1 a minute", "6 an hour", "14 a day"]


def test_whatever_a_browser_sends_as_a_span_is_one_of_the_four():
    assert [span_days(text) for text in ("1", "7", "30", "90")] == [1, 7, 30, 90]
    assert {span_days(text) for text in (None, "", "13", "-1", "9" * 99, "7 ")} == {DEFAULT_SPAN}


def test_every_severity_has_a_word_and_a_sign_of_its_own():
    assert set(SEVERITY_WORDS) == set(SEVERITY_TONES) == set(Severity)
    assert len(set(SEVERITY_WORDS.values())) == len(set(SEVERITY_TONES.values())) == len(Severity)


def test_grades_get_worse_in_their_signs_too():
    assert [grade_tone(grade) for grade in ("A+", "B", "C+", "D", "F", None)] == [
        "good",
        "good",
        "warn",
        "slow",
        "bad",
        "calm",
    ]


def test_sizes_are_told_in_megabytes_from_a_tenth_of_one_on():
    assert [megabytes(size).replace("\N{NO-BREAK SPACE}", " ") for size in (0, 40_000, 41_200_000)] == [
        "0 kB",
        "40 kB",
        "41.2 MB",
    ]
