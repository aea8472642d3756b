"""A simulated Jira over HTTP and the copy that syncs keep of it, on one clock that only the test turns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from data.demo.clock import VirtualClock
from data.demo.jira import SimulatedJira
from data.demo.life import Life
from data.demo.site import Site
from data.jira_connection import connect
from data.jira_simple import SyncReceipt, SyncRequest, TeamData, receipts, synchronise, team_data
from tests.jira_sites import AS_OF, Waits, credentials, serving
from tests.site_truth import Findings, Matches, Truth


@dataclass
class Kept:
    """`sync` brings the copy up to date, `wrong` holds it against what the site holds."""

    jira: SimulatedJira
    clock: VirtualClock
    request: SyncRequest
    matches: Matches
    waits: Waits = field(default_factory=Waits)

    def connect(self, given: Any) -> Any:
        return connect(given, clock=self.waits.clock, sleep=self.waits.sleep)

    def sync(self, **options: Any) -> SyncReceipt:
        receipt = synchronise(self.request, **({"connect": self.connect, "clock": self.clock} | options))
        assert receipt is not None
        assert receipt == receipts(self.request, 1)[0], "the receipt is on record"
        return receipt

    def complete_sync(self, **options: Any) -> SyncReceipt:
        receipt = self.sync(**options)
        assert receipt.verdict == "complete", receipt
        return receipt

    def requests_for_sync(self, **options: Any) -> list[str]:
        before = len(self.jira.requests)
        self.complete_sync(**options)
        return [path for _, path in self.jira.requests[before:]]

    def data(self) -> TeamData:
        data = team_data(self.request)
        assert data is not None
        return data

    def keys(self) -> set[str]:
        return {issue["key"] for issue in self.data().issues}

    def wrong(self) -> Findings:
        now = self.clock()
        return Truth(self.jira.store, self.matches).against(self.data().issues, now, now + timedelta(microseconds=1))

    def passes(self, **span: float) -> None:
        self.clock.sleep(timedelta(**span).total_seconds())

    def life(self, seed: int = 1) -> Life:
        return Life(self.jira.site, self.jira.store, self.clock, seed)

    def asking(self, **changes: Any) -> Kept:
        """The same Jira, asked something else."""
        return replace(self, request=replace(self.request, **changes))


@contextmanager
def keeping(
    folder: Path,
    site: Site,
    flavour: str,
    *,
    now: datetime = AS_OF,
    jql: str | None = None,
    matches: Matches = lambda _: True,
    **options: Any,
) -> Iterator[Kept]:
    clock = VirtualClock(now)
    with serving(site, flavour, clock=clock, **options) as (jira, url):
        yield Kept(jira, clock, SyncRequest(credentials(url), jql, {}, folder), matches)
