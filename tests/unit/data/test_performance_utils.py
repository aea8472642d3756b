"""Dates, field names, filtered lists, timers."""

import inspect
import logging
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.performance_utils import (
    Calculation,
    CalculationContext,
    FieldMappingIndex,
    PerformanceTimer,
    log_performance,
    microseconds,
    parse_instant,
    parse_jira_date,
    threshold_verdict,
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


CALCULATION = {"metric_type", "start_time", "end_time", "duration_seconds", "input_data_size", "result_data_size"}
CALCULATION |= {"cache_hits", "cache_misses"}
THRESHOLD = {"metric_type", "target_duration_seconds", "actual_duration_seconds", "threshold_status"}
THRESHOLD |= {"dataset_size_category"}


@pytest.mark.parametrize(
    ("size", "category", "target"),
    [(0, "small", 2), (1000, "small", 2), (1001, "medium", 5), (5000, "medium", 5), (5001, "large", 10)],
)
def test_the_promise_depends_on_the_number_of_issues(size, category, target):
    verdict = threshold_verdict(0.1, size)

    assert (verdict["dataset_size_category"], verdict["target_duration_seconds"]) == (category, target)


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, "pass"), (2, "pass"), (2.001, "warning"), (2.4, "warning"), (2.41, "fail")]
)
def test_a_fifth_above_the_promise_is_a_warning_and_more_is_a_failure(seconds, status):
    assert threshold_verdict(seconds, 1000)["threshold_status"] == status


def calculations(caplog):
    return [vars(record) for record in caplog.records if record.event == "metric.calculated"]


def test_one_record_tells_a_calculation_and_the_verdict_on_it(caplog):
    with caplog.at_level(logging.INFO, logger="data.performance_utils"), Calculation("lead_time", 12) as calculation:
        calculation.result_data_size = 7
        calculation.cache_hits = 3

    (record,) = calculations(caplog)
    assert record.keys() >= CALCULATION | THRESHOLD
    assert (record["metric_type"], record["input_data_size"], record["result_data_size"]) == ("lead_time", 12, 7)
    assert (record["cache_hits"], record["cache_misses"], record["threshold_status"]) == (3, 0, "pass")
    assert record["duration_seconds"] == record["actual_duration_seconds"] >= 0
    lasted = parse_jira_date(record["end_time"]) - parse_jira_date(record["start_time"])
    assert abs(lasted.total_seconds() - record["duration_seconds"]) < 2e-6
    assert record["levelno"] == logging.INFO


def test_a_broken_promise_is_a_warning_in_the_log(caplog, monkeypatch):
    ticks = iter([100.0, 102.5])
    monkeypatch.setattr("data.performance_utils.time.perf_counter", lambda: next(ticks))
    with caplog.at_level(logging.INFO, logger="data.performance_utils"), Calculation("lead_time", 12):
        pass

    (record,) = calculations(caplog)
    assert (record["threshold_status"], record["levelno"]) == ("fail", logging.WARNING)
    assert (record["target_duration_seconds"], record["actual_duration_seconds"]) == (2.0, 2.5)


def test_a_calculation_that_fails_is_logged_as_such(caplog):
    with caplog.at_level(logging.INFO), pytest.raises(ZeroDivisionError), Calculation("lead_time"):
        _ = 1 / 0

    (record,) = caplog.records
    assert (record.event, record.operation, record.error_type) == ("operation.failed", "lead_time", "ZeroDivisionError")
