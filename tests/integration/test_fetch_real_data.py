"""Real Jira data served and fetched over HTTP gives the same metrics as the files it came from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from data.demo.loading import load_site
from data.jira_simple import fetch_team_data
from data.jira_walk.changelogs import WITHOUT_HISTORY
from data.metric_catalogue import METRICS
from data.model import Period, TeamRules
from tests.jira_sites import connected, serving

pytestmark = pytest.mark.real_data


@pytest.mark.parametrize(
    ("folder", "flavour", "period"),
    [
        ("aloy", "datacenter", Period(datetime(2013, 7, 1, tzinfo=UTC), 90)),
        ("sp", "cloud", Period(datetime(2022, 5, 1, tzinfo=UTC), 365)),
    ],
)
def test_fetching_changes_no_number(real_jira, folder, flavour, period):
    project = real_jira / folder / "project.json"
    site = load_site([real_jira / folder], versions=project if project.exists() else None)
    with serving(site, flavour) as (_, url), connected(url) as client:
        data = fetch_team_data(client, None, {})
    assert len(data.issues) == len(site.issues)
    silent = sum("changelog" not in issue for issue in site.issues)
    assert data.skipped == ([f"{WITHOUT_HISTORY} ({silent} times)"] if silent else [])
    asked = {"as_of": period.end, "rules": TeamRules(timezone=data.account_timezone)}
    for metric in METRICS:
        fetched = metric(data.issues, {}, period.days, versions=data.versions, statuses=data.statuses, **asked)
        filed = metric(site.issues, {}, period.days, versions=site.versions, statuses=site.statuses, **asked)
        assert fetched == filed, metric.key
