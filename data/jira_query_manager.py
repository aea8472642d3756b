"""The HTTP client: how often Jira is asked, what is tried again, and with whose credentials."""

from __future__ import annotations

import base64
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from configuration.settings import JiraCredentials
from data.errors import BrokenOff, JiraError, NotJira, RateLimited, TlsFailed, Unavailable, Unreachable
from data.jira_answers import Answer, failure_of, json_of, note_answer, note_retry
from data.request_run import CallCounts, Run, Tally

LARGEST_BODY = 50 * 1024 * 1024


class TokenBucket:
    """At most `capacity` requests in any span of `period_seconds`; all of them may come at once.

    A token returns one period after it was taken, which holds the limit in every window, where a steady refill
    would let a full burst and a full refill into one. `guard_seconds` covers the uneven travel of requests.
    """

    def __init__(
        self,
        capacity: int = 100,
        period_seconds: float = 10.0,
        *,
        guard_seconds: float = 0.25,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._span = period_seconds + guard_seconds
        self._taken: deque[float] = deque(maxlen=capacity)
        self._lock = threading.Lock()
        self._clock, self._sleep = clock, sleep

    def acquire(self, run: Run | None = None) -> float:
        """Wait for a token, in the order of asking, as long as the run lasts; how many seconds it took."""
        with self._lock:
            now = self._clock()
            slot = max(now, self._taken[0] + self._span) if len(self._taken) == self._taken.maxlen else now
            self._taken.append(slot)
        if slot > now:
            (run or Run(self._clock, self._sleep)).wait(slot - now, "our own limit on requests", limit=True)
        return slot - now


@dataclass(frozen=True)
class RetryPolicy:
    """Exponential back-off with full jitter, on top of what Jira asks for and never under it."""

    attempts: int = 5
    base_seconds: float = 1.0
    cap_seconds: float = 32.0
    budget_seconds: float = 120.0
    uniform: Callable[[float, float], float] = random.uniform

    def delay(self, attempt: int, error: JiraError) -> float:
        """Seconds to wait after the failed attempt number `attempt`, counted from 0."""
        jitter = self.uniform(0.0, min(self.cap_seconds, self.base_seconds * 2**attempt))
        if error.retry_after is None and not isinstance(error, RateLimited):
            return jitter
        return max(1.0, error.retry_after or 0.0) + jitter


RETRY = RetryPolicy()


class _Authorization(AuthBase):
    """Sets the header itself, so that neither a netrc file nor the session can put another in its place."""

    def __init__(self, credentials: JiraCredentials | None) -> None:
        self._credentials = credentials

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._credentials is not None:
            token, user = self._credentials.token.reveal(), self._credentials.email
            pair = base64.b64encode(f"{user}:{token}".encode()).decode()
            request.headers["Authorization"] = f"Bearer {token}" if user is None else f"Basic {pair}"
        return request


@dataclass(frozen=True)
class Wire:
    """Sends single requests, limited and retried, on behalf of one run; threads may share it."""

    session: requests.Session
    credentials: JiraCredentials
    bucket: TokenBucket
    retry: RetryPolicy
    timeouts: tuple[float, float]
    run: Run
    has_answered: threading.Event = field(default_factory=threading.Event)

    def ask(
        self, url: str, *, params: Mapping[str, str] | None = None, body: Any = None, anonymously: bool = False
    ) -> Any:
        """The JSON that a GET, or with a body a POST, is answered with. All of these only read."""
        waited = 0.0
        for attempt in range(self.retry.attempts):
            self.run.check()
            self.bucket.acquire(self.run)
            self.run.tally.add(calls=1, retries=attempt > 0)
            try:
                return json_of(self._send(url, params, body, anonymously=anonymously))
            except JiraError as error:
                refused = isinstance(error, RateLimited)
                self.run.tally.add(refusals=refused)
                delay = self.retry.delay(attempt, error)
                last = attempt + 1 == self.retry.attempts or waited + delay > self.retry.budget_seconds
                if last or not self._may_pass(error):
                    raise
                note_retry(error, attempt + 1, delay)
            self.run.wait(delay, "Jira asks us to wait" if refused else "a request failed", limit=refused)
            waited += delay
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _may_pass(self, error: JiraError) -> bool:
        """A host that never answered is more likely misspelt than briefly away."""
        if isinstance(error, Unreachable):
            return self.has_answered.is_set() and not isinstance(error, TlsFailed)
        return isinstance(error, RateLimited | Unavailable | BrokenOff)

    def _send(self, url: str, params: Mapping[str, str] | None, body: Any, *, anonymously: bool) -> Answer:
        started = time.perf_counter()
        host, path = urlsplit(url).hostname or "", urlsplit(url).path
        method = "GET" if body is None else "POST"
        auth = _Authorization(None if anonymously else self.credentials)
        options: dict[str, Any] = {"params": params, "json": body, "auth": auth, "stream": True}
        options |= {"timeout": self.timeouts, "allow_redirects": False}
        try:
            with self.session.request(method, url, **options) as response:
                answer = Answer(response.status_code, response.headers, _read(response), path)
        except requests.RequestException as error:
            raise failure_of(error, host) from None
        self.has_answered.set()
        note_answer(answer, method, host, time.perf_counter() - started)
        return answer


def _read(response: requests.Response) -> bytes:
    parts, size = [], 0
    for part in response.iter_content(65_536):
        parts.append(part)
        size += len(part)
        if size > LARGEST_BODY:
            raise NotJira(f"The answer is larger than {LARGEST_BODY // 1024 // 1024} MB and was not read to its end.")
    return b"".join(parts)


@dataclass(frozen=True)
class Account:
    """Who the credentials belong to; `timezone` is the zone in which this account's JQL dates are read."""

    id: str
    name: str
    timezone: str


@dataclass(frozen=True)
class JiraClient:
    """One proven account at one Jira. Paths are those after `/rest/api/<version>`; threads may share a client.

    `server_time` is what Jira's clock showed while connecting, `is_run` whether `for_run` made this client.
    """

    wire: Wire
    base_url: str
    site_url: str
    flavour: str
    account: Account
    server_time: datetime | None = None
    is_run: bool = False

    @property
    def counts(self) -> CallCounts:
        """What has been asked so far through this client, or for its run."""
        return self.wire.run.tally()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        return self.wire.ask(self._url(path), params=params)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self.wire.ask(self._url(path), body=body)

    def for_run(
        self,
        *,
        deadline_seconds: float | None = None,
        cancelled: Callable[[], bool] | None = None,
        waiting: Callable[[float, str], None] | None = None,
    ) -> JiraClient:
        """The same account for a run of its own, whose waits end when it is cancelled or would pass its deadline.

        `waiting` hears of longer waits, on the thread that waits. A run inside a run shares its counts, its deadline
        and its listener, and ends when either is cancelled.
        """
        outer = self.wire.run
        tally = outer.tally if self.is_run else Tally()
        run = outer.within(deadline_seconds=deadline_seconds, cancelled=cancelled, waiting=waiting, tally=tally)
        return replace(self, wire=replace(self.wire, run=run), is_run=True)

    def close(self) -> None:
        """Close the connections kept open; asking again opens new ones."""
        self.wire.session.close()

    def _url(self, path: str) -> str:
        return f"{self.base_url}{api_path(self.flavour)}{path}"


def api_path(flavour: str) -> str:
    return "/rest/api/3" if flavour == "cloud" else "/rest/api/2"
