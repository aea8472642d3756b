"""A browser of this machine, a page that reports whatever goes wrong in it, and the demo team's dashboard."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from callbacks.jobs import end_jobs
from configuration.settings import Settings
from data.jira_simple import synchronise
from tests.e2e.browsers import NONE_FOUND, installed_browser
from tests.e2e.serving import serving_dashboard
from tests.patience import PATIENCE_SECONDS

PATIENCE = 1000 * PATIENCE_SECONDS
AS_OF = datetime(2026, 3, 5, 15, 30, tzinfo=UTC)


def pytest_collection_modifyitems(items):
    for item in items:
        if "/tests/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args():
    program = installed_browser()
    if program is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(NONE_FOUND)
        pytest.skip(NONE_FOUND)
    return {"executable_path": program, "args": ["--disable-gpu"], "timeout": PATIENCE}


@pytest.fixture(scope="session", autouse=True)
def a_reading_waits_for_the_one_before():
    """Otherwise a page that only looks whether one is on could keep a new one from beginning."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(synchronise.__kwdefaults__, "wait_seconds", PATIENCE_SECONDS)
        yield


@pytest.fixture(scope="session")
def base_url():
    """None: each test names its own address. The plugin's fixture is of a kind that pytest deprecates."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The address of the demo team's dashboard."""
    folder = tmp_path_factory.mktemp("demo")
    settings = Settings(as_of=AS_OF, app_settings_path=folder / "app_settings.json", cache_dir=folder)
    with serving_dashboard(settings) as address:
        yield address


@pytest.fixture(scope="session")
def person(browser):
    """One browser profile for all tests: the pages' scripts are fetched and compiled once."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield context
    context.close()
    end_jobs()  # one that was forked holds the pipe to the browser's driver, whose end is waited for


@pytest.fixture
def watched(person):
    """A page on which any console error, script error or request to another host fails the test at its end."""
    page, trouble = person.new_page(), []
    page.on("console", lambda message: trouble.append(f"console: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: trouble.append(f"script: {error}"))
    page.on("request", lambda request: trouble.append(request.url) if is_foreign(request.url) else None)
    yield page
    if page.url.startswith("http"):
        page.evaluate("localStorage.clear()")
    page.close()
    assert trouble == []


def is_foreign(url):
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1"
