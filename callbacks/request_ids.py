"""Gives every request an id, which its answer carries and every record logged while it is served."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING

from dash import Dash

from configuration.request_notes import accepted_request_id, request_noted

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "X-Request-ID"

WriteBody = Callable[[bytes], object]
Failure = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


def register(app: Dash) -> None:
    """Call before anything else is done with requests, so that nothing is logged without an id."""
    app.server.wsgi_app = _identified(app.server.wsgi_app)


def _identified(application: WSGIApplication) -> WSGIApplication:
    """Around the whole application, because refusals that no view function sees are answers too."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request_id = accepted_request_id(environ.get("HTTP_X_REQUEST_ID"))

        def start(status: str, headers: list[tuple[str, str]], failure: Failure | None = None, /) -> WriteBody:
            return start_response(status, [*headers, (HEADER, request_id)], failure)

        with request_noted(request_id):
            return application(environ, start)

    return serve
