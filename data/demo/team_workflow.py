"""The demo team's Jira configuration: statuses, types, fields, and what they mean to the team."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from data.model import TeamRules

PROJECT_ID = "10400"
PROJECT_KEY = "MAR"
PROJECT: dict[str, Any] = {
    "id": PROJECT_ID,
    "key": PROJECT_KEY,
    "name": "Marram Ferries",
    "projectTypeKey": "software",
    "simplified": False,
}
TIMEZONE = "Europe/Berlin"

EPIC_LINK = "customfield_10014"
STORY_POINTS = "customfield_10016"
RANK = "customfield_10019"
SPRINT = "customfield_10020"
FLAGGED = "customfield_10021"
TEAM = "customfield_10101"
PRODUCTION_IMPACT = "customfield_10102"
SEVERITY = "customfield_10103"
IMPACT_STARTED = "customfield_10104"
IMPACT_ENDED = "customfield_10105"

DEMO_FIELD_MAPPINGS = MappingProxyType(
    {
        "production_impact": PRODUCTION_IMPACT,
        "severity_level": SEVERITY,
        "incident_detected_at": IMPACT_STARTED,
        "incident_resolved_at": IMPACT_ENDED,
        "estimate": STORY_POINTS,
        "team": TEAM,
        "sprint": SPRINT,
    }
)
DEMO_TEAM_RULES = TeamRules(
    timezone=TIMEZONE,
    waiting_statuses=frozenset({"In Review"}),
    blocked_statuses=frozenset({"Blocked"}),
    cancelled_statuses=frozenset({"Cancelled"}),
)

_CATEGORIES: dict[str, dict[str, Any]] = {
    "undefined": {"id": 1, "key": "undefined", "colorName": "medium-gray", "name": "No Category"},
    "new": {"id": 2, "key": "new", "colorName": "blue-gray", "name": "To Do"},
    "indeterminate": {"id": 4, "key": "indeterminate", "colorName": "yellow", "name": "In Progress"},
    "done": {"id": 3, "key": "done", "colorName": "green", "name": "Done"},
}
STATUS_CATEGORIES = tuple(_CATEGORIES.values())


@dataclass(frozen=True, slots=True)
class Named:
    """A Jira value that a changelog shows as an id and a text."""

    id: str
    name: str
    category: str = ""

    def status_json(self) -> dict[str, Any]:
        return {"description": "", "name": self.name, "id": self.id, "statusCategory": _CATEGORIES[self.category]}


BACKLOG = Named("10000", "Backlog", "new")
READY = Named("10001", "Ready for Work", "new")
IN_PROGRESS = Named("3", "In Progress", "indeterminate")
IN_REVIEW = Named("10002", "In Review", "indeterminate")
IN_TEST = Named("10003", "In Test", "indeterminate")
BLOCKED = Named("10004", "Blocked", "indeterminate")
DONE = Named("10005", "Done", "done")
RELEASED = Named("10006", "Released", "done")
CANCELLED = Named("10007", "Cancelled", "done")
PARKED = Named("10008", "Parked", "undefined")
AWAITING_ESTIMATE = Named("10009", "Awaiting Estimate", "new")
"""Deleted from Jira since: it appears in old histories only, so no rule can place it."""

STATUSES = (BACKLOG, READY, IN_PROGRESS, IN_REVIEW, IN_TEST, BLOCKED, DONE, RELEASED, CANCELLED, PARKED)

ELSEWHERE = {"type": "PROJECT", "project": {"id": "10377"}}
"""The scope of what belongs to a team-managed project this team has nothing to do with."""
FOREIGN_STATUSES = (
    Named("10120", "Done", "indeterminate").status_json() | {"scope": ELSEWHERE},
    Named("10121", "Triage", "new").status_json() | {"scope": ELSEWHERE},
)

RESOLUTIONS = {
    name: Named(identity, name)
    for identity, name in (
        ("10000", "Done"),
        ("10001", "Won't Do"),
        ("10002", "Duplicate"),
        ("10003", "Cannot Reproduce"),
    )
}
PRIORITIES = {
    name: Named(identity, name)
    for identity, name in (("1", "Highest"), ("2", "High"), ("3", "Medium"), ("4", "Low"), ("5", "Lowest"))
}

ISSUE_TYPES: dict[str, dict[str, Any]] = {
    name: {"id": identity, "name": name, "subtask": level < 0, "hierarchyLevel": level, "avatarId": 10300 + number}
    for number, (identity, name, level) in enumerate(
        (
            ("10000", "Epic", 1),
            ("10001", "Story", 0),
            ("10002", "Task", 0),
            ("10003", "Sub-task", -1),
            ("10004", "Bug", 0),
            ("10005", "Technical Debt", 0),
            ("10006", "Spike", 0),
            ("10007", "Security", 0),
            ("10008", "Incident", 0),
            ("10009", "Experiment", 0),
            ("10010", "Access Request", 0),
        )
    )
}

CAUSING_LINK = {"id": "10300", "name": "Problem/Incident", "inward": "is caused by", "outward": "causes"}
RELATES_LINK = {"id": "10301", "name": "Relates", "inward": "relates to", "outward": "relates to"}

_SELECT = "com.atlassian.jira.plugin.system.customfieldtypes:select"
_DATETIME = "com.atlassian.jira.plugin.system.customfieldtypes:datetime"
_AGILE = "com.pyxis.greenhopper.jira:"
_CUSTOM_FIELDS = (
    (EPIC_LINK, "Epic Link", "any", f"{_AGILE}gh-epic-link"),
    (STORY_POINTS, "Story point estimate", "number", f"{_AGILE}jsw-story-points"),
    (RANK, "Rank", "any", f"{_AGILE}gh-lexo-rank"),
    (SPRINT, "Sprint", "array", f"{_AGILE}gh-sprint"),
    (FLAGGED, "Flagged", "array", "com.atlassian.jira.plugin.system.customfieldtypes:multicheckboxes"),
    (TEAM, "Squad", "option", _SELECT),
    (PRODUCTION_IMPACT, "Production impact", "option", _SELECT),
    (SEVERITY, "Severity", "option", _SELECT),
    (IMPACT_STARTED, "Impact started", "datetime", _DATETIME),
    (IMPACT_ENDED, "Impact ended", "datetime", _DATETIME),
)
_SYSTEM_FIELDS = (
    ("summary", "Summary", "string"),
    ("issuetype", "Issue Type", "issuetype"),
    ("project", "Project", "project"),
    ("status", "Status", "status"),
    ("resolution", "Resolution", "resolution"),
    ("resolutiondate", "Resolved", "datetime"),
    ("created", "Created", "datetime"),
    ("updated", "Updated", "datetime"),
    ("priority", "Priority", "priority"),
    ("labels", "Labels", "array"),
    ("components", "Components", "array"),
    ("fixVersions", "Fix versions", "array"),
    ("versions", "Affects versions", "array"),
    ("issuelinks", "Linked Issues", "array"),
    ("assignee", "Assignee", "user"),
    ("reporter", "Reporter", "user"),
    ("creator", "Creator", "user"),
    ("parent", "Parent", "issuelink"),
    ("subtasks", "Sub-tasks", "array"),
    ("description", "Description", "string"),
    ("statuscategorychangedate", "Status Category Changed", "datetime"),
)


def system_field(identity: str, name: str, kind: str) -> dict[str, Any]:
    return {
        "id": identity,
        "key": identity,
        "name": name,
        "custom": False,
        "orderable": True,
        "navigable": identity != "description",
        "searchable": True,
        "clauseNames": [identity],
        "schema": {"type": kind, "system": identity},
    }


def custom_field(identity: str, name: str, kind: str, custom: str) -> dict[str, Any]:
    number = int(identity.removeprefix("customfield_"))
    return {
        "id": identity,
        "key": identity,
        "name": name,
        "custom": True,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": [f"cf[{number}]", name],
        "schema": {"type": kind, "custom": custom, "customId": number},
    }


SYSTEM_FIELDS = tuple(system_field(*entry) for entry in _SYSTEM_FIELDS)
_FOREIGN_FIELD = custom_field("customfield_10131", "Squad", "option", _SELECT) | {"scope": ELSEWHERE}
FIELDS = (*SYSTEM_FIELDS, *(custom_field(*entry) for entry in _CUSTOM_FIELDS), _FOREIGN_FIELD)
