"""Hostile requests below /metrics end well, and tell nothing that they should not."""

from __future__ import annotations

import json
import secrets
import socket
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from app import create_app
from configuration.settings import Secret, Settings
from data.performance_tracker import PerformanceTracker
from tests.hostile_requests import Hostile
from tests.metrics_api import served
from tests.patience import PATIENCE_SECONDS
from tests.property.effort import FACTOR
from tests.watching import measured

REQUESTS = 1000 if FACTOR == 1 else max(5000, 1000 * FACTOR)
SEED = 1 if FACTOR == 1 else time.time_ns()
MOST_LABELS = 300


@pytest.fixture
def place(tmp_path):
    """A folder of logs, measurements and settings, in which every file that nobody may have holds the canary."""
    canary = secrets.token_hex(24)
    for name in ("canary.txt", "logs/canary.txt", "logs/performance/canary.txt", "cache/canary.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps({"canary": canary}))
    (tmp_path / "app_settings.json").write_text(json.dumps({"canary": canary}))
    return tmp_path, canary


def kept(path):
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.execute("SELECT * FROM route_metrics WHERE route = '/dora' ORDER BY id"))


def answer_to(request, port):
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def fault_in(answer, canaries):
    """What is wrong with an answer, or nothing."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    if status >= 500:
        return f"status {status}"
    if any(canary.encode() in answer for canary in canaries) or b"SQLite format" in answer:
        return "a file that nobody may have"
    if status >= 400 and b"Content-Type: application/json" in head and body:
        error = json.loads(body)["error"]
        return None if error.keys() == {"parameter", "given", "allowed", "next_step"} else "another body"
    return None


def test_hostile_requests_end_well_and_tell_nothing(place):
    """Not one 5xx, no file's content, nothing changed, and no more labels than there may be."""
    folder, canary = place
    token, database = secrets.token_hex(24), folder / "logs" / "performance" / "metrics.db"
    tracker = PerformanceTracker(database)
    hours = [datetime.now(UTC) - timedelta(hours=number) for number in range(1, 30)]
    tracker.store.write([measured(hour, label="/dora") for hour in hours])
    tracker.close()
    held = kept(database)
    app = create_app(
        Settings(
            log_dir=folder / "logs",
            cache_dir=folder / "cache",
            app_settings_path=folder / "app_settings.json",
            metrics_token=Secret(token),
        )
    )
    addresses = [
        rule.rule.removeprefix("/metrics/") for rule in app.server.url_map.iter_rules() if "/metrics/" in rule.rule
    ]
    files = [str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()]
    assert "logs/canary.txt" in files

    faults, statuses = [], set()
    with served(app.server) as client:
        hostile = Hostile(SEED, addresses, [*files, str(folder / "canary.txt"), "canary.txt"], client.port)
        for number in range(REQUESTS):
            request = hostile.request()
            answer = answer_to(request, client.port)
            statuses.add(int(answer.split(b" ", 2)[1]))
            if fault := fault_in(answer, (canary, token)):
                faults.append(f"{fault}: request {number} of seed {SEED}: {request[:300]!r} -> {answer[:300]!r}")
        assert client.get("overview").status == 200

    assert faults == []
    assert {200, 400, 404, 405} <= statuses
    assert kept(database) == held
    with closing(sqlite3.connect(database)) as connection:
        (labels,) = connection.execute("SELECT count(DISTINCT route) FROM route_metrics").fetchone()
    assert 10 < labels <= MOST_LABELS


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (b"HTTP/1.1 500 INTERNAL SERVER ERROR\r\n\r\n", "status 500"),
        (b"HTTP/1.1 200 OK\r\n\r\nthe canary sings", "a file that nobody may have"),
        (b"HTTP/1.1 200 OK\r\nX: the canary\r\n\r\n", "a file that nobody may have"),
        (b"HTTP/1.1 200 OK\r\n\r\nSQLite format 3\x00", "a file that nobody may have"),
        (b'HTTP/1.1 400 BAD REQUEST\r\nContent-Type: application/json\r\n\r\n{"error": {}}', "another body"),
        (b"HTTP/1.1 404 NOT FOUND\r\n\r\n", None),
    ],
)
def test_a_fault_would_be_seen(answer, fault):
    assert fault_in(answer, ["the canary"]) == fault
