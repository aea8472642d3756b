"""What a rule is held against: whole minutes of the right kind and route, and None where too little is known."""

from datetime import timedelta

import pytest

from data.watch.alert_metrics import ALERT_METRICS
from data.watch.alert_rules import Rule
from data.watch.alert_values import Values
from data.watch.measurement import Kind
from data.watch.store import MetricsStore
from tests.watching import NOON, measured

LATER = NOON + timedelta(minutes=10, seconds=30)


@pytest.fixture
def store(tmp_path):
    store = MetricsStore(tmp_path / "metrics.db", clock=lambda: LATER)
    yield store
    store.close()


def value(store, metric, **rule):
    outside = {"hours_since_sync": lambda _: 7.5, "log_records_dropped": lambda _: 0, "unusual_durations": lambda _: 2}
    found = Values(store, LATER, outside).of(Rule(name="x", metric=metric, comparison=">", value=1, **rule))
    return None if found is None else round(found, 3)


def test_of_nothing_only_the_traffic_is_known(store):
    asked = {metric: value(store, metric) for metric in ALERT_METRICS}

    assert {metric for metric, found in asked.items() if found is not None} == {
        "requests_per_minute",
        "jira_waits",
        "hours_since_sync",
        "log_records_dropped",
        "unusual_durations",
    }
    assert (asked["requests_per_minute"], asked["jira_waits"], asked["hours_since_sync"]) == (0, 0, 7.5)


def test_figures_of_the_page_are_of_requests_and_callbacks(store):
    good = [measured(NOON, ms=10.0, cache_hit=True)] * 30 + [measured(NOON, ms=10.0)] * 10
    bad = [measured(NOON, ms=500.0, kind=Kind.CALLBACK, label="body", status=500, cache_hit=False)] * 10
    store.write([*good, *bad, *[measured(NOON, ms=9000.0, kind=Kind.JIRA, label="/x")] * 50])

    assert value(store, "average_ms") == 108.0
    assert value(store, "max_ms") == 500.0
    assert value(store, "p50_ms") == pytest.approx(10, rel=0.01)
    assert value(store, "p95_ms") == pytest.approx(500, rel=0.01)
    assert value(store, "p99_ms") is None
    assert value(store, "p99_ms", at_least=50) == pytest.approx(500, rel=0.01)
    assert value(store, "error_rate") == 0.2
    assert value(store, "cache_hit_rate") == 0.75
    assert value(store, "requests_per_minute", over_minutes=20) == 2.5
    assert value(store, "average_ms", kind=Kind.CALLBACK, at_least=10) == 500.0
    assert value(store, "average_ms", kind=Kind.CALLBACK) is None, "ten are too few, unless the rule says otherwise"
    assert value(store, "average_ms", route="/", at_least=1) == 10.0
    assert value(store, "average_ms", route="elsewhere", at_least=1) is None


def test_figures_of_jira_are_of_calls_to_jira(store):
    calls = [measured(NOON, kind=Kind.JIRA, label="/x", ms=300.0, waited_ms=4500.0)] * 15
    store.write([*calls, *[measured(NOON, kind=Kind.JIRA, label="/x", ms=300.0, status=503)] * 5, measured(NOON)])

    assert value(store, "jira_p95_ms") == pytest.approx(300, rel=0.01)
    assert value(store, "jira_error_rate") == 0.25
    assert value(store, "jira_waits") == 4.5


def test_the_health_score_is_the_one_of_the_page(store):
    store.write([measured(NOON, ms=50.0)] * 19)
    assert value(store, "health_score") is None

    store.write([measured(NOON, ms=50.0)])
    assert value(store, "health_score") == 100.0


def test_only_whole_minutes_of_the_span_count(store):
    for minute in range(11):
        store.write([measured(NOON + timedelta(minutes=minute), ms=100.0 * (minute + 1))])

    assert value(store, "requests_per_minute", over_minutes=5) == 1.0
    assert value(store, "max_ms", over_minutes=5) == 1000.0, "the minute that is not over yet does not count"
    assert value(store, "average_ms", over_minutes=2, at_least=2) == 950.0
