"""How long a sync takes beside the earliest moment at which its requests could have ended, and beside one at a time."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Mapping
from inspect import signature
from pathlib import Path
from typing import Any

from data.jira_connection import connect
from data.jira_query_manager import JiraClient
from data.jira_simple import SyncRequest, synchronise
from data.jira_walk.changelogs import HistoryFields
from data.jira_walk.walk import walk_all
from data.sync.team_fetch import requested_fields
from tests.benchmarks.jira_process import QUERY, JiraProcess, credentials, jira_process

CAPACITY, PERIOD = 100, 10.0
WORKERS = signature(walk_all).parameters["workers"].default
ONE_AFTER_ANOTHER = 4
"""Where Jira is, who asks, which fields there are, the first page of issues: each needs the one before."""


def floor_seconds(kinds: Mapping[str, int], workers: int, latency: float) -> float:
    """The earliest end of these requests: so many at once, each as long as that, a hundred of a kind in ten seconds."""
    bound = max((count - 1) // CAPACITY * PERIOD + latency for count in kinds.values())
    rounds = -(-(sum(kinds.values()) - ONE_AFTER_ANOTHER) // workers)
    return max(bound, (ONE_AFTER_ANOTHER + rounds) * latency)


def most_at_once(starts: list[float], latency: float) -> int:
    """How many requests were under way together, given when each began and that each takes that long."""
    events = sorted([(start, 1) for start in starts] + [(start + latency, -1) for start in starts])
    running = most = 0
    for _, step in events:
        running += step
        most = max(most, running)
    return most


def worst_window(starts: list[tuple[float, str]]) -> int:
    """The most requests of one kind in any ten seconds."""
    windows: dict[str, deque[float]] = {}
    worst = 0
    for start, kind in sorted(starts):
        window = windows.setdefault(kind, deque())
        window.append(start)
        while window[0] <= start - PERIOD:
            window.popleft()
        worst = max(worst, len(window))
    return worst


def walk_one_by_one(client: JiraClient) -> int:
    """The textbook walk: each page when the one before has come, then the histories of a thousand issues at a time."""
    fields, ids = requested_fields({}), []
    token: str | None = None
    while token or not ids:
        body: dict[str, Any] = {"jql": QUERY, "maxResults": 100, "fields": fields}
        page = client.post("/search/jql", body | ({"nextPageToken": token} if token else {}))
        ids += [issue["id"] for issue in page["issues"]]
        token = page.get("nextPageToken")
    for start in range(0, len(ids), 1000):
        token, first = None, True
        while token or first:
            body = {"issueIdsOrKeys": ids[start : start + 1000], "fieldIds": list(HistoryFields().ids)}
            body |= {"maxResults": 5000} | ({"nextPageToken": token} if token else {})
            token, first = client.post("/changelog/bulkfetch", body).get("nextPageToken"), False
    return len(ids)


def offset_walk_one_by_one(client: JiraClient) -> int:
    fields, seen, total = requested_fields({}), 0, 1
    while seen < total:
        body = {"jql": f"{QUERY} ORDER BY created ASC, key ASC", "startAt": seen, "maxResults": 100}
        page = client.post("/search", body | {"fields": fields, "expand": ["changelog"]})
        seen, total = seen + len(page["issues"]), page["total"]
    return seen


def _synced(jira: JiraProcess, folder: Path) -> dict[str, Any]:
    request = SyncRequest(credentials(jira.url), QUERY, {}, folder)
    started = time.perf_counter()
    receipt = synchronise(request, connect=connect, trigger="command")
    seconds = time.perf_counter() - started
    assert receipt is not None
    assert receipt.verdict == "complete", receipt.sentence
    starts = [(at, kind) for at, kind, _ in jira.starts()]
    return {"seconds": seconds, "issues": receipt.issues, "starts": starts}


def speed(folder: Path, issues: int = 10_000, latency: float = 0.15, flavour: str = "cloud") -> dict[str, Any]:
    with jira_process(issues, flavour, latency) as jira:
        told = _synced(jira, folder / f"speed-{flavour}")
        assert told["issues"] == issues
        jira.forget()
        client = connect(credentials(jira.url))
        started = time.perf_counter()
        walked = walk_one_by_one(client) if flavour == "cloud" else offset_walk_one_by_one(client)
        alone = time.perf_counter() - started
        client.close()
        assert walked == issues
        alone_requests = sum(jira.kinds().values())
    starts = told.pop("starts")
    kinds = Counter(kind for _, kind in starts)
    floor = floor_seconds(kinds, WORKERS, latency)
    return {
        "flavour": flavour,
        **told,
        "kinds": dict(kinds),
        "requests": len(starts),
        "workers": WORKERS,
        "most_at_once": most_at_once([at for at, _ in starts], latency),
        "worst_window": worst_window(starts),
        "floor": floor,
        "ratio": told["seconds"] / floor,
        "one_by_one_seconds": alone,
        "one_by_one_requests": alone_requests,
        "times_faster": alone / told["seconds"],
    }
