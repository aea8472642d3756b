"""What a person sees and does on the pages of the demo team."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.serving import eventually

DORA_TITLES = [
    "Deployment frequency",
    "Lead time for changes",
    "Change failure rate",
    "Failed deployment recovery time",
    "Deployment rework rate",
]
FLOW_TITLES = ["Flow velocity", "Flow time", "Flow efficiency", "Flow load", "Flow distribution"]
CARDS = "[data-metric]"
CHART = ".js-plotly-plot .main-svg"


def see_every_chart(page):
    """Charts are drawn when they come into view."""
    for place in page.locator(".chart").all():
        place.scroll_into_view_if_needed()
        place.locator(".main-svg").first.wait_for()


def test_the_overview_shows_ten_metrics_each_with_a_value_and_its_way_to_the_explanation(watched, demo):
    watched.goto(demo)

    expect(watched.locator(CARDS)).to_have_count(10)
    assert watched.locator(f"{CARDS} h3").all_inner_texts() == DORA_TITLES + FLOW_TITLES
    expect(watched.locator(".explain")).to_have_count(10)
    expect(watched.locator(f"{CARDS} .value")).to_have_count(9)
    expect(watched.locator(".share-bar")).to_have_count(1)
    expect(watched).to_have_title("Overview - Sightline")
    assert watched.evaluate("document.documentElement.lang") == "en"


def test_the_overview_needs_no_chart_library(watched, demo):
    loaded = []
    watched.on("request", lambda request: loaded.append(request.url))
    watched.goto(demo)
    expect(watched.locator(CARDS)).to_have_count(10)

    assert [url for url in loaded if "plotly" in url] == []


def test_the_demo_team_is_named_as_made_up_and_the_data_dated(watched, demo):
    watched.goto(demo)

    expect(watched.locator(".demo-banner")).to_contain_text("made up")
    expect(watched.locator(".demo-banner")).to_contain_text("JIRA_URL")
    expect(watched.locator("#data-line")).to_contain_text(
        re.compile(r"[\d,]+.issues from the demo team, as of 5 Mar 2026, 16:30 \(Europe/Berlin\)")
    )


@pytest.mark.parametrize(("path", "titles"), [("/dora", DORA_TITLES), ("/flow", FLOW_TITLES)])
def test_a_family_page_draws_a_chart_and_a_table_for_each_metric(watched, demo, path, titles):
    watched.goto(demo + path)

    expect(watched.locator(f"{CARDS} h2")).to_have_count(5)
    assert watched.locator(f"{CARDS} h2").all_inner_texts() == titles
    see_every_chart(watched)
    table = watched.locator(".data-table").first
    expect(table).to_be_hidden()
    watched.get_by_text("Show as a table").first.click()
    expect(table).to_be_visible()
    assert "(running)" in table.locator("tbody tr").first.inner_text()


def test_no_chart_offers_to_share_its_data(watched, demo):
    """plotly.js would send a figure to its makers' cloud at a click on "Share chart"."""
    watched.goto(demo + "/dora")
    watched.locator(CHART).first.wait_for()
    watched.locator(".js-plotly-plot").first.hover()

    assert "share" not in watched.locator("body").inner_text().lower()
    assert watched.locator(".modebar-btn").count() == 0
    assert "showSendToCloud" not in watched.content()


def test_choosing_a_period_changes_the_numbers_the_address_and_survives_page_changes(watched, demo):
    watched.goto(demo)
    velocity = watched.locator("[data-metric=flow_velocity]")
    expect(velocity.locator(".value-number")).to_be_visible()
    before = velocity.locator(".value-number").inner_text()
    watched.locator("#period").get_by_text("365", exact=True).click()

    expect(velocity.locator(".value-number")).not_to_have_text(before)
    expect(velocity).to_contain_text("365 days before")
    expect(watched).to_have_url(demo + "/?days=365")
    watched.get_by_role("link", name="DORA").click()
    expect(watched.locator("h1")).to_have_text("DORA")
    expect(watched.locator("[data-metric=cfr]")).to_contain_text("365 days before")
    expect(watched).to_have_url(demo + "/dora?days=365")
    watched.go_back()
    expect(watched.locator("h1")).to_have_text("Overview")
    expect(watched).to_have_url(demo + "/?days=365")
    watched.go_back()
    expect(velocity).to_contain_text("30 days before")


def test_an_address_with_a_period_opens_with_it_and_an_unknown_period_is_the_usual_one(watched, demo):
    watched.goto(demo + "/flow?days=90")
    expect(watched.locator("[data-metric=flow_time]")).to_contain_text("90 days before")

    watched.goto(demo + "/flow?days=13")
    expect(watched.locator("[data-metric=flow_time]")).to_contain_text("30 days before")


def test_the_explanation_says_how_a_ratio_came_about_and_lists_its_deployments(watched, demo):
    watched.goto(demo + "/?days=180")
    watched.locator("[data-metric=cfr] .explain").click()
    drawer = watched.get_by_role("dialog")

    expect(drawer).to_contain_text("The share of deployments that failed")
    spelled = re.search(r"(\d+) of (\d+) deployments failed", drawer.inner_text())
    assert spelled
    expect(drawer).to_contain_text(f"Deployments that failed ({spelled[1]})")
    expect(drawer).to_contain_text(f"Included ({spelled[2]})")
    expect(drawer).to_contain_text("Left out: outside period")
    expect(drawer).to_contain_text("It belongs to another period.")
    expect(drawer).to_contain_text("Europe/Berlin")
    drawer.get_by_role("button", name="Close the explanation").click()
    expect(drawer).to_be_hidden()


def test_a_long_list_of_issues_can_be_searched_and_extended(watched, demo):
    watched.goto(demo + "/?days=365")
    watched.locator("[data-metric=flow_velocity] .explain").click()
    drawer = watched.get_by_role("dialog")
    rows = drawer.locator(".issues").first.locator("li")
    expect(rows).to_have_count(50)
    expect(drawer.get_by_text(re.compile(r"in all, 50 shown")).first).to_be_visible()

    drawer.get_by_role("button", name="Show more").first.click()
    expect(rows).to_have_count(150)

    key = rows.nth(120).locator(".issue-key").inner_text()
    drawer.get_by_label("Find in this list").first.fill(key)
    expect(drawer.locator(".issues").first).to_contain_text(key)
    expect(rows).not_to_have_count(150)
    drawer.get_by_label("Find in this list").first.fill("no such words anywhere")
    expect(drawer.get_by_text("matches the search").first).to_be_visible()


def test_the_colour_scheme_switches_stays_after_a_reload_and_recolours_the_charts(watched, demo):
    watched.emulate_media(color_scheme="light")
    watched.goto(demo + "/dora")
    watched.locator(CHART).first.wait_for()
    scheme = "document.documentElement.getAttribute('data-mantine-color-scheme')"
    bar = "getComputedStyle(document.querySelector('.js-plotly-plot .bars .point path')).fill"
    eventually(watched, f"{scheme} === 'light'")
    light = watched.evaluate(bar)

    watched.get_by_role("button", name="Switch between light and dark").click()

    eventually(watched, f"{scheme} === 'dark'")
    eventually(watched, f"{bar} !== '{light}'")
    watched.reload()
    watched.locator(CHART).first.wait_for()
    eventually(watched, f"{scheme} === 'dark'")
    eventually(watched, f"{bar} !== '{light}'")


@pytest.mark.parametrize("path", ["/", "/dora", "/flow"])
def test_a_phone_shows_every_page_without_scrolling_sideways(watched, demo, path):
    watched.set_viewport_size({"width": 390, "height": 844})
    watched.goto(demo + path)
    expect(watched.locator(CARDS).last).to_be_visible()
    if path != "/":
        watched.locator(CHART).first.wait_for()

    eventually(watched, "document.documentElement.scrollWidth === 390")
    wide = (
        "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > 391 && e.offsetParent)"
    )
    eventually(watched, f"{wide}.filter(e => !e.closest('.table-scroll')).length === 0")


def test_on_a_phone_the_navigation_opens_and_closes_again_after_a_choice(watched, demo):
    watched.set_viewport_size({"width": 390, "height": 844})
    watched.goto(demo)
    expect(watched.locator(CARDS)).to_have_count(10)
    flow = watched.get_by_role("link", name="Flow", exact=True)
    expect(flow).not_to_be_in_viewport()

    watched.get_by_role("button", name="Navigation").click()
    flow.click()

    expect(watched.locator("h1")).to_have_text("Flow")
    expect(flow).not_to_be_in_viewport()


def test_text_from_jira_is_never_markup(watched, demo):
    """The demo team has issues whose summaries are scripts, tags and formulas."""
    watched.goto(demo + "/?days=365")
    watched.locator("[data-metric=flow_velocity] .explain").click()
    drawer = watched.get_by_role("dialog")
    search = drawer.get_by_label("Find in this list").first
    search.fill("<")
    hostile = drawer.locator(".issue-summary", has_text="<")
    expect(hostile.first).to_be_visible()

    assert "<" in hostile.first.inner_text()
    assert drawer.locator(".issue-summary *").count() == 0
    unsafe = "{body: {tag: 'a', href: 'java\\nscript:alert(1)'}}"
    assert watched.evaluate(f"window.sightline.Static({unsafe}).props.href") == "about:blank"
    assert watched.evaluate("document.querySelectorAll('main script, [role=dialog] script').length") == 0


def test_the_keyboard_alone_reaches_the_content_opens_an_explanation_and_comes_back(watched, demo):
    watched.goto(demo)
    expect(watched.locator(CARDS)).to_have_count(10)
    focused = "document.activeElement"
    watched.keyboard.press("Tab")
    assert watched.evaluate(f"{focused}.textContent") == "Skip to the content"
    watched.keyboard.press("Enter")
    eventually(watched, f"{focused}.textContent !== 'Skip to the content'")
    for _ in range(12):
        watched.keyboard.press("Tab")
        if "How is this computed" in (watched.evaluate(f"{focused}.getAttribute('aria-label')") or ""):
            break
    label = watched.evaluate(f"{focused}.getAttribute('aria-label')")
    assert label == "How is this computed? Deployment frequency"

    watched.keyboard.press("Enter")

    drawer = watched.get_by_role("dialog")
    expect(drawer).to_contain_text("How often changes reach production")
    eventually(watched, f"!!{focused}.closest('[role=dialog]')")
    for _ in range(25):
        watched.keyboard.press("Tab")
        assert watched.evaluate("!!document.activeElement.closest('[role=dialog]')")
    watched.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    eventually(watched, f"{focused}.getAttribute('aria-label') === '{label}'")


def test_an_unknown_address_says_so(watched, demo):
    watched.goto(demo + "/no-such-page")

    expect(watched.locator("h1")).to_have_text("There is no such page")


def test_a_page_with_all_its_charts_weighs_less_than_two_megabytes(watched, demo):
    session = watched.context.new_cdp_session(watched)
    session.send("Network.clearBrowserCache")
    session.send("Network.enable")
    sizes = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    watched.goto(demo + "/flow")
    see_every_chart(watched)

    assert 500_000 < sum(sizes) < 2_000_000
