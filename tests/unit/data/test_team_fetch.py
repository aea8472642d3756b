"""What is asked of every issue, and what somebody is told whose query finds none."""

from __future__ import annotations

from datetime import UTC, datetime

from data.team_fetch import ISSUE_FIELDS, TeamData, requested_fields


def test_mapped_fields_and_flags_are_asked_for_once_beside_what_the_rules_read():
    mappings = {"team": "customfield_1", "sprint": "customfield_2", "deployment_date": "resolutiondate", "estimate": ""}
    asked = requested_fields(mappings, ["customfield_2", "customfield_3"])
    assert asked == [*ISSUE_FIELDS, "customfield_1", "customfield_2", "customfield_3"]


def test_nothing_that_holds_peoples_prose_or_names_is_asked_for():
    prose = {"description", "comment", "environment", "worklog", "attachment", "assignee", "reporter", "creator"}
    assert not prose & set(ISSUE_FIELDS)


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
