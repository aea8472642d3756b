"""What had happened by an instant: the corners that make rivals' numbers wrong."""

from datetime import timedelta

import pytest

from data.facts import facts_as_of
from data.history import MISSING, read_history
from data.model import TeamRules
from data.performance_utils import FieldMappingIndex
from data.weeks import instant
from tests.builders import at, issue, jira_text

CREATED = at("2025-03-03 09:00")
START = at("2025-03-04 09:00")
END = at("2025-03-10 09:00")
LATER = at("2025-03-20 09:00")
NOW = at("2025-04-01 00:00")


def facts(*issues, fields=None, now=NOW, **rules):
    return facts_as_of(read_history(issues, FieldMappingIndex(fields or {}), TeamRules(**rules)), now)


def moment(times):
    return None if times[0] == MISSING else instant(times[0])


def test_an_issue_finished_reopened_and_finished_again_is_finished_at_the_last_entry():
    moves = [(START, "In Progress"), (END, "Done"), (END + timedelta(days=1), "Reopened"), (LATER, "Done")]
    found = facts(issue("EX-1", CREATED, moves=moves))

    assert (moment(found.started), moment(found.finished)) == (START, LATER)


def test_reopened_and_not_finished_is_in_progress():
    moves = [(START, "In Progress"), (END, "Done"), (LATER, "Reopened")]
    found = facts(issue("EX-1", CREATED, moves=moves))

    assert moment(found.finished) is None
    assert len(found.in_progress.issue) == 2


def test_going_from_done_to_done_does_not_move_the_finish():
    moves = [(START, "In Progress"), (END, "Done"), (LATER, "Closed")]

    assert moment(facts(issue("EX-1", CREATED, moves=moves)).finished) == END


@pytest.mark.parametrize(("resolved", "expected"), [(None, CREATED), (END, END), (NOW + timedelta(days=1), CREATED)])
def test_created_done_is_finished_when_resolved_else_when_created(resolved, expected):
    assert moment(facts(issue("EX-1", CREATED, initial="Done", resolved=resolved)).finished) == expected


def test_a_skipped_column_leaves_no_start():
    found = facts(issue("EX-1", CREATED, moves=[(END, "Done")]))

    assert (moment(found.started), moment(found.finished)) == (None, END)


def test_created_in_progress_starts_at_creation():
    assert moment(facts(issue("EX-1", CREATED, initial="In Progress")).started) == CREATED


def test_without_history_the_resolution_date_is_the_finish_and_the_start_is_unknown():
    found = facts(issue("EX-1", CREATED, initial="Done", resolved=END, changelog=None))

    assert (moment(found.started), moment(found.finished)) == (None, END)


def test_mapped_dates_win_once_they_are_past():
    fields = {"work_started_date": "cf_start", "work_completed_date": "cf_end"}
    record = issue(
        "EX-1",
        CREATED,
        moves=[(START, "In Progress"), (END, "Done")],
        cf_start=jira_text(CREATED),
        cf_end=jira_text(LATER),
    )

    assert moment(facts(record, fields=fields).started) == CREATED
    assert moment(facts(record, fields=fields).finished) == LATER
    assert moment(facts(record, fields=fields, now=END).finished) == END


def test_the_past_is_told_as_it_stood_then():
    """What happened after `as_of` has not happened."""
    record = issue("EX-1", CREATED, moves=[(START, "In Progress"), (END, "Done")])

    assert moment(facts(record, now=END - timedelta(microseconds=1)).finished) is None
    assert moment(facts(record, now=END).finished) == END
    assert not facts(record, now=CREATED - timedelta(days=1)).exists[0]


def test_cancelled_work_is_neither_finished_nor_in_progress():
    by_status = issue("EX-1", CREATED, moves=[(START, "In Progress"), (END, "Rejected")])
    by_resolution = issue("EX-2", CREATED, moves=[(START, "In Progress")], resolution="WON'T DO", resolved=END)

    found = facts(by_status, by_resolution, cancelled_statuses=frozenset({"rejected"}))

    assert found.cancelled.tolist() == [True, True]
    assert (found.in_progress.hi <= found.now).all()


def test_flagged_time_is_not_active():
    day = timedelta(days=1)
    flags = [(START + day, True), (START + 3 * day, False)]
    record = issue("EX-1", CREATED, moves=[(START, "In Progress"), (END, "Done")], flags=flags)

    assert facts(record).active_hours.tolist() == [4 * 24.0]


def test_waiting_time_is_not_active_and_an_open_flag_lasts_to_the_finish():
    day = timedelta(days=1)
    moves = [(START, "In Progress"), (START + day, "Waiting"), (START + 2 * day, "In Progress"), (END, "Done")]
    record = issue("EX-1", CREATED, moves=moves, flags=[(END - day, True)])

    assert facts(record, waiting_statuses=frozenset({"Waiting"})).active_hours.tolist() == [4 * 24.0]


def test_work_taken_up_again_after_the_report_does_not_count_as_active():
    """What an item does after its finish, also if that never ends, is no part of its active time."""
    moves = [(START, "In Progress"), (END, "Done"), (LATER, "In Progress")]

    assert facts(issue("EX-1", CREATED, moves=moves), now=END).active_hours[0] == (END - START).total_seconds() / 3600


def test_a_naive_instant_is_refused_with_an_example():
    with pytest.raises(ValueError, match="aware datetime, for example"):
        facts_as_of(read_history([], FieldMappingIndex({}), TeamRules()), NOW.replace(tzinfo=None))
