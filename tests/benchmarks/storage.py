"""What is kept, under every trouble: `python -m tests.benchmarks.storage [PART ...]` prints goal beside reached.

Parts: concurrency, kills, damage, stampede, bounds, forbidden, sizes; without any, all of them (about four minutes).
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from data.cache_manager import generate_cache_key, save_cache
from data.storage.bounds import BOUNDS, Bounds, keep_within, kept_size
from tests.benchmarks import storage_damage, storage_kills
from tests.benchmarks.storage_rows import big_row, store

CREW = Path(__file__).parents[1] / "flight_crew.py"


def tell(what, goal, reached):
    sys.stdout.write(f"{what:58} goal {goal:24} reached {reached}\n")
    sys.stdout.flush()


def concurrency(folder, seconds=60.0):
    for name, write, read in storage_kills.SUBJECTS:
        verdict = storage_kills.beside(folder / name, write, read, seconds=seconds)
        tell(f"{name}: 8 writers, 8 readers, {seconds:.0f} s", "0 bad reads", f"{verdict}")


def kills(folder, rounds=200):
    for name, write, read in storage_kills.SUBJECTS:
        verdict = storage_kills.killed(folder / name, write, read, rounds=rounds)
        tell(f"{name}: {rounds} SIGKILLs of its writer", "0 bad reads", f"{verdict}")
    verdict = storage_kills.resumed(folder / "resumed", rounds=rounds)
    tell(f"staging: {rounds} SIGKILLs of a reading", "all resumed, none lost", f"{verdict}")


def damage(folder):
    for name, trial in storage_damage.TRIALS.items():
        verdict = trial(folder / name)
        tell(f"damage: {name}", "100 % detected", f"{verdict}")


def stampede(folder):
    given, log = crew(folder / "cold", processes=4, threads=50, seconds=1.0)
    late = max(answer["had_at"] - answer["at"] for answer in given)
    tell("200 callers in 4 processes, cold", "1 computation", f"{log.count('began')} for {len(given)} answers")
    tell("the last of them has the result after", "200 ms", f"{1000 * late:.0f} ms")
    folder = folder / "killed"
    folder.mkdir(parents=True)
    holder = start(folder, 1, 60.0)
    wait_for((folder / "work.log").exists)
    waiting = start(folder, 50, 0.0)
    time.sleep(1.0)
    killed_at = time.time()
    holder.kill()
    given = [json.loads(line) for line in waiting.communicate()[0].splitlines()]
    holder.communicate()
    took = max(answer["had_at"] for answer in given) - killed_at
    tell("the one who works is killed, the next takes over within", "5 s", f"{took:.2f} s, {len(given)} answers")


def start(folder, threads, seconds):
    command = [sys.executable, str(CREW), str(folder), str(threads), str(seconds), "work"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def crew(folder, *, processes, threads, seconds):
    folder.mkdir(parents=True)
    members = [start(folder, threads, seconds) for _ in range(processes)]
    given = [json.loads(line) for member in members for line in member.communicate()[0].splitlines()]
    return given, [line.split()[0] for line in (folder / "work.log").read_text().splitlines()]


def wait_for(condition):
    until = time.monotonic() + 60
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.01)


def bounds(folder, entries=10_000, large=180):
    most = 0
    for number in range(entries):
        save_cache(generate_cache_key(f"query {number}", {}, 30), [number], "c", folder, question={"jql_query": number})
        most = max(most, sum(1 for _ in folder.glob("*.json")))
    tell(f"{entries} entries", f"at most {BOUNDS.entries} + 1", f"at most {most}")
    folder, heaviest, content = folder / "large", 0, "x" * 4_000_000
    for number in range(large):
        save_cache(generate_cache_key(f"query {number}", {}, 30), [content], "c", folder)
        heaviest = max(heaviest, kept_size(folder))
    reached = f"at most {heaviest / 1e6:.0f} MB"
    tell(f"{large} entries of 4 MB", f"at most {BOUNDS.size / 1e6:.0f} + 4 MB", reached)
    keep_within(folder, Bounds(size=1))


def forbidden(folder):
    program = f"""
import hashlib, sys
def forbid(*arguments, **options): raise ValueError("disabled for FIPS")
hashlib.md5 = forbid
from pathlib import Path
from tests.benchmarks import storage_kills
folder = Path({str(folder)!r})
for name, write, read in storage_kills.SUBJECTS:
    write(folder / name, 1)
    sys.stdout.write(f"{{name}} {{read(folder / name)}}; ")
"""
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    tell("md5 raises", "all is kept and read", finished.stdout or finished.stderr[-300:])


def sizes(folder, count=10_000):
    kept = store(folder)
    rows = [big_row(number, 0) for number in range(count)]
    staging, started = kept.stage({"full": True}), time.perf_counter()
    for begin in range(0, count, 100):
        staging.append(rows[begin : begin + 100], {"from": begin})
    staged = time.perf_counter() - started
    full = kept.commit(staging, {}, replace_all=True)
    committed = time.perf_counter() - started - staged
    whole = sum(segment.size for segment in full.layout.segments)
    tell(
        f"{count} issues, {whole / 1e6:.0f} MB: staged in 100 batches, swapped",
        "",
        f"{staged:.2f} s, {committed:.2f} s",
    )
    before, started = set(full.layout.segments), time.perf_counter()
    staging = kept.stage({"changes": 1})
    staging.append([big_row(number, 1) for number in range(0, count, 100)], None)
    changed = kept.commit(staging, {}, replace_all=False)
    took = time.perf_counter() - started
    written = sum(segment.size for segment in set(changed.layout.segments) - before)
    written += (folder / f"{storage_kills.KEY}.json").stat().st_size
    tell(
        "bytes rewritten by 1 % of changes",
        "little",
        f"{written / 1e6:.2f} MB, {100 * written / whole:.1f} %, {took:.2f} s",
    )
    (folder / "plain.json").write_text(json.dumps(rows))
    for what in ("opened", "plain"):
        command = [sys.executable, "-m", "tests.benchmarks.storage_rows", what, str(folder)]
        took, found = min(json.loads(subprocess.check_output(command)) for _ in range(3))
        name = (
            "verified and opened, in a new process (processor time)"
            if what == "opened"
            else "beside it: json.load of one file, unverified"
        )
        tell(f"{count} issues {name}", "", f"{took:.2f} s, {found} issues")


PARTS = {part.__name__: part for part in (concurrency, kills, damage, stampede, bounds, forbidden, sizes)}


def main(names):
    logging.disable()
    for name in names or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            PARTS[name](Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
