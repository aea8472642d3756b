"""Who may ask: credentials as Jira judges them, with each flavour's way of saying no."""

from __future__ import annotations

import base64
import binascii
import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from data.demo import canned
from data.demo.exchange import Refusal


class Visitor(Enum):
    """`REJECTED` came with wrong credentials and is treated as nobody, under a header that says so."""

    ACCOUNT = "account"
    ANONYMOUS = "anonymous"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Presented:
    """The secret of an Authorization header; `scheme` is `basic`, `bearer` or empty."""

    scheme: str
    secret: str


def presented(headers: Mapping[str, str]) -> Presented | None:
    """What the request shows; None without an Authorization header."""
    text = headers.get("authorization")
    if text is None:
        return None
    scheme, _, rest = text.partition(" ")
    if scheme.lower() == "bearer":
        return Presented("bearer", rest.strip())
    if scheme.lower() != "basic":
        return Presented("", "")
    try:
        user, colon, password = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return Presented("", "")
    return Presented("basic", password if colon and user else "")


class Gate:
    """Decides whom an answer is for. `token` None lets in anybody who shows some credential.

    With `scoped`, the token is right under the gateway only. After `captcha_after` failed logins in a row the
    account has to solve a CAPTCHA (see `solve_captcha`) before anything is let in again.
    """

    def __init__(
        self, *, cloud: bool, token: str | None, scoped: bool, captcha_after: int | None, login_url: str
    ) -> None:
        self._cloud = cloud
        self._token = token
        self._scoped = scoped
        self._captcha_after = captcha_after
        self._login_url = login_url
        self._failures = 0
        self._lock = threading.Lock()

    def solve_captcha(self) -> None:
        with self._lock:
            self._failures = 0

    def visitor(self, headers: Mapping[str, str], *, through_gateway: bool, public: bool) -> Visitor:
        """`public` endpoints answer nobody as well, each flavour in its way."""
        shown = presented(headers)
        if shown is None:
            return Visitor.ANONYMOUS
        self._check_captcha()
        if self._is_right(shown, through_gateway=through_gateway):
            self.solve_captcha()
            return Visitor.ACCOUNT
        with self._lock:
            self._failures += 1
        if self._cloud and public:
            return Visitor.REJECTED
        raise Refusal(canned.unauthorized() if self._cloud else canned.wrong_password())

    def _check_captcha(self) -> None:
        if self._captcha_after is not None and self._failures >= self._captcha_after:
            raise Refusal(canned.captcha(self._login_url))

    def _is_right(self, shown: Presented, *, through_gateway: bool) -> bool:
        if not shown.secret or (self._scoped and not through_gateway):
            return False
        if self._cloud and shown.scheme == "bearer" and not through_gateway:
            return False
        return self._token is None or hmac.compare_digest(shown.secret.encode(), self._token.encode())
