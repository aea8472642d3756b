"""The recorder before a real database: nothing waits, nothing is lost unless it is counted, nothing raises."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from data.watch.measurement import Kind, Measurement
from data.watch.recorder import LAST_WORDS_SECONDS, Recorder
from data.watch.store import MetricsStore
from tests.patience import PATIENCE_SECONDS, eventually

ROOT = Path(__file__).resolve().parents[4]
NEVER = 3600.0


def measurement(label="/", milliseconds=1.0, request_id=None):
    return Measurement(time.time(), Kind.REQUEST, label, "GET", milliseconds, 200, None, None, request_id)


def rows(path):
    with sqlite3.connect(path) as connection:
        found = connection.execute("SELECT route FROM route_metrics ORDER BY id").fetchall()
    connection.close()
    return [route for (route,) in found]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "performance" / "metrics.db"


@pytest.fixture
def recorder(path):
    made = Recorder(MetricsStore(path), flush_seconds=0.05)
    yield made
    made.close()


class Stubborn(MetricsStore):
    """A store whose disk can be taken away and given back."""

    refuses_with: Exception | None = None
    never_takes: str | None = None
    rotations = 0

    def write(self, measurements, *, dropped=0):
        if self.never_takes in [one.label for one in measurements]:
            raise sqlite3.DataError("string or blob too big")
        if self.refuses_with is not None:
            raise self.refuses_with
        super().write(measurements, dropped=dropped)

    def keep_tidy(self, days_to_keep):
        self.rotations += 1
        return super().keep_tidy(days_to_keep)


@pytest.fixture
def store(path):
    return Stubborn(path)


@pytest.fixture
def small(store):
    """Room for ten; it is emptied when somebody asks."""
    made = Recorder(store, capacity=10, flush_seconds=NEVER)
    yield made
    made.close()


def test_what_is_recorded_is_in_the_database_in_its_order(recorder, path):
    for number in range(100):
        recorder.record(measurement(f"/{number % 7}"))

    assert recorder.flush()
    assert rows(path) == [f"/{number % 7}" for number in range(100)]


def test_it_is_written_by_itself_soon(recorder, path):
    recorder.record(measurement("/soon"))

    eventually(lambda: MetricsStore(path).storage().raw_rows == 1)


def test_no_file_is_made_before_something_is_measured(recorder, path):
    assert recorder.flush()
    assert not path.parent.exists()


def test_threads_lose_nothing(recorder, path):
    def work(name):
        for number in range(200):
            recorder.record(measurement(f"/{name}", request_id=f"{name}-{number}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))

    assert recorder.flush()
    assert len(rows(path)) + recorder.dropped == 1600
    assert recorder.dropped == 0


def test_what_finds_the_buffer_full_is_counted_and_the_count_is_stored(small, store, path):
    store.refuses_with = OSError(28, "No space left on device")
    small.record(measurement("/first"))
    small.flush()
    for _ in range(25):
        small.record(measurement())
    store.refuses_with = None

    assert small.dropped == 15
    assert small.flush()
    assert len(rows(path)) == 11
    assert store.storage().dropped_total == 15


def test_an_outage_is_told_once_and_so_is_its_end(small, store, path, caplog):
    caplog.set_level("INFO")
    store.refuses_with = sqlite3.OperationalError("database is locked")
    for _ in range(3):
        small.record(measurement())
        assert not small.flush()
    assert small.problem == "database is locked"
    store.refuses_with = None

    assert small.flush()
    assert small.problem is None
    events = [record.event for record in caplog.records if record.name == "data.watch.recorder"]
    assert events == ["watch.store_unwritable", "watch.recording_resumed"]
    assert len(rows(path)) == 3


def test_the_reason_of_an_outage_names_no_folder(small, store):
    store.refuses_with = PermissionError(13, "Permission denied", "/home/somebody/metrics.db")
    small.record(measurement())
    small.flush()

    assert small.problem == "Permission denied"


def test_what_can_never_be_stored_is_given_up_and_counted(small, store, path, caplog):
    store.refuses_with = ValueError("not a number")
    small.record(measurement())
    small.flush()
    store.refuses_with = None
    small.record(measurement("/next"))

    assert small.flush()
    assert rows(path) == ["/next"]
    assert store.storage().dropped_total == 1
    assert "watch.rows_refused" in [record.event for record in caplog.records]


def test_one_that_can_not_be_stored_costs_no_other(small, store, path):
    store.never_takes = "/4"
    for number in range(9):
        small.record(measurement(f"/{number}"))

    small.flush()
    assert rows(path) == [f"/{number}" for number in range(9) if number != 4]
    assert small.flush()
    assert store.storage().dropped_total == 1


def test_listeners_have_every_measurement_once_even_while_nothing_can_be_written(small, store):
    heard = []
    small.listeners.append(heard.extend)
    store.refuses_with = OSError(28, "No space left on device")
    for name in "abc":
        small.record(measurement(f"/{name}"))
        small.flush()
    store.refuses_with = None
    small.flush()

    assert [one.label for one in heard] == ["/a", "/b", "/c"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_listener_that_raises_costs_no_measurement(small, path):
    heard = []
    small.listeners.append(lambda batch: heard.append(batch) or 1 / 0)
    small.record(measurement("/one"))
    small._wake.set()
    eventually(lambda: heard and small._writer is None)
    small.listeners.clear()
    small.record(measurement("/two"))

    assert small.flush()
    assert rows(path) == ["/one", "/two"]


def test_old_measurements_are_looked_after_at_the_start_and_every_hour(path):
    hours, store = [0.0], Stubborn(path)
    recorder = Recorder(store, flush_seconds=NEVER, timer=lambda: 3600 * hours[0])
    looked = []
    for hour in (0.0, 0.5, 0.9, 1.1, 1.2, 2.2):
        hours[0] = hour
        recorder.record(measurement())
        recorder.flush()
        recorder.flush()  # the turn before is over
        looked.append(store.rotations)
    recorder.close()

    assert looked == [1, 1, 1, 2, 2, 3]


def test_nothing_is_kept_after_the_end(recorder, path):
    recorder.record(measurement("/last"))
    recorder.close()
    recorder.record(measurement("/later"))

    assert not recorder.flush()
    assert rows(path) == ["/last"]
    assert "metrics-writer" not in {thread.name for thread in threading.enumerate() if thread is recorder._writer}


def program(*lines, busy_seconds=PATIENCE_SECONDS, last_words_seconds=PATIENCE_SECONDS):
    """Records into the database that its argument names; it is as patient as it is told to be."""
    return "\n".join(
        [
            "import os, signal, sys, time",
            "from data.watch import database",
            "from data.watch.measurement import Kind, Measurement",
            "from data.watch.recorder import Recorder",
            "from data.watch.store import MetricsStore",
            f"database.BUSY_SECONDS = {busy_seconds}",
            f"Recorder.flush.__defaults__ = Recorder.close.__defaults__ = ({last_words_seconds},)",
            "recorder = Recorder(MetricsStore(sys.argv[1]))",
            "def record(name):",
            "    recorder.record(Measurement(time.time(), Kind.REQUEST, name, 'GET', 1.0, 200, None, None, None))",
            *lines,
        ]
    )


def run(path, *lines, **patience):
    """A program of its own that records into the database of this path."""
    command = [sys.executable, "-c", program(*lines, **patience), str(path)]
    return subprocess.run(command, cwd=ROOT, timeout=PATIENCE_SECONDS, check=False, capture_output=True, text=True)


def test_the_end_of_the_program_does_not_wait_long_for_a_locked_database(path):
    MetricsStore(path).write([measurement()])
    with sqlite3.connect(path, isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        ended = run(path, "record('/late')", busy_seconds=NEVER, last_words_seconds=LAST_WORDS_SECONDS)
    holder.close()

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system starts processes anew")
def test_a_kill_loses_at_most_what_came_since_the_last_second(path):
    ended = run(
        path,
        "record('/before')",
        "assert recorder.flush()",
        "record('/lost')",
        "os.kill(os.getpid(), signal.SIGKILL)",
    )

    assert ended.returncode < 0
    assert rows(path)[:1] == ["/before"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system starts processes anew")
def test_a_forked_process_writes_its_own_measurements_once_and_the_parent_its_own(path):
    """Forks while the writer holds locks and rows wait, as a server does that starts a job."""
    ended = run(
        path,
        "children = []",
        "for number in range(8):",
        "    for _ in range(100): record('/parent')",
        "    child = os.fork()",
        "    if child == 0:",
        "        for _ in range(50): record(f'/child-{number}')",
        "        os._exit(0 if recorder.flush() else 1)",
        "    children.append(child)",
        "assert [os.waitpid(child, 0)[1] for child in children] == [0] * 8",
    )

    assert ended.stderr == ""
    found = rows(path)
    assert found.count("/parent") == 800
    assert [found.count(f"/child-{number}") for number in range(8)] == [50] * 8


def test_processes_share_the_file_and_their_end_loses_nothing(path):
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", program(f"for _ in range(300): record('/{name}')"), str(path)], cwd=ROOT
        )
        for name in "abc"
    ]
    assert [program.wait(timeout=PATIENCE_SECONDS) for program in programs] == [0, 0, 0]

    assert sorted(rows(path)) == ["/a"] * 300 + ["/b"] * 300 + ["/c"] * 300
