"""What recording costs a request, and what it loses: `python -m tests.benchmarks.recording`.

One of `overhead`, `processes`, `labels`, `peers` and `all` may follow.
Goals stand beside what was reached. With `--peer-python=PATH`, a Python that has flask-monitoringdashboard, `peers`
measures that as well. All ways of recording are asked in turn, so that a busy machine is busy for all of them.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from werkzeug.test import EnvironBuilder

from callbacks.operation_labels import CallbackLabels
from callbacks.request_metrics import RequestTimer
from configuration.settings import Settings
from data.performance_tracker import PerformanceTracker
from data.watch.store import MetricsStore
from tests.benchmarks.recording_variants import (
    asked_in_turn,
    cost,
    dashboard_variants,
    inserting,
    plain,
    quantile,
    recorded,
    small_application,
)
from tests.watching import measured

PEER = Path(__file__).with_name("recording_peer.py")
WHY = {
    "output": "why-answer.children",
    "outputs": {"id": "why-answer", "property": "children"},
    "inputs": [{"id": "why-key", "property": "value", "value": ""}],
    "state": [{"id": "explanation-subject", "property": "data", "value": None}],
    "changedPropIds": ["why-key.value"],
}
PROCESSES, RATE = 4, 1_000
WARM_SECONDS = 5.0
ROUTES = 30
ROWS = 9_000


def told(what: str, goal: str, reached: str) -> None:
    sys.stdout.write(f"{what:<74} goal {goal:<12} reached {reached}\n")
    sys.stdout.flush()


def overhead(folder: Path, requests: int) -> None:
    tracker = PerformanceTracker(folder / "hooks.db")

    def nothing(_environ, start):
        start("200 OK", [])
        return []

    timed = RequestTimer(CallbackLabels(dict), tracker.record).around(nothing, frozenset())
    _told_overhead("the hooks alone", {"without": nothing, "with": timed}, requests)
    _told_overhead("a small Flask application", {"without": plain(), "with": recorded(tracker)}, requests)
    tracker.close()
    from app import create_app  # noqa: PLC0415 - the processes that are started need no dashboard

    app = create_app(Settings(log_dir=folder / "logs", cache_dir=folder / "cache"))
    tracker = PerformanceTracker(folder / "dashboard.db")
    variants = dashboard_variants(app, tracker)
    callback = {"path": "/_dash-update-component", "method": "POST", "json": WHY}
    _told_overhead("the dashboard, a callback", variants, requests // 4, **callback)
    _told_overhead("the dashboard, a file", variants, requests // 4, path="/assets/sightline.css")
    tracker.close()
    told("lost meanwhile", "0", str(tracker.recorder.dropped))
    _told_writing(folder / "writing.db")


def _told_overhead(what: str, variants, requests: int, **asked) -> None:
    """By the clock on the wall, and by the processor's, which does not count what other programs take."""
    times = asked_in_turn(variants, requests, **asked)
    busy = asked_in_turn(variants, requests, clock=time.thread_time_ns, **asked)
    without = [quantile(times["without"], share) for share in (0.5, 0.99)]
    told(f"{what}: {requests} requests without, median and p99", "", f"{without[0]:.0f} us, {without[1]:.0f} us")
    told(f"{what}: median with, less that", "<= 30 us", f"{cost(times, 'with', 'without'):.1f} us")
    told(f"{what}: p99 likewise", "<= 300 us", f"{cost(times, 'with', 'without', 0.99):.1f} us")
    told(f"{what}: p99 likewise, processor time", "<= 300 us", f"{cost(busy, 'with', 'without', 0.99):.1f} us")


def _told_writing(path: Path) -> None:
    tracker = PerformanceTracker(path)
    rows = [measured(label=f"/{number % ROUTES}", ms=number % 97) for number in range(ROWS)]
    began = time.process_time()
    for row in rows:
        tracker.record(row)
    while not tracker.recorder.flush(60):
        pass
    took = time.process_time() - began
    told(f"processor time of the writer for each of {ROWS} measurements", "", f"{1e6 * took / ROWS:.1f} us")
    tracker.close()


def ask_steadily(path: Path, seconds: float, results) -> None:
    """One server process: its share of the requests, evenly spread, to thirty routes in turn."""
    logging.disable(logging.CRITICAL)
    tracker, app = PerformanceTracker(path), small_application()
    for number in range(ROUTES):
        app.add_url_rule(f"/route-{number}", f"route-{number}", lambda: "hello")
    timed = RequestTimer(CallbackLabels(dict), tracker.record).around(app.wsgi_app, frozenset())
    environs = [EnvironBuilder(path=f"/route-{number}").get_environ() for number in range(ROUTES)]
    process, step = psutil.Process(), PROCESSES / RATE
    began, asked, warm = time.perf_counter(), 0, 0
    while (passed := time.perf_counter() - began) < seconds:
        if asked * step > passed:
            time.sleep(asked * step - passed)
        body = timed(dict(environs[asked % ROUTES]), lambda _line, _headers, _raised=None: None)
        body.close()
        asked += 1
        if not warm and passed > WARM_SECONDS:
            warm = process.memory_info().rss
    grown = process.memory_info().rss - warm
    tracker.close()
    results.put((asked, tracker.recorder.dropped, grown, time.perf_counter() - began - seconds))


def processes(folder: Path, seconds: float) -> None:
    path, context = folder / "shared.db", multiprocessing.get_context("spawn")
    results = context.Queue()
    servers = [context.Process(target=ask_steadily, args=(path, seconds, results)) for _ in range(PROCESSES)]
    for server in servers:
        server.start()
    found = [results.get(timeout=seconds + 120) for _ in servers]
    for server in servers:
        server.join()
    asked, dropped = sum(one[0] for one in found), sum(one[1] for one in found)
    store = MetricsStore(path)
    counted = sum(totals.count for totals in store.totals().values())
    stored = store.storage().dropped_total
    told(f"{PROCESSES} processes for {seconds:.0f} s: requests a second in all", f"{RATE}", f"{asked / seconds:.0f}")
    told("requests asked, measurements in the database, known to be dropped", "", f"{asked}, {counted}, {stored}")
    told("lost without being counted", "0", str(asked - counted - stored))
    told("dropped, as the processes counted and as the database has it", "alike", f"{dropped}, {stored}")
    most = max(one[2] for one in found) / 1024 / 1024
    told(f"memory of a process after {WARM_SECONDS:.0f} s and at the end, most growth", "<= 20 MB", f"{most:.1f} MB")
    told(
        "seconds that the end of a process took to write the rest, at most",
        "<= 2",
        f"{max(one[3] for one in found):.2f}",
    )
    told("size of the database", "", f"{path.stat().st_size / 1024 / 1024:.1f} MB")


def labels(folder: Path, paths: int) -> None:
    """Addresses that nobody knows, at an application that takes any, and routes of a caller's own, in two lives."""
    for _ in range(2):
        tracker, app = PerformanceTracker(folder / "labels.db"), small_application()
        app.add_url_rule("/<path:path>", "any", lambda path: "nothing")  # noqa: ARG005 - the framework's
        timed = RequestTimer(CallbackLabels(dict), tracker.record).around(app.wsgi_app, frozenset())
        environ = EnvironBuilder(path="/page").get_environ()
        for _ in range(paths // 2):
            word = secrets.token_hex(8)
            timed(environ | {"PATH_INFO": f"/{word}", "REQUEST_METHOD": word}, lambda *_: None).close()
            tracker.record_metric(f"/{word}", word, 1.0, 200)
        tracker.close()
    store = MetricsStore(folder / "labels.db")
    keys = store.totals()
    told(f"labels after {paths} random paths and as many routes", "<= 300", str(len({(k.kind, k.label) for k in keys})))
    told("series, which have a method too", "", str(len({(k.kind, k.label, k.method) for k in keys})))
    missing = 2 * paths - sum(totals.count for totals in keys.values()) - store.storage().dropped_total
    told("lost without being counted", "0", str(missing))


def peers(folder: Path, requests: int, rounds: int, peer_python: Path | None) -> None:
    tracker = PerformanceTracker(folder / "ours.db")
    variants = {
        "ours": recorded(tracker),
        "insert": inserting(folder / "insert.db", kept=False),
        "insert, kept": inserting(folder / "kept.db", kept=True),
    }
    bare, count = plain(), requests // rounds
    found = {name: {"without": [], "with": []} for name in [*variants, "peer"]}
    peer, rows = _started(peer_python) if peer_python else None, 0
    for _ in range(rounds):
        turns = {name: asked_in_turn({"without": bare, "with": one}, count) for name, one in variants.items()}
        if peer is not None:
            answer = _round(peer, count)
            turns["peer"], rows = answer["times"], answer["rows"]
        for name, times in turns.items():
            for which in times:
                found[name][which] += times[which]
    tracker.close()
    own = cost(found["ours"], "with", "without")
    told(f"our recording, median of {count * rounds}", "<= 30 us", f"{own:.1f} us")
    _told_ratio("one INSERT per request, a connection each", cost(found["insert"], "with", "without"), own)
    _told_ratio("one INSERT per request, kept connection, WAL", cost(found["insert, kept"], "with", "without"), own)
    if peer is None:
        told("flask-monitoringdashboard", ">= 20 x", "not measured: give --peer-python")
        return
    peer.stdin.close()
    peer.wait(30)
    _told_ratio(f"flask-monitoringdashboard, with {rows} rows at last", cost(found["peer"], "with", "without"), own)


def _told_ratio(what: str, other: float, own: float) -> None:
    told(f"{what}: {other:.0f} us, times ours", ">= 20 x", f"{other / own:.0f} x")


def _started(python: Path) -> subprocess.Popen:
    return subprocess.Popen([str(python), str(PEER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _round(peer: subprocess.Popen, requests: int) -> dict:
    peer.stdin.write(f"{requests}\n")
    peer.stdin.flush()
    while not (line := peer.stdout.readline()).startswith("{"):  # the peer says this and that
        if not line:
            sys.exit("The peer ended: its Python needs flask-monitoringdashboard and a Flask that this one works with.")
    return json.loads(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", default="all", choices=["overhead", "processes", "labels", "peers", "all"])
    parser.add_argument("--requests", type=int, default=12_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--peer-python", type=Path)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.what in {"overhead", "all"}:
            overhead(folder, given.requests)
        if given.what in {"processes", "all"}:
            processes(folder, given.seconds)
        if given.what in {"labels", "all"}:
            labels(folder, 100_000)
        if given.what in {"peers", "all"}:
            peers(folder, given.requests // 4, given.rounds, given.peer_python)


if __name__ == "__main__":
    main()
