"""What an outage of Jira costs: how fast an old page comes, how often Jira is asked meanwhile, how it heals.

    python -m tests.benchmarks.outage

The dashboard runs with a hurried clock, so that an hour of outage takes two minutes; requests are counted at the
simulated Jira's socket, and intervals are told in the dashboard's time. Ends with 1 where a goal is missed by far.
"""

# ruff: noqa: T201 - it prints what it measures

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from flask.testing import FlaskClient

from app import create_app
from callbacks.team_source import Source
from configuration.settings import Settings
from data.demo.faults import Faults
from data.demo.jira import SimulatedJira
from data.jira_connection import connect
from data.jira_requests.ledger import SqliteLedger
from data.jira_simple import receipts
from tests.hurried import HurriedClock
from tests.integration.page_events import body_of, ended, poll
from tests.jira_sites import credentials, few_issues, serving

SPEED = 30.0
OUTAGE_SECONDS = 1800.0
TABS = 5
PAGE_GOAL_SECONDS = 1.0
PROBE_GOAL_SECONDS = 30.0


def main() -> int:
    clock = HurriedClock(SPEED)
    with tempfile.TemporaryDirectory() as place, serving(few_issues(), "cloud") as (jira, url):
        folder = Path(place)
        settings = Settings(
            jira=credentials(url), cache_dir=folder, app_settings_path=folder / "own.json", schedule_minutes=15
        )
        ledger = SqliteLedger(folder / "limits" / "requests.db")
        source = Source(
            settings,
            clock=clock,
            connect=lambda who: connect(who, clock=clock.seconds, sleep=clock.sleep, ledger=ledger),
        )
        client = create_app(settings, source=source, tick_seconds=0.1).server.test_client()
        client.get("/")
        ended(client)
        return report(source, jira, clock, client)


def report(source: Source, jira: SimulatedJira, clock: HurriedClock, client: FlaskClient) -> int:
    jira.faults = Faults.named("unavailable")
    wait_for(lambda: newest(source) == "failed", client, clock)
    pages, probes = outage(jira, clock, source, client)
    jira.faults = Faults()
    back = clock.seconds()
    wait_for(lambda: newest(source) == "complete", client, clock)
    healed = clock.seconds() - back
    gaps = [later - earlier for earlier, later in pairwise(probes)]
    say("a page with old numbers and their age, server time, slowest", max(pages), f"<= {PAGE_GOAL_SECONDS} s")
    say(f"attempts in {OUTAGE_SECONDS / 60:.0f} min of outage with {TABS} tabs", len(probes), "")
    say("shortest time between two attempts", min(gaps), f">= {PROBE_GOAL_SECONDS} s")
    say("healed by itself after Jira was back", healed, "<= 600 s, without restart or click")
    return int(max(pages) > 3 * PAGE_GOAL_SECONDS or min(gaps) < 0.9 * PROBE_GOAL_SECONDS)


def outage(
    jira: SimulatedJira, clock: HurriedClock, source: Source, client: FlaskClient
) -> tuple[list[float], list[float]]:
    """Seconds that each page took, and the instants of the attempts to reach Jira, in the dashboard's time."""
    begun, pages, known = clock.seconds(), [], len(jira.requests)
    while clock.seconds() - begun < OUTAGE_SECONDS:
        for _ in range(TABS):
            start = time.perf_counter()
            assert '"phase":"ready"' in poll(client)
            assert "metric-card" in body_of(client, "overview")
            pages.append(time.perf_counter() - start)
        time.sleep(0.05)
    failed = [receipt for receipt in receipts(source.request(), limit=100) if receipt.verdict == "failed"]
    say("requests that reached Jira during the outage", len(jira.requests) - known, f"in {len(failed)} failed readings")
    starts = sorted(receipt.started_at.timestamp() for receipt in failed)
    return pages, starts


def newest(source: Source) -> str:
    return receipts(source.request(), limit=1)[0].verdict


def wait_for(is_so: Callable[[], bool], client: FlaskClient, clock: HurriedClock) -> None:
    deadline = clock.seconds() + 7200
    while not is_so():
        poll(client)
        assert clock.seconds() < deadline
        time.sleep(0.05)


def say(what: str, value: float, goal: str) -> None:
    print(f"{what:<64} {value:10.3f}  {goal}")


if __name__ == "__main__":
    sys.exit(main())
