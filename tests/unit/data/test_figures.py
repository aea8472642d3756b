"""The weeks and the period before, at the instants where one ends and the next begins, and where nothing is known."""

from datetime import timedelta

from data.metric_catalogue import metric
from tests.builders import at, issue

AS_OF = at("2025-06-30 12:00")
FIRST_MONDAY = at("2025-04-07 00:00")
"""Of the week that holds the day 84 days before the report."""


def weeks_of(key, *issues):
    result = metric(key)(list(issues), {}, 30, as_of=AS_OF)
    return {week["start"]: week["value"] for week in result["trend"]}


def test_what_ends_with_the_first_instant_of_the_trend_is_in_its_first_week():
    begun = FIRST_MONDAY - timedelta(days=2)
    done = issue("EX-1", begun, moves=[(begun, "In Progress"), (FIRST_MONDAY, "Done")])
    weeks = weeks_of("flow_velocity", done)
    assert next(iter(weeks)) == "2025-04-07T00:00:00Z"
    assert list(weeks.values())[:2] == [1, 0]


def test_what_ended_just_before_the_trend_is_in_no_week():
    begun, tick = FIRST_MONDAY - timedelta(days=2), timedelta(milliseconds=1)
    done = issue("EX-1", begun, moves=[(begun, "In Progress"), (FIRST_MONDAY - tick, "Done")])
    assert set(weeks_of("flow_velocity", done).values()) == {0}


def test_work_begun_in_the_last_microsecond_of_a_week_is_load_at_its_end():
    begun = issue("EX-1", FIRST_MONDAY, initial="In Progress")
    begun["fields"]["created"] = "2025-05-11T23:59:59.999999+0000"
    weeks = weeks_of("flow_load", begun)
    assert (weeks["2025-04-28T00:00:00Z"], weeks["2025-05-05T00:00:00Z"]) == (0, 1)


def test_without_any_issue_nothing_is_known_of_the_period_before():
    for key in ("flow_load", "flow_velocity", "flow_time"):
        assert metric(key)([], {}, 30, as_of=AS_OF)["previous"]["value"] is None
