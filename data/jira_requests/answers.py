"""Judges what came back over the wire: JSON to work with, or one of the named errors."""

from __future__ import annotations

import json
import logging
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson
import requests

from data.errors import (
    AnonymousAccess,
    ApiRemoved,
    AuthenticationFailed,
    BrokenOff,
    CaptchaRequired,
    JiraError,
    NotFound,
    NotJira,
    PermissionDenied,
    QueryRejected,
    QuotaSpent,
    RateLimited,
    RedirectedElsewhere,
    RequestRefused,
    TlsFailed,
    TooSlow,
    Unavailable,
    UnboundedQuery,
    Unreachable,
    WindowExceeded,
)
from data.jira_requests.budget import ServerRate

logger = logging.getLogger(__name__)

TRANSIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
LONGEST_PAUSE = 600.0
"""Seconds; who asks for more means a quota of an hour or a day."""
_TRACE_ID = re.compile(r"[A-Za-z0-9@*:._-]{1,100}")  # Data Center's looks like 1217x86*1k2m3n4
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,300})", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, read whole.

    `headers` are looked up without regard to case; `path` is what was asked; `began` is when its first bytes
    came, the latest instant at which the request can have arrived.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    path: str
    began: float = 0.0

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    @property
    def trace_id(self) -> str | None:
        """The name under which Jira's own log has this exchange, if it gave one fit for ours."""
        named = self.header("atl-traceid") or self.header("X-AREQUESTID")
        return named if _TRACE_ID.fullmatch(named) else None

    @property
    def is_html(self) -> bool:
        return "html" in self.header("Content-Type").lower() or self.body.lstrip()[:1] == b"<"


def json_of(answer: Answer) -> Any:
    """The answer's JSON; anything that is not a sound answer of Jira's API is raised as its named error."""
    error = _fault(answer)
    if error is None:
        try:
            return _parsed(answer.body)
        except (ValueError, RecursionError):
            error = _unreadable(answer)
    error.status, error.retry_after, error.trace_id = answer.status, retry_after(answer), answer.trace_id
    raise error


def _parsed(body: bytes) -> Any:
    """Quickly where the JSON is strict; what only the tolerant reader takes (huge numbers, NaN) goes to that one."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return json.loads(body)


def _unreadable(answer: Answer) -> JiraError:
    if answer.body and "json" not in answer.header("Content-Type").lower():
        return NotJira("The answer is not JSON.")
    return BrokenOff("The JSON breaks off or is unreadable." if answer.body else "The answer is empty.")


def messages(body: bytes) -> str:
    """What Jira, its gateway or a proxy says went wrong, whichever of their shapes it is in; empty if nothing."""
    text = body[:100_000].decode(errors="replace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        title = _TITLE.search(text)
        return title[1].strip() if title else "" if "<" in text else text.strip()
    return " ".join(dict.fromkeys(filter(None, (found.strip() for found in _texts(document)))))


_MESSAGE_KEYS = ("errorMessages", "errors", "errorMessage", "message", "error_description", "error", "warningMessages")


def _texts(document: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif depth > 4:
        return
    elif isinstance(document, list):
        for item in document[:20]:
            yield from _texts(item, depth + 1)
    elif isinstance(document, dict):
        for key in _MESSAGE_KEYS:
            value = document.get(key)
            if key == "errors" and isinstance(value, dict):
                yield from (f"{field}: {text}" for field, text in list(value.items())[:20])
            else:
                yield from _texts(value, depth + 1)


def retry_after(answer: Answer) -> float | None:
    """Seconds that the answer asks us to wait, from a number, an HTTP date or Jira's reset time; None if unsaid.

    Dates are measured against the answer's own `Date`, so that our clock matters only where it has none.
    """
    given = answer.header("Retry-After").strip()
    try:
        seconds = float(given)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    except ValueError:
        until = _http_date(given)
    if until is None and answer.status == 429:
        until = _iso_date(answer.header("X-RateLimit-Reset"))
    sent = _http_date(answer.header("Date")) or datetime.now(UTC)
    return None if until is None else max(0.0, (until - sent) / timedelta(seconds=1))


def server_rate(answer: Answer) -> ServerRate | None:
    """The bucket that Data Center says it keeps for this account."""
    names = ("X-RateLimit-Limit", "X-RateLimit-FillRate", "X-RateLimit-Interval-Seconds")
    limit, fill, interval = (_positive(answer.header(name)) for name in names)
    if limit is None or fill is None or interval is None or limit < 1:
        return None
    remaining = answer.header("X-RateLimit-Remaining")
    return ServerRate(limit, fill, interval, 0.0 if remaining.strip() == "0" else _positive(remaining))


def is_near_limit(answer: Answer) -> bool:
    return answer.header("X-RateLimit-NearLimit").strip().lower() == "true"


def _positive(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 < number < 1e9 else None


def _http_date(text: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _iso_date(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _fault(answer: Answer) -> JiraError | None:
    reason = answer.header("X-Seraph-LoginReason").upper()
    denied = answer.header("X-Authentication-Denied-Reason").upper()
    if "CAPTCHA" in denied or "AUTHENTICATION_DENIED" in reason:
        return CaptchaRequired()
    if "AUTHENTICATED_FAILED" in reason and answer.status not in {401, 403}:
        return AnonymousAccess(f"The answer to {answer.path} is marked {reason}.")
    if 300 <= answer.status < 400:
        return _redirected(answer)
    if answer.status >= 400:
        return _refused(answer)
    if answer.is_html:
        title = messages(answer.body)
        return NotJira(f"A web page came back, titled “{title}”." if title else "A web page came back.")
    return None


def _redirected(answer: Answer) -> JiraError:
    target = urlsplit(answer.header("Location"))
    place = f"{target.scheme}://{target.hostname}" if target.hostname else "another page of the same site"
    return RedirectedElsewhere(f"{answer.path} is answered with a redirection to {place}, which was not followed.")


def _refused(answer: Answer) -> JiraError:
    said = messages(answer.body)
    judges: Mapping[int, Callable[[], JiraError]] = {
        400: lambda: _bad_request(answer, said),
        401: lambda: _unauthenticated(said),
        403: lambda: _forbidden(answer, said),
        404: lambda: NotFound(_told(answer, said)),
        410: lambda: ApiRemoved(_told(answer, said)),
        429: lambda: _rate_limited(answer),
    }
    if answer.status in judges:
        return judges[answer.status]()
    if "search limit exceeded" in said.lower():
        return WindowExceeded(said)
    transient = answer.status in TRANSIENT_STATUSES or answer.status >= 500
    return Unavailable(_told(answer, said)) if transient else RequestRefused(_told(answer, said))


def _told(answer: Answer, said: str) -> str:
    return f"Asked for {answer.path}, it answered with status {answer.status}. {said}"


def _bad_request(answer: Answer, said: str) -> JiraError:
    if "unbounded jql" in said.lower():
        return UnboundedQuery(f"Jira says: {said}")
    if "/search" in answer.path:
        return QueryRejected(f"Jira says: {said}" if said else "")
    return RequestRefused(_told(answer, said))


def _unauthenticated(said: str) -> JiraError:
    if "scope" in said.lower():
        return AuthenticationFailed(
            f"Jira says: {said}",
            likely_cause="The token was created with scopes, and the scope to read Jira's work is not among them.",
            next_step="Create a token with the scopes read:jira-work and read:jira-user, and set JIRA_TOKEN to it.",
        )
    return AuthenticationFailed(f"Jira says: {said}" if said else "")


def _forbidden(answer: Answer, said: str) -> JiraError:
    if b"AUTHENTICATION_DENIED" in answer.body:
        return CaptchaRequired()
    if "xsrf" in said.lower():
        return PermissionDenied(
            f"Jira says: {said}",
            likely_cause="A proxy changes the User-Agent to that of a browser, which Jira then suspects of forgery.",
            next_step="Ask whoever runs the proxy to leave the User-Agent of requests to Jira as it is.",
        )
    return PermissionDenied(f"Jira says: {said}" if said else "")


def _rate_limited(answer: Answer) -> JiraError:
    wait, reason = retry_after(answer), answer.header("RateLimit-Reason")
    when = "Jira did not say for how long." if wait is None else f"Try again in {_spoken(wait)}."
    long = "quota" in reason.lower() or (wait is not None and wait > LONGEST_PAUSE)
    return (QuotaSpent if long else RateLimited)(f"{when} Its reason: {reason}." if reason else when)


def _spoken(seconds: float) -> str:
    if seconds < 120:
        return f"{max(1, math.ceil(seconds))} seconds"
    return f"{math.ceil(seconds / 60)} minutes" if seconds < 7200 else f"{math.ceil(seconds / 3600)} hours"


def failure_of(error: requests.RequestException, host: str) -> JiraError:
    """The named error for an exchange that gave no whole answer."""
    told = repr(error)
    if isinstance(error, requests.exceptions.SSLError):
        return TlsFailed(f"The certificate of {host} was not accepted.")
    if isinstance(error, requests.Timeout) or "timed out" in told:
        return TooSlow(f"{host} was silent for too long.")
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return BrokenOff(f"The answer of {host} broke off.")
    return Unreachable(_broken_connection(error, told, host))


def _broken_connection(error: requests.RequestException, told: str, host: str) -> str:
    if isinstance(error, requests.exceptions.ProxyError):
        return f"The proxy on the way to {host} did not let the request through."
    if "NameResolution" in told or "getaddrinfo" in told:
        return f"No machine is known by the name {host}."
    if "refused" in told:
        return f"{host} refuses the connection."
    return f"The connection to {host} broke ({type(error).__name__})."


class Exchange(NamedTuple):
    """One request on its way; `started` is when, on the clock of `time.perf_counter`, after `waited` seconds."""

    method: str
    host: str
    path: str
    started: float
    waited: float

    @property
    def seconds(self) -> float:
        return round(time.perf_counter() - self.started, 4)


def note_answer(answer: Answer, sent: Exchange) -> None:
    facts = {"method": sent.method, "host": sent.host, "path": sent.path, "status": answer.status}
    facts |= {"bytes": len(answer.body), "elapsed_seconds": sent.seconds, "waited_seconds": round(sent.waited, 4)}
    facts["jira_trace_id"] = answer.trace_id
    logger.debug(
        "Jira answered %s %s with %d", sent.method, sent.path, answer.status, extra={"event": "jira.answered", **facts}
    )


def note_unanswered(error: JiraError, sent: Exchange) -> None:
    facts: dict[str, Any] = {"method": sent.method, "host": sent.host, "path": sent.path}
    facts["error_type"] = type(error).__name__
    facts |= {"elapsed_seconds": sent.seconds, "waited_seconds": round(sent.waited, 4)}
    logger.debug(
        "Jira gave no whole answer to %s %s", sent.method, sent.path, extra={"event": "jira.unanswered", **facts}
    )


def note_retry(error: JiraError, attempt: int, delay: float) -> None:
    facts = {"attempt": attempt, "delay_seconds": round(delay, 3), "error": error.title, "status": error.status}
    facts["jira_trace_id"] = error.trace_id
    logger.warning("Jira is asked again in %.1f s: %s", delay, error.title, extra={"event": "jira.retry", **facts})
