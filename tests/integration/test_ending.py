"""The program is interrupted while it reads Jira: it ends without noise, and the next start goes on from there."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from configuration.settings import JiraCredentials, Secret
from data.jira_simple import SyncRequest, receipts
from tests.integration import page_events
from tests.jira_sites import AS_OF, plain_issue, plain_site
from tests.syncing import keeping

ROOT = Path(__file__).resolve().parents[2]
ISSUES = 1500


class Browser:
    """What the events of a page need of a client, over HTTP."""

    def __init__(self, address):
        self.address = address

    def post(self, path, json):
        return requests.post(self.address + path, json=json, timeout=30)


class Program:
    """`python app.py` for this Jira, with its output and what the page says."""

    def __init__(self, folder, environ):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        inherited = {name: text for name, text in os.environ.items() if not name.startswith(("JIRA_", "SIGHTLINE_"))}
        own = {"SIGHTLINE_PORT": str(port), "SIGHTLINE_SETTINGS": str(folder / "app_settings.json")}
        own |= {"SIGHTLINE_LOG_DIR": str(folder / "logs"), "SIGHTLINE_CACHE_DIR": str(folder / "cache")}
        self.process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=inherited | own | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert any(line.startswith("Sightline is at") for line in self.process.stdout)
        self.browser = Browser(f"http://127.0.0.1:{port}")

    def runs_until(self, is_so):
        deadline = time.monotonic() + 60
        while not is_so():
            assert time.monotonic() < deadline
            assert self.process.poll() is None
            time.sleep(0.02)

    def interrupt(self):
        """The exit code, and all that was said since it had started."""
        self.process.send_signal(signal.SIGINT)
        said, _ = self.process.communicate(timeout=30)
        return self.process.returncode, said


@pytest.mark.skipif(os.name == "nt", reason="one process cannot send Ctrl+C to another alone")
def test_a_program_interrupted_while_it_reads_ends_quietly_and_goes_on_at_the_next_start(tmp_path):
    created = AS_OF - timedelta(days=100)
    site = plain_site([plain_issue(number, created + timedelta(hours=number)) for number in range(1, ISSUES + 1)])
    with keeping(tmp_path / "unused", site, "cloud") as kept:
        jira = JiraCredentials(kept.request.credentials.url, "reader@example.com", Secret(secrets.token_hex(20)))
        environ = {"JIRA_URL": jira.url, "JIRA_EMAIL": jira.email, "JIRA_TOKEN": jira.token.reveal()}
        record = SyncRequest(jira, None, {}, tmp_path / "cache")
        kept.jira.latency = 0.3
        program = Program(tmp_path, environ)
        page_events.poll(program.browser)
        journal = record.cache_dir / record.key / "staging.jsonl"
        program.runs_until(lambda: journal.exists() and journal.stat().st_size > 50_000)
        code, said = program.interrupt()

        assert code == 0
        assert "Traceback" not in said
        assert not (tmp_path / "logs" / "errors.log").read_text("utf-8")
        (receipt,) = receipts(record)
        assert (receipt.verdict, receipt.ended_with_program) == ("interrupted", True)
        assert 0 < receipt.distinct < ISSUES

        kept.jira.latency = 0.0
        program = Program(tmp_path, environ)
        page_events.poll(program.browser)  # this visit starts the reading, and does not know of it yet
        program.runs_until(lambda: receipts(record)[0].verdict == "complete")
        assert program.interrupt()[0] == 0
        last = receipts(record)[0]
        assert (last.resumed, last.issues) == (True, ISSUES)
