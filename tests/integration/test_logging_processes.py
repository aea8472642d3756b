"""Several processes with several threads write one log at once, and every record is there once and whole."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.patience import eventually

WRITER = Path(__file__).parents[1] / "log_writer.py"
THOROUGH = int(os.environ.get("SIGHTLINE_THOROUGH", "1")) > 1
PROCESSES, THREADS = 8, 4
RECORDS, LIMIT = (25_000, 200_000) if THOROUGH else (100, 8_000)


@dataclass
class Verdict:
    """What became of the records, counted from outside the processes that wrote them."""

    lost: int
    duplicated: int
    torn: int
    files: int
    too_long: int


def start(folder, *, how="ours", records=RECORDS, processes=PROCESSES, threads=THREADS, limit=LIMIT):
    return [
        subprocess.Popen(
            [sys.executable, str(WRITER), str(folder), str(name), str(threads), str(records), how, str(limit)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for name in range(processes)
    ]


def finished(running):
    told = b"".join(process.communicate()[1] for process in running)
    return [process.returncode for process in running], told


def read(folder):
    """Every whole record as (writer, thread, number) with how often it is there, and the number of torn lines."""
    seen, torn = Counter(), 0
    for path in folder.glob("app.log*"):
        for line in path.read_bytes().split(b"\n"):
            try:
                context = json.loads(line)["context"] if line else None
                if context:
                    seen[context["writer"], context["thread_number"], context["number"]] += 1
            except (ValueError, KeyError):
                torn += 1
    return seen, torn


def judged(folder, records=RECORDS, processes=PROCESSES, limit=LIMIT):
    seen, torn = read(folder)
    longest = max(len(line) for line in (folder / "app.log.1").read_bytes().splitlines(keepends=True)) + 10
    sizes = [path.stat().st_size for path in folder.glob("app.log*")]
    return Verdict(
        lost=processes * THREADS * records - len(seen),
        duplicated=sum(count - 1 for count in seen.values()),
        torn=torn,
        files=len(sizes),
        too_long=sum(size > limit + longest for size in sizes),
    )


def test_nothing_is_lost_doubled_or_torn_while_files_roll(tmp_path):
    started = time.perf_counter()
    codes, told = finished(start(tmp_path))
    spent = time.perf_counter() - started
    verdict = judged(tmp_path)
    sys.stdout.write(f"{verdict} {PROCESSES * THREADS * RECORDS / spent:.0f} records/s with the start of Python\n")
    assert (codes, told) == ([0] * PROCESSES, b"")
    assert verdict == Verdict(lost=0, duplicated=0, torn=0, files=verdict.files, too_long=0)
    assert verdict.files > (500 if THOROUGH else 50)


@pytest.mark.skipif(os.name != "posix", reason="that is how it always is on Windows")
def test_nor_where_an_open_file_cannot_be_moved(tmp_path):
    codes, _ = finished(start(tmp_path, how="unmovable", records=60, processes=3, limit=8_000))
    verdict = judged(tmp_path, records=60, processes=3, limit=8_000)
    assert codes == [0] * 3
    assert verdict == Verdict(lost=0, duplicated=0, torn=0, files=verdict.files, too_long=0)
    assert verdict.files > 10


def test_the_same_count_finds_out_a_faulty_handler(tmp_path):
    finished(start(tmp_path, how="faulty", records=60, processes=2, limit=8_000))
    verdict = judged(tmp_path, records=60, processes=2, limit=8_000)
    each = 2 * THREADS * 60 // 20
    assert (verdict.lost, verdict.duplicated, verdict.torn) == (each, each, each)


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")
def test_a_killed_process_loses_at_most_what_each_thread_was_writing(tmp_path):
    chance = random.Random(11)  # noqa: S311 - moments, not secrets
    for round_number in range(40 if THOROUGH else 2):
        folder = tmp_path / str(round_number)
        folder.mkdir()
        running = start(folder, records=100_000, processes=3)
        eventually((folder / "app.log.1").exists)
        time.sleep(chance.random() / 5)
        for process in running:
            process.kill()
        finished(running)
        seen, torn = read(folder)
        last = Counter()
        for writer, thread, number in seen:
            last[writer, thread] = max(last[writer, thread], number)
        gaps = sum(number + 1 for number in last.values()) - len(seen)
        assert len(seen) > 40
        assert gaps == 0, "what is missing lies after the last record of its thread, never before"
        assert torn <= len(running)
        assert max(seen.values()) == 1
