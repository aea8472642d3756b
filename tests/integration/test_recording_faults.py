"""Whatever happens to the file of measurements, the dashboard answers as before, says so, and records again."""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from functools import partial

import pytest
from werkzeug.serving import make_server

import callbacks.watching
import data.watch.database
from app import create_app
from configuration.settings import Settings
from data.performance_tracker import PerformanceTracker
from data.watch.measurement import Kind
from data.watch.recorder import Recorder
from data.watch.store import MetricsStore
from tests.patience import PATIENCE_SECONDS, eventually
from tests.property.effort import FACTOR

THOROUGH = FACTOR > 1
LOCKED_SECONDS = 30.0 if THOROUGH else 1.0
PATHS = ("/_dash-dependencies", "/_dash-layout", "/assets/sightline.css", "/health")
WHY = {
    "output": "why-answer.children",
    "outputs": {"id": "why-answer", "property": "children"},
    "inputs": [{"id": "why-key", "property": "value", "value": ""}],
    "state": [{"id": "explanation-subject", "property": "data", "value": None}],
    "changedPropIds": ["why-key.value"],
}
PARTS = ("", "-wal", "-shm")
_numbers = itertools.count()


class Dashboard:
    """One that is running; its measurements are looked at from outside."""

    def __init__(self, url, path):
        self.url, self.path = url, path
        self.usual = self.answers()

    def ask(self, address, body=None, request_id="asked"):
        headers = {"Content-Type": "application/json", "X-Request-ID": request_id}
        request = urllib.request.Request(self.url + address, body and json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read()

    def answers(self):
        return [self.ask(address) for address in PATHS] + [self.ask("/_dash-update-component", WHY)]

    def answers_as_ever(self):
        return self.answers() == self.usual

    def is_recorded(self, request_id):
        found = MetricsStore(self.path).recent(limit=10_000, kinds=[Kind.REQUEST, Kind.CALLBACK])
        return request_id in {one.request_id for one in found}

    def records_again(self):
        """Ask until a request is found among the measurements."""

        def one_more():
            request_id = f"marker-{next(_numbers)}"
            self.ask(PATHS[0], request_id=request_id)
            for _ in range(20):
                if self.is_recorded(request_id):
                    return True
                time.sleep(0.05)
            return False

        eventually(one_more)
        return True


@contextmanager
def quick():
    """The writer turns, and gives up waiting for a lock, sooner than it would."""
    with pytest.MonkeyPatch.context() as patch:
        recorder = partial(Recorder, flush_seconds=0.05)
        patch.setattr(callbacks.watching, "PerformanceTracker", partial(PerformanceTracker, recorder=recorder))
        if not THOROUGH:
            patch.setattr(data.watch.database, "BUSY_SECONDS", 0.2)
        yield


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dashboard")
    with quick():
        application = create_app(Settings(log_dir=folder / "logs", cache_dir=folder / "cache")).server
        server = make_server("127.0.0.1", 0, application, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        running = Dashboard(f"http://127.0.0.1:{server.port}", folder / "logs" / "performance" / "metrics.db")
        assert running.records_again()
        yield running
        server.shutdown()
        thread.join()
        server.server_close()


def events_of(caplog):
    return {record.event for record in caplog.records}


def set_aside(dashboard):
    return {found.name for found in (dashboard.path.parent / "set-aside").glob("*")}


def remove(path):
    for part in PARTS:
        path.with_name(path.name + part).unlink(missing_ok=True)


def test_usual_answers_are_good_ones(dashboard):
    """What is compared below would else be the failures of a dashboard that never worked."""
    assert [status for status, _ in dashboard.usual] == [200] * 5


def test_a_lock_costs_no_answer_and_no_measurement(dashboard, caplog):
    caplog.set_level("INFO")
    asked = []
    with sqlite3.connect(dashboard.path, isolation_level=None, timeout=PATIENCE_SECONDS) as holder:
        holder.execute("BEGIN IMMEDIATE")
        ends = time.monotonic() + LOCKED_SECONDS
        while time.monotonic() < ends or len(asked) < 3:
            asked.append(f"locked-{next(_numbers)}")
            dashboard.ask(PATHS[0], request_id=asked[-1])
        assert dashboard.answers_as_ever()
        eventually(lambda: "watch.store_unwritable" in events_of(caplog))
        holder.execute("ROLLBACK")
    holder.close()

    assert dashboard.records_again()
    for request_id in (asked[0], asked[len(asked) // 2], asked[-1]):
        eventually(lambda which=request_id: dashboard.is_recorded(which))
    events = [record.event for record in caplog.records if record.name == "data.watch.recorder"]
    assert events
    assert events == ["watch.store_unwritable", "watch.recording_resumed"] * (len(events) // 2), "told once each time"


@pytest.mark.parametrize("damage", ["all of it", "its middle", "cut off", "other content"])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(dashboard, damage, caplog):
    with sqlite3.connect(dashboard.path) as connection:  # else all that counts may be in the log beside the file
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    before, size = set_aside(dashboard), max(4096, dashboard.path.stat().st_size)
    with dashboard.path.open("r+b") as file:
        if damage == "all of it":
            file.write(os.urandom(size))
        if damage == "its middle":
            file.seek(100)
            file.write(os.urandom(size - 100))
        if damage == "cut off":
            file.truncate(size // 2 + 7)
        if damage == "other content":
            file.truncate(0)
            file.write(b"timestamp,route\n" * 500)

    assert dashboard.answers_as_ever()
    assert dashboard.records_again()
    assert set_aside(dashboard) - before
    assert "watch.store_set_aside" in events_of(caplog)


def test_a_file_without_a_byte_is_begun_anew(dashboard, caplog):
    os.truncate(dashboard.path, 0)

    assert dashboard.answers_as_ever()
    assert dashboard.records_again()
    assert {"watch.store_lost", "watch.store_set_aside"} & events_of(caplog)


def test_a_file_that_is_deleted_while_it_is_used_is_begun_anew(dashboard, caplog):
    remove(dashboard.path)

    assert dashboard.answers_as_ever()
    eventually(dashboard.path.exists)
    assert dashboard.records_again()
    assert "watch.store_lost" in events_of(caplog)


def test_the_log_beside_the_file_may_go(dashboard):
    for part in PARTS[1:]:
        dashboard.path.with_name(dashboard.path.name + part).unlink(missing_ok=True)

    assert dashboard.answers_as_ever()
    assert dashboard.records_again()


def test_the_whole_folder_may_go(dashboard):
    for found in sorted(dashboard.path.parent.rglob("*"), reverse=True):
        found.rmdir() if found.is_dir() else found.unlink()
    dashboard.path.parent.rmdir()

    assert dashboard.answers_as_ever()
    assert dashboard.records_again()


def test_a_file_of_the_first_version_is_brought_up_to_date(dashboard, tmp_path):
    """One table with one row for each request, as it once was."""
    old = tmp_path / "old.db"
    with sqlite3.connect(old) as connection:
        connection.execute(
            "CREATE TABLE route_metrics (id INTEGER PRIMARY KEY, timestamp TEXT, route TEXT, method TEXT,"
            " duration_ms REAL, status_code INTEGER, cache_hit INTEGER, error TEXT)"
        )
        connection.execute(
            "INSERT INTO route_metrics VALUES (1, '2026-03-18T12:00:00.000Z', '/long/ago', 'GET', 7.0, 200, NULL, NULL)"
        )
    connection.close()
    remove(dashboard.path)
    old.replace(dashboard.path)

    assert dashboard.answers_as_ever()
    assert dashboard.records_again()
    (kept,) = MetricsStore(dashboard.path).recent(limit=9, label="/long/ago")
    assert kept.duration_ms == 7.0


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_where_nothing_may_be_written_nothing_is_and_all_else_goes_on(dashboard, caplog):
    remove(dashboard.path)
    dashboard.path.parent.chmod(0o500)
    try:
        for _ in range(3):
            assert dashboard.answers_as_ever()
        eventually(lambda: "watch.store_unwritable" in events_of(caplog))
    finally:
        dashboard.path.parent.chmod(0o700)
    assert dashboard.records_again()


def test_a_place_that_is_taken_is_waited_for(dashboard, caplog):
    """As with a read-only disk, the file can be neither opened nor made; this holds for the superuser too."""
    remove(dashboard.path)
    dashboard.path.mkdir()
    try:
        for _ in range(3):
            assert dashboard.answers_as_ever()
        eventually(lambda: "watch.store_unwritable" in events_of(caplog))
    finally:
        for found in dashboard.path.glob("*"):
            found.unlink()
        dashboard.path.rmdir()
    assert dashboard.records_again()
