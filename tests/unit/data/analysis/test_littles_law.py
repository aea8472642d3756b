"""Load, throughput and flow time are held against each other, and a process that drifts is told."""

from datetime import timedelta

import pytest

from data.analysis.littles_law import balance
from data.filters import Filters
from data.metric import read_facts
from tests.builders import Changelog, at, change, issue, jira_text, statuses

NOW = at("2026-01-14 12:00")
HOUR = timedelta(hours=1)


def item(number, started, hours):
    moves = [(started, "In Progress"), *([(started + hours * HOUR, "Done")] if hours else [])]
    return issue(f"A-{number}", started - HOUR, moves=moves)


def report(issues, days=30):
    return balance(read_facts(issues, {}, as_of=NOW, statuses=statuses()), days)


def steady(hours):
    """One item begun each day of 90, each finished after so many hours."""
    return [item(number, NOW - timedelta(days=90 - number), hours) for number in range(90)]


def test_a_steady_process_agrees_with_itself():
    found = report([one for one in steady(48) if one])
    assert found["average_load"] == pytest.approx(2.0, rel=0.05)
    assert found["finished_per_day"] == pytest.approx(1.0, rel=0.05)
    assert found["started_per_day"] == pytest.approx(1.0, rel=0.05)
    assert found["average_hours"] == pytest.approx(48.0)
    assert found["verdict"] == "stable"
    assert abs(found["debt_hours"]) < 4


def test_work_set_aside_is_a_debt():
    aside = [item(1000 + number, NOW - timedelta(days=60), None) for number in range(10)]
    found = report([*steady(48), *aside])
    assert found["verdict"] == "ageing"
    assert found["debt_hours"] > 48


def test_clearing_old_work_is_told():
    old = [item(1000 + number, NOW - timedelta(days=300), 24 * (300 - 29)) for number in range(30)]
    assert report([*steady(48), *old])["verdict"] == "draining"


def test_four_items_are_too_few_to_judge():
    found = report([item(number, NOW - timedelta(days=3), 24) for number in range(4)])
    assert (found["enough"], found["verdict"], found["debt_hours"]) == (False, None, None)
    assert "Too little" in found["sentence"]


def test_only_the_work_that_is_looked_at_is_balanced():
    mine, others = steady(48), [one | {"id": f"9{one['id']}"} for one in steady(96)]
    for one in others:
        one["fields"]["labels"] = ["other"]
    facts = read_facts([*mine, *others], {}, as_of=NOW, statuses=statuses())
    part = balance(facts.where(Filters(label=frozenset({"other"}))), 30)
    assert part == report(others)
    assert part["average_load"] == pytest.approx(4.0, rel=0.05)


def test_work_that_moves_on_within_progress_was_started_once():
    """Also where a resolution that was taken back has cut its time into pieces; it then joins the work again."""
    began = NOW - timedelta(days=20)
    moves = [(began, "In Progress"), (began + HOUR, "Review"), (began + 2 * HOUR, "In Progress")]
    declined = [
        (began + 6 * HOUR, (None, None), ("1", "Won't Fix")),
        (began + 9 * HOUR, ("1", "Won't Fix"), (None, None)),
    ]
    told = [{"created": jira_text(when), "items": [change("resolution", was, now)]} for when, was, now in declined]
    record = issue("A-1", began - HOUR, moves=moves, changelog=Changelog(extra=tuple(told)))

    assert report([record])["started_per_day"] == pytest.approx(2 / 30)


def test_nothing_at_all_is_no_zero_time():
    found = report([])
    assert (found["average_hours"], found["implied_hours"], found["average_load"]) == (None, None, 0.0)
