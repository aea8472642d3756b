"""What is asked of every issue."""

from __future__ import annotations

from data.sync.team_lists import ISSUE_FIELDS, requested_fields


def test_mapped_fields_and_flags_are_asked_for_once_beside_what_the_rules_read():
    mappings = {"team": "customfield_1", "sprint": "customfield_2", "deployment_date": "resolutiondate", "estimate": ""}
    asked = requested_fields(mappings, ["customfield_2", "customfield_3"])
    assert asked == [*ISSUE_FIELDS, "customfield_1", "customfield_2", "customfield_3"]


def test_nothing_that_holds_peoples_prose_or_names_is_asked_for():
    prose = {"description", "comment", "environment", "worklog", "attachment", "assignee", "reporter", "creator"}
    assert not prose & set(ISSUE_FIELDS)
