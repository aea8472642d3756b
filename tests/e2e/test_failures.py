"""What a person sees when Jira cannot be read: the named cause, what to do, and a way to try again."""

import secrets

import pytest
from playwright.sync_api import expect

from configuration.settings import Settings
from data.demo.faults import Faults
from data.errors import AuthenticationFailed
from tests.e2e.serving import serving_dashboard
from tests.jira_sites import AS_OF, credentials, few_issues, plain_site, serving


@pytest.fixture
def open_dashboard(watched, tmp_path):
    """Opens the dashboard of a Jira at an address; gives the page."""
    running = []

    def open_with(url, *, token=None, jql=None):
        settings = Settings(
            jira=credentials(url, token=token),
            jql=jql,
            as_of=AS_OF,
            app_settings_path=tmp_path / "app_settings.json",
            cache_dir=tmp_path,
        )
        dashboard = serving_dashboard(settings, watched)
        watched.goto(dashboard.__enter__())
        running.append(dashboard)
        return watched

    yield open_with
    for dashboard in running:
        dashboard.__exit__(None, None, None)


def test_a_refused_token_is_named_and_after_mending_try_again_shows_the_numbers(open_dashboard):
    token = secrets.token_hex(20)
    with serving(few_issues(), "datacenter", faults=Faults.named("unauthorized")) as (jira, url):
        page = open_dashboard(url, token=token)

        failure = page.locator(".failure")
        expect(failure).to_contain_text(AuthenticationFailed.title)
        for part in ("What happened", "Likely cause", "What to do", "JIRA_TOKEN"):
            expect(failure).to_contain_text(part)
        expect(page.locator("#sync-panel")).to_be_hidden()
        expect(page.locator("[data-metric], .skeleton-card")).to_have_count(0)
        assert token not in page.content()

        jira.faults = Faults()
        page.get_by_role("button", name="Try again").click()

        expect(page.locator("[data-metric]")).to_have_count(10)
        expect(failure).to_have_count(0)
        expect(page.get_by_role("button", name="Try again")).to_have_count(0)


def test_a_jira_without_issues_is_no_failure_and_no_row_of_zeros(open_dashboard):
    with serving(plain_site([]), "cloud") as (_, url):
        page = open_dashboard(url)

        expect(page.locator(".empty-project")).to_contain_text("There are no issues to measure")
        expect(page.locator(".empty-project")).to_contain_text("What to do")
        expect(page.locator("[data-metric], .failure")).to_have_count(0)


def test_records_that_jira_sends_broken_are_counted_on_the_page(open_dashboard):
    with serving(few_issues(), "cloud", faults=Faults.named("malformed-issues@/search/jql")) as (_, url):
        page = open_dashboard(url)

        expect(page.locator("[data-metric]")).to_have_count(10)
        expect(page.locator("#data-line")).to_contain_text("could not be read")


def test_issues_of_a_configured_jira_link_to_it_and_no_banner_claims_a_demo(open_dashboard):
    with serving(few_issues(), "cloud") as (_, url):
        page = open_dashboard(url)
        page.locator("[data-metric=flow_load] .explain").click()
        links = page.get_by_role("dialog").locator(".issues a")

        expect(links.first).to_be_visible()
        key = links.first.inner_text()
        assert links.first.get_attribute("href") == f"{url}/browse/{key}"
        assert links.first.get_attribute("rel") == "noopener noreferrer"
        expect(page.locator(".demo-banner")).to_have_count(0)
