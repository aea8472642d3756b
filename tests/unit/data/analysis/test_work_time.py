"""Where time went: by status, and by what made work stand still."""

from datetime import timedelta

import pytest

from data.analysis.work_time import blocked_time, time_in_status
from data.metric import read_facts
from data.model import TeamRules
from tests.builders import at, issue, statuses

NOW = at("2026-01-14 12:00")
HOUR = timedelta(hours=1)
BORN = NOW - timedelta(days=5)


def moved(key, *moves, **more):
    return issue(key, BORN, moves=[(BORN + hours * HOUR, name) for hours, name in moves], **more)


def facts(*issues, **rules):
    return read_facts(issues, {}, as_of=NOW, rules=TeamRules(**rules), statuses=statuses())


def test_the_time_before_the_start_belongs_to_no_status():
    found = time_in_status(facts(moved("A-1", (24, "In Progress"), (30, "Review"), (40, "Done"))), 30)
    assert [(row["status"], row["hours"], row["share"]) for row in found["finished"]] == [
        ("Review", 10.0, 0.625),
        ("In Progress", 6.0, 0.375),
    ]
    assert (found["finished_items"], found["in_progress_items"]) == (1, 0)


def test_open_work_is_counted_until_now():
    found = time_in_status(facts(moved("A-1", (24, "In Progress"), (30, "Review"))), 30)
    assert found["finished"] == []
    assert {row["status"]: row["hours"] for row in found["in_progress"]} == {"In Progress": 6.0, "Review": 90.0}


def test_work_without_history_spent_its_time_nobody_knows_where():
    found = time_in_status(facts(moved("A-1", (24, "In Progress"), changelog=None)), 30)
    assert (found["in_progress"], found["in_progress_items"]) == ([], 0)


def test_a_status_visited_twice_is_one_item():
    item = moved("A-1", (0, "In Progress"), (2, "Review"), (3, "In Progress"), (7, "Done"))
    (progress,) = [row for row in time_in_status(facts(item), 30)["finished"] if row["status"] == "In Progress"]
    assert (progress["hours"], progress["items"], progress["median_hours"]) == (6.0, 1, 6.0)


def test_blocked_time_is_told_by_its_reason():
    first = moved("A-1", (0, "In Progress"), (10, "Blocked"), (15, "In Progress"), (20, "Waiting"), (22, "Done"))
    second = moved("A-2", (0, "In Progress"), flags=[(BORN + 3 * HOUR, True), (BORN + 4 * HOUR, False)])
    known = facts(first, second, blocked_statuses=frozenset({"blocked"}), waiting_statuses=frozenset({"10002"}))
    found = [(row["reason"], row["kind"], row["hours"], row["longest"]) for row in blocked_time(known, 30)]
    assert found == [
        ("Blocked", "blocked", 5.0, "A-1"),
        ("Waiting", "waiting", 2.0, "A-1"),
        ("flag", "flag", 1.0, "A-2"),
    ]


def test_a_status_called_blocked_and_waiting_is_blocked():
    item = moved("A-1", (0, "In Progress"), (10, "Blocked"), (15, "Done"))
    both = frozenset({"Blocked"})
    (row,) = blocked_time(facts(item, blocked_statuses=both, waiting_statuses=both), 30)
    assert (row["kind"], row["hours"]) == ("blocked", 5.0)


def test_a_flag_that_is_never_cleared_lasts_until_now():
    (row,) = blocked_time(facts(moved("A-1", (0, "In Progress"), flags=[(BORN + 20 * HOUR, True)])), 30)
    assert row["hours"] == pytest.approx(100.0)


def test_a_team_that_never_stops_has_no_reasons():
    assert blocked_time(facts(moved("A-1", (0, "In Progress"), (5, "Done"))), 30) == []
