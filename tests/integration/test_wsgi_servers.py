"""Behind gunicorn and waitress, whichever process answers: all is measured once, and read once."""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import signal
import socket
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path

import psutil
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from callbacks.probes import PATHS, PROMETHEUS
from configuration.settings import JiraCredentials, Secret
from data.jira_simple import SyncRequest, receipts
from data.watch.measurement import Kind
from data.watch.store import MetricsStore
from tests.held_jira import held
from tests.integration import page_events
from tests.jira_sites import few_issues, serving
from tests.patience import PATIENCE_SECONDS, eventually

ROOT = Path(__file__).resolve().parents[2]
ACCESS = "%(p)s %({x-request-id}o)s %(m)s %(U)s %(s)s"
HASTELESS = ["--no-control-socket", "--timeout", "120", "--graceful-timeout", "120"]
TOLD = ["--access-logfile", "-", "--access-logformat", f"answered {ACCESS}"]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
needs_fork = pytest.mark.skipif(os.name == "nt", reason="gunicorn forks its workers")


class Served:
    """The application behind a WSGI server, in a process group of its own; its output goes into a file."""

    def __init__(self, folder, environ, command, port):
        self.folder, self.address = folder, f"http://127.0.0.1:{port}"
        inherited = {name: text for name, text in os.environ.items() if not name.startswith(("JIRA_", "SIGHTLINE_"))}
        own = {"SIGHTLINE_SETTINGS": str(folder / "app_settings.json"), "SIGHTLINE_LOG_DIR": str(folder / "logs")}
        own |= {"SIGHTLINE_CACHE_DIR": str(folder / "cache"), "PYTHONUNBUFFERED": "1"}
        self.output = folder / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=inherited | own | environ, stdout=output, stderr=output
            )

    def is_up(self):
        assert self.process.poll() is None, self.said()
        try:
            return self.get("/health").ok
        except requests.ConnectionError:
            return False

    def said(self):
        return self.output.read_text("utf-8")

    def get(self, path):
        return requests.get(self.address + path, timeout=PATIENCE_SECONDS)

    def post(self, path, json):
        return requests.post(self.address + path, json=json, timeout=PATIENCE_SECONDS)

    def workers(self):
        return [process.pid for process in psutil.Process(self.process.pid).children()]

    def answers(self):
        """Of gunicorn's own log: process, request id, method, path, status."""
        lines = [line.split()[1:] for line in self.said().splitlines() if line.startswith("answered ")]
        return [(int(process.strip("<>")), *rest) for process, *rest in lines]

    def crowd(self, number, path="/metrics/api/storage"):
        """Whoever meets a worker that is just leaving comes again, as browsers do."""

        def visit(_):
            while True:
                with suppress(requests.ConnectionError):
                    return self.get(path).status_code

        with ThreadPoolExecutor(6) as visitors:
            return Counter(visitors.map(visit, range(number)))

    def asked_of_each(self, ask):
        """Until every worker has answered something."""
        before = len(self.answers())
        eventually(lambda: ask() and {one[0] for one in self.answers()[before:]} >= set(self.workers()), self.said)

    def counted(self, path):
        text = self.get(PROMETHEUS).text
        samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
        name = "sightline_request_duration_seconds_count"
        return sum(one.value for one in samples if one.name == name and one.labels["route"] == path)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def served(folder, environ, command):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [word.replace(":8050", f":{port}") for word in command]
    server = Served(folder, environ, ["-m", *words], port)
    try:
        eventually(server.is_up, server.said)
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait()


def documented(program):
    """The options that people are told to type, without the application."""
    (options,) = re.findall(rf"^{program} (.*) app:server$", OPERATIONS, re.MULTILINE)
    return shlex.split(options)


def gunicorn(*options):
    return ["gunicorn", *options, *HASTELESS, *TOLD, "app:server"]


def stored(folder, *kinds):
    with closing(MetricsStore(folder / "logs" / "performance" / "metrics.db")) as store:
        return sum(totals.count for key, totals in store.totals().items() if key.kind in kinds)


@needs_fork
@pytest.mark.parametrize(
    "options",
    [["--workers=2"], ["--preload", "--workers=2", "--threads=3", "--max-requests=20"]],
    ids=["forked before loading", "forked after loading"],
)
def test_what_gunicorn_says_it_answered_is_what_was_measured_while_workers_come_and_go(tmp_path, options):
    with served(tmp_path, {}, gunicorn("--bind=127.0.0.1:8050", *options)) as server:
        server.asked_of_each(lambda: server.crowd(1))
        assert server.crowd(80) == {200: 80}
        assert server.get("/metrics/api/nothing").status_code == 404
        assert server.end() == 0, server.said()

    measured = [one for one in server.answers() if one[3] not in PATHS]
    assert len(measured) >= 81
    assert len({process for process, *_ in measured}) >= (3 if "--max-requests=20" in options else 2)
    assert len({request_id for _, request_id, *_ in measured}) == len(measured)
    assert stored(tmp_path, Kind.REQUEST) == len(measured)


@needs_fork
def test_several_workers_read_jira_once_and_any_of_them_tells_of_it(tmp_path):
    with serving(few_issues(), "cloud") as (jira, url):
        credentials = JiraCredentials(url, "reader@example.com", Secret(secrets.token_hex(20)))
        environ = {"JIRA_URL": url, "JIRA_EMAIL": credentials.email, "JIRA_TOKEN": credentials.token.reveal()}
        record = SyncRequest(credentials, None, {}, tmp_path / "cache")
        with served(tmp_path, environ, gunicorn(*documented("gunicorn"))) as server:
            server.asked_of_each(lambda: page_events.poll(server))  # each has a keeper from here on
            eventually(lambda: receipts(record) and '"phase":"ready"' in page_events.ended(server), server.said)
            assert [receipt.trigger for receipt in receipts(record)] == ["first visit"]

            handle = page_events.order_reading(server, "1")
            outcomes = (page_events.ordered(server, "1", handle) for _ in count())
            assert next(filter(None, outcomes)) == {"nonce": "1", "failed": None}

            killed = server.workers()[0]
            before = stored(tmp_path, Kind.REQUEST)
            os.kill(killed, signal.SIGKILL)
            server.asked_of_each(lambda: server.crowd(1))
            assert killed not in server.workers()
            eventually(lambda: stored(tmp_path, Kind.REQUEST) > before)

            with held(jira, 1) as reached:
                page_events.order_reading(server, "2")
                assert reached.wait(PATIENCE_SECONDS)
                assert server.end() == 0, server.said()
        verdicts = Counter(receipt.verdict for receipt in receipts(record))
        assert verdicts["complete"] == 2
        assert set(verdicts) <= {"complete", "interrupted"}  # without the latter where a slow machine had it killed
    began = [entry for entry in logged(tmp_path) if entry["context"]["event"] == "sync.started"]
    answered = {request_id for _, request_id, *_ in server.answers()}
    assert len(began) == 3
    assert {entry["context"]["request_id"] for entry in began} <= answered
    assert stored(tmp_path, Kind.JOB) > 0


def logged(folder):
    return [json.loads(line) for line in (folder / "logs" / "app.log").read_text("utf-8").splitlines()]


def test_behind_waitress_all_is_measured_too(tmp_path):
    with served(tmp_path, {}, ["waitress", *documented("waitress-serve"), "app:server"]) as server:
        assert server.crowd(60) == {200: 60}
        assert server.counted("/metrics/api/storage") == 60
        assert server.get("/").status_code == 200
