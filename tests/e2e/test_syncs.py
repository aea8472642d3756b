"""What people see of readings of Jira: the same progress in every tab, stopping, outages, receipts, the schedule."""

import re
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from callbacks.standing import standing
from callbacks.team_source import Source
from configuration.settings import Settings
from data.demo.faults import Faults
from data.jira_connection import connect
from data.jira_simple import receipts, sync_status
from tests.e2e.serving import eventually, serving_dashboard
from tests.held_jira import held
from tests.jira_sites import credentials, few_issues, serving, team_site
from tests.virtual_time import VirtualTime
from ui.layout import POLL_MILLISECONDS

CARDS = "[data-metric]"
PANEL = "#sync-panel"
LATELY = r"(just now|[1-9].minutes? ago)"


def settings_for(url, folder, **more):
    place = {"cache_dir": folder / "cache", "app_settings_path": folder / "app_settings.json"}
    return Settings(jira=credentials(url), **place, **more)


@contextmanager
def dashboard_of_few(visitor, folder):
    """A simulated Jira with few issues, and the address of its dashboard."""
    with serving(few_issues(), "cloud") as (jira, url), ExitStack() as stack:
        yield jira, stack.enter_context(serving_dashboard(settings_for(url, folder), visitor))


@pytest.fixture
def another_tab(person, watched):
    """Opens further pages of the same browser."""
    opened = []

    def open_tab(address):
        page = person.new_page()
        opened.append(page)
        page.goto(address)
        return page

    yield open_tab
    for page in opened:
        page.close()


def test_the_first_reading_is_seen_in_every_tab_goes_on_without_any_and_brings_the_numbers(
    watched, another_tab, tmp_path
):
    with (
        serving(team_site(), "datacenter") as (jira, url),
        ExitStack() as standstill,
        serving_dashboard(settings_for(url, tmp_path), watched) as address,
    ):
        standstill.enter_context(held(jira, 7, "/search"))
        watched.goto(address)
        second = another_tab(address)
        for page in (watched, second):
            expect(page.locator(PANEL)).to_be_visible()
            expect(page.locator(PANEL)).to_contain_text(re.compile(r"Reading issues: [\d,]+ of about 1,2\d\d"))
            expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", re.compile(r"\d+"))
            expect(page.locator("#sync-line")).to_contain_text("Reading Jira now")
        second.goto("about:blank")
        third = another_tab(address)
        expect(third.locator(PANEL)).to_contain_text("pages")
        standstill.close()

        expect(third.locator(CARDS)).to_have_count(10)
        expect(third.locator(PANEL)).to_be_hidden()
        expect(third.locator("#sync-line")).to_have_text(re.compile(rf"^Last synced {LATELY}, complete$"))
        third.goto("about:blank")


def test_a_reading_that_a_person_asks_for_survives_its_tab_and_can_be_stopped_from_another(
    watched, another_tab, tmp_path
):
    with serving(team_site(), "datacenter") as (jira, url):
        settings = settings_for(url, tmp_path)
        with serving_dashboard(settings, watched) as address, ExitStack() as standstill:
            watched.goto(address)
            expect(watched.locator(CARDS)).to_have_count(10)
            standstill.enter_context(held(jira, 7, "/search"))
            asking = another_tab(address + "/data")
            asking.get_by_role("button", name="Read everything anew").click()
            asking.get_by_role("dialog").get_by_role("button", name="Read everything").click()
            expect(asking.locator(PANEL)).to_contain_text("Reading issues")
            asking.goto("about:blank")

            expect(watched.locator(PANEL)).to_contain_text("Reading issues")
            expect(watched.locator(CARDS)).to_have_count(10)
            expect(watched.get_by_role("button", name="Stop at once")).to_be_hidden()
            watched.get_by_role("button", name="Stop reading").click()
            expect(watched.locator(PANEL)).to_contain_text("Stopping")
            standstill.close()

            expect(watched.locator("#sync-line")).to_contain_text(re.compile(rf"stopped {LATELY}"))
            expect(watched.locator(PANEL)).to_be_hidden()
            watched.locator("#sync-line").click()
            expect(watched.get_by_role("dialog")).to_contain_text("the next sync goes on from there")
    assert receipts(Source(settings).request())[0].verdict == "cancelled"


def test_a_reading_that_hangs_is_ended_at_once_by_the_tab_that_asked_for_it(watched, tmp_path):
    with serving(few_issues(), "cloud") as (jira, url):
        settings = settings_for(url, tmp_path)
        with serving_dashboard(settings, watched) as address:
            watched.goto(address + "/data")
            expect(watched.locator("#sync-line")).to_contain_text("complete")
            jira.faults = Faults.named("silence")
            watched.locator(".data-section").get_by_role("button", name="Read now").click()
            expect(watched.locator(PANEL)).to_be_visible()
            eventually(watched, "document.querySelector('#sync-progress').innerText.includes('Connecting')")
            watched.get_by_role("button", name="Stop reading").click()
            watched.get_by_role("button", name="Stop at once").click()

            expect(watched.locator("#sync-line")).to_contain_text("a reading broke off")
            expect(watched.locator(".receipts tbody")).to_contain_text("broken off")
        assert not sync_status(Source(settings).request()).running


def test_an_outage_keeps_the_numbers_says_so_and_heals_without_a_click(watched, tmp_path):
    """For the dashboard it is as late as it is told to be."""
    clock = VirtualTime(datetime.now(UTC))
    with serving(few_issues(), "cloud") as (jira, url):
        settings = settings_for(url, tmp_path, schedule_minutes=15)
        timing = {"clock": clock.monotonic, "sleep": clock.sleep}
        source = Source(settings, clock=clock.wall, connect=lambda who: connect(who, **timing))
        with serving_dashboard(settings, watched, source=source, tick_seconds=0.2) as address:
            watched.goto(address)
            expect(watched.locator(CARDS)).to_have_count(10)
            jira.faults = Faults.named("unavailable")
            clock.sleep(20 * 60)

            expect(watched.locator(".failure")).to_contain_text("The numbers below are from the last reading")
            expect(watched.locator(".failure")).to_contain_text("tried again by itself at")
            expect(watched.locator("#sync-line")).to_contain_text("failed")
            expect(watched.locator(CARDS)).to_have_count(10)
            jira.faults = Faults()
            clock.sleep(20 * 60)

            expect(watched.locator(".failure")).to_have_count(0)
            expect(watched.locator("#sync-line")).to_contain_text("complete")


def test_the_receipt_opens_from_the_line_on_every_page_and_says_what_was_done(watched, demo):
    for path in ("/", "/flow", "/data"):
        watched.goto(demo + path)
        expect(watched.locator("#sync-line")).to_contain_text("complete")
        watched.locator("#sync-line").focus()
        watched.keyboard.press("Enter")
        drawer = watched.get_by_role("dialog")
        expect(drawer).to_contain_text("Issues received")
        expect(drawer.get_by_role("table")).to_contain_text("complete")
        watched.keyboard.press("Escape")
        expect(drawer).to_be_hidden()


def test_a_receipt_is_shown_though_the_table_is_drawn_anew_before_it_comes(watched, demo):
    held = []

    def asks(request, what):
        return what in (request.post_data or "")

    watched.goto(demo + "/data")
    button = watched.get_by_role("button", name="Receipt of the reading").first
    expect(button).to_be_visible()
    watched.route(
        "**/_dash-update-component*",
        lambda one: held.append(one) if asks(one.request, "receipt-drawer") and not held else one.continue_(),
    )
    with watched.expect_request(lambda request: asks(request, "receipt-drawer")):
        button.click()
    with watched.expect_response(lambda answer: asks(answer.request, "receipts-table")):
        watched.evaluate("window.dash_clientside.set_props('receipts-filter', {value: 'complete'})")
    watched.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    held[0].continue_()

    expect(watched.get_by_role("dialog")).to_contain_text("Issues received")


def test_a_schedule_is_kept_over_a_restart(watched, tmp_path):
    with serving(few_issues(), "cloud") as (_, url):
        settings = settings_for(url, tmp_path)
        with serving_dashboard(settings, watched) as address:
            watched.goto(address + "/data")
            expect(watched.get_by_label("Off")).to_be_checked()
            watched.get_by_label("Every hour").check()
            expect(watched.locator("#schedule-said")).to_contain_text("every hour")
        with serving_dashboard(settings, watched) as address:
            watched.goto(address + "/data")
            expect(watched.get_by_label("Every hour")).to_be_checked()
            expect(watched.locator("#data-state")).not_to_contain_text("at the first visit")


def test_what_is_kept_can_be_deleted_and_read_again(watched, tmp_path):
    with (
        serving(few_issues(), "cloud") as (jira, url),
        serving_dashboard(settings_for(url, tmp_path), watched) as address,
    ):
        watched.goto(address + "/data")
        expect(watched.locator("#sync-line")).to_contain_text("complete")
        asked = len(jira.requests)
        watched.get_by_role("button", name="Delete what is kept").click()
        dialog = watched.get_by_role("dialog")
        dialog.get_by_role("button", name="Leave it").click()
        expect(dialog).to_be_hidden()
        watched.get_by_role("button", name="Delete what is kept").click()
        watched.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()

        expect(watched.locator("#delete-said")).to_contain_text("Deleted")
        expect(watched.locator(".failure")).to_contain_text("has been deleted, as asked")
        assert len(jira.requests) == asked
        watched.get_by_role("button", name="Read Jira", exact=True).click()
        expect(watched.locator("#sync-line")).to_contain_text("complete")


def test_readings_can_be_looked_through_by_their_end(watched, demo):
    watched.goto(demo + "/data")
    expect(watched.locator(".receipts tbody tr")).to_have_count(1)
    watched.get_by_role("textbox", name="Show readings that ended").click()
    watched.get_by_role("option", name="Failed").click()

    expect(watched.locator("#receipts-table")).to_contain_text("no such readings")


def test_a_phone_shows_the_data_its_receipt_and_a_running_reading_without_scrolling_sideways(watched, tmp_path):
    watched.set_viewport_size({"width": 390, "height": 844})
    with (
        serving(few_issues(), "cloud") as (jira, url),
        serving_dashboard(settings_for(url, tmp_path), watched) as address,
    ):
        watched.goto(address + "/data")
        expect(watched.locator(".receipts tbody tr")).to_have_count(1)
        eventually(watched, "document.documentElement.scrollWidth === 390")
        with held(jira, 1, "/search"):
            watched.locator(".data-section").get_by_role("button", name="Read now").click()
            expect(watched.locator(PANEL)).to_be_visible()
            box = watched.locator(PANEL).bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
        expect(watched.locator(PANEL)).to_be_hidden()
        watched.locator("#sync-line").click()
        expect(watched.get_by_role("dialog")).to_contain_text("Issues received")
        eventually(watched, "document.documentElement.scrollWidth === 390")


def test_the_ages_in_the_line_grow_without_a_request(watched, tmp_path):
    with dashboard_of_few(watched, tmp_path) as (_, address):
        watched.goto(address)
        expect(watched.locator("#sync-line")).to_contain_text(re.compile(LATELY))
        watched.route("**/_dash-update-component", lambda _route: None)
        watched.evaluate("(() => { const now = Date.now; Date.now = () => now() + 12 * 60000; })()")
        expect(watched.locator("#sync-line")).to_contain_text(re.compile("1[2-9].minutes ago"))


def test_a_server_that_answers_more_slowly_than_it_is_asked_is_heard(watched, tmp_path, monkeypatch):
    """The browser drops an answer if the same is asked again before it has come."""

    def slowly(keeper):
        time.sleep(3 * POLL_MILLISECONDS / 1000)
        return standing(keeper)

    monkeypatch.setattr("callbacks.dashboard.standing", slowly)
    with dashboard_of_few(watched, tmp_path) as (_, address):
        watched.goto(address)
        expect(watched.locator(CARDS)).to_have_count(10)
