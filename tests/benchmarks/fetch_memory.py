"""How much memory a sync takes at its peak, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import psutil

from data.jira_connection import connect
from data.jira_simple import SyncRequest, synchronise
from tests.benchmarks.jira_process import QUERY, ROOT, credentials, jira_process

SIZES = (5_000, 20_000)
_MEGABYTE = 1024 * 1024


def memory(folder: Path, flavour: str = "cloud", sizes: tuple[int, int] = SIZES) -> dict[str, Any]:
    told: dict[str, Any] = {"flavour": flavour}
    for how in ("traced", "resident"):
        peaks = [_measured(folder, flavour, size, how) for size in sizes]
        told[how] = dict(zip(map(str, sizes), peaks, strict=True))
        told[f"{how}_ratio"] = peaks[1]["peak"] / peaks[0]["peak"]
    return told


def _measured(folder: Path, flavour: str, size: int, how: str) -> dict[str, float]:
    place = folder / f"memory-{flavour}-{size}-{how}"
    with jira_process(size, flavour, 0.0) as jira:
        command = [sys.executable, "-m", "tests.benchmarks.fetch_memory", jira.url, str(place), how]
        finished = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(finished.stdout))


class _Resident:
    """The most memory this process had, looked at a hundred times a second."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._over = threading.Event()
        self.before = self.peak = self._now()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.01):
            self.peak = max(self.peak, self._now())

    def _now(self) -> float:
        return float(self._process.memory_info().rss) / _MEGABYTE


def main(url: str, place: str, how: str) -> None:
    request = SyncRequest(credentials(url), QUERY, {}, Path(place))
    resident = _Resident()
    if how == "traced":
        tracemalloc.start()
    receipt = synchronise(request, connect=connect, trigger="command")
    traced = tracemalloc.get_traced_memory()[1] / _MEGABYTE if how == "traced" else 0.0
    resident.stop()
    assert receipt is not None
    assert receipt.verdict == "complete", receipt.sentence
    peak = traced or resident.peak
    told = {"peak": peak, "before": 0.0 if traced else resident.before, "issues": receipt.issues}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
