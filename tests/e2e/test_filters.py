"""Filters are chosen by keyboard, kept in the address, and followed by every number."""

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
    watched.keyboard.press("ArrowDown")
    watched.keyboard.press("Enter")

    expect(watched.locator(".filter-line")).to_contain_text("Only type Bug")
    expect(watched.locator(f"{VELOCITY} .value")).not_to_have_text(whole)
    assert watched.url.endswith("/?days=90&type=Bug")
    expect(watched.locator("#filter-button")).to_have_text("Filter (1)")
    assert grave(watched) == []

    watched.locator("#filter-button").click()
    watched.locator(f"{VELOCITY} .explain").click()
    expect(watched.get_by_role("dialog")).to_contain_text("A filter is on: all of this is about type Bug only.")
    assert watched.locator(".downloads a").first.get_attribute("href").endswith("?days=90&type=Bug")


def test_the_address_brings_its_filters_and_the_back_button_too(watched, demo):
    watched.goto(demo + "/flow?days=90&type=BUG&label=nobody-has-this")
    line = watched.locator(".filter-line")
    expect(line).to_contain_text("Only type Bug")
    expect(line).to_contain_text("no issue has it: label nobody-has-this")
    expect(watched.get_by_role("link", name="Forecast")).to_have_attribute("href", re.compile("type=BUG"))

    line.get_by_role("button").click()
    expect(line).to_have_count(0)
    assert watched.url.endswith("/flow?days=90")
    watched.go_back()
    expect(line).to_contain_text("Only type Bug")
