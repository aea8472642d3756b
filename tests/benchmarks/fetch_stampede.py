"""Two hundred callers in four processes ask the same question at once, and nothing is kept yet."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.jira_simple import fetch_jira_data_with_cache
from tests.benchmarks.fetch_day import configured
from tests.benchmarks.jira_process import QUERY, ROOT, credentials, jira_process
from tests.unhurried import give_nothing_up_early


def stampede(folder: Path, *, issues: int = 1_000, processes: int = 4, threads: int = 50) -> dict[str, Any]:
    with jira_process(issues, "cloud", 0.15) as jira:
        who = credentials(jira.url)
        with configured(who, folder / "alone"):
            started = time.perf_counter()
            assert len(fetch_jira_data_with_cache(QUERY, {}, 30)) == issues
            alone_seconds, alone = time.perf_counter() - started, jira.kinds()
        jira.forget()
        with configured(who, folder / f"stampede-{secrets.token_hex(4)}"):
            told = _rush(processes, threads)
        kinds = jira.kinds()
    seconds = [second for one in told for second in one["seconds"]]
    return {
        "callers": len(seconds),
        "answers": sorted({count for one in told for count in one["issues"]}),
        "errors": [error for one in told for error in one["errors"]],
        "fetches": kinds.get("GET /serverInfo", 0),
        "requests": sum(kinds.values()),
        "requests_of_one_fetch": sum(alone.values()),
        "alone_seconds": alone_seconds,
        "slowest_seconds": max(seconds, default=0.0),
    }


def _rush(processes: int, threads: int) -> Sequence[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.benchmarks.fetch_stampede", str(threads)]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [json.loads(process.communicate()[0]) for process in running]


def main(threads: int) -> None:
    give_nothing_up_early()
    told: dict[str, list[Any]] = {"seconds": [], "issues": [], "errors": []}
    gate = threading.Barrier(threads)

    def call() -> None:
        gate.wait()
        started = time.perf_counter()
        try:
            told["issues"].append(len(fetch_jira_data_with_cache(QUERY, {}, 30)))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            told["errors"].append(f"{type(error).__name__}: {error}")
        told["seconds"].append(time.perf_counter() - started)

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    callers = [threading.Thread(target=call) for _ in range(threads)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]))
