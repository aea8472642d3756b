"""Where the team's data comes from: the configured Jira, or the demo team behind a simulated one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import urlsplit

from callbacks.team import Reading, Report
from configuration.settings import JiraCredentials, Secret, Settings
from data.demo.jira import SimulatedJira
from data.demo.team import demo_site
from data.demo.team_workflow import DEMO_FIELD_MAPPINGS, DEMO_TEAM_RULES
from data.demo.transport import SimulatedTransport
from data.field_mapper import get_field_mappings
from data.jira_connection import connect
from data.jira_simple import cached_team_data, fetch_team_data, keep_team_data
from data.persistence import load_app_settings, load_team_rules

DEMO_URL = "https://demo.atlassian.net"


def reader(settings: Settings, *, kept: bool) -> Callable[[Report], Reading]:
    """The function that reads the team named by the settings: both go through the same client.

    With `kept`, what was read from Jira within the last day serves again; the demo team is always made anew.
    """
    if settings.jira is None:
        return lambda report: _read_demo(settings, report)
    credentials = settings.jira
    return lambda report: _read_jira(settings, credentials, report, kept=kept)


def site_name(settings: Settings, site_url: str) -> str:
    return "the demo team" if settings.jira is None else urlsplit(site_url).netloc


def link_target(settings: Settings, site_url: str) -> str | None:
    """The site that issue keys link to: none for made-up issues, and plain http only where it was configured."""
    if settings.jira is None:
        return None
    return site_url if site_url.startswith("https://") or site_url == settings.jira.url else None


def _read_jira(settings: Settings, credentials: JiraCredentials, report: Report, *, kept: bool) -> Reading:
    saved = load_app_settings(settings.app_settings_path)
    mappings = get_field_mappings(settings.app_settings_path)
    folder = settings.cache_dir
    data = cached_team_data(credentials, settings.jql, mappings, cache_dir=folder) if kept else None
    if data is None:
        with closing(connect(credentials)) as client:
            data = fetch_team_data(client, settings.jql, mappings, progress=report)
        keep_team_data(data, credentials, mappings, cache_dir=folder)
    return Reading(data, load_team_rules(saved, data.account_timezone), mappings)


def _read_demo(settings: Settings, report: Report) -> Reading:
    now = settings.as_of or datetime.now(UTC)
    jira = SimulatedJira(demo_site(settings.demo_seed, now), flavour="cloud", clock=lambda: now)
    credentials = JiraCredentials(url=DEMO_URL, email="reader@demo.invalid", token=Secret("made-up"))
    with closing(connect(credentials, adapters={DEMO_URL: SimulatedTransport(jira)})) as client:
        data = fetch_team_data(client, None, DEMO_FIELD_MAPPINGS, progress=report)
    return Reading(data, DEMO_TEAM_RULES, DEMO_FIELD_MAPPINGS)
