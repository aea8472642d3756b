"""Who may delete measurements over HTTP: a page of this server, and beyond this machine whoever holds the token."""

from __future__ import annotations

import hmac
import logging
from typing import NoReturn
from urllib.parse import urlsplit

from flask import abort, request

from callbacks.metrics_parameters import refusal
from configuration.settings import Secret, Settings, is_loopback

logger = logging.getLogger(__name__)

_SAME_SITE = {"same-origin", "none"}
_OWN_PAGE = "Send it from this server's own page, or from a program on this machine."


def page_may_delete(settings: Settings) -> bool:
    """Whether whoever sees the page may do it: only where nobody has to show a token."""
    return settings.metrics_token is None and is_loopback(settings.host)


def guard_deletion(*, host: str, token: Secret | None) -> None:
    """Ends the present request unless it may delete.

    `host` is what the server is bound to. A program on this machine sends neither `Origin` nor `Sec-Fetch-Site`;
    every browser sends one of them with a POST, and no page of another site can leave them out.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site not in _SAME_SITE:
        _refuse("Sec-Fetch-Site", "same-origin", _OWN_PAGE, status=403)
    if origin is not None and _host_of(origin) != request.host.lower():
        _refuse("Origin", "this server's own address", _OWN_PAGE, status=403)
    if token is None and not is_loopback(host):
        _refuse(
            "Authorization",
            "nobody, because other machines reach this server and SIGHTLINE_METRICS_TOKEN is not set",
            "Set SIGHTLINE_METRICS_TOKEN, start again, and send it as a bearer token.",
            status=403,
        )
    if token is not None and not _bears(token):
        next_step = "Send the header Authorization: Bearer with the value of SIGHTLINE_METRICS_TOKEN."
        _refuse("Authorization", "the bearer token of this server", next_step, status=401)


def _host_of(origin: str) -> str | None:
    """Host and port of an origin as browsers write it; None for `null` and for what is no origin."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.netloc.lower() if parts.scheme in {"http", "https"} else None


def _bears(token: Secret) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.reveal().encode())


def _refuse(header: str, allowed: str, next_step: str, *, status: int) -> NoReturn:
    logger.warning("Deleting measurements was refused", extra={"event": "metrics.rotation_refused", "header": header})
    given = None if header == "Authorization" else request.headers.get(header)
    answer = refusal(header, given, allowed, next_step, status=status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    abort(answer)
