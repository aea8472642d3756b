"""No serious or critical violation of WCAG 2.1 AA, as far as axe can tell, on any page, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from configuration.settings import Settings
from data.demo.faults import Faults
from tests.e2e.serving import serving_dashboard, shown_dialog
from tests.jira_sites import credentials, few_issues, serving

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


def grave(page):
    """The serious and critical violations, each with the first places it was found at."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        (violation["id"], [node["html"][:160] for node in violation["nodes"][:3]])
        for violation in found
        if violation["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/dora", "/flow"])
def test_a_page_has_no_grave_violation(watched, demo, path, scheme):
    watched.emulate_media(color_scheme=scheme)
    watched.goto(demo + path)
    expect(watched.locator("[data-metric]").last).to_be_visible()
    if path != "/":
        watched.get_by_text("Show as a table").first.click()
        watched.locator(".js-plotly-plot .main-svg").first.wait_for()

    assert grave(watched) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_explanation_has_no_grave_violation(watched, demo, scheme):
    watched.emulate_media(color_scheme=scheme)
    watched.goto(demo + "/?days=365")
    watched.locator("[data-metric=cfr] .explain").click()
    shown_dialog(watched, "The rule, with the team's settings")

    assert grave(watched) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_about_the_data_and_its_dialogs_have_no_grave_violation(watched, demo, scheme):
    watched.emulate_media(color_scheme=scheme)
    watched.goto(demo + "/data")
    expect(watched.locator(".receipts tbody tr").first).to_be_visible()
    assert grave(watched) == []

    watched.locator("#sync-line").click()
    receipt = shown_dialog(watched, "Issues received")
    assert grave(watched) == []
    watched.keyboard.press("Escape")
    expect(receipt).to_be_hidden()

    watched.get_by_role("button", name="Delete what is kept").click()
    shown_dialog(watched, "Jira is not touched")
    assert grave(watched) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_failure_has_no_grave_violation(watched, tmp_path, scheme):
    watched.emulate_media(color_scheme=scheme)
    with serving(few_issues(), "cloud", faults=Faults.named("unauthorized")) as (_, url):
        settings = Settings(jira=credentials(url), app_settings_path=tmp_path / "app_settings.json", cache_dir=tmp_path)
        with serving_dashboard(settings, watched) as address:
            watched.goto(address)
            expect(watched.locator(".failure")).to_be_visible()

            assert grave(watched) == []
