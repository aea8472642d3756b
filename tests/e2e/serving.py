"""The dashboard on a free port of this machine, and waiting for what a browser makes of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, expect
from werkzeug.serving import make_server

from app import create_app
from callbacks.keeper import TICK_SECONDS
from callbacks.team_source import Source
from configuration.settings import Settings
from tests.patience import PATIENCE_SECONDS


def eventually(page: Page, script: str) -> None:
    """Waits until a script gives true; the pages' own policy forbids the browser's way of doing so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not page.evaluate(script):
        assert time.monotonic() < deadline, script
        page.wait_for_timeout(50)


def shown_dialog(page: Page, words: str) -> Locator:
    """The dialog, once it has these words and has faded in."""
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(words)
    eventually(page, "getComputedStyle(document.querySelector('[role=dialog]')).opacity === '1'")
    return dialog


@contextmanager
def serving_dashboard(
    settings: Settings,
    *visitors: Page,
    source: Source | None = None,
    tick_seconds: float = TICK_SECONDS,
) -> Iterator[str]:
    """The address of a dashboard with these settings, served in threads of this process.

    Visitors leave before it closes, because a page that asks on is in trouble.
    """
    app = create_app(settings, source=source, tick_seconds=tick_seconds)
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        for visitor in visitors:
            visitor.goto("about:blank")
        server.shutdown()
        thread.join()
        server.server_close()
