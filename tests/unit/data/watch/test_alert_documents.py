"""What is said of alerts to people, and to the receiver of posts."""

from datetime import timedelta

import pytest

from data.watch.alert_book import evaluated, new_book, told
from data.watch.alert_documents import document_of, message_of
from data.watch.alert_rules import Mistake, Rule, RulesInForce
from tests.watching import NOON

RULE = Rule(name="Misses", metric="cache_hit_rate", comparison="<", value=0.5, for_minutes=1)
MISTAKE = Mistake("alert_rules.json, line 1, column 2", "This is not JSON.", "Correct it.")


@pytest.fixture
def book():
    """Of an incident that is over."""
    made = new_book()
    for minute, value in enumerate((0.4, 0.3, 0.25, 0.9, 0.9)):
        made = evaluated(made, [RULE], {"Misses": value}, NOON + timedelta(minutes=minute), tells=True)
    return made


def shown(book, *, minutes=4, mistakes=()):
    force = RulesInForce((RULE,), "file", mistakes)
    return document_of(book, force, NOON + timedelta(minutes=minutes), is_posted=True)


def test_a_message_says_in_a_sentence_what_began_and_what_ended(book):
    incident = book["incidents"][0]
    began, ended = message_of(incident, "began"), message_of(incident, "ended")

    assert began["text"] == (
        "Misses: The share answered from what is kept is below 50 % for 1 minute, measured over 15 minutes. "
        "It began at 2026-03-18 12:00 UTC; the worst value so far is 25 %."
    )
    assert ended["text"] == (
        "Misses: over. It lasted from 2026-03-18 12:00 UTC to 2026-03-18 12:03 UTC; the worst value was 25 %."
    )
    assert began["incident"]["ended"] is None, "what is told of a beginning is the same before and after the end"
    assert ended["incident"]["ended"] == "2026-03-18T12:03:00Z"
    assert "posted" not in ended["incident"]


def test_an_end_that_a_changed_rule_brought_says_so(book):
    gone = evaluated(
        evaluated(new_book(), [RULE], {"Misses": 0.1}, NOON, tells=True),
        [Rule(name="Misses", metric="cache_hit_rate", comparison="<", value=0.5, for_minutes=0)],
        {"Misses": 0.1},
        NOON + timedelta(minutes=1),
        tells=True,
    )
    ended = evaluated(gone, [], {}, NOON + timedelta(minutes=2), tells=True)["incidents"][0]

    assert message_of(ended, "ended")["text"].endswith("The rule was taken out.")


def test_a_rule_is_shown_with_its_value_and_limit_in_words(book):
    (rule,) = shown(book)["rules"]

    assert (rule["state"], rule["value"], rule["value_words"], rule["threshold_words"]) == ("ok", 0.9, "90 %", "50 %")
    assert (rule["since"], rule["is_on"]) == ("2026-03-18T12:04:00Z", False)


def test_problems_are_mistakes_in_the_rules_silence_and_posts_that_failed(book):
    assert shown(book)["problems"] == []
    assert shown(book, mistakes=(MISTAKE,))["problems"] == [
        "alert_rules.json, line 1, column 2: This is not JSON. Correct it."
    ]
    assert shown(new_book())["problems"][0].startswith("No rule has been looked at yet")
    assert shown(book, minutes=10)["problems"][0].startswith("No rule has been looked at since 2026-03-18T12:04:00Z")

    post = {"state": "given up", "tries": 20, "next_try": None, "posted": None, "reason": "404"}
    failed = told(book, (book["incidents"][0]["id"], "began"), post)
    assert "was not told that “Misses” began (404); it will not be tried again" in shown(failed)["problems"][0]


def test_what_was_given_up_a_week_ago_is_no_problem_any_more(book):
    post = {"state": "given up", "tries": 20, "next_try": None, "posted": None, "reason": "404"}
    failed = told(book, (book["incidents"][0]["id"], "began"), post)
    later = evaluated(failed, [RULE], {"Misses": 0.9}, NOON + timedelta(days=8), tells=True)

    assert shown(later, minutes=8 * 1440)["problems"] == []
