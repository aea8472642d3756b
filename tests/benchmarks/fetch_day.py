"""A day with one team's page beside the same day without a cache, and an increment beside a whole reading."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from configuration.settings import JiraCredentials
from data.jira_simple import SyncReceipt, SyncRequest, fetch_all_issues, fetch_jira_data_with_cache, synchronise
from tests.benchmarks.jira_process import QUERY, JiraProcess, credentials, jira_process

VISITS, PERIODS, SYNCS = 20, (7, 90, 365), 4
CHANGED_MAPPING = {"estimate": "customfield_10016"}
SHARE = 0.01


@contextmanager
def configured(who: JiraCredentials, folder: Path) -> Iterator[None]:
    """The environment in which somebody works with this Jira."""
    environment = {
        "JIRA_URL": who.url,
        "JIRA_EMAIL": str(who.email),
        "JIRA_TOKEN": who.token.reveal(),
        "JIRA_JQL": QUERY,
        "SIGHTLINE_CACHE_DIR": str(folder / "cache"),
        "SIGHTLINE_SETTINGS": str(folder / "app_settings.json"),
    }
    with mock.patch.dict("os.environ", environment):
        yield


class _Day:
    """Asks as people do, and notes what each asking cost Jira."""

    def __init__(self, jira: JiraProcess, request: SyncRequest) -> None:
        self._jira, self._request = jira, request
        self.costs: list[int] = []
        self.syncs: list[tuple[int, float]] = []

    def _cost(self) -> int:
        asked = sum(self._jira.kinds().values())
        self._jira.forget()
        return asked

    def ask(self, days: int, mappings: dict[str, str]) -> None:
        found = fetch_jira_data_with_cache(QUERY, mappings, days)
        assert found
        self.costs.append(self._cost())

    def sync(self) -> SyncReceipt:
        self._jira.live(SHARE)
        started = time.perf_counter()
        receipt = synchronise(self._request, trigger="schedule")
        seconds = time.perf_counter() - started
        assert receipt is not None
        assert (receipt.verdict, receipt.kind) == ("complete", "increment"), receipt.sentence
        self.syncs.append((self._cost(), seconds))
        return receipt


def day(folder: Path, issues: int = 10_000, latency: float = 0.15) -> dict[str, Any]:
    place = folder / f"day-{latency}"
    with jira_process(issues, "cloud", latency) as jira:
        who = credentials(jira.url)
        request = SyncRequest(who, QUERY, {}, place / "cache")
        with configured(who, place):
            today = _Day(jira, request)
            started = time.perf_counter()
            today.ask(30, {})
            full_seconds, full_requests = time.perf_counter() - started, today.costs[0]
            for number in range(1, VISITS):
                if number % 5 == 0:
                    today.sync()
                today.ask(30, {})
            for period in PERIODS:
                today.ask(period, {})
            today.ask(30, CHANGED_MAPPING)
            today.sync()
            uncached = _uncached(jira)
    askings = len(today.costs) + len(today.syncs)
    asked = sum(today.costs) + sum(cost for cost, _ in today.syncs)
    increments = sorted(seconds for _, seconds in today.syncs)
    return {
        "issues": issues,
        "latency": latency,
        "askings": len(today.costs),
        "hits": sum(cost == 0 for cost in today.costs),
        "hit_rate": sum(cost == 0 for cost in today.costs) / len(today.costs),
        "costs": today.costs,
        "syncs": today.syncs,
        "requests": asked,
        "uncached_requests": uncached * askings,
        "share_of_requests": asked / (uncached * askings),
        "full_seconds": full_seconds,
        "full_requests": full_requests,
        "increment_seconds": increments[len(increments) // 2],
        "times_faster": full_seconds / increments[len(increments) // 2],
    }


def _uncached(jira: JiraProcess) -> int:
    """What one asking costs somebody who keeps nothing."""
    jira.forget()
    assert fetch_all_issues(QUERY)
    return sum(jira.kinds().values())
