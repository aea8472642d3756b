"""Prometheus scrapes over HTTP while other processes measure: what it reads is exact, and no counter ever falls."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
import requests
from dash import Dash
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_strictly
from prometheus_client.parser import text_string_to_metric_families as read
from werkzeug.serving import make_server

from callbacks import prometheus
from callbacks.team_source import Source
from configuration.settings import VERSION, Settings
from data.performance_metrics_service import PerformanceMetricsService
from data.performance_tracker import PerformanceTracker
from data.sync.receipt import keep_receipt
from data.watch.histogram import EDGES
from tests.metrics_writer import LONGEST_MS
from tests.patience import PATIENCE_SECONDS
from tests.unit.ui.receipts import ENDED, receipt

ROOT = Path(__file__).resolve().parents[2]
ROWS, WRITERS = 400, 2
OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}


@contextmanager
def serving(folder):
    """A server of its own over the measurements in this folder; begun again, it goes on with them."""
    tracker = PerformanceTracker(folder / "metrics.db")
    source = Source(Settings(cache_dir=folder / "cache", as_of=ENDED), clock=lambda: ENDED)
    app = Dash(__name__, add_log_handler=False)
    app.layout = []
    prometheus.register(app, source, PerformanceMetricsService(tracker))
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}/metrics/prometheus", source
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        tracker.close()


def scraped(url, **headers):
    answer = requests.get(url, headers=headers, timeout=PATIENCE_SECONDS)
    assert answer.status_code == 200
    parse = read_strictly if "openmetrics" in answer.headers["Content-Type"] else read
    families = {family.name: family for family in parse(answer.text)}
    return families, {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families.values()
        for sample in family.samples
        if sample.name.endswith(("_total", "_bucket", "_count", "_sum"))
    }


def measure(folder):
    tracker = PerformanceTracker(folder / "metrics.db")
    for _ in range(20):
        tracker.record_metric("/", "GET", 12.0, 200)
    tracker.close()


def writing(folder):
    command = [sys.executable, "-m", "tests.metrics_writer", str(folder / "metrics.db"), str(ROWS)]
    return [subprocess.Popen([*command, f"writer-{number}"], cwd=ROOT) for number in range(WRITERS)]


@pytest.fixture(scope="module")
def scrapes(tmp_path_factory):
    """Of all counters, again and again while two others measure, then after a restart; and the last families."""
    folder = tmp_path_factory.mktemp("measured")
    with serving(folder) as (url, _):
        found, writers = [scraped(url)[1]], writing(folder)
        is_writing = True
        while is_writing:
            is_writing = any(writer.poll() is None for writer in writers)
            found.append(scraped(url)[1])
        assert [writer.returncode for writer in writers] == [0] * WRITERS
        found.append(scraped(url, **OPENMETRICS)[1])
    with serving(folder) as (url, source):
        keep_receipt(source.request(), receipt())
        families, last = scraped(url)
    return [*found, last], families


def test_counters_never_fall_while_others_write_nor_when_the_server_is_started_again(scrapes):
    found, _ = scrapes

    assert len(found) > 3
    for before, after in pairwise(found):
        assert before.keys() <= after.keys()
        assert all(after[series] >= value for series, value in before.items())


def test_every_measurement_of_every_process_is_counted_exactly(scrapes):
    found, _ = scrapes
    took = [number * LONGEST_MS / ROWS for number in range(ROWS)]

    def total(name, /, **labels):
        wanted = set(labels.items())
        return sum(value for (series, given), value in found[-1].items() if series == name and wanted <= given)

    for edge in EDGES:
        expected = WRITERS * sum(one <= edge for one in took)
        assert total("sightline_request_duration_seconds_bucket", le=str(edge / 1000)) == expected
    assert total("sightline_request_duration_seconds_count", kind="callback") == WRITERS * ROWS / 2
    assert total("sightline_request_duration_seconds_sum") == pytest.approx(WRITERS * sum(took) / 1000)
    assert total("sightline_request_errors_total") == WRITERS * ROWS / 8
    assert total("sightline_cache_lookups_total", result="hit") == WRITERS * ROWS / 4
    assert total("sightline_measurements_dropped_total") == 0
    for number in range(WRITERS):
        assert total("sightline_job_duration_seconds_count", name=f"writer-{number}") == 1


def test_how_things_stand_is_among_it(scrapes):
    _, families = scrapes
    values = {name: family.samples[0].value for name, family in families.items() if family.samples}

    assert values["process_resident_memory_bytes"] > 10_000_000
    assert values["sightline_last_sync_timestamp_seconds"] == ENDED.timestamp()
    assert 0 < values["sightline_health_score"] < 100
    assert families["sightline_build_info"].samples[0].labels["version"] == VERSION
    assert [one.labels["verdict"] for one in families["sightline_last_sync_verdict"].samples if one.value] == [
        "complete"
    ]


def lock(database):
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    return holder.close


def spoil(database):
    database.write_bytes(b"no database at all" * 500)


def empty(database):
    database.write_bytes(b"")


def delete(database):
    for file in database.parent.glob("metrics.db*"):
        file.unlink()


@pytest.mark.parametrize("harm", [lock, spoil, empty, delete])
def test_a_scrape_is_answered_whatever_happens_to_the_file(tmp_path, harm):
    """With what is known: no sample is a nought that merely could not be read."""
    with serving(tmp_path) as (url, _):
        measure(tmp_path)
        before = scraped(url)[1]
        mended = harm(tmp_path / "metrics.db")
        families, after = scraped(url)
        if mended is not None:
            mended()

    assert "sightline_build_info" in families
    assert any(value == 20 for value in before.values())
    assert all(value >= before[series] for series, value in after.items() if series in before)
