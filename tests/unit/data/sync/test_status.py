"""Every process sees the sync that is on, knows when its holder died, and may ask it to stop."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from data.sync.receipt import receipts
from data.sync.request import SyncRequest
from data.sync.status import RunningStatus, SyncStatus, ask_to_stop, holding, leave_unfinished, sync_status
from data.sync.team_fetch import FetchProgress
from tests.jira_sites import credentials

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PROGRESS = FetchProgress("issues", 4300, 10_000, 43, 50, 12.0, "Jira asks us to wait")


@pytest.fixture
def request_(tmp_path):
    return SyncRequest(credentials("https://jira.example.com"), None, {}, tmp_path)


def begun(request, receipt_id="r-1"):
    status = RunningStatus(request, receipt_id, "schedule", lambda: NOW)
    status.begin()
    return status


def test_without_a_sync_nothing_runs_and_nobody_can_be_asked_to_stop(request_):
    assert sync_status(request_) == SyncStatus()
    assert ask_to_stop(request_) is False


def test_a_running_sync_is_seen_with_its_progress(request_):
    with holding(request_):
        status = begun(request_)
        assert sync_status(request_).progress is None
        status.tell(PROGRESS)
        seen = sync_status(request_)
        assert (seen.running, seen.stopping, seen.progress) == (True, False, PROGRESS)
        assert (seen.started_at, seen.trigger, seen.receipt_id) == (NOW, "schedule", "r-1")
        status.end()
    assert sync_status(request_) == SyncStatus()
    assert receipts(request_) == []


def test_progress_is_written_at_most_four_times_a_second_and_at_each_new_stage(request_):
    with holding(request_):
        status = begun(request_)
        for pages in range(1, 51):
            status.tell(FetchProgress("issues", pages * 100, None, pages, pages))
        assert sync_status(request_).progress.pages < 50
        status.tell(FetchProgress("saving", 5000, None, 50, 50))
        assert sync_status(request_).progress.stage == "saving"


def test_the_wish_to_stop_reaches_the_run_it_was_meant_for_and_no_other(request_):
    with holding(request_):
        first = begun(request_)
        assert not first.is_to_stop()
        assert ask_to_stop(request_)
        assert first.is_to_stop()
        assert sync_status(request_).stopping
        second = begun(request_, "r-2")
        assert not second.is_to_stop()
        assert not first.is_to_stop()


def test_a_run_whose_holder_is_gone_is_put_on_record_once(request_):
    with holding(request_):
        begun(request_).tell(PROGRESS)
    for _ in range(2):
        assert sync_status(request_) == SyncStatus()
    (receipt,) = receipts(request_)
    assert (receipt.id, receipt.verdict, receipt.distinct) == ("r-1", "interrupted", 4300)
    assert receipt.ended_at - receipt.started_at == timedelta()
    assert "goes on" in receipt.next_step


def test_a_run_that_the_end_of_its_program_left_unfinished_is_gone_on_with_at_once(request_):
    leave_unfinished(request_)  # nothing is on
    with holding(request_):
        begun(request_)
        leave_unfinished(request_)
    assert sync_status(request_) == SyncStatus()
    (receipt,) = receipts(request_)
    assert (receipt.verdict, receipt.ended_with_program) == ("interrupted", True)


def test_the_end_of_one_program_says_nothing_of_the_run_of_another(request_):
    with holding(request_):
        begun(request_)
        document = request_.read("status") | {"pid": os.getpid() + 1}
        request_.write("status", document, NOW)
        leave_unfinished(request_)
        assert request_.read("status") == document


def test_only_one_at_a_time_holds_the_lock(request_):
    with holding(request_) as first, holding(request_, 0) as second:
        assert (first, second) == (True, False)
    with holding(request_, 0) as again:
        assert again


def test_the_system_frees_the_lock_of_a_process_that_is_killed(request_):
    request_.path("lock").parent.mkdir(parents=True)
    script = "import sys, time, filelock\nlock = filelock.FileLock(sys.argv[1])\nlock.acquire()\n"
    script += "print('held', flush=True)\ntime.sleep(3600)"
    process = subprocess.Popen([sys.executable, "-c", script, str(request_.path("lock"))], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    with holding(request_, 0) as free:
        assert not free
    process.kill()
    process.communicate()
    with holding(request_) as free:
        assert free


def test_a_status_that_cannot_be_written_does_not_end_the_sync(request_):
    request_.path("status.json").mkdir(parents=True)
    begun(request_).tell(PROGRESS)


def test_a_damaged_status_counts_as_none(request_):
    begun(request_)
    path = request_.path("status.json")
    path.write_bytes(path.read_bytes()[:-10])
    assert sync_status(request_) == SyncStatus()


def test_a_status_that_another_version_wrote_is_understood_as_far_as_it_goes(request_):
    with holding(request_):
        begun(request_).tell(PROGRESS)
        document = request_.read("status")
        request_.write("status", document | {"progress": {"phase": "issues"}, "more": 1}, NOW)
        assert sync_status(request_).running
        assert sync_status(request_).progress is None
        request_.write("status", {"run": "r-1"}, NOW)
        assert sync_status(request_) == SyncStatus()
