"""What the page says about readings: their line, their progress, what is said aloud."""

from datetime import UTC, datetime, timedelta

import pytest

from data.jira_query_manager import FAILED, OUR_LIMIT, PAUSED
from data.sync.team_fetch import FetchProgress
from tests.unit.ui.receipts import ENDED, receipt
from ui.sync_words import (
    VERDICT_TONES,
    VERDICT_WORDS,
    SyncNews,
    line_facts,
    line_pieces,
    plain_text,
    progress_words,
    said_aloud,
    share_read,
    waiting_words,
)

NOW = ENDED + timedelta(minutes=12)
EARLIER = ENDED - timedelta(hours=3)


def line(last, synced_at=ENDED, *, running=False, partial=False):
    pieces = line_pieces(SyncNews(last, synced_at, running, partial))
    return plain_text(pieces, now=NOW).replace("\N{NO-BREAK SPACE}", " ")


def progress(stage="issues", issues=300, expected=1200, waiting=(0.0, "")):
    return FetchProgress(stage, issues, expected, 3, 4, *waiting)


def test_each_end_of_a_reading_has_its_line():
    assert line(None, None) == "Never synced"
    assert line(receipt()) == "Last synced 12 minutes ago, complete"
    assert line(receipt("partial"), partial=True) == "Last synced 12 minutes ago, partial"
    assert line(receipt("failed"), EARLIER) == "Last synced 3 hours ago; the try 12 minutes ago failed"
    assert line(receipt("failed"), None) == "Never synced; the try 12 minutes ago failed"
    assert line(receipt("cancelled"), EARLIER) == "Last synced 3 hours ago; stopped 12 minutes ago"
    assert line(receipt("interrupted"), EARLIER) == "Last synced 3 hours ago; a reading broke off 12 minutes ago"
    assert line(receipt(), None) == "Nothing is kept"


def test_while_jira_is_read_the_line_says_so_and_how_old_the_numbers_are():
    assert line(receipt(), EARLIER, running=True) == "Reading Jira now; last synced 3 hours ago"
    assert line(None, None, running=True) == "Reading Jira now"


def test_numbers_stay_partial_until_a_whole_reading_replaces_them():
    facts = line_facts(SyncNews(receipt("cancelled"), EARLIER, running=False, partial=True))

    assert facts["tone"] == "calm"
    assert line_facts(SyncNews(receipt("partial"), ENDED, running=False, partial=True))["tone"] == "warn"
    assert line_facts(SyncNews(receipt(), ENDED, running=True))["tone"] == "busy"


def test_every_verdict_has_words_and_a_tone():
    assert set(VERDICT_WORDS) == set(VERDICT_TONES)
    assert len(set(VERDICT_WORDS.values())) == len(VERDICT_WORDS)


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (None, "Starting to read Jira"),
        (progress("connecting", 0, None), "Connecting to Jira"),
        (progress(), "Reading issues: 300 of about 1,200"),
        (progress(expected=None), "Reading issues: 300 issues so far"),
        (progress("histories", 1200), "Reading the history of 1,200 issues"),
        (progress("versions"), "Reading versions and statuses"),
        (progress("sweep"), "Looking for issues that are gone"),
        (progress("saving", 1), "Keeping 1 issue"),
        (progress("measuring"), "Measuring"),
    ],
)
def test_each_stage_of_reading_has_its_words(told, text):
    assert progress_words(told).replace("\N{NO-BREAK SPACE}", " ") == text


def test_a_share_is_known_only_with_an_end_and_never_the_whole_before_the_end():
    assert share_read(progress()) == 25
    assert share_read(progress(issues=1500)) == 99
    assert share_read(progress(expected=None)) is None
    assert share_read(progress("measuring")) is None


@pytest.mark.parametrize("why", [OUR_LIMIT, PAUSED, FAILED, "", "something new"])
def test_a_wait_says_how_long_and_why(why):
    said = waiting_words(progress(waiting=(12.4, why)))

    assert said.startswith("Waiting 12 s ")
    assert len(said) > 30
    assert waiting_words(progress()) is None


def test_a_screen_reader_hears_steps_and_not_every_page():
    heard = [said_aloud(progress(issues=issues)) for issues in range(0, 1200, 10)]

    assert len(dict.fromkeys(heard)) == 4
    assert said_aloud(None)
    assert said_aloud(progress(waiting=(9.0, PAUSED))) == said_aloud(progress(issues=900, waiting=(3.0, PAUSED)))


def test_the_browser_gets_instants_and_makes_the_ages_itself():
    pieces = line_pieces(SyncNews(receipt(), datetime(2026, 3, 5, 15, 30, tzinfo=UTC), running=False))

    assert pieces[1] == {"since": "2026-03-05T15:30:00Z"}
