"""The program is told to end while it reads Jira: it does so without noise, and the next start goes on from there."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from configuration.settings import JiraCredentials, Secret
from data.jira_simple import SyncRequest, receipts
from tests.held_jira import held
from tests.integration import page_events
from tests.jira_sites import AS_OF, plain_issue, plain_site
from tests.patience import PATIENCE_SECONDS, eventually
from tests.patient_program import JOB_ENDS, KEEPER_ENDS
from tests.syncing import keeping

ROOT = Path(__file__).resolve().parents[2]
ISSUES = 1500


class Browser:
    """What the events of a page need of a client, over HTTP."""

    def __init__(self, address):
        self.address = address

    def post(self, path, json):
        return requests.post(self.address + path, json=json, timeout=PATIENCE_SECONDS)


class Program:
    """The program for this Jira, with its output and what the page says."""

    def __init__(self, folder, environ):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        inherited = {name: text for name, text in os.environ.items() if not name.startswith(("JIRA_", "SIGHTLINE_"))}
        own = {"SIGHTLINE_PORT": str(port), "SIGHTLINE_SETTINGS": str(folder / "app_settings.json")}
        own |= {"SIGHTLINE_LOG_DIR": str(folder / "logs"), "SIGHTLINE_CACHE_DIR": str(folder / "cache")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.patient_program"],
            cwd=ROOT,
            env=inherited | own | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.says("Sightline is at")
        self.browser = Browser(f"http://127.0.0.1:{port}")

    def runs_until(self, is_so):
        def is_so_or_over():
            assert self.process.poll() is None
            return is_so()

        eventually(is_so_or_over)

    def says(self, sentence):
        assert any(line.startswith(sentence) for line in self.process.stdout)

    def ended(self):
        """The exit code, and what was said to the end."""
        said, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, said


@contextmanager
def jira_for_programs(folder):
    """A Jira, the environment of a program that reads it, and where that keeps its record."""
    created = AS_OF - timedelta(days=100)
    site = plain_site([plain_issue(number, created + timedelta(hours=number)) for number in range(1, ISSUES + 1)])
    with keeping(folder / "unused", site, "cloud") as kept:
        jira = JiraCredentials(kept.request.credentials.url, "reader@example.com", Secret(secrets.token_hex(20)))
        environ = {"JIRA_URL": jira.url, "JIRA_EMAIL": jira.email, "JIRA_TOKEN": jira.token.reveal()}
        yield kept.jira, environ, SyncRequest(jira, None, {}, folder / "cache")


def ended_while_reading(program, jira, record, number):
    """The receipt of a reading that was under way when the program was told to end."""
    journal = record.cache_dir / record.key / "staging.jsonl"
    with held(jira, 2, "/changelog/bulkfetch"):  # so that nothing can be over before it is interrupted
        program.runs_until(lambda: journal.exists() and journal.stat().st_size > 50_000)
        program.process.send_signal(number)
        program.says(KEEPER_ENDS if number == signal.SIGINT else JOB_ENDS)
    code, said = program.ended()

    assert code == 0
    assert "Traceback" not in said
    (receipt,) = receipts(record)
    assert (receipt.verdict, receipt.ended_with_program) == ("interrupted", True)
    assert 0 < receipt.distinct < ISSUES
    return receipt


@pytest.mark.skipif(os.name == "nt", reason="one process cannot send Ctrl+C to another alone")
def test_a_program_interrupted_while_it_reads_ends_quietly_and_goes_on_at_the_next_start(tmp_path):
    with jira_for_programs(tmp_path) as (jira, environ, record):
        program = Program(tmp_path, environ)
        page_events.poll(program.browser)
        ended_while_reading(program, jira, record, signal.SIGINT)
        assert not (tmp_path / "logs" / "errors.log").read_text("utf-8")

        program = Program(tmp_path, environ)
        page_events.poll(program.browser)  # this visit starts the reading, and does not know of it yet
        program.runs_until(lambda: receipts(record)[0].verdict == "complete")
        program.process.send_signal(signal.SIGINT)
        assert program.ended()[0] == 0
        last = receipts(record)[0]
        assert (last.resumed, last.issues) == (True, ISSUES)


@pytest.mark.skipif(os.name == "nt", reason="a process that is told to end there has no say in it")
def test_a_program_told_to_end_does_not_wait_for_the_reading_that_a_page_has_ordered(tmp_path):
    with jira_for_programs(tmp_path) as (jira, environ, record):
        program = Program(tmp_path, environ)
        page_events.order_reading(program.browser, "1")

        assert ended_while_reading(program, jira, record, signal.SIGTERM).trigger == "page"
