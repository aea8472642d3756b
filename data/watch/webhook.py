"""Posting a message to the operator's receiver: signed against forgery and replay, no redirect followed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from configuration.redaction import scrub
from configuration.settings import AlertWebhook

TIMEOUTS = (5.0, 10.0)
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 2.0, 600.0
MOST_TRIES = 20
"""With full jitter, pauses of an hour in all on average."""
_PREFIX = "whsec_"


@dataclass(frozen=True)
class Outcome:
    """`reason` is the status or the kind of failure, never words from outside; `wait` is what was asked for."""

    accepted: bool
    reason: str
    wait: float = 0.0


@dataclass(frozen=True)
class Webhook:
    """Posts JSON by the conventions of Standard Webhooks, so that their libraries can check it as well."""

    target: AlertWebhook
    clock: Callable[[], float] = time.time
    timeouts: tuple[float, float] = TIMEOUTS

    def post(self, key: str, message: Mapping[str, Any]) -> Outcome:
        """Try once. The same key means the same message, however often it arrives."""
        body = json.dumps(scrub(dict(message)), ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "Sightline"}
        headers |= signed_headers(key, int(self.clock()), body, self.target.key.reveal())
        try:
            with requests.post(
                self.target.url.reveal(),
                data=body,
                headers=headers,
                auth=_unchanged,
                allow_redirects=False,
                timeout=self.timeouts,
                stream=True,  # the answer's body is of no interest, however long it is
            ) as answer:
                return _outcome(answer)
        except (requests.RequestException, ValueError) as error:  # a host name that cannot be one is a ValueError
            return Outcome(accepted=False, reason=type(error).__name__)


def signed_headers(key: str, timestamp: int, body: bytes, secret: str) -> dict[str, str]:
    """The signature covers key, time and body; it is HMAC-SHA256 with the secret, in base64."""
    signed = f"{key}.{timestamp}.".encode() + body
    digest = hmac.new(_key_bytes(secret), signed, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": key, "webhook-timestamp": str(timestamp), "webhook-signature": signature}


def pause_before_next(tries: int, asked: float, draw: Callable[[float, float], float] = random.uniform) -> float:
    """Seconds until the next try after so many: full jitter, and not before the receiver asked for, within bounds."""
    ceiling = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** (tries - 1))
    return max(draw(0.0, ceiling), min(asked, LONGEST_PAUSE_SECONDS))


def _outcome(answer: requests.Response) -> Outcome:
    wait = answer.headers.get("Retry-After", "")
    seconds = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 10 else 0.0
    return Outcome(accepted=200 <= answer.status_code < 300, reason=str(answer.status_code), wait=seconds)


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Given as the authentication, it keeps the credentials of a netrc file away from the receiver."""
    return request


def _key_bytes(secret: str) -> bytes:
    """A secret as Standard Webhooks write it is base64 behind a prefix; any other is its own bytes."""
    if secret.startswith(_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()
