"""Measures what a first visitor waits for: `python -m tests.benchmarks.page_weight` prints times and bytes.

It starts `python app.py` with the demo team as a process of its own and looks at it with an installed browser whose
cache is empty for every page. "First card" is the first painted metric card; bytes are those over the wire.
"""
# ruff: noqa: T201 - it prints what it measures

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browsers import NONE_FOUND, installed_browser

ROOT = Path(__file__).resolve().parents[2]
CARD, CHART = ".metric-card:not(.skeleton-card), .metric-panel", ".js-plotly-plot .main-svg"


def main() -> int:
    program = installed_browser()
    if program is None:
        print(NONE_FOUND, file=sys.stderr)
        return 1
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=program) as browser:
        begun = time.perf_counter()
        with running_app() as (address, ready):
            print(f"process start to address printed   {ready - begun:6.2f} s")
            card, weight, _ = visit(browser, f"{address}/")
            print(f"process start to first card        {ready - begun + card:6.2f} s")
            print(f"cold  /      first card {card:6.2f} s                       {weight / 1e6:5.2f} MB")
            for path in ("/", "/dora", "/flow"):
                card, weight, chart = visit(browser, f"{address}{path}")
                charts = f"first chart {chart:5.2f} s" if chart else " " * 19
                print(f"warm  {path:6} first card {card:6.2f} s   {charts}  {weight / 1e6:5.2f} MB")
    return 0


@contextmanager
def running_app() -> Iterator[tuple[str, float]]:
    """The address of the application, and when it was printed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        plain = {name: text for name, text in os.environ.items() if not name.startswith(("JIRA_", "SIGHTLINE_"))}
        process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=plain | {"SIGHTLINE_PORT": port, "SIGHTLINE_LOG_DIR": folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        try:
            process.stdout.readline()
            yield f"http://127.0.0.1:{port}", time.perf_counter()
        finally:
            process.terminate()
            process.communicate(timeout=10)


def visit(browser: Browser, url: str) -> tuple[float, int, float]:
    """Seconds to the first card, bytes over the wire with every chart drawn, seconds to the first chart (0: none)."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    session, sizes = context.new_cdp_session(page), []
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    begun = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.locator(CARD).first.wait_for()
    card = time.perf_counter() - begun
    chart = 0.0
    if page.locator(".chart").count():
        page.locator(CHART).first.wait_for()
        chart = time.perf_counter() - begun
        for place in page.locator(".chart").all():
            place.scroll_into_view_if_needed()
            place.locator(".main-svg").first.wait_for()
    context.close()
    return card, sum(sizes), chart


if __name__ == "__main__":
    sys.exit(main())
