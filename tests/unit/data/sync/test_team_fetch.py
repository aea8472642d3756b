"""What somebody is told whose query finds no issue."""

from __future__ import annotations

from datetime import UTC, datetime

from data.sync.team_fetch import TeamData


def team(issues):
    return TeamData(
        issues=issues,
        versions=[],
        statuses=[],
        fields=[],
        site_url="https://jira.example.com",
        account_name="Ann",
        account_timezone="UTC",
        flavour="cloud",
        jql="project = A",
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_finding_nothing_is_explained_and_finding_something_is_not():
    notice = team([]).notice
    assert notice is not None
    assert "Ann sees no issue in: project = A." in notice
    assert "Likely cause:" in notice
    assert "What to do:" in notice
    assert team([{"id": "1"}]).notice is None
