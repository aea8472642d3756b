"""What Prometheus reads: exact counts in its own form, nothing unknown as nought, and no text that breaks out."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_strictly
from prometheus_client.parser import text_string_to_metric_families as read

from configuration.log_handlers import losses
from data.watch.histogram import EDGES
from data.watch.log_losses import log_records_dropped, tell_log_losses
from data.watch.measurement import Kind, Measurement
from data.watch.prometheus import LastSync, Snapshot, rendered
from data.watch.store import MetricsStore
from data.watch.totals import Totals, TotalsKey

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
FILES = ("app.log", "errors.log", "performance.log")


def snapshot(totals=None, **facts):
    standing = {
        "totals": totals or {},
        "measurements_dropped": 0,
        "log_records_dropped": dict.fromkeys(FILES, 0),
        "last_sync": None,
        "health_score": None,
        "resident_bytes": 1024,
        "build": {"version": "0.1.0", "python": "3.11.2"},
    }
    return Snapshot(**(standing | facts))


def samples(given):
    """Of both formats, read by the official parsers, which must agree: name and labels to value."""
    plain, plain_type = rendered(given)
    strict, strict_type = rendered(given, OPENMETRICS)
    assert plain_type.startswith("text/plain; version=0.0.4")
    assert strict_type.startswith("application/openmetrics-text; version=1.0.0")
    found = {}
    for family in read(plain.decode()):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found, key
            found[key] = sample.value
    assert found == {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in read_strictly(strict.decode())
        for sample in family.samples
    }
    return found


def labelled(**labels):
    return frozenset(labels.items())


def measured(kind, label, milliseconds, *, method="", status=200, **facts):
    given = {"cache_hit": None, "error": None, "request_id": None} | facts
    return Measurement(time.time(), kind, label, method, milliseconds, status, **given)


@pytest.fixture
def store(tmp_path):
    store = MetricsStore(tmp_path / "metrics.db")
    yield store
    store.close()


def test_requests_are_counted_exactly_at_the_edges_of_severity(store):
    took = [0.4, 5.0, 99.9, 100.0, 100.1, 500.0, 500.1, 1000.0, 1000.1, 60_000.0]
    store.write([measured(Kind.REQUEST, "/metrics/performance", one, method="GET") for one in took])

    found = samples(snapshot(store.totals()))

    labels = {"kind": "request", "route": "/metrics/performance", "method": "GET", "status_class": "2xx"}
    for edge in (*EDGES, float("inf")):
        le = "+Inf" if edge == float("inf") else str(edge / 1000)
        value = found["sightline_request_duration_seconds_bucket", labelled(le=le, **labels)]
        assert value == sum(one <= edge for one in took), le
    assert {"0.1", "0.5", "1.0"} <= {dict(key)["le"] for name, key in found if name.endswith("_bucket")}
    assert found["sightline_request_duration_seconds_count", labelled(**labels)] == len(took)
    assert found["sightline_request_duration_seconds_sum", labelled(**labels)] == pytest.approx(sum(took) / 1000)


def test_each_kind_is_told_in_its_own_words(store):
    store.write(
        [
            measured(Kind.CALLBACK, "page-body.children", 20, cache_hit=True),
            measured(Kind.CALLBACK, "page-body.children", 30, cache_hit=False),
            measured(Kind.CALLBACK, "page-body.children", 30, status=500, error="KeyError"),
            measured(Kind.JOB, "reading", 2000, status=500, error="Timeout"),
            measured(Kind.JIRA, "GET /rest/api/3/field", 80, method="GET"),
            measured(Kind.JIRA, "GET /rest/api/3/field", 10, method="GET", status=429, waited_ms=2500.0),
            measured(Kind.CALCULATION, "flow_time", 40, method="small"),
        ]
    )

    found = samples(snapshot(store.totals()))

    route = {"kind": "callback", "route": "page-body.children", "method": ""}
    call = labelled(call="GET /rest/api/3/field")
    assert found["sightline_request_errors_total", labelled(**route)] == 1
    assert found["sightline_cache_lookups_total", labelled(result="hit", **route)] == 1
    assert found["sightline_cache_lookups_total", labelled(result="miss", **route)] == 1
    assert found["sightline_job_duration_seconds_count", labelled(name="reading", status_class="5xx")] == 1
    assert found["sightline_jira_rate_limited_total", call] == 1
    assert found["sightline_jira_wait_seconds_total", call] == 2.5
    limited = labelled(call="GET /rest/api/3/field", status_class="4xx")
    assert found["sightline_jira_call_duration_seconds_count", limited] == 1
    calculation = labelled(metric="flow_time", size="small", status_class="2xx")
    assert found["sightline_calculation_duration_seconds_count", calculation] == 1


def test_what_is_unknown_has_no_sample_and_nothing_is_made_up_of_it():
    found = samples(snapshot(measurements_dropped=None, log_records_dropped=None))

    assert {name for name, _ in found} == {"sightline_build_info", "process_resident_memory_bytes"}


def test_what_can_be_kept_of_nothing_has_no_lookups(store):
    store.write([measured(Kind.REQUEST, "/", 5, method="GET")])

    assert not [name for name, _ in samples(snapshot(store.totals())) if name == "sightline_cache_lookups_total"]


def test_how_things_stand_is_told(tmp_path):
    when = datetime(2026, 1, 31, 17, tzinfo=UTC)
    found = samples(snapshot(health_score=87.5, last_sync=LastSync("failed", when), measurements_dropped=3))

    assert found["sightline_health_score", frozenset()] == 87.5
    assert found["sightline_last_sync_timestamp_seconds", frozenset()] == when.timestamp()
    assert found["sightline_measurements_dropped_total", frozenset()] == 3
    verdicts = {dict(labels)["verdict"]: value for (name, labels), value in found.items() if name.endswith("verdict")}
    assert verdicts == {"complete": 0, "partial": 0, "failed": 1, "cancelled": 0, "interrupted": 0}
    assert found["sightline_build_info", labelled(version="0.1.0", python="3.11.2")] == 1


def test_a_reading_that_never_brought_anything_has_no_age():
    found = samples(snapshot(last_sync=LastSync("failed", None)))

    assert ("sightline_last_sync_timestamp_seconds", frozenset()) not in found


HOSTILE = [
    'quote" backslash\\ newline\n',
    '"} 1\nsightline_health_score 100\n#',
    "\x00\x1b[31m\u202e\u2028\ud800\r",
    "",
    "{}",
    "# HELP x y",
    "é中😀",
    "\\n",
    "\n",
]


def test_names_from_outside_stay_within_their_label():
    """Two names that look alike once they are plain are one series, not two with the same labels."""
    one = Totals(
        count=2, errors=1, throttled=0, hits=1, misses=1, total_ms=30.0, waited_ms=0.0, at_most=dict.fromkeys(EDGES, 2)
    )
    totals = {TotalsKey(Kind.REQUEST, label, "GET", "2xx"): one for label in HOSTILE}

    found = samples(snapshot(totals))

    counts = {
        dict(labels)["route"]: value
        for (name, labels), value in found.items()
        if name == "sightline_request_duration_seconds_count"
    }
    assert sum(counts.values()) == 2 * len(HOSTILE)
    assert len(counts) == len(HOSTILE) - 1
    assert all(label.isprintable() for label in counts)
    assert counts["\\n"] == 4
    assert ("sightline_health_score", frozenset()) not in found


def test_no_label_is_one_that_the_scraper_itself_sets(store):
    """Prometheus would rename ours to exported_job, exported_endpoint and so on, and dashboards would miss them."""
    store.write([measured(kind, "x", 1, cache_hit=True) for kind in Kind])
    theirs = {"job", "instance", "endpoint", "service", "pod", "namespace", "container", "node", "cluster", "host"}

    ours = {label for _, labels in samples(snapshot(store.totals())) for label, _ in labels}

    assert not ours & theirs
    assert ours == {"kind", "route", "method", "status_class", "le", "result", "call", "name", "metric", "size"} | {
        "file",
        "version",
        "python",
    }


@pytest.mark.parametrize(
    ("accepted", "strict"),
    [
        ("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,*/*", True),
        ("text/plain;version=0.0.4", False),
        ("application/openmetrics-text;version=0.0.1", False),
        ("text/plain;version=abc", False),
        ("application/openmetrics-text; version=<b>", False),
        ("application/openmetrics-text; version=1.0.0.99999", False),
        (";,=" * 1000, False),
        ("", False),
    ],
)
def test_whatever_a_scraper_says_it_takes_it_gets_one_of_two_formats(accepted, strict):
    text, content_type = rendered(snapshot(), accepted)

    family = "application/openmetrics-text; version=1.0.0" if strict else "text/plain; version=0.0.4"
    assert content_type.startswith(family)
    assert list(read_strictly(text.decode()) if strict else read(text.decode()))


def test_every_name_is_one_that_prometheus_recommends():
    """Unit at the end, counters end in total, every family has a help and a type."""
    when = datetime(2026, 1, 31, tzinfo=UTC)
    text, _ = rendered(snapshot(health_score=1.0, last_sync=LastSync("complete", when)))
    families = list(read(text.decode()))

    assert len(families) == len({family.name for family in families})
    for family in families:
        assert family.documentation.endswith(".")
        assert family.type in {"counter", "gauge", "histogram"}
        assert family.name.startswith(("sightline_", "process_"))
        if family.type == "histogram":
            assert family.name.endswith("_duration_seconds")
        assert (family.type == "counter") == all(sample.name.endswith("_total") for sample in family.samples) or (
            not family.samples
        )


def test_records_that_the_log_lost_are_counted_once_for_all_processes_and_restarts(store):
    losses.begin()
    losses.add("errors.log", "No space left on device")
    tell_log_losses(store)
    tell_log_losses(store)
    losses.add("errors.log", "No space left on device")
    losses.add("app.log", "No space left on device")
    losses.begin()  # another process, which has lost nothing
    losses.add("app.log", "No space left on device")
    tell_log_losses(store)
    losses.begin()

    assert log_records_dropped(store, FILES) == {"app.log": 1, "errors.log": 1, "performance.log": 0}


def test_losses_that_could_not_be_counted_are_counted_later(store, tmp_path):
    losses.begin()
    losses.add("app.log", "No space left on device")
    folder = tmp_path / "file-in-the-place-of-a-folder"
    folder.write_text("")
    tell_log_losses(MetricsStore(folder / "metrics.db"))
    tell_log_losses(store)
    losses.begin()

    assert log_records_dropped(store, FILES)["app.log"] == 1
