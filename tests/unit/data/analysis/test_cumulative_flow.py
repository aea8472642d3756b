"""The diagram is rebuilt from history: a band per status, day by day."""

from datetime import timedelta

from data.analysis.cumulative_flow import cumulative_flow
from data.metric import read_facts
from data.model import TeamRules
from tests.builders import at, issue, statuses

NOW = at("2026-01-14 12:00")


def report(*issues, days=3, **rules):
    facts = read_facts(issues, {}, as_of=NOW, rules=TeamRules(**rules), statuses=statuses())
    return cumulative_flow(facts, days)


ITEM = issue(
    "A-1", at("2026-01-12 08:00"), moves=[(at("2026-01-13 09:00"), "In Progress"), (at("2026-01-14 10:00"), "Done")]
)


def test_an_item_moves_from_band_to_band():
    found = report(ITEM)
    assert found["days"] == ["2026-01-11", "2026-01-12", "2026-01-13", "2026-01-14"]
    assert found["by_category"] == {"new": [0, 1, 0, 0], "indeterminate": [0, 0, 1, 0], "done": [0, 0, 0, 1]}
    assert list(found["by_status"]) == ["To Do", "In Progress", "Done"]


def test_statuses_stand_in_the_order_in_which_work_comes_to_them():
    """Review comes after Blocked here, whatever the alphabet says; a way back changes nothing."""
    path = ["In Progress", "Waiting", "Blocked", "Review", "In Progress", "Done", "Closed"]
    moves = [(at("2026-01-12 08:00") + timedelta(hours=8 * place), name) for place, name in enumerate(path)]
    standing = [issue(f"A-{place}", moves[0][0], moves=moves[:place]) for place in range(len(path) + 1)]
    found = report(*standing)
    assert [band["status"] for band in found["bands"]] == [
        "To Do", "In Progress", "Waiting", "Blocked", "Review", "Done", "Closed"
    ]  # fmt: skip


def test_what_was_finished_before_counts_in_the_table_but_in_no_band():
    """Also when it goes on to another done status; what is reopened and finished again counts."""
    old = at("2026-01-02 08:00")
    before = issue("A-2", old, moves=[(old, "Done"), (at("2026-01-13 09:00"), "Closed")])
    again = issue(
        "A-3", old, moves=[(old, "Done"), (at("2026-01-12 09:00"), "Review"), (at("2026-01-13 09:00"), "Done")]
    )
    found = report(before, again)
    bands = {band["status"]: band["counts"] for band in found["bands"]}
    assert bands == {"Review": [0, 1, 0, 0], "Done": [0, 0, 1, 1], "Closed": [0, 0, 0, 0]}
    assert found["by_status"]["Closed"] == [0, 0, 1, 1]


def test_days_end_in_the_team_s_zone():
    """Half past eleven in the morning UTC is past midnight in Auckland."""
    late = issue("A-2", at("2026-01-12 08:00"), moves=[(at("2026-01-13 11:30"), "In Progress")])

    def first_day_in_progress(**rules):
        found = report(late, **rules)
        return found["days"][found["by_category"]["indeterminate"].index(1)]

    assert first_day_in_progress() == "2026-01-13"
    assert first_day_in_progress(timezone="Pacific/Auckland") == "2026-01-14"


def test_cancelled_work_and_work_without_history_are_counted_beside():
    dropped = issue("A-3", NOW - timedelta(days=9), resolution="Duplicate", resolved=NOW - timedelta(days=1))
    silent = issue("A-4", NOW - timedelta(days=9), changelog=None)
    found = report(ITEM, dropped, silent)
    assert (found["cancelled"], found["without_history"]) == (1, 1)
    assert found["by_category"] == report(ITEM)["by_category"]


def test_epics_are_no_flow():
    assert report(issue("A-5", NOW - timedelta(days=9), issue_type="Epic"))["by_category"] == {}
