"""How long a sync takes beside the earliest moment at which its requests could have ended, and beside one at a time."""

from __future__ import annotations

import heapq
import secrets
import time
from collections import deque
from pathlib import Path
from typing import Any

from configuration.settings import JiraCredentials, Secret
from data.jira_changelogs import HistoryFields
from data.jira_connection import connect
from data.jira_query_manager import JiraClient
from data.jira_simple import SyncRequest, synchronise
from data.team_fetch import requested_fields
from tests.benchmarks.jira_process import JiraProcess, jira_process

QUERY = "project in (TID, SLU)"
CAPACITY, PERIOD = 100, 10.0
ONE_AFTER_ANOTHER = 4
"""Where Jira is, who asks, which fields there are, the first page of ids: each needs the one before."""


def floor_seconds(requests: int, workers: int, latency: float) -> float:
    """The earliest end of so many requests: so many at once, each as long as that, a hundred starts in ten seconds."""
    starts: deque[float] = deque(maxlen=CAPACITY)
    lanes = [0.0] * workers
    end = 0.0
    for number in range(requests):
        free = end if number < ONE_AFTER_ANOTHER else heapq.heappop(lanes)
        allowed = starts[0] + PERIOD if len(starts) == CAPACITY else 0.0
        start = max(free, allowed)
        starts.append(start)
        if number < ONE_AFTER_ANOTHER:
            end = start + latency
            lanes = [end] * workers
        else:
            heapq.heappush(lanes, start + latency)
    return max(lanes)


def credentials(url: str) -> JiraCredentials:
    return JiraCredentials(url, "reader@example.com", Secret(secrets.token_hex(20)))


def most_at_once(starts: list[float], latency: float) -> int:
    """How many requests were under way together, given when each began and that each takes that long."""
    events = sorted([(start, 1) for start in starts] + [(start + latency, -1) for start in starts])
    running = most = 0
    for _, step in events:
        running += step
        most = max(most, running)
    return most


def worst_window(starts: list[float]) -> int:
    """The most requests in any ten seconds."""
    window: deque[float] = deque()
    worst = 0
    for start in sorted(starts):
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
    starts = jira.starts()
    return {"seconds": seconds, "issues": receipt.issues, "starts": [at for at, _, _ in starts], "kinds": jira.kinds()}


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
    workers = most_at_once(starts, latency)
    floor = floor_seconds(len(starts), workers, latency)
    return {
        "flavour": flavour,
        **told,
        "requests": len(starts),
        "at_once": workers,
        "worst_window": worst_window(starts),
        "floor": floor,
        "ratio": told["seconds"] / floor,
        "one_by_one_seconds": alone,
        "one_by_one_requests": alone_requests,
        "times_faster": alone / told["seconds"],
    }
