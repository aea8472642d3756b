"""What a person sees and does on the page about Sightline's own performance."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from configuration.settings import Settings
from tests.e2e.serving import eventually, serving_dashboard, shown_dialog
from tests.e2e.test_accessibility import grave
from tests.watching import filled_store

PATH = "/metrics/performance"
FIRST_ROW = ".routes tbody tr >> nth=0"
LINE = "#watch-line"
INTERVAL = "window.dash_component_api.getLayout('watch-interval').props"
SHOWN = {
    "health": "of 100 points",
    "cards": "Slowest",
    "calculations": "Lead time for changes",
    "jira": "/rest/api/3/search/jql",
    "jobs": "read_now",
    "alerts": "at rest",
    "unusual": "week",
    "events": "thing.broke",
    "storage": "metrics.db",
    "cache": "From the cache",
}


@pytest.fixture(scope="module")
def reference():
    return secrets.token_hex(8)


@pytest.fixture(scope="module")
def busy(tmp_path_factory, reference):
    """The address of a dashboard that has been used for two weeks, and has logged one error."""
    folder = tmp_path_factory.mktemp("busy")
    now = datetime.now(UTC)
    filled_store(folder / "performance" / "metrics.db", days=15, per_minute=0.2, now=now).close()
    for name in ("app.log", "errors.log"):
        (folder / name).write_text(_error(reference, now - timedelta(hours=1)), encoding="utf-8")
    settings = Settings(log_dir=folder, cache_dir=folder, app_settings_path=folder / "app_settings.json")
    with serving_dashboard(settings) as address:
        yield address


def _error(reference, at):
    record = {
        "timestamp": f"{at:%Y-%m-%dT%H:%M:%S.000Z}",
        "level": "ERROR",
        "module": "callbacks.boundary",
        "function": "f",
        "line": 1,
        "message": "It broke <img src=x onerror=document.title='broken'>",
        "context": {"event": "thing.broke", "request_id": reference},
    }
    return json.dumps(record) + "\n"


def opened(page, address, query=""):
    page.goto(address + PATH + query)
    expect(page.locator(FIRST_ROW)).to_be_visible()
    expect(page.locator(".grade")).to_be_visible()


def test_a_quiet_link_leads_to_a_page_whose_every_table_can_be_taken_away(watched, busy):
    watched.goto(busy)
    watched.get_by_role("link", name="Performance of Sightline").click()
    expect(watched.locator("h1")).to_have_text("Performance of Sightline")
    expect(watched.locator(LINE)).to_contain_text("Live, as of")
    watched.locator(".live-chart .main-svg").first.wait_for()
    for key, words in SHOWN.items():
        expect(watched.locator(f"#watch-{key}")).to_contain_text(words)
    assert "Something went wrong" not in watched.locator("main").inner_text()

    links = watched.locator("a[download]").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert len(links) == 2 * 10
    for link in links[::2]:
        assert watched.request.get(busy + link, timeout=0).status == 200, link


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_has_no_grave_violation_nor_do_the_records_of_a_request(watched, busy, reference, scheme):
    watched.emulate_media(color_scheme=scheme)
    opened(watched, busy)
    expect(watched.locator("#watch-events .explain")).to_be_visible()
    watched.get_by_role("button", name="Pause").click()
    if scheme == "light":
        assert grave(watched) == []
    else:
        watched.locator("#watch-events .explain").click()
        shown_dialog(watched, reference)
        assert grave(watched) == []


def test_what_is_in_use_keeps_still_and_nothing_is_asked_beneath_a_dialog_unseen_or_paused(watched, busy):
    opened(watched, busy)
    look = "window.dash_clientside.watch.look(2, ...Array(5).fill({look: Infinity}))"
    watched.locator("#watch-health summary").click()
    watched.locator(".routes thead button").nth(2).focus()
    watched.keyboard.press("Shift+Tab")
    assert watched.evaluate(f"{look}[0].held") == ["health", "routes"]
    requests = watched.locator("#watch-cards .stat >> nth=0")
    before = requests.inner_text()
    watched.request.get(busy + "/", timeout=0)  # something new to show
    expect(requests).not_to_have_text(before, use_inner_text=True)
    expect(watched.locator("#watch-health details")).to_have_attribute("open", "")
    assert watched.evaluate("document.activeElement.innerText") == "Requests"

    none = "one => one === window.dash_clientside.no_update"
    unanswered = "window.dash_clientside.watch.look(2)"
    assert watched.evaluate(f"(() => {{ {look}; return {unanswered}.every({none}); }})()")
    watched.evaluate("Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})")
    assert watched.evaluate(f"{look}.every({none})")
    watched.evaluate("delete document.hidden")
    watched.get_by_role("button", name="Delete what is older").click()
    dialog = watched.get_by_role("dialog")
    expect(dialog).to_contain_text("cannot be brought back")
    assert watched.evaluate(f"{look}.every({none})")
    dialog.get_by_role("button", name="Delete them").click()
    expect(watched.locator("#watch-rotated")).to_contain_text("older than")
    expect(dialog).to_be_hidden()

    watched.get_by_role("button", name="Pause").click()
    expect(watched.locator(LINE)).to_contain_text("Paused, as of")
    eventually(watched, f"{INTERVAL}.disabled")
    watched.get_by_role("button", name="Go on").click()
    expect(watched.locator(LINE)).to_contain_text("Live, as of")
    eventually(watched, f"!{INTERVAL}.disabled")


def test_span_order_and_reference_are_chosen_by_keyboard_and_a_phone_has_room_for_all(watched, busy, reference):
    opened(watched, busy, "?days=90&span=13")
    watched.get_by_role("button", name="Pause").click()
    expect(watched.locator(LINE)).to_contain_text("Paused, as of")
    heads = watched.locator(".routes thead th")
    focused_head = "!!document.activeElement.closest('th')?.innerText.startsWith('Requests')"
    expect(heads.filter(has_text="P95")).to_have_attribute("aria-sort", "descending")
    requests = heads.filter(has_text="Requests")
    requests.get_by_role("button").focus()
    watched.keyboard.press("Enter")
    expect(requests).to_have_attribute("aria-sort", "descending")
    eventually(watched, focused_head)
    watched.keyboard.press("Enter")
    expect(requests).to_have_attribute("aria-sort", "ascending")
    eventually(watched, focused_head)
    cells = watched.locator(".routes tbody td:nth-child(2)").all_inner_texts()
    counts = [int(cell.replace(",", "")) for cell in cells]
    assert counts == sorted(counts)
    expect(watched.locator(".routes [aria-sort]")).to_have_count(1)

    expect(watched.locator("#watch-events .explain")).to_be_visible()
    watched.get_by_label("Find by reference").fill(f" {reference} ")
    eventually(watched, "!!window.dash_component_api.getLayout('watch-reference').props.value")
    watched.keyboard.press("Tab")
    watched.keyboard.press("Enter")
    dialog = watched.get_by_role("dialog")
    expect(dialog).to_contain_text("It broke <img src=x")
    assert dialog.locator("img").count() == 0
    assert "broken" not in watched.title()
    watched.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    watched.locator("#watch-span input[value='7']").focus()
    watched.keyboard.press("ArrowLeft")
    eventually(watched, "location.search === '?days=90&span=1'")
    expect(watched.locator("a[download][href*='days=1']").first).to_be_attached()
    watched.go_back()
    expect(watched.locator("#watch-span input[value='7']")).to_be_checked()

    watched.set_viewport_size({"width": 390, "height": 844})
    expect(watched.locator("#watch-events .watch-downloads")).to_be_visible()
    eventually(watched, "document.documentElement.scrollWidth === 390")


def test_what_was_asked_last_is_what_is_found_whatever_is_drawn_or_answered_meanwhile(watched, busy, reference):
    early, held = secrets.token_hex(8), []

    def is_early(request):
        return early in (request.post_data or "")

    def typed(text):
        watched.get_by_label("Find by reference").fill(text)
        eventually(watched, f"window.dash_component_api.getLayout('watch-reference').props.value === '{text}'")

    def ask_early():
        """Its answer is held back."""
        typed(early)
        with watched.expect_request(is_early):
            watched.get_by_role("button", name="Find").click()
        while not held:
            watched.wait_for_timeout(20)
        return held.pop()

    watched.route(
        "**/_dash-update-component*", lambda one: held.append(one) if is_early(one.request) else one.continue_()
    )
    opened(watched, busy)
    dialog = watched.get_by_role("dialog")
    expect(watched.locator("#watch-events .explain")).to_be_visible()
    on_its_way = ask_early()
    watched.locator("#watch-span input[value='7']").focus()
    watched.keyboard.press("ArrowRight")
    expect(watched.locator("#watch-events a[href*='days=30']").first).to_be_attached()
    on_its_way.continue_()
    expect(dialog).to_contain_text("Nothing was logged for it")
    watched.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    on_its_way = ask_early()
    typed(reference)
    watched.keyboard.press("Enter")
    expect(dialog).to_contain_text("It broke <img src=x")
    with watched.expect_response(lambda answer: is_early(answer.request)):
        on_its_way.continue_()
    watched.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    expect(dialog).to_contain_text("It broke <img src=x")
    expect(dialog).not_to_contain_text(early)
