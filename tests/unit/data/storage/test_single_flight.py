"""Work that many ask for is done once, and a worker that dies is replaced."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from data.storage import single_flight as single_flights
from data.storage.single_flight import single_flight
from tests.patience import PATIENCE_SECONDS, eventually

NEVER = 3600.0
CREW = Path(__file__).parents[3] / "flight_crew.py"


def start(folder, threads=1, seconds=0.3, how="work"):
    command = [sys.executable, str(CREW), str(folder), str(threads), str(seconds), how]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def answers(processes):
    return [json.loads(line) for process in processes for line in process.communicate()[0].splitlines()]


def log(folder):
    path = folder / "work.log"
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


def wait_for_followers(folder, number):
    """Until so many callers of `name` wait for the result of the one who works."""
    flight = single_flights._flights[folder, "name"]
    eventually(lambda: len(flight._condition._waiters) == number)


class Kept:
    """What has been worked out, and how often."""

    def __init__(self):
        self.value, self.worked = None, 0
        self.begun, self.go_on = threading.Event(), threading.Event()

    def look(self):
        return self.value

    def work(self):
        self.worked += 1
        self.begun.set()
        assert self.go_on.wait(PATIENCE_SECONDS)
        self.value = "result"
        return self.value


def test_what_is_there_is_not_worked_out(tmp_path):
    def work():
        raise AssertionError

    assert single_flight("name", tmp_path, look=lambda: 7, work=work) == 7


def test_fifty_threads_have_one_result(tmp_path):
    kept = Kept()
    with ThreadPoolExecutor(50) as pool:
        results = [pool.submit(single_flight, "name", tmp_path, look=kept.look, work=kept.work) for _ in range(50)]
        kept.begun.wait(PATIENCE_SECONDS)
        kept.go_on.set()
        assert [result.result(PATIENCE_SECONDS) for result in results] == ["result"] * 50
    assert kept.worked == 1


def test_another_name_and_another_folder_are_other_work(tmp_path):
    kept = Kept()
    kept.go_on.set()
    for name, folder in (("a", tmp_path), ("b", tmp_path), ("a", tmp_path / "other")):
        assert single_flight(name, folder, look=lambda: None, work=kept.work) == "result"
    assert kept.worked == 3


def test_those_who_wait_get_the_error_and_the_next_one_tries_again(tmp_path):
    kept = Kept()

    def fail():
        kept.work()
        raise ValueError("no")

    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(single_flight, "name", tmp_path, look=lambda: None, work=fail)
        assert kept.begun.wait(PATIENCE_SECONDS)
        others = [pool.submit(single_flight, "name", tmp_path, look=lambda: None, work=fail) for _ in range(4)]
        wait_for_followers(tmp_path, 4)
        kept.go_on.set()
        for result in [first, *others]:
            with pytest.raises(ValueError, match="no"):
                result.result(PATIENCE_SECONDS)
    assert kept.worked == 1
    assert single_flight("name", tmp_path, look=lambda: None, work=lambda: 1) == 1


def test_the_end_of_the_worker_is_no_answer_for_the_others(tmp_path):
    kept = Kept()

    def stop():
        kept.begun.set()
        kept.go_on.wait(PATIENCE_SECONDS)
        raise KeyboardInterrupt

    def lead():
        with pytest.raises(KeyboardInterrupt):
            single_flight("name", tmp_path, look=lambda: None, work=stop)

    leader = threading.Thread(target=lead)
    leader.start()
    assert kept.begun.wait(PATIENCE_SECONDS)
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(single_flight, "name", tmp_path, look=lambda: None, work=lambda: "mine")
        wait_for_followers(tmp_path, 1)
        kept.go_on.set()
        assert other.result(PATIENCE_SECONDS) == "mine"
    leader.join()


def test_where_no_lock_can_be_had_the_work_is_done_all_the_same(tmp_path, caplog):
    (tmp_path / "locks").write_text("in the way")
    assert single_flight("name", tmp_path, look=lambda: None, work=lambda: 1) == 1
    assert "cannot be told" in caplog.text


def test_two_hundred_callers_in_four_processes_do_the_work_once(tmp_path):
    crew = [start(tmp_path, threads=50) for _ in range(4)]
    given = answers(crew)
    assert len(given) == 200
    assert len({answer["made_by"] for answer in given}) == 1
    assert Counter(log(tmp_path)) == {"began": 1, "ended": 1}


def test_a_worker_that_fails_lets_the_other_processes_try(tmp_path):
    given = answers([start(tmp_path, threads=10, how="raise") for _ in range(2)])
    assert [answer["error"] for answer in given] == ["no result"] * 20
    assert len({line.split()[1] for line in (tmp_path / "work.log").read_text().splitlines()}) == 2


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("how", ["work", "fork"])
def test_when_the_worker_is_killed_the_next_one_takes_over(tmp_path, how):
    """Also while a child that it forked lives on."""
    holder = start(tmp_path, seconds=NEVER, how=how)
    eventually(lambda: log(tmp_path) == ["began"])
    waiting = start(tmp_path, threads=3, seconds=0)
    time.sleep(0.2)
    assert log(tmp_path) == ["began"], "nobody works beside the one who does"
    holder.kill()
    given = answers([waiting])
    assert len(given) == 3
    assert log(tmp_path) == ["began", "began", "ended"]
    holder.stdout.close()
    holder.wait()


def test_work_is_done_while_the_caller_handles_another_error(tmp_path):
    try:
        int("no number")
    except ValueError:
        found = single_flight("work", tmp_path, look=lambda: None, work=lambda: "done")

    assert found == "done"
