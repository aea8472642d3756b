"""Filters, forecasts and comparisons are chosen by keyboard, kept, and followed by every number."""

import re

from playwright.sync_api import expect

from tests.e2e.test_accessibility import grave

VELOCITY = "[data-metric=flow_velocity]"


def test_a_filter_is_chosen_by_keyboard_and_followed_everywhere(watched, demo):
    watched.goto(demo + "/?days=90")
    whole = watched.locator(f"{VELOCITY} .value").inner_text()
    watched.locator("#filter-button").focus()
    watched.keyboard.press("Enter")
    watched.get_by_role("combobox", name="Type").or_(watched.get_by_label("Type", exact=True)).first.focus()
    watched.keyboard.type("bug")
    offered = watched.get_by_role("option", name="Bug")
    expect(offered).to_be_visible()
    watched.keyboard.press("ArrowDown")
    watched.keyboard.press("Enter")

    expect(watched.locator(".filter-line")).to_contain_text("Only type Bug")
    expect(watched.locator(f"{VELOCITY} .value")).not_to_have_text(whole)
    expect(watched).to_have_url(demo + "/?days=90&type=Bug")
    expect(watched.locator("#filter-button")).to_have_text("Filter (1)")
    assert grave(watched) == []

    expect(offered).to_be_visible()
    watched.keyboard.press("Escape")
    expect(offered).to_be_hidden()
    expect(watched.locator(".filters[open]")).to_have_count(1)
    watched.keyboard.press("Escape")
    expect(watched.locator(".filters[open]")).to_have_count(0)
    expect(watched.locator("#filter-button")).to_be_focused()

    watched.keyboard.press("Enter")
    watched.locator(".brand").click()
    expect(watched.locator(".filters[open]")).to_have_count(0)
    expect(watched.locator("#filter-button")).to_be_focused()
    watched.locator(f"{VELOCITY} .explain").click()
    expect(watched.get_by_role("dialog")).to_contain_text("A filter is on: all of this is about type Bug only.")
    expect(watched.locator(".downloads a").first).to_have_attribute("href", re.compile(r"\?days=90&type=Bug$"))


def test_the_address_brings_its_filters_and_the_back_button_too(watched, demo):
    watched.goto(demo + "/flow?days=90&type=BUG&label=nobody-has-this")
    line = watched.locator(".filter-line")
    expect(line).to_contain_text("Only type Bug")
    expect(line).to_contain_text("no issue has it: label nobody-has-this")
    expect(watched.get_by_role("link", name="Forecast")).to_have_attribute("href", re.compile("type=BUG"))

    line.get_by_role("button").click()
    expect(line).to_have_count(0)
    expect(watched).to_have_url(demo + "/flow?days=90")
    watched.go_back()
    expect(line).to_contain_text("Only type Bug")


def test_what_is_asked_of_a_forecast_outlives_a_filter_and_is_in_the_address(watched, demo):
    watched.goto(demo + "/forecast?days=90&until=2026-04-30")
    items = watched.get_by_label("So many items")
    expect(watched.get_by_label("By this day")).to_have_value("30 Apr 2026")
    expect(watched.locator("#forecast-how-many")).to_contain_text("by 30 Apr 2026, very likely")
    expect(items).not_to_have_value("")
    usual = items.input_value()
    items.fill("41")
    expect(watched.locator("#forecast-when-done")).to_contain_text("41 items by")
    whole = watched.locator("#forecast-when-done .forecast-sentence").inner_text()

    watched.locator("#filter-button").click()
    watched.get_by_label("Type", exact=True).first.fill("bug")
    watched.get_by_role("option", name="Bug").click()
    expect(watched.locator("#forecast-when-done .forecast-sentence")).not_to_have_text(whole)
    expect(watched.locator("#forecast-when-done")).to_contain_text("41 items")
    expect(items).to_have_value("41")
    expect(watched).to_have_url(demo + "/forecast?days=90&type=Bug&until=2026-04-30&items=41")

    watched.go_back()
    expect(watched).to_have_url(demo + "/forecast?days=90&until=2026-04-30&items=41")
    expect(watched.locator("#forecast-when-done .forecast-sentence")).to_have_text(whole)
    watched.go_back()
    expect(items).to_have_value(usual)
    expect(watched.get_by_label("By this day")).to_have_value("30 Apr 2026")


def test_whom_to_compare_with_is_chosen_over_the_cards_and_remembered(watched, demo):
    watched.goto(demo + "/dora?days=90")
    lines = watched.locator(".benchmark")
    expect(lines.first).to_contain_text("(All industries, DORA Quick Check 2025)")
    watched.get_by_label("Compare with").first.fill("financial")
    expect(watched.get_by_role("option", name="Financial Services")).to_be_visible()
    watched.keyboard.press("ArrowDown")
    watched.keyboard.press("Enter")
    for line in lines.all():
        expect(line).to_contain_text("(Financial Services, DORA Quick Check 2025)")
    watched.goto(demo + "/?days=90")
    expect(lines.first).to_contain_text("Financial Services")
