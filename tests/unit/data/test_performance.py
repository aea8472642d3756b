"""The six benchmarks: ten metrics at two sizes, remembered dates, indexed fields; ratios within one run, no seconds."""

import time
from datetime import timedelta

import pytest

from data.dora_calculator import calculate_dora_metrics
from data.flow_calculator import calculate_flow_metrics
from data.performance_utils import FieldMappingIndex, parse_jira_date
from tests.builders import at, issue, jira_text, statuses, version

NOW = at("2025-12-31 12:00")
HOUR = timedelta(hours=1)
RELEASES = [version(f"1.{week}", released=f"{NOW - timedelta(weeks=week):%Y-%m-%d}") for week in range(52)]


def team(size):
    """A year of work with back-flow, weekly releases and an incident for every fortieth item."""
    return [record(number, NOW - timedelta(hours=8700 * number / size)) for number in range(size)]


def record(number, born):
    pace = 1 + number % 17
    steps = ["In Progress", "Review", "In Progress", "Waiting", "Review", "Done"]
    moves = [(born + step * pace * 6 * HOUR, name) for step, name in enumerate(steps, start=1)]
    kind = "Incident" if number % 40 == 0 else ("Story", "Bug", "Chore")[number % 3]
    return issue(f"EX-{number}", born, moves=moves, issue_type=kind, fix_versions=[RELEASES[number % 52]])


@pytest.mark.parametrize("size", [500, 1500])
def test_dora_metrics(benchmark, size):
    issues = team(size)

    results = benchmark(calculate_dora_metrics, issues, {}, 30, as_of=NOW, versions=RELEASES)

    assert results["deployment_frequency"]["value"] > 0
    assert results["lead_time"]["sample_size"] > 0


@pytest.mark.parametrize("size", [500, 1500])
def test_flow_metrics(benchmark, size):
    issues = team(size)

    results = benchmark(calculate_flow_metrics, issues, {}, 30, as_of=NOW, statuses=statuses())

    assert results["flow_velocity"]["value"] > 0
    assert results["flow_load"]["value"] > 0


def fastest(*functions):
    """Of each the least processor time of seven runs, which take turns so that other work disturbs all alike."""
    seconds = [[] for _ in functions]
    for _ in range(7):
        for function, mine in zip(functions, seconds, strict=True):
            started = time.thread_time()
            function()
            mine.append(time.thread_time() - started)
    return [min(mine) for mine in seconds]


def test_date_parsing_cache(benchmark):
    """A date read before costs at most a fifth of reading it for the first time."""
    dates = [jira_text(NOW - number * HOUR) for number in range(5000)]

    def first_time():
        parse_jira_date.cache_clear()
        for date in dates:
            parse_jira_date(date)

    def again():
        for date in dates:
            parse_jira_date(date)

    first_time()
    benchmark(again)
    assert parse_jira_date.cache_info().hits >= len(dates)

    cold, warm = fastest(first_time, again)
    assert warm <= cold / 5


def test_field_lookup(benchmark):
    """Finding a name by its field id in the index costs at most a twentieth of searching a mapping of 500 fields."""
    mappings = {f"logical_{number}": f"customfield_{number}" for number in range(500)}
    index = FieldMappingIndex(mappings)
    wanted = [f"customfield_{number}" for number in range(0, 500, 5)]

    def indexed():
        return [index.get_logical_name(field_id) for field_id in wanted]

    def searched():
        return [next(name for name, field_id in mappings.items() if field_id == sought) for sought in wanted]

    found = benchmark(indexed)

    assert found == searched()
    with_index, without = fastest(indexed, searched)
    assert with_index <= without / 20
