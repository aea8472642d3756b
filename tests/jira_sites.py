"""Simulated Jiras for tests: a site, its server on a socket, and a client that does not really wait."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from configuration.settings import JiraCredentials, Secret
from data.demo.jira import SimulatedJira
from data.demo.server import running_server
from data.demo.site import Account, Site
from data.demo.team import demo_site
from data.errors import SightlineError
from data.jira_connection import connect
from data.jira_query_manager import JiraClient

FLAVOURS = ("cloud", "datacenter")
AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
TO_DO = {"id": "1", "name": "To Do", "statusCategory": {"id": 2, "key": "new"}}
DONE = {"id": "3", "name": "Done", "statusCategory": {"id": 3, "key": "done"}}


@cache
def team_site() -> Site:
    """The demo team's site, made once."""
    return demo_site(7, AS_OF)


@cache
def few_issues() -> Site:
    """The same team, with a fifth of its issues: several pages, quickly served."""
    return replace(team_site(), issues=team_site().issues[::5])


def jira_time(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def plain_issue(number: int, created: datetime, **fields: Any) -> dict[str, Any]:
    """An issue that was created and then done a day later."""
    history = {"id": str(number), "created": jira_time(created + timedelta(days=1))}
    item = {"field": "status", "fieldtype": "jira", "fieldId": "status", "from": "1", "to": "3"}
    history["items"] = [item | {"fromString": "To Do", "toString": "Done"}]
    common = {"summary": f"Work {number}", "created": jira_time(created), "updated": jira_time(created), "status": DONE}
    common |= {"issuetype": {"id": "1", "name": "Task", "subtask": False}, "resolution": None, "resolutiondate": None}
    common |= {"project": {"id": "10", "key": "PL", "name": "Plain"}, "labels": [], "issuelinks": []}
    return {
        "id": str(1000 + number),
        "key": f"PL-{number}",
        "fields": common | fields,
        "changelog": {"histories": [history]},
    }


def plain_site(issues: list[dict[str, Any]], timezone: str = "America/New_York") -> Site:
    return Site(
        name="Plain",
        cloud_id="7f1c3a52-0000-4000-8000-000000000001",
        account=Account("reader", "reader", "Ann Reader", "reader@example.com", timezone),
        projects=({"id": "10", "key": "PL", "name": "Plain"},),
        issues=tuple(issues),
        statuses=(TO_DO, DONE),
        fields=({"id": "summary", "key": "summary", "name": "Summary", "custom": False},),
        as_of=AS_OF,
    )


@contextmanager
def serving(site: Site, flavour: str, **options: Any) -> Iterator[tuple[SimulatedJira, str]]:
    """The simulated Jira and its address on this machine."""
    jira = SimulatedJira(site, flavour=flavour, **options)
    with running_server(jira) as url:
        yield jira, url


def credentials(url: str, *, email: str | None = "reader@example.com", token: str | None = None) -> JiraCredentials:
    return JiraCredentials(url, email, Secret(token or secrets.token_hex(20)))


class Waits:
    """The time that a client spent waiting, and nothing else; several threads may wait at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds = 0.0

    def clock(self) -> float:
        return self._seconds

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._seconds += seconds


@contextmanager
def connected(
    url: str, *, email: str | None = "reader@example.com", token: str | None = None, **options: Any
) -> Iterator[JiraClient]:
    """A client whose waits take no time, and whose own clock they move all the same."""
    waits = Waits()
    timing = {"sleep": waits.sleep} if "sleep" in options else {"clock": waits.clock, "sleep": waits.sleep}
    client = connect(credentials(url, email=email, token=token), **(timing | options))
    try:
        yield client
    finally:
        client.close()


def explained(error: SightlineError, token: str | None = None) -> str:
    """The text is for a person: what, why, what to do; and never the token."""
    text = str(error)
    assert text.startswith(error.title)
    assert f"Likely cause: {error.likely_cause} What to do: {error.next_step}" in text
    assert len(text) < 2000
    assert "<" not in text
    assert token is None or token not in text
    return text
