"""Which data the page shows, and how old it is."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.ui.reading import words
from ui.components.data_line import DataFacts, age_words, data_line, demo_banner, instant_words

FETCHED = datetime(2026, 3, 5, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=89), "89 minutes ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=3), "3 days ago"),
    ],
)
def test_an_age_is_told_roughly(age, text):
    assert age_words(age).replace("\N{NO-BREAK SPACE}", " ") == text


def test_an_instant_is_told_in_the_teams_zone_and_names_it():
    assert instant_words(FETCHED, "Europe/Berlin") == "5 Mar 2026, 16:30 (Europe/Berlin)"
    assert instant_words(FETCHED, "America/New_York") == "5 Mar 2026, 10:30 (America/New_York)"


def test_the_line_names_issues_age_site_and_as_of():
    facts = DataFacts(1234, 2, "jira.example.com", FETCHED, FETCHED, "UTC")
    line = data_line(facts, now=FETCHED + timedelta(minutes=2))

    assert line.replace("\N{NO-BREAK SPACE}", " ") == (
        "1,234 issues read 2 minutes ago from jira.example.com, as of 5 Mar 2026, 15:30 (UTC), "
        "2 records could not be read"
    )


def test_the_demo_banner_says_how_to_see_ones_own_team():
    text = words(demo_banner())

    assert "made up" in text
    for name in ("JIRA_URL", "JIRA_EMAIL", "JIRA_TOKEN"):
        assert name in text
