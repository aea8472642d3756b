"""The way into one Jira: which flavour answers, and whether it knows the credentials."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from configuration.request_notes import ContextExecutor
from configuration.settings import JiraCredentials, is_loopback
from data.errors import (
    AnonymousAccess,
    AuthenticationFailed,
    JiraError,
    NotFound,
    NotJira,
    PermissionDenied,
    SightlineError,
)
from data.jira_query_manager import (
    ALLOWANCE,
    CLASSES,
    REST,
    RETRY,
    Account,
    Buckets,
    JiraClient,
    RetryPolicy,
    Wire,
    api_path,
)
from data.jira_requests.circuit_breaker import Site
from data.jira_requests.headroom import Headroom, room
from data.jira_requests.ledger import Ledger, MemoryLedger
from data.jira_requests.run import Run
from data.jira_requests.transport import Transport
from data.performance_utils import parse_jira_date

logger = logging.getLogger(__name__)

USER_AGENT = "Sightline/0.1 (delivery metrics)"
TIMEOUTS = (5.0, 30.0)
GATEWAY_URL = "https://api.atlassian.com/ex/jira"
CONNECTIONS = 16


def connect(  # noqa: PLR0913 - all but the credentials have a default that suits almost everybody
    credentials: JiraCredentials,
    *,
    adapters: Mapping[str, BaseAdapter] = MappingProxyType({}),
    gateway_url: str = GATEWAY_URL,
    retry: RetryPolicy = RETRY,
    timeouts: tuple[float, float] = TIMEOUTS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    ledger: Ledger | None = None,
    flavour: str | None = None,
    cancelled: Callable[[], bool] | None = None,
    waiting: Callable[[float, str], None] | None = None,
) -> JiraClient:
    """Find out which flavour of Jira answers, and prove the credentials to it.

    `timeouts` are the seconds to connect and between two bytes. A Cloud site that does not know the token is asked
    again through Atlassian's gateway, the only door that takes tokens with scopes. All clients on one `ledger` keep
    to the limits of their account together; without one, a client keeps to them alone. The `flavour` that answered
    last time saves a round trip if it still does. `cancelled` and `waiting` are as for a run, while connecting.
    """
    site = credentials.url.rstrip("/")
    books, run = ledger or MemoryLedger(), Run(clock, sleep)
    transport = Transport(_session(credentials.url, adapters), credentials, timeouts)
    buckets = Buckets(_account_name(credentials), books, clock)
    wire = Wire(transport, buckets, _site(credentials, books, run), retry, run)
    inside = run.within(deadline_seconds=None, cancelled=cancelled, waiting=waiting, tally=run.tally)
    try:
        info, base, owner = _enter(replace(wire, run=inside), site, flavour, gateway_url)
    except SightlineError:
        transport.session.close()
        raise
    flavour = _flavour(info)
    shown = str(info.get("baseUrl") or site) if site.startswith(gateway_url) else site
    facts = {"flavour": flavour, "host": urlsplit(site).hostname, "through_gateway": base != site}
    logger.info("Connected to Jira (%s)", flavour, extra={"event": "jira.connected", **facts})
    return JiraClient(wire, base, shown.rstrip("/"), flavour, owner, _server_time(info))


def headroom(credentials: JiraCredentials, ledger: Ledger, clock: Callable[[], float] = time.monotonic) -> Headroom:
    """How much these credentials may ask right now; asks nobody and changes nothing."""
    kinds, account = (REST, *CLASSES.values()), _account_name(credentials)
    rooms = (room(ledger, f"{account} {kind}", ALLOWANCE, clock()) for kind in kinds)
    site = _site(credentials, ledger, Run(clock, time.sleep))
    return Headroom([known for known in rooms if known is not None], site.rest())


def _account_name(credentials: JiraCredentials) -> str:
    """Under which a ledger has what the account asks."""
    return f"{credentials.url.rstrip('/')} {_fingerprint(credentials)}"


def _site(credentials: JiraCredentials, ledger: Ledger, run: Run) -> Site:
    site = credentials.url.rstrip("/")
    return Site(ledger, site, f"{_account_name(credentials)} quota", run.clock, run.wall)


def _enter(wire: Wire, site: str, expected: str | None, gateway_url: str) -> tuple[dict[str, Any], str, Account]:
    """What Jira says about itself, the address that knows the account, and the account.

    Where a flavour is expected, the account is asked for at the same time, once: refusals lead to a CAPTCHA.
    """
    with ContextExecutor(1) as pool:
        early = pool.submit(_account, wire, site, expected) if expected else None
        info = _server_info(wire, site)
    flavour = _flavour(info)
    first = early.result if early and expected == flavour else lambda: _account(wire, site, flavour)
    return info, *_prove(wire, site, first, gateway_url if flavour == "cloud" else None)


def _fingerprint(credentials: JiraCredentials) -> str:
    """Tells accounts apart without telling anything about them."""
    who = f"{credentials.email}:{credentials.token.reveal()}".encode()
    return hmac.new(credentials.url.encode(), who, hashlib.sha256).hexdigest()[:16]


def _session(url: str, adapters: Mapping[str, BaseAdapter]) -> requests.Session:
    session = requests.Session()
    session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json", "X-Atlassian-Token": "no-check"})
    session.mount("https://", HTTPAdapter(pool_maxsize=CONNECTIONS))
    session.mount("http://", HTTPAdapter(pool_maxsize=CONNECTIONS))
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


def _server_time(info: Mapping[str, Any]) -> datetime | None:
    told = info.get("serverTime")
    return parse_jira_date(told) if isinstance(told, str) else None


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


def _prove(wire: Wire, site: str, first: Callable[[], Account], gateway_url: str | None) -> tuple[str, Account]:
    try:
        return site, first()
    except (AuthenticationFailed, PermissionDenied) as refused:
        # A site on this machine, as a simulated Jira is, must not send its token out into the world.
        if gateway_url is None or site.startswith(gateway_url) or _is_here(site) != _is_here(gateway_url):
            raise
        cloud_id = _cloud_id(wire, site)
        if cloud_id is None:
            raise
        base = f"{gateway_url.rstrip('/')}/{cloud_id}"
        try:
            return base, _account(wire, base, "cloud")
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
    me = wire.ask(f"{base}{api_path(flavour)}/myself")
    identity = (
        next((me[key] for key in ("accountId", "key", "name") if me.get(key)), None) if isinstance(me, dict) else None
    )
    if not isinstance(identity, str):
        raise AnonymousAccess("Asked who we are, Jira names nobody.")
    return Account(identity, str(me.get("displayName") or identity), str(me.get("timeZone") or "UTC"))
