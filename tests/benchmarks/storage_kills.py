"""Writers and readers of one entry at the same time, and writers that are killed at any moment."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from dataclasses import dataclass, field

from filelock import FileLock

from data.cache_manager import load_cache_with_validation, save_cache
from tests.benchmarks.storage_rows import KEY, row, store
from tests.patience import PATIENCE_SECONDS

ROWS, BATCHES = 600, 6
MORE_ROUNDS = 100
_processes = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
if os.name == "posix":
    _processes.set_forkserver_preload([__name__])


@dataclass
class Verdict:
    """`bad` are reads that were neither an old state nor a new one, whole."""

    reads: int = 0
    writes: int = 0
    bad: list = field(default_factory=list)

    def __str__(self) -> str:
        return f"{len(self.bad)} bad of {self.reads} reads, {self.writes} states written {self.bad[:3] or ''}"


def write_entry(folder, token):
    save_cache(KEY, {"token": token, "issues": [token] * 20_000}, "c", folder)


def read_entry(folder):
    """The token of a whole state; a text that says what is wrong otherwise."""
    hit, data = load_cache_with_validation(KEY, "c", cache_dir=folder)
    if not hit:
        return "nothing there"
    return data["token"] if {*data["issues"], data["token"]} == {data["token"]} else "mixed"


def write_store(folder, token):
    """A whole reading in batches, by one writer at a time."""
    kept, each = store(folder), ROWS // BATCHES
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "writer.lock"):
        staging = kept.stage({"token": token})
        for batch in range(len(staging.ids()) // each, BATCHES):
            staging.append([row(number, token) for number in range(batch * each, (batch + 1) * each)], batch)
        kept.commit(staging, {"token": token}, replace_all=True)


def read_store(folder):
    snapshot = store(folder).snapshot()
    if snapshot is None:
        return "nothing there"
    rows = list(snapshot.rows())
    tokens = {one["fields"]["token"] for one in rows} | {snapshot.facts["token"]}
    if len(tokens) > 1:
        return "mixed"
    whole = len({one["id"] for one in rows}) == len(rows) == snapshot.issue_count == ROWS
    return tokens.pop() if whole else f"{len(rows)} rows"


SUBJECTS = [("entry", write_entry, read_entry), ("store", write_store, read_store)]


def _write_until(folder, write, number, stop):
    turn = 0
    while not stop.is_set():
        write(folder, 1000 * turn + number)
        turn += 1


def several(seen):
    """Whether a reader has come upon states that were written while it read."""
    return len(seen) > 2


def _read_for(folder, read, seconds, told, *, enough):
    begun, reads, bad, seen = time.monotonic(), 0, [], set()
    while (spent := time.monotonic() - begun) < seconds or (not enough(seen) and spent < PATIENCE_SECONDS):
        found = read(folder)
        reads += 1
        seen.add(found)
        if not isinstance(found, int):
            bad.append(found)
    told.put((reads, bad, seen))


def beside(folder, write, read, *, seconds, writers=8, readers=8, enough=several):
    """So many of both for so long, and until every reader has seen enough; each read must find one whole state."""
    write(folder, 0)
    told, stop = _processes.Queue(), _processes.Event()
    crew = [_processes.Process(target=_write_until, args=(folder, write, number, stop)) for number in range(writers)]
    reading = {"target": _read_for, "args": (folder, read, seconds, told), "kwargs": {"enough": enough}}
    crew += [_processes.Process(**reading) for _ in range(readers)]
    for process in crew:
        process.start()
    verdict, seen = Verdict(), set()
    for _ in range(readers):
        reads, bad, tokens = told.get(timeout=seconds + 2 * PATIENCE_SECONDS)
        verdict.reads += reads
        verdict.bad += bad
        seen |= tokens
    stop.set()
    for process in crew:
        process.join()
        if process.exitcode:
            verdict.bad.append(f"exit code {process.exitcode}")
    verdict.writes = len(seen)
    return verdict


def _kill_at_some_moment(work, arguments, chance, longest):
    """Start the work in a process, let it run for a moment, end it without warning."""
    begun = _processes.Event()
    process = _processes.Process(target=work, args=(*arguments, begun))
    process.start()
    if not begun.wait(PATIENCE_SECONDS):
        raise TimeoutError("the process did not begin")
    time.sleep(chance.uniform(0.0, longest))
    process.kill()
    process.join()


def _write_for_ever(folder, write, token, begun):
    begun.set()
    while True:
        token += 1
        write(folder, token)


def _until_enough(rounds, enough):
    """So many rounds, and more where the machine was too slow or uneven for what they are to show."""
    for number in range(rounds + MORE_ROUNDS):
        if number >= rounds and enough():
            return
        yield number


def killed(folder, write, read, *, rounds, seed=11, enough=lambda verdict: verdict.writes > 0):
    """A writer is killed again and again; what is found must be whole, and never older than what was found before."""
    chance, verdict, last = random.Random(seed), Verdict(), 0  # noqa: S311 - moments, not secrets
    longest = 3 * _seconds(write, folder, last)
    for _ in _until_enough(rounds, lambda: enough(verdict)):
        _kill_at_some_moment(_write_for_ever, (folder, write, last), chance, longest)
        found = read(folder)
        verdict.reads += 1
        if not isinstance(found, int) or found < last:
            verdict.bad.append(found)
        else:
            verdict.writes += found - last
            last = found
    return verdict


@dataclass
class Resumption:
    """`lost` counts batches that were safe and are gone, or rows beyond the state."""

    resumed: int = 0
    finished: int = 0
    lost: int = 0

    def __str__(self) -> str:
        return f"{self.lost} lost, {self.resumed} resumed within a reading, {self.finished} readings finished"


def _seconds(work, *arguments):
    started = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - started


def _read_pages(folder, pages, safe):
    """One reading, from where the last one was stopped; `safe` hears of each page once it is on disk."""
    kept = store(folder)
    staging = kept.stage({"reading": True})
    page = 0 if staging.state is None else staging.state["page"]
    for number in range(page + 1, pages + 1):
        staging.append([row(number, number)], {"page": number})
        safe.value = number
    safe.value = 0
    kept.commit(staging, {"pages": pages}, replace_all=True)


def _read_for_ever(folder, pages, safe, begun):
    begun.set()
    while True:
        _read_pages(folder, pages, safe)


def resumed(folder, *, rounds, pages=40, seed=12):
    """A reading is killed again and again; the next run finds all that was safe, state and rows in agreement."""
    chance, outcome, safe = random.Random(seed), Resumption(), _processes.Value("i", 0, lock=False)  # noqa: S311 - moments
    longest, generation = _seconds(_read_pages, folder, pages, safe), 1
    for _ in _until_enough(rounds, lambda: outcome.resumed > 0):
        _kill_at_some_moment(_read_for_ever, (folder, pages, safe), chance, longest)
        staging, snapshot = store(folder).stage({"reading": True}), store(folder).snapshot()
        page = 0 if staging.state is None else staging.state["page"]
        outcome.lost += staging.ids() != {str(number) for number in range(1, page + 1)} or page < safe.value
        outcome.resumed += 0 < page < pages
        if snapshot is None:
            outcome.lost += 1
        else:
            outcome.lost += sorted(snapshot.keys()) != sorted(str(number) for number in range(1, pages + 1))
            outcome.finished += snapshot.layout.generation - generation
            generation = snapshot.layout.generation
        safe.value = 0
    return outcome
