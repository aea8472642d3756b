"""Everything that can be wrong with a Jira's answers, switched on by name, by path and for a number of requests."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

SHAPE_FAULTS: Final[dict[str, str]] = {
    "anonymous": "credentials are ignored: 200 with what the public sees, and a login-reason header",
    "captcha-200": "the right answer, under a header that says the login was denied",
    "near-limit": "successes say that the rate limit is near",
    "empty-server-info": "serverInfo answers an empty object",
    "old-server-info": "serverInfo does not say which deployment type it is",
    "short-page": "half of the issues asked for, with a token",
    "empty-page": "a page without issues, with a token to the next one",
    "repeated-token": "the token of the page just read is handed out again",
    "lost-token": "isLast false, and no token",
    "no-is-last": "isLast is missing",
    "null-token": "the last page has a token that is null",
    "expired-token": "every token is refused",
    "duplicate-issues": "each page begins with the last issue of the page before",
    "malformed-issues": "some issues lack fields, key or id, or are not objects",
    "total-too-large": "total counts issues that no page holds",
    "epoch-milliseconds": "histories dated in epoch milliseconds",
    "epoch-seconds": "histories dated in epoch seconds",
    "newest-first": "histories in reverse order",
    "without-items": "some histories have no items",
    "without-author": "histories have no author",
    "without-field-id": "history items have no fieldId",
    "without-to": "history items have texts but no ids",
    "without-changelog": "the history is not delivered although it was asked for",
    "truncated": "the body ends half way",
    "wrong-length": "the body is shorter than its Content-Length",
}
"""Faults that spoil the right answer."""

ANSWER_FAULTS: Final[dict[str, str]] = {
    "unauthorized": "401, JSON",
    "unauthorized-text": "401, plain text",
    "login-failed": "401, JSON with errorMessages",
    "scope-mismatch": "401 of a token without the scope",
    "captcha": "403 that asks for a CAPTCHA",
    "forbidden": "403, JSON",
    "forbidden-html": "403, HTML",
    "login-page": "200 with the HTML of a login page",
    "login-redirect": "302 to a login page",
    "dead-link": "404, HTML",
    "gone": "410 of a removed endpoint",
    "bad-query": "400 with errorMessages as plain text",
    "bad-query-list": "400 with errors as a list",
    "rate-limited": "429 with Retry-After: 2",
    "rate-limited-zero": "429 with Retry-After: 0",
    "rate-limited-silent": "429 without Retry-After",
    "rate-limited-date": "429 with Retry-After as a date",
    "rate-limited-garbage": "429 with an unreadable Retry-After",
    "rate-limited-html": "429 with an HTML body",
    "rate-limited-tomcat": "429 of the server below Jira",
    "quota": "429 of an hourly quota, Retry-After: 3600",
    "unavailable": "503 with Retry-After: 2",
    "unavailable-html": "503 without Retry-After, HTML",
    "server-error": "500 with errorMessage",
    "bad-gateway": "502, HTML",
    "gateway-timeout": "504, HTML",
    "empty": "200 without a body",
    "not-json": "200 with text that is no JSON",
    "foreign-json": "200 with JSON that is not Jira's",
    "reset": "the connection is closed without an answer",
    "silence": "no answer until the client gives up",
}
"""Faults that take the place of the right answer."""

FAULT_NAMES: Final = {**SHAPE_FAULTS, **ANSWER_FAULTS}


@dataclass(frozen=True, slots=True)
class Fault:
    """One switch: `path` is a part of the path it applies to, `first` how many such requests, after `skip` of them."""

    name: str
    path: str = ""
    first: int | None = None
    skip: int = 0

    def __post_init__(self) -> None:
        if self.name not in FAULT_NAMES:
            raise ValueError(f"there is no fault {self.name!r}; choose from: {', '.join(sorted(FAULT_NAMES))}")

    @classmethod
    def parse(cls, text: str) -> Fault:
        """`NAME`, `NAME:COUNT`, `NAME@PATH` or `NAME@PATH:COUNT`."""
        head, colon, count = text.rpartition(":")
        if not colon:
            head, count = text, ""
        if colon and not count.isdigit():
            raise ValueError(f"{text!r} should be NAME, NAME:COUNT, NAME@PATH or NAME@PATH:COUNT")
        name, _, path = head.partition("@")
        return cls(name, path, int(count) if count else None)


@dataclass(frozen=True, slots=True)
class Faults:
    """All switches of one simulated Jira."""

    switches: tuple[Fault, ...] = ()

    @classmethod
    def named(cls, *texts: str) -> Faults:
        return cls(tuple(Fault.parse(text) for text in texts))


class FaultCounter:
    """Knows which faults hit the next request; counts across threads."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._seen = [0] * len(faults.switches)
        self._lock = threading.Lock()

    def hit(self, path: str) -> frozenset[str]:
        names = set()
        with self._lock:
            for number, fault in enumerate(self._faults.switches):
                if fault.path not in path:
                    continue
                self._seen[number] += 1
                turn = self._seen[number] - fault.skip
                if turn > 0 and (fault.first is None or turn <= fault.first):
                    names.add(fault.name)
        return frozenset(names)
