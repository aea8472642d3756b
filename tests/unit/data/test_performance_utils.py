"""Dates, field names, filtered lists, timers."""

import inspect
import logging
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.performance_utils import (
    CalculationContext,
    FieldMappingIndex,
    PerformanceTimer,
    log_performance,
    microseconds,
    parse_instant,
    parse_jira_date,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-11-09T14:30:45.123+0000", datetime(2025, 11, 9, 14, 30, 45, 123000, tzinfo=UTC)),
        ("2025-11-09T14:30:45.123+0530", datetime(2025, 11, 9, 9, 0, 45, 123000, tzinfo=UTC)),
        ("2025-11-09T14:30:45.123Z", datetime(2025, 11, 9, 14, 30, 45, 123000, tzinfo=UTC)),
        ("2025-11-09T14:30:45+00:00", datetime(2025, 11, 9, 14, 30, 45, tzinfo=UTC)),
        ("2025-11-09T14:30:45", datetime(2025, 11, 9, 14, 30, 45, tzinfo=UTC)),
        ("2025-11-09", datetime(2025, 11, 9, tzinfo=UTC)),
    ],
)
def test_every_form_of_date_that_jira_writes_is_read(text, expected):
    assert parse_jira_date(text) == expected
    assert parse_jira_date(text).tzinfo is not None


@pytest.mark.parametrize(
    "junk", [None, "", " ", "soon", "2025", "2025-13-01", "2025-W01-1", "0001-01-01T00:00:00+2359", 7]
)
def test_junk_is_no_date(junk):
    assert parse_jira_date(junk) is None


def test_dates_are_remembered():
    parse_jira_date.cache_clear()
    parse_jira_date("2025-11-09")
    parse_jira_date("2025-11-09")

    assert parse_jira_date.cache_info().hits == 1


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-14 * 60, 14 * 60))
def test_an_instant_survives_every_offset(moment, minutes):
    """Whatever the zone in which Jira writes an instant, the same microsecond is read."""
    zone = timezone(timedelta(minutes=minutes))
    try:
        text = moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S.%f%z").zfill(31)
    except OverflowError:
        return

    assert parse_instant(text) == microseconds(moment)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1759080993142, 1759080993142000),
        (1492070429, 1492070429000000),
        ("1759080993142", 1759080993142000),
        (True, None),
        (-5, None),
        (float("nan"), None),
        (10**30, None),
        ({"iso": "2025"}, None),
    ],
)
def test_epoch_numbers_are_seconds_or_milliseconds(value, expected):
    assert parse_instant(value) == expected


def test_the_two_sides_of_a_mapping_do_not_collide():
    """A field id that equals another field's logical name is found on its own side only."""
    index = FieldMappingIndex({"team": "sprint", "sprint": "customfield_1", "estimate": ""})

    assert index.get_jira_field("team") == "sprint"
    assert index.get_logical_name("sprint") == "team"
    assert index.get_jira_field("sprint") == "customfield_1"
    assert index.get_logical_name("team") is None
    assert index.get_jira_field("estimate") is None


def test_a_filter_runs_once_per_key():
    calls = []
    context = CalculationContext([{"key": "A-1"}, {"key": "B-1"}], FieldMappingIndex({}))

    for _ in range(2):
        found = context.filter_issues(lambda issue: calls.append(issue) or issue["key"] == "A-1", "of A")

    assert found == [{"key": "A-1"}]
    assert len(calls) == 2
    assert (context.cache_hits, context.cache_misses) == (1, 1)


def test_completed_issues_are_those_resolved_in_the_half_open_period():
    as_of = datetime(2025, 3, 31, tzinfo=UTC)
    resolved = ["2025-03-01T00:00:00.000+0000", "2025-03-01T00:00:00.001+0000", "2025-03-31T00:00:00.000+0000", None]
    issues = [{"key": str(number), "fields": {"resolutiondate": date}} for number, date in enumerate(resolved)]
    context = CalculationContext(issues, FieldMappingIndex({}), as_of=as_of)

    assert [issue["key"] for issue in context.get_completed_issues(30)] == ["1", "2"]


def test_a_timer_stands_still_once_left():
    with PerformanceTimer("nothing", log_result=False) as timer:
        pass
    first = timer.elapsed_seconds()

    assert timer.elapsed_seconds() == first >= 0


def test_the_decorator_keeps_the_function_and_logs_its_outcome(caplog):
    @log_performance("double")
    def double(number: int) -> int:
        """Twice."""
        if number < 0:
            raise ValueError("negative")
        return number * 2

    with caplog.at_level(logging.DEBUG, logger="data.performance_utils"):
        assert double(4) == 8
        with pytest.raises(ValueError, match="negative"):
            double(-1)

    assert (double.__name__, double.__doc__) == ("double", "Twice.")
    assert list(inspect.signature(double).parameters) == ["number"]
    events = [record.event for record in caplog.records]
    assert events == ["operation.started", "operation.finished", "operation.started", "operation.failed"]
