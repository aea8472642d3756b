"""The record of alerts: incidents begin and end in it once, and each turn is told in order."""

from datetime import timedelta

import pytest

from data.model import iso_utc
from data.watch.alert_book import (
    MOST_INCIDENTS,
    book_of,
    due,
    evaluated,
    key_of,
    lost_records,
    new_book,
    next_try,
    standing_of,
    told,
    with_losses,
)
from data.watch.alert_rules import Rule
from data.watch.alert_state import State
from tests.watching import NOON

RULE = Rule(name="Slow", metric="p95_ms", comparison=">", value=100, for_minutes=1)
POSTED = {"state": "posted", "tries": 1, "next_try": None, "posted": iso_utc(NOON), "reason": None}


def minutes(number):
    return NOON + timedelta(minutes=number)


def after(values, *, rules=(RULE,), book=None, tells=True, start=0):
    """The book after a look at each value, minute by minute."""
    book = book or new_book()
    for minute, value in enumerate(values, start):
        book = evaluated(book, rules, dict.fromkeys([rule.name for rule in rules], value), minutes(minute), tells=tells)
    return book


def news(book, at=NOON):
    return [(incident["rule"], what) for incident, what in due(book, at)]


def test_a_whole_incident_is_one_entry():
    (incident,) = after([50, 200, 300, 250, 50, 50, 50])["incidents"]

    assert (incident["rule"], incident["sentence"], incident["threshold"]) == ("Slow", RULE.sentence, 100)
    assert (incident["began"], incident["fired"], incident["ended"]) == (
        iso_utc(minutes(1)),
        iso_utc(minutes(2)),
        iso_utc(minutes(4)),
    )
    assert (incident["peak"], incident["why_ended"]) == (300, None)


def test_the_peak_is_the_lowest_value_of_a_rule_about_what_is_too_low():
    rule = Rule(name="Few", metric="cache_hit_rate", comparison="<", value=0.5, for_minutes=0)

    assert after([0.4, 0.2, 0.3], rules=[rule])["incidents"][0]["peak"] == 0.2


def test_the_beginning_is_told_before_the_end_and_each_once():
    book = after([200, 200, 50, 50])
    assert news(book) == [("Slow", "began")]

    began = told(book, (book["incidents"][0]["id"], "began"), POSTED)
    assert news(began) == [("Slow", "ended")]
    assert news(told(began, (book["incidents"][0]["id"], "ended"), POSTED)) == []


def test_what_failed_waits_for_its_time():
    book = after([200, 200])
    incident = book["incidents"][0]
    later = POSTED | {"state": "due", "posted": None, "next_try": iso_utc(minutes(5))}
    book = told(book, (incident["id"], "began"), later)

    assert next_try(book) == minutes(5)
    assert news(book, minutes(4)) == []
    assert news(book, minutes(5)) == [("Slow", "began")]
    assert next_try(after([200, 200])) is None


def test_without_a_receiver_nothing_is_told_also_not_later():
    book = after([200, 200], tells=False)
    book = after([50, 50], book=book, tells=True, start=2)

    assert news(book) == []
    assert [post["state"] for post in book["incidents"][0]["posted"].values()] == ["not configured"] * 2


def test_an_incident_whose_rule_is_gone_or_changed_ends_and_says_why():
    other = Rule(name="Slow", metric="p95_ms", comparison=">", value=150, for_minutes=1)
    book = after([200, 200])

    gone = after([200], rules=[], book=book, start=2)["incidents"]
    changed = after([200], rules=[other], book=book, start=2)
    again = after([200], rules=[other], book=changed, start=3)["incidents"]

    assert [(one["ended"], one["why_ended"]) for one in gone] == [(iso_utc(minutes(2)), "The rule was taken out.")]
    assert changed["incidents"][0]["why_ended"] == "The rule was changed."
    assert standing_of(changed, other, NOON).state is State.PENDING
    assert [one["ended"] is None for one in again] == [True, False]
    assert again[0]["id"] != again[1]["id"]


def test_keys_are_the_same_in_every_process_and_differ_by_turn_and_incident():
    first, second = (after([200, 200])["incidents"][0] for _ in range(2))
    other = after([200, 200], start=1)["incidents"][0]

    assert key_of(first, "began") == key_of(second, "began")
    assert len({key_of(first, "began"), key_of(first, "ended"), key_of(other, "began")}) == 3


def test_old_incidents_are_forgotten_but_not_what_is_still_to_be_told():
    rule = Rule(name="Slow", metric="p95_ms", comparison=">", value=100, for_minutes=0)
    book = after([200, 50] * (MOST_INCIDENTS + 5), rules=[rule], tells=False)
    assert len(book["incidents"]) == MOST_INCIDENTS
    assert book["incidents"][0]["began"] > book["incidents"][-1]["began"]

    assert len(after([200, 50] * (MOST_INCIDENTS + 5), rules=[rule])["incidents"]) == MOST_INCIDENTS + 5


@pytest.mark.parametrize("document", [None, [], {}, {"format": 0}, {"format": 1}, "?"])
def test_what_is_no_book_of_ours_is_begun_anew(document):
    assert book_of(document) == new_book()


def test_lost_log_records_are_added_up_for_a_day():
    book = with_losses(with_losses(new_book(), 3, NOON), 7, minutes(10))

    assert lost_records(book, minutes(-1)) == 7
    assert lost_records(book, minutes(5)) == 4
    assert lost_records(with_losses(book, 7, minutes(11)), minutes(-1)) == 7
    assert lost_records(with_losses(book, 8, NOON + timedelta(days=2)), minutes(-1)) == 1


def test_a_count_that_begins_anew_loses_nothing():
    book = with_losses(with_losses(new_book(), 3, NOON), 0, minutes(1))

    assert lost_records(book, minutes(-1)) == 3
    assert lost_records(with_losses(book, 2, minutes(2)), minutes(-1)) == 5
