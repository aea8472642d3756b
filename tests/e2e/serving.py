"""The dashboard on a free port of this machine, and waiting for what a browser makes of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page
from werkzeug.serving import make_server

from app import create_app
from configuration.settings import Settings


def eventually(page: Page, script: str, *, seconds: float = 15.0) -> None:
    """Waits until a script gives true; the pages' own policy forbids the browser's way of doing so."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(script):
        assert time.monotonic() < deadline, script
        page.wait_for_timeout(50)


@contextmanager
def serving_dashboard(settings: Settings) -> Iterator[str]:
    """The address of a dashboard with these settings, served in threads of this process."""
    server = make_server("127.0.0.1", 0, create_app(settings).server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
