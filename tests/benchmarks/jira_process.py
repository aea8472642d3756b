"""A crowded simulated Jira in a process of its own: its work does not slow down the client that is measured."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from configuration.settings import JiraCredentials, Secret
from data.demo.crowd import crowd_site
from data.demo.jira import Installation, SimulatedJira
from data.demo.life import Life
from data.demo.server import running_server
from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parents[2]
QUERY = "project in (TID, SLU)"
AS_OF = datetime(2026, 3, 1, tzinfo=UTC)


def credentials(url: str) -> JiraCredentials:
    return JiraCredentials(url, "reader@example.com", Secret(secrets.token_hex(20)))


@dataclass
class JiraProcess:
    """`url` is where it answers; the rest is asked of it on its standard input."""

    url: str
    _process: subprocess.Popen[str]

    def kinds(self) -> dict[str, int]:
        """How often each class of requests was asked since the last time somebody forgot."""
        return dict(self._ask("kinds"))

    def starts(self) -> list[tuple[float, str, int]]:
        """Second, class and status of each request, in the order of arrival."""
        return [(at, kind, status) for at, kind, status in self._ask("starts")]

    def forget(self) -> None:
        self._ask("forget")

    def live(self, share: float) -> dict[str, int]:
        """So much of the site changes; how many issues changed, appeared, moved and vanished."""
        return dict(self._ask(f"live {share}"))

    def _ask(self, what: str) -> Any:
        wire_in, wire_out = _pipes(self._process)
        wire_in.write(f"{what}\n")
        wire_in.flush()
        return json.loads(wire_out.readline())


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


@contextmanager
def jira_process(issues: int, flavour: str = "cloud", latency: float = 0.15) -> Iterator[JiraProcess]:
    command = [sys.executable, "-m", "tests.benchmarks.jira_process", str(issues), flavour, str(latency)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        _, told = _pipes(process)
        yield JiraProcess(json.loads(told.readline()), process)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)
        for pipe in _pipes(process):
            pipe.close()


def warm(jira: SimulatedJira) -> None:
    """Everything rendered once, so that every answer that is measured is made within its latency."""
    renderer, version = jira._desk.renderer, 3 if jira.is_cloud else 2
    for record in jira.store.all():
        for name in ("created", "updated"):
            record.instant(name)
        renderer.histories(record)
        renderer.issue(record, ["summary"], version)


def main(issues: int, flavour: str, latency: float) -> None:
    site = crowd_site(issues, AS_OF, timezone="UTC")
    jira = SimulatedJira(site, flavour=flavour, installation=Installation(latency=latency))
    life = Life(site, jira.store, jira.clock, issues)
    if latency:
        warm(jira)
    with running_server(jira) as url:
        _say(url)
        for line in sys.stdin:
            _say(_answer(jira, life, *line.split()))


def _answer(jira: SimulatedJira, life: Life, what: str, share: str = "0") -> object:
    if what == "kinds":
        return jira.arrivals.kinds()
    if what == "starts":
        return [(arrival.seconds, arrival.kind, arrival.status) for arrival in jira.arrivals.log]
    if what == "live":
        return {name: len(identities) for name, identities in vars(life.pass_by(float(share))).items()}
    jira.arrivals.forget()
    return None


def _say(told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
