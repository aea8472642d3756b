"""What the page shows of the logs: text, never markup."""

from tests.unit.ui.reading import of_kind, parts, words
from tests.unit.ui.trouble_documents import log_events as events
from tests.unit.ui.trouble_documents import log_records
from ui import ids
from ui.components.performance.records import log_events, malformed_reference, records_body


def test_each_event_has_its_level_how_often_when_and_a_way_to_its_records():
    shown = log_events(events(), 7, "Europe/Berlin")
    assert "jira.rate_limited warning 4 5 Mar 2026, 13:00 Jira asks to wait for 12 s" in words(shown)
    (button,) = of_kind(shown, "Button")
    assert button.id == ids.watch_records("b5f0c1d2-7c2e-4a4f-9c8e-0f6f0f0c9a11")
    assert "no request" in words(shown)


def test_what_was_logged_is_placed_as_text():
    for shown in (log_events(events(), 7, "UTC"), records_body(log_records(), "UTC")):
        assert {part._type for part in parts(shown)} & {"Markdown", "DangerouslySetInnerHTML", "Iframe"} == set()
    assert "<script>alert(1)</script>" in words(log_events(events(), 7, "UTC"))
    assert "<b>that nobody</b>" in words(records_body(log_records(), "UTC"))


def test_a_record_shows_its_facts_and_its_trace():
    shown = words(records_body(log_records(), "UTC"))
    assert "Request abc-1 1 record, oldest first." in shown
    assert "error 5 Mar 2026, 15:00:00.000 failure.unexpected" in shown
    assert "error_type ValueError tries 3" in shown
    assert "Traceback (most recent call last): ValueError: no" in shown


def test_a_clean_log_is_said_to_be_clean():
    assert "No warning and no error was logged in the last 7 days." in words(log_events(events(events=[]), 7, "UTC"))


def test_what_was_not_read_is_never_passed_over():
    partly = {"unread_bytes": 4_200_000, "torn": 2, "unreadable": ["app.log.3"], "left_out": 40}
    shown = words(log_events(events(**partly), 7, "UTC"))
    assert "Only the ends of large files are read (4.2 MB were not): complete since 26 Feb 2026, 15:00." in shown
    assert "Could not be read: app.log.3." in shown
    assert "2 torn lines skipped." in shown
    assert "40 more not shown." in shown


def test_an_unknown_reference_and_a_malformed_one_are_two_things():
    assert "Nothing was logged for it, or it was too long ago." in words(records_body(log_records(records=[]), "UTC"))
    assert "letters, digits and hyphens" in words(malformed_reference())
