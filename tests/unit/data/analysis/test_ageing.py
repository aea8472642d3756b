"""Open work by age, beside finished work; nothing is said from too little."""

from datetime import timedelta

import pytest

from data.analysis.ageing import ageing
from data.metric import read_facts
from data.model import TeamRules, WorkingCalendar
from tests.builders import at, issue, statuses

NOW = at("2026-01-14 12:00")
HOUR = timedelta(hours=1)


def finished(number, hours):
    done = NOW - timedelta(days=2)
    return issue(f"F-{number}", done - hours * HOUR, moves=[(done - hours * HOUR, "In Progress"), (done, "Done")])


def standing(key, hours, status="In Progress"):
    moves = [(NOW - hours * HOUR, "In Progress"), *([(NOW - HOUR, status)] if status != "In Progress" else [])]
    return issue(key, NOW - hours * HOUR, moves=moves)


def report(*issues, **rules):
    return ageing(read_facts(issues, {}, as_of=NOW, rules=TeamRules(**rules), statuses=statuses()), 30)


DONE = [finished(number, 10 * number) for number in range(1, 21)]


def test_the_oldest_comes_first_with_its_status_and_the_mark_it_has_passed():
    found = report(*DONE, standing("A-1", 20), standing("A-2", 500, "Review"), standing("A-3", 120))
    assert [(item["key"], item["status"], item["beyond"]) for item in found["items"]] == [
        ("A-2", "Review", 95),
        ("A-3", "In Progress", 50),
        ("A-1", "In Progress", None),
    ]
    assert found["marks"] == pytest.approx({"50": 105.0, "85": 171.5, "95": 190.5})


def test_chances_grow_with_time_and_are_not_guessed_for_the_very_old():
    young, old = report(*DONE, standing("A-1", 20), standing("A-2", 500))["items"][::-1]
    assert 0 < young["chance"]["7"] <= young["chance"]["14"] <= young["chance"]["28"]
    assert old["chance"] == {"7": None, "14": None, "28": None}


def test_four_finished_items_give_no_marks():
    found = report(*DONE[:4], standing("A-1", 20))
    assert (found["marks"], found["finished_items"]) == ({}, 4)
    assert found["items"][0]["beyond"] is None


def test_working_hours_tell_no_chance_by_calendar_days():
    found = report(*DONE, standing("A-1", 20), working_calendar=WorkingCalendar())
    assert set(found["items"][0]["chance"].values()) == {None}
