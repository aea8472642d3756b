"""A file of the first version, a row for each request, becomes one of this version and nothing is lost."""

from __future__ import annotations

import logging
import sqlite3
from datetime import timedelta

import pytest

from data.watch.histogram import BUCKETS, MIDDLES_US
from data.watch.measurement import Kind, Measurement
from data.watch.schema import VERSION
from data.watch.store import MetricsStore
from data.watch.summary import LabelKey, Summary
from tests.watching import NOON, measured

OLD = """
CREATE TABLE route_metrics (
  id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT, route TEXT, method TEXT, duration_ms REAL, status_code INTEGER,
  cache_hit INTEGER, error TEXT
)
"""
WEEK = {"since": NOON - timedelta(days=7), "until": NOON + timedelta(days=1)}


def old_file(path, rows, *, version=0):
    with sqlite3.connect(path) as connection:
        connection.execute(OLD)
        connection.executemany("INSERT INTO route_metrics VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()


@pytest.mark.parametrize("version", [0, 1])
def test_rows_of_the_first_version_are_taken_over_whatever_their_time_looks_like(tmp_path, version, caplog):
    caplog.set_level(logging.INFO, "data.watch")
    before = NOON - timedelta(days=2)
    rows = [
        (before.isoformat(), "/", "GET", 12.5, 200, 1, None),
        (before.replace(tzinfo=None).isoformat(sep=" "), "/", "GET", 30.0, 200, 0, None),
        (before.timestamp(), "/", "GET", 99.0, 500, None, "ValueError"),
        ("some day", "/", "GET", 1.0, 200, None, None),
        (before.isoformat(), "/", "GET", None, 200, None, None),
    ]
    old_file(tmp_path / "metrics.db", rows, version=version)
    store = MetricsStore(tmp_path / "metrics.db", clock=lambda: NOON)

    expected = [
        measured(before, ms=12.5, cache_hit=True),
        measured(before, ms=30.0, cache_hit=False),
        measured(before, ms=99.0, status=500, error="ValueError"),
    ]
    assert store.by_label(**WEEK) == {LabelKey(Kind.REQUEST, "/", "GET"): Summary.of(expected)}
    assert store.recent(limit=9) == list(reversed(expected))
    assert [(record.event, record.rows) for record in caplog.records] == [("watch.store_migrated", 3)]
    store.write([measured()])
    assert store.summary(**WEEK).count == 4
    store.close()


def test_a_file_is_brought_up_once(tmp_path):
    old_file(tmp_path / "metrics.db", [(NOON.isoformat(), "/", "GET", 12.5, 200, 1, None)])

    for _ in range(2):
        store = MetricsStore(tmp_path / "metrics.db", clock=lambda: NOON)
        assert store.summary(**WEEK).count == 1
        store.close()

    assert not (tmp_path / "set-aside").exists()


def test_the_rows_can_be_read_by_anybody_with_the_names_that_they_have_always_had(tmp_path):
    store = MetricsStore(tmp_path / "metrics.db", clock=lambda: NOON)
    store.write([Measurement(NOON.timestamp(), Kind.REQUEST, "/", "GET", 12.3456, 200, True, None, "abc")])
    store.close()

    with sqlite3.connect(tmp_path / "metrics.db") as connection:
        rows = connection.execute(
            "SELECT id, timestamp, route, method, duration_ms, status_code, cache_hit, error FROM route_metrics"
        ).fetchall()
    connection.close()

    assert rows == [(1, "2026-03-18T12:00:00.000Z", "/", "GET", 12.346, 200, 1, None)]


def test_the_borders_of_the_buckets_belong_to_the_version():
    """Stored histograms name buckets by number: with other borders, raise VERSION and say how old files are read."""
    assert (VERSION, BUCKETS, MIDDLES_US[[1, 500, 1000]].tolist()) == (2, 1412, [1, 18992, 292986636])
