"""What one process writes into the ledger the others read, and nothing that happens to its file is felt."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from data.jira_requests.ledger import MemoryLedger, SqliteLedger

ROOT = Path(__file__).resolve().parents[4]
ADDING = """
import sys
from pathlib import Path
from data.jira_requests import ledger as ledgers
from data.jira_requests.ledger import SqliteLedger

ledgers.BUSY_SECONDS = 120.0

def more(document):
    document["count"] = document.get("count", 0) + 1

ledger = SqliteLedger(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[2])):
    ledger.change("shared", more)
"""


class Clocks:
    def __init__(self, monotonic=1000.0, wall=1.8e9):
        self.monotonic, self.wall = monotonic, wall

    def ledger(self, path):
        return SqliteLedger(path, clock=lambda: self.monotonic, wall=lambda: self.wall)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "limits" / "requests.db"


def more(document):
    document["count"] = document.get("count", 0) + 1
    return document["count"]


def whole(document):
    return dict(document)


def events(caplog):
    return [record.event for record in caplog.records if hasattr(record, "event")]


@pytest.fixture(params=["memory", "file"])
def ledger(request, path):
    return MemoryLedger() if request.param == "memory" else SqliteLedger(path)


def test_a_document_is_what_the_last_step_left(ledger):
    assert ledger.read("one", whole) == {}
    assert [ledger.change("one", more) for _ in range(3)] == [1, 2, 3]
    assert (ledger.read("one", whole), ledger.read("two", whole)) == ({"count": 3}, {})


def test_nothing_is_kept_of_a_step_that_raises(ledger):
    ledger.change("one", more)

    def half(document):
        document["count"] = 99
        raise KeyError("half")

    with pytest.raises(KeyError):
        ledger.change("one", half)
    assert ledger.change("one", more) == 2


def test_threads_lose_no_step(ledger):
    threads = [threading.Thread(target=lambda: [ledger.change("one", more) for _ in range(50)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.read("one", whole) == {"count": 400}


def test_processes_lose_no_step(path):
    """They also make the file together, all at one moment."""
    command, pipe = [sys.executable, "-c", ADDING, str(path), "500"], subprocess.PIPE
    running = [subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(3)]
    assert [process.stdout.readline() for process in running] == ["ready\n"] * 3
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate()[1] for process in running] == ["", "", ""]
    assert SqliteLedger(path).read("shared", whole) == {"count": 1500}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_goes_on_with_a_connection_and_a_lock_of_its_own(path):
    """Another thread is in the middle of a step when the process forks."""
    ledger = SqliteLedger(path)
    ledger.change("one", more)
    inherited = ledger._connection
    with ledger._lock:
        child = os.fork()
    if child == 0:
        signal.alarm(20)
        ledger._lock.acquire(blocking=False)
        ledger.change("one", more)
        if ledger._connection is inherited:
            os._exit(2)
        os._exit(0 if ledger.read("one", whole) == {"count": 2} else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert ledger.change("one", more) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_only_the_owner_can_read_it(path):
    ledger = SqliteLedger(path)
    ledger.change("one", more)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(part.stat().st_mode) for part in path.parent.iterdir()} == {0o600}


@pytest.mark.parametrize("damage", ["text", "cut", "zeros", "foreign"])
def test_a_damaged_file_is_set_aside_for_a_new_one(path, damage, caplog):
    first = SqliteLedger(path)
    for _ in range(3):
        first.change("one", more)
    first.close()
    content = path.read_bytes()
    if damage == "foreign":
        path.unlink()
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE documents (name TEXT, entirely BLOB)")
        other.close()
    else:
        path.write_bytes({"text": b"no database" * 99, "cut": content[:2000], "zeros": b"\0" * len(content)}[damage])
    ledger = SqliteLedger(path)
    assert [ledger.change("one", more) for _ in range(3)] == [1, 2, 3]
    assert SqliteLedger(path).read("one", whole) == {"count": 3}, "others find the new one"
    assert events(caplog) == ["limits.ledger_damaged"]
    assert path.with_name("requests.db.damaged").exists()


def test_a_document_that_is_not_what_was_written_is_begun_anew(path):
    ledger = SqliteLedger(path)
    ledger.change("one", more)
    with sqlite3.connect(path) as other:
        other.execute("UPDATE documents SET content = ?", (b'{"count":7}',))
    other.close()
    assert ledger.change("one", more) == 1


def test_a_file_that_cannot_be_made_costs_one_warning_a_minute_and_no_step(path, caplog):
    path.parent.parent.joinpath("limits").write_text("a file stands where the folder should be")
    clocks = Clocks()
    ledger = clocks.ledger(path)
    assert [ledger.change("one", more) for _ in range(5)] == [1, 2, 3, 4, 5]
    assert events(caplog) == ["limits.not_shared"]
    path.parent.unlink()
    clocks.monotonic += 61
    assert ledger.change("one", more) == 1, "it is tried again"
    assert path.exists()


def test_a_locked_file_is_not_waited_for_without_end(path, monkeypatch, caplog):
    monkeypatch.setattr("data.jira_requests.ledger.BUSY_SECONDS", 0.05)
    ledger = SqliteLedger(path)
    ledger.change("one", more)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert ledger.change("one", more) == 1
    other.execute("ROLLBACK")
    other.close()
    assert events(caplog) == ["limits.not_shared"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not delete open files")
def test_a_deleted_file_is_made_anew_where_others_find_it(path):
    ledger = SqliteLedger(path)
    ledger.change("one", more)
    for part in path.parent.iterdir():
        part.unlink()
    assert ledger.change("one", more) == 1
    assert SqliteLedger(path).change("one", more) == 2


def note_instants(document):
    document["at"] = {"pause": 1600.0, "sent": [990.0, 1000.0]}


@pytest.mark.parametrize(("off_seconds", "left"), [(100.0, 500.0), (3600.0, -3000.0), (-50.0, 600.0)])
def test_after_a_reboot_instants_are_where_the_wall_clock_says(path, off_seconds, left):
    """The monotonic clock begins anew, so an instant of the former one could be days ahead."""
    before = Clocks(monotonic=1000.0)
    before.ledger(path).change("one", note_instants)
    after = Clocks(monotonic=20.0, wall=before.wall + off_seconds)
    instants = after.ledger(path).read("one", whole)["at"]
    assert instants["pause"] - after.monotonic == pytest.approx(left)
    assert instants["sent"][1] - after.monotonic <= 0


@pytest.mark.parametrize("step", [-86_400.0, 86_400.0])
def test_a_step_of_the_wall_clock_moves_nothing(path, step):
    clocks = Clocks()
    clocks.ledger(path).change("one", note_instants)
    clocks.monotonic, clocks.wall = clocks.monotonic + 1, clocks.wall + step
    assert clocks.ledger(path).read("one", whole)["at"]["pause"] == 1600.0


def test_what_nobody_has_used_for_a_month_is_forgotten(path):
    clocks = Clocks()
    clocks.ledger(path).change("old", more)
    clocks.wall += 31 * 86_400
    later = clocks.ledger(path)
    later.change("new", more)
    assert (later.read("old", whole), later.read("new", whole)) == ({}, {"count": 1})
