"""Which data the page shows."""

from datetime import UTC, datetime

from tests.unit.ui.reading import words
from ui.components.data_line import DataFacts, data_line, demo_banner

FETCHED = datetime(2026, 3, 5, 15, 30, tzinfo=UTC)


def test_the_line_names_issues_site_and_as_of():
    facts = DataFacts(1234, 2, "jira.example.com", FETCHED, "UTC")
    line = data_line(facts)

    assert line.replace("\N{NO-BREAK SPACE}", " ") == (
        "1,234 issues from jira.example.com, as of 5 Mar 2026, 15:30 (UTC), 2 records could not be read"
    )


def test_the_demo_banner_says_how_to_see_ones_own_team():
    text = words(demo_banner())

    assert "made up" in text
    for name in ("JIRA_URL", "JIRA_EMAIL", "JIRA_TOKEN"):
        assert name in text
