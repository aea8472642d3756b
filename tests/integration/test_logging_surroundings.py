"""Whatever happens to the folder, the program goes on, what is lost is counted, and logging resumes by itself."""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from configuration import logging_config
from configuration.log_handlers import Losses, dropped_records
from configuration.logging_config import setup_logging
from tests.patience import PATIENCE_SECONDS

posix = pytest.mark.skipif(os.name != "posix", reason="limits, pipes and forks are POSIX")
log = logging.getLogger("data.part")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def logs(tmp_path, monkeypatch):
    """The product's own logging into a folder of the test's, with a fresh count of losses."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    monkeypatch.setattr("configuration.log_handlers.losses", Losses())
    setup_logging(tmp_path / "logs")
    yield tmp_path / "logs"
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def messages(path):
    return [json.loads(line)["message"] for line in path.read_text("utf-8").splitlines()]


def complaints(capsys):
    return [line for line in capsys.readouterr().err.splitlines() if line.startswith("Log records are being lost")]


def run(script, folder, **options):
    """A process of its own, whose limits and children are nobody else's."""
    return subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS, **options,
    )  # fmt: skip


@posix
def test_what_does_not_fit_is_dropped_counted_exactly_and_told_once(tmp_path):
    """The limit of a file's size refuses writes as a full disk does, within a line as well."""
    script = """
import json, logging, resource, signal, sys
from pathlib import Path
from configuration.logging_config import dropped_records, setup_logging
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = Path(sys.argv[1])
setup_logging(folder)
console = logging.getLogger().handlers[0]
console.setLevel(logging.CRITICAL)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
log = logging.getLogger("data.part")
for number in range(500):
    log.info("record %d password=%s", number, "hunter2hunter2", extra={"number": number})
lost = dropped_records()["app.log"]
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
log.info("back")
entries = [json.loads(line) for line in (folder / "app.log").read_text().splitlines()]
kept = [entry["context"]["number"] for entry in entries if "number" in entry["context"]]
told = [entry["context"] for entry in entries if entry["context"].get("event") == "log.records_dropped"]
print(json.dumps([len(kept), lost, told[0]["dropped"], entries[-2]["message"], entries[-1]["message"]]))
"""
    finished = run(script, tmp_path)
    assert finished.returncode == 0, finished.stderr
    kept, lost, told, last, after = json.loads(finished.stdout)
    assert kept > 20
    assert kept + lost == 500
    assert told == lost
    assert (last, after) == ("back", "Log records were lost and are written again.")
    assert len(finished.stderr.splitlines()) == 1
    assert "File too large" in finished.stderr
    assert "hunter2" not in finished.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_device_in_the_place_of_the_file_is_not_written_to(logs, capsys):
    (logs / "app.log").unlink()
    (logs / "app.log").symlink_to("/dev/full")
    token = secrets.token_hex(20)
    for _ in range(50):
        log.info("token=%s", token)
    assert dropped_records() == {"app.log": 50}
    (logs / "app.log").unlink()
    log.info("back")
    assert messages(logs / "app.log") == ["back", "Log records were lost and are written again."]
    told = capsys.readouterr().err
    assert told.count("Log records are being lost") == 1
    assert token not in told
    assert "Traceback" not in told


def test_a_link_in_the_place_of_the_file_is_never_followed(logs, tmp_path, capsys):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("untouched")
    (logs / "app.log").unlink()
    (logs / "app.log").symlink_to(elsewhere)
    log.info("lost")
    assert elsewhere.read_text() == "untouched"
    assert len(complaints(capsys)) == 1


@posix
def test_a_pipe_in_the_place_of_the_file_blocks_nobody(logs, capsys):
    (logs / "app.log").unlink()
    os.mkfifo(logs / "app.log")
    log.info("lost")
    log.error("kept by the other file")
    assert messages(logs / "errors.log") == ["kept by the other file"]
    assert dropped_records() == {"app.log": 2}
    assert len(complaints(capsys)) == 1


def test_a_deleted_folder_is_made_again(logs):
    log.info("before")
    shutil.rmtree(logs)
    log.info("after")
    log.info("and on")
    assert messages(logs / "app.log") == ["after", "and on"]
    assert dropped_records() == {}


def test_a_renamed_folder_is_left_and_a_new_one_made(logs, tmp_path):
    log.info("before")
    logs.rename(tmp_path / "moved")
    log.info("after")
    assert messages(tmp_path / "moved" / "app.log") == ["before"]
    assert messages(logs / "app.log") == ["after"]


def test_a_file_in_the_place_of_the_folder_costs_the_records_only_while_it_is_there(capsys, logs):
    shutil.rmtree(logs)
    logs.write_text("in the way")
    for _ in range(3):
        log.warning("heard on the console")
    assert dropped_records() == {"app.log": 3}
    logs.unlink()
    log.warning("back")
    assert messages(logs / "app.log") == ["back", "Log records were lost and are written again."]
    assert capsys.readouterr().err.count("heard on the console") == 3


def test_a_folder_that_could_not_be_made_at_the_start_is_used_once_it_can(tmp_path, logs, capsys):
    (tmp_path / "taken").write_text("in the way")
    setup_logging(tmp_path / "taken")
    log.error("early")
    assert "No log files are written" in capsys.readouterr().err
    (tmp_path / "taken").unlink()
    log.error("late")
    assert messages(tmp_path / "taken" / "errors.log")[0] == "late"


@posix
def test_forks_under_load_hang_nobody_and_lose_nothing(tmp_path):
    script = """
import logging, os, sys, threading, warnings
from configuration import shared_file
from configuration.logging_config import setup_logging
warnings.simplefilter("ignore")
shared_file._LONGEST_WAIT = 60.0
setup_logging(sys.argv[1], max_bytes=20_000, backup_count=5_000)
logging.getLogger().handlers[0].setLevel(logging.CRITICAL)
log = logging.getLogger("data.part")
stop = threading.Event()
counts = [0, 0]
def write(place):
    while not stop.is_set():
        log.info("parent", extra={"who": "parent"})
        counts[place] += 1
threads = [threading.Thread(target=write, args=(place,)) for place in range(2)]
[thread.start() for thread in threads]
children = []
for number in range(25):
    pid = os.fork()
    if pid == 0:
        for _ in range(20):
            log.info("child", extra={"who": "child"})
        os._exit(0)
    children.append(pid)
codes = [os.waitpid(pid, 0)[1] for pid in children]
stop.set()
[thread.join() for thread in threads]
print(sum(counts), sum(codes))
"""
    finished = run(script, tmp_path)
    assert finished.returncode == 0, finished.stderr
    written, failed = map(int, finished.stdout.split())
    lines = [line for path in tmp_path.glob("app.log*") for line in path.read_text("utf-8").splitlines()]
    who = [json.loads(line)["context"]["who"] for line in lines]
    assert failed == 0
    assert who.count("child") == 25 * 20
    assert who.count("parent") == written


@posix
def test_a_stopped_process_that_holds_the_lock_stops_nobody_else(tmp_path, logs, monkeypatch):
    holder = (
        "import fcntl, sys, time; file = open(sys.argv[1]); fcntl.flock(file, fcntl.LOCK_EX); "
        "print('held', flush=True); sys.stdin.read()"
    )
    monkeypatch.setattr("configuration.shared_file._LONGEST_WAIT", 0.2)
    log.info("before")
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(logs / ".app.lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"held\n"
        log.info("meanwhile")
        log.info("and again")
        assert messages(logs / "app.log") == ["before", "meanwhile", "and again"]
        process.stdin.close()


def test_a_line_that_was_broken_off_costs_only_itself(logs):
    log.info("whole")
    with (logs / "app.log").open("ab") as file:
        file.write(b'{"timestamp": "broken of')
    log.info("next")
    lines = (logs / "app.log").read_bytes().split(b"\n")
    assert [json.loads(line)["message"] for line in (lines[0], lines[2])] == ["whole", "next"]


def test_old_files_are_cleaned_again_every_day(logs, monkeypatch):
    cleaned = threading.Event()
    monkeypatch.setattr(logging_config, "cleanup_old_logs", lambda _: cleaned.set())
    daily = logging_config._DailyCleaning(logs, every=0.01)
    daily.start()
    assert cleaned.wait(PATIENCE_SECONDS)
    daily.stop()
    daily.join()


def test_losses_are_told_again_only_after_a_minute(capsys, monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    losses = Losses()
    for second in range(130):
        now[0] = 1_000.0 + second
        losses.add("app.log", "No space left on device")
    told = complaints(capsys)
    assert [line.split(" (")[1].split(" ")[0] for line in told] == ["1", "61", "121"]
    assert losses.by_file() == {"app.log": 130}
