"""Other rules are tried and the cause of an incident is put right, as a person does it, light and dark, on a phone."""

from playwright.sync_api import expect

from tests.e2e.serving import eventually, shown_dialog
from tests.e2e.test_accessibility import grave


def test_another_rule_shows_old_and_new_values_and_moved_issues(watched, demo):
    watched.goto(demo + "/what-if?days=90")
    watched.get_by_label("Percentile of durations").fill("85")
    watched.get_by_role("button", name="Compare").click()

    expect(watched.locator(".told")).to_contain_text("Compared")
    expect(watched.locator(".difference").first).to_contain_text("With the changed rules")
    expect(watched.locator("#rules-compared")).to_contain_text("the median, now 85 %")
    expect(watched.locator("#rules-compared")).to_contain_text("not saved")
    assert grave(watched) == []

    watched.get_by_label("Percentile of durations").fill("")
    watched.get_by_role("button", name="Compare").click()
    expect(watched.locator(".refusal")).to_contain_text("between 0 and 100")


def test_a_cause_is_put_right_with_the_keyboard_on_a_phone_and_taken_back(watched, demo):
    watched.emulate_media(color_scheme="dark")
    watched.set_viewport_size({"width": 390, "height": 800})
    watched.goto(demo + "/incidents?days=365")
    row = watched.locator(".incidents > li").first
    expect(row).not_to_contain_text("put down by hand")
    eventually(watched, "document.documentElement.scrollWidth <= 390")
    assert grave(watched) == []

    row.get_by_role("button").focus()
    watched.keyboard.press("Enter")
    shown_dialog(watched, "Why?")
    assert grave(watched) == []
    watched.locator("#correction-cause").focus()
    watched.keyboard.type("No deployment")
    expect(watched.get_by_role("option", name="No deployment")).to_be_visible()
    watched.keyboard.press("ArrowDown")
    watched.keyboard.press("Enter")
    watched.get_by_label("Your name").fill("Ann")
    watched.get_by_label("Why?").fill("The review found it.")
    watched.get_by_label("Why?").press("Tab")
    watched.keyboard.press("Enter")

    expect(watched.locator("#correction-said")).to_contain_text("put right")
    expect(row).to_contain_text("put down by hand")
    row.get_by_role("button").click()
    watched.get_by_label("Why?").fill("It was another one.")
    watched.get_by_role("button", name="Take the correction back").click()
    expect(row).not_to_contain_text("put down by hand")
