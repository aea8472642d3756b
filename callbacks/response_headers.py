"""Headers that keep the page to itself: no foreign script, no frame, no cached copy, no other host name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from dash import Dash
from flask import Response, abort, request

from configuration.settings import is_loopback

_LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"]
_ASSET_PATHS = ("/assets/", "/_dash-component-suites/")


def register(app: Dash, *, host: str) -> None:
    """Call once, before the first request."""

    @cache
    def policy() -> str:
        # Only when Dash has set itself up, during the first request, are all of its inline scripts known.
        return content_security_policy(app.csp_hashes())

    if is_loopback(host):
        # Another site's page cannot reach a loopback server under a name of its own (DNS rebinding).
        app.server.config["TRUSTED_HOSTS"] = [*_LOOPBACK_NAMES, host]

    def refuse_foreign_posts() -> None:
        """A form of another site can send text, but not JSON, without the browser asking first."""
        if request.method == "POST" and not request.is_json:
            abort(415)

    def add_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy()
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        if not request.path.startswith(_ASSET_PATHS):
            response.headers["Cache-Control"] = "private, no-store"
        return response

    app.server.before_request(refuse_foreign_posts)
    app.server.after_request(add_headers)


def content_security_policy(script_hashes: Iterable[str]) -> str:
    """Styles stay open to inline ones because the component library sets them; scripts do not."""
    scripts = " ".join(["'self'", *script_hashes])
    directives = {
        "default-src": "'self'",
        "script-src": scripts,
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "frame-ancestors": "'none'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())
