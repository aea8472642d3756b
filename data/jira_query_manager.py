"""The HTTP client: how often Jira is asked, what is tried again, and with whose credentials."""

from __future__ import annotations

import base64
import logging
import random
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.auth import AuthBase

from configuration.settings import JiraCredentials, is_loopback
from data.errors import (
    AnonymousAccess,
    AuthenticationFailed,
    BrokenOff,
    JiraError,
    NotFound,
    NotJira,
    PermissionDenied,
    RateLimited,
    TlsFailed,
    Unavailable,
    Unreachable,
)
from data.jira_answers import Answer, failure_of, json_of, note_answer, note_retry

logger = logging.getLogger(__name__)

USER_AGENT = "Sightline/0.1 (delivery metrics)"
TIMEOUTS = (5.0, 30.0)
GATEWAY_URL = "https://api.atlassian.com/ex/jira"
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

    def acquire(self) -> float:
        """Wait for a token, in the order of asking; how many seconds it took."""
        with self._lock:
            now = self._clock()
            slot = max(now, self._taken[0] + self._span) if len(self._taken) == self._taken.maxlen else now
            self._taken.append(slot)
        if slot > now:
            self._sleep(slot - now)
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


@dataclass
class Wire:
    """Sends single requests, limited and retried; counts calls and the waits that limits imposed."""

    session: requests.Session
    credentials: JiraCredentials
    bucket: TokenBucket
    retry: RetryPolicy
    sleep: Callable[[float], None]
    timeouts: tuple[float, float]
    calls: int = 0
    delays: int = 0
    has_answered: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(
        self, url: str, *, params: Mapping[str, str] | None = None, body: Any = None, anonymously: bool = False
    ) -> Any:
        """The JSON that a GET, or with a body a POST, is answered with. All of these only read."""
        waited = 0.0
        for attempt in range(self.retry.attempts):
            self._count(delayed=self.bucket.acquire() > 0)
            try:
                return json_of(self._send(url, params, body, anonymously=anonymously))
            except JiraError as error:
                delay = self.retry.delay(attempt, error)
                last = attempt + 1 == self.retry.attempts or waited + delay > self.retry.budget_seconds
                if last or not self._may_pass(error):
                    raise
                self._note_retry(error, attempt, delay)
            self.sleep(delay)
            waited += delay
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _count(self, *, delayed: bool) -> None:
        with self._lock:
            self.calls += 1
            self.delays += delayed

    def _may_pass(self, error: JiraError) -> bool:
        """A host that never answered is more likely misspelt than briefly away."""
        if isinstance(error, Unreachable):
            return self.has_answered and not isinstance(error, TlsFailed)
        return isinstance(error, RateLimited | Unavailable | BrokenOff)

    def _note_retry(self, error: JiraError, attempt: int, delay: float) -> None:
        if isinstance(error, RateLimited):
            with self._lock:
                self.delays += 1
        note_retry(error, attempt + 1, delay)

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
        self.has_answered = True
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
    """One proven account at one Jira. Paths are those after `/rest/api/<version>`."""

    wire: Wire
    base_url: str
    site_url: str
    flavour: str
    account: Account

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        return self.wire.ask(self._url(path), params=params)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self.wire.ask(self._url(path), body=body)

    def close(self) -> None:
        """Close the connections kept open; asking again opens new ones."""
        self.wire.session.close()

    def _url(self, path: str) -> str:
        return f"{self.base_url}{_api(self.flavour)}{path}"


def _api(flavour: str) -> str:
    return "/rest/api/3" if flavour == "cloud" else "/rest/api/2"


def connect(
    credentials: JiraCredentials,
    *,
    adapters: Mapping[str, BaseAdapter] = MappingProxyType({}),
    gateway_url: str = GATEWAY_URL,
    retry: RetryPolicy = RETRY,
    timeouts: tuple[float, float] = TIMEOUTS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> JiraClient:
    """Find out which flavour of Jira answers, and prove the credentials to it.

    `timeouts` are the seconds to connect and between two bytes. A Cloud site that does not know the token is asked
    again through Atlassian's gateway, the only door that takes tokens with scopes.
    """
    bucket = TokenBucket(clock=clock, sleep=sleep)
    wire = Wire(_session(credentials.url, adapters), credentials, bucket, retry, sleep, timeouts)
    site = credentials.url.rstrip("/")
    try:
        info = _server_info(wire, site)
        flavour = _flavour(info)
        base, account = _prove(wire, site, flavour, gateway_url)
    except JiraError:
        wire.session.close()
        raise
    shown = str(info.get("baseUrl") or site) if site.startswith(gateway_url) else site
    facts = {"flavour": flavour, "host": urlsplit(site).hostname, "through_gateway": base != site}
    logger.info("Connected to Jira (%s)", flavour, extra={"event": "jira.connected", **facts})
    return JiraClient(wire, base, shown.rstrip("/"), flavour, account)


def _session(url: str, adapters: Mapping[str, BaseAdapter]) -> requests.Session:
    session = requests.Session()
    session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json", "X-Atlassian-Token": "no-check"})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # A proxy cannot reach this machine's own loopback.
    session.trust_env = not _is_here(url)
    for prefix, adapter in adapters.items():
        session.mount(prefix, adapter)
    return session


def _is_here(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")


def _server_info(wire: Wire, site: str) -> dict[str, Any]:
    """What Jira says about itself; an answer without content is a known lapse and asked for once more."""
    try:
        info = _first_answer(wire, f"{site}/rest/api/2/serverInfo")
        info = info or _first_answer(wire, f"{site}/rest/api/2/serverInfo")
    except NotFound as error:
        raise NotJira(error.detail) from None
    if not isinstance(info, dict) or not isinstance(info.get("version"), str):
        raise NotJira("The answer is JSON, but not what Jira says about itself.")
    return info


def _first_answer(wire: Wire, url: str) -> Any:
    """Asked without credentials first: a wrong token must not count twice towards a CAPTCHA."""
    try:
        return wire.ask(url, anonymously=True)
    except (AuthenticationFailed, PermissionDenied):
        return wire.ask(url)


def _flavour(info: Mapping[str, Any]) -> str:
    """Cloud's version number is always 1001; only old servers do not say what they are."""
    deployment = info.get("deploymentType") or ("Cloud" if str(info["version"]).startswith("1001.") else "Server")
    return "cloud" if deployment == "Cloud" else "datacenter"


def _prove(wire: Wire, site: str, flavour: str, gateway_url: str) -> tuple[str, Account]:
    try:
        return site, _account(wire, site, flavour)
    except (AuthenticationFailed, PermissionDenied) as refused:
        # A site on this machine, as a simulated Jira is, must not send its token out into the world.
        has_gateway = (
            flavour == "cloud" and not site.startswith(gateway_url) and _is_here(site) == _is_here(gateway_url)
        )
        cloud_id = _cloud_id(wire, site) if has_gateway else None
        if cloud_id is None:
            raise
        base = f"{gateway_url.rstrip('/')}/{cloud_id}"
        try:
            return base, _account(wire, base, flavour)
        except JiraError as error:
            raise _refusal(wire.credentials, refused, error) from None


def _refusal(credentials: JiraCredentials, at_site: JiraError, at_gateway: JiraError) -> JiraError:
    if credentials.email is None:
        missing = "JIRA_EMAIL is not set, and a Jira Cloud site knows a token only together with its e-mail address."
        return AuthenticationFailed(
            at_site.detail, likely_cause=missing, next_step="Set JIRA_EMAIL to the token's account."
        )
    return at_gateway if "scope" in at_gateway.detail.lower() else at_site


def _cloud_id(wire: Wire, site: str) -> str | None:
    try:
        told = wire.ask(f"{site}/_edge/tenant_info", anonymously=True)
    except JiraError:
        return None
    cloud_id = told.get("cloudId") if isinstance(told, dict) else None
    return cloud_id if isinstance(cloud_id, str) and re.fullmatch(r"[A-Za-z0-9-]{1,64}", cloud_id) else None


def _account(wire: Wire, base: str, flavour: str) -> Account:
    me = wire.ask(f"{base}{_api(flavour)}/myself")
    identity = (
        next((me[key] for key in ("accountId", "key", "name") if me.get(key)), None) if isinstance(me, dict) else None
    )
    if not isinstance(identity, str):
        raise AnonymousAccess("Asked who we are, Jira names nobody.")
    return Account(identity, str(me.get("displayName") or identity), str(me.get("timeZone") or "UTC"))
