"""Issues with something wrong, one kind each, for the findings and for how far each moves a number."""

from __future__ import annotations

from datetime import timedelta

from data.model import TeamRules
from tests.builders import at, change, issue, jira_text, status, version

NOW = at("2025-03-31 12:00")
START = at("2025-03-03 09:00")
DAY = timedelta(days=1)
TEAM = "customfield_9"


def work(key="EX-1", *moves, **more):
    path = moves or ((START, "In Progress"), (START + DAY, "Done"))
    return issue(key, START - DAY, moves=list(path), **more)


OLD = {"id": "1", "key": "EX-1"}
RELEASE = version("1.0", released="2025-03-20", projectId="1")
PLAN = version("2.0", projectId="1")
CARRIED = work("EX-8", fix_versions=[RELEASE])
NOTICED = at("2025-03-22 09:00")


def cut(record, total):
    changelog = record["changelog"] | {"total": total}
    return record | {"changelog": changelog}


def elsewhere(record):
    """Its last change does not lead to the status that it is in."""
    return record | {"fields": record["fields"] | {"status": status("In Progress")}}


def settled(record, name):
    """Its resolution, which was set when it was done and never had a date, is this in the end."""
    changes = [(START + DAY, (None, "Done")), (START + 2 * DAY, ("Done", name))]
    told = [
        {"id": f"9{number}", "created": jira_text(when), "items": [change("resolution", (None, was), ("1", now))]}
        for number, (when, (was, now)) in enumerate(changes)
    ]
    histories = [*record["changelog"]["histories"], *told]
    return record | {"changelog": record["changelog"] | {"histories": histories, "total": len(histories)}}


def flagged(*flags):
    return work("EX-1", flags=[(START + timedelta(hours=hours), raised) for hours, raised in flags])


def incident(**more):
    return issue("INC-1", NOTICED, issue_type="Incident", moves=[(NOTICED + DAY, "Done")], **more)


def resolved(key="EX-9", **more):
    return work(key, resolution="Done", resolved=START + DAY, **more)


DONE_AS_NEW = status("Done", status_id="555", category="new")

CASES = {
    "history_missing": (
        {"records": [issue("EX-1", START, initial="Done", resolved=START + DAY, changelog=None)]},
        {"records": [issue("EX-1", START)]},
        ["EX-1"],
    ),
    "history_cut": ({"records": [cut(work(), 40)]}, {"records": [cut(work(), 2)]}, ["EX-1"]),
    "history_cut by its end": ({"records": [elsewhere(work())]}, {"records": [work()]}, ["EX-1"]),
    "duplicate_key": (
        {"records": [work() | {"id": "1"}, work() | {"id": "2"}]},
        {"records": [work() | {"id": "1"}, work() | {"id": "1"}]},
        ["EX-1", "EX-1"],
    ),
    "clock_skew": (
        {"records": [work("EX-1", (START - 2 * DAY, "In Progress"), (START, "Done"))]},
        {"records": [work("EX-1", (START - DAY, "In Progress"), (START, "Done"))]},
        ["EX-1"],
    ),
    "clock_skew of a resolution": (
        {"records": [work(resolved=START - 2 * DAY)]},
        {"records": [work(resolved=START + DAY)]},
        ["EX-1"],
    ),
    "unmapped_status": (
        {"records": [work("EX-1", (START, status("Limbo", status_id="777")), (START + DAY, "Done"))]},
        {
            "records": [work("EX-1", (START, status("Limbo", status_id="777")), (START + DAY, "Done"))],
            "rules": TeamRules(status_categories={"limbo": "indeterminate"}),
        },
        ["EX-1"],
    ),
    "unmapped_type": ({"records": [work(issue_type="Riddle")]}, {"records": [work(issue_type="Epic")]}, ["EX-1"]),
    "status_conflict": (
        {"records": [work("EX-1", (START, DONE_AS_NEW))]},
        {"records": [work("EX-1", (START, DONE_AS_NEW))], "rules": TeamRules(status_categories={"555": "done"})},
        ["EX-1"],
    ),
    "resolution_conflict": (
        {"records": [work("EX-1", (START, "In Progress"), resolved=START + DAY, resolution="Fixed")]},
        {"records": [work("EX-1", (START, "In Progress"), resolved=NOW + DAY, resolution="Fixed")]},
        ["EX-1"],
    ),
    "done_without_resolution": (
        {"records": [work(), resolved()]},
        {"records": [work(), resolved(issue_type="Bug"), resolved("EX-8", project="2")]},
        ["EX-1"],
    ),
    "done_without_resolution by its history": (
        {"records": [settled(work(), None), resolved()]},
        {"records": [settled(work(), "Done"), resolved()]},
        ["EX-1"],
    ),
    "done_without_start": (
        {"records": [work("EX-1", (START, "Done"))]},
        {"records": [work("EX-1", (START, "Done"), resolution="Duplicate", resolved=START)]},
        ["EX-1"],
    ),
    "created_in_progress": (
        {"records": [work("EX-1", (START, "Done"), initial="In Progress")]},
        {"records": [work("EX-1", (START, "In Progress"), (START, "Done"), initial="Reopened")]},
        ["EX-1"],
    ),
    "reopened": (
        {"records": [work("EX-1", (START, "In Progress"), (START, "Done"), (START, "Review"), (NOW - DAY, "Done"))]},
        {"records": [work("EX-1", (START, "In Progress"), (START, "Done"), (START + DAY, "Closed"))]},
        ["EX-1"],
    ),
    "moved_backwards": (
        {"records": [work("EX-1", (START, "In Progress"), (START, "To Do"), (START, "Review"), (START, "Done"))]},
        {"records": [work("EX-1", (START, "Review"), (START, "In Progress"), (START, "Done"))]},
        ["EX-1"],
    ),
    "flag_never_cleared": (
        {"records": [flagged((1, True))]},
        {"records": [flagged((1, True), (2, False))]},
        ["EX-1"],
    ),
    "no_team": (
        {"records": [work()], "mappings": {"team": TEAM}},
        {"records": [work(**{TEAM: {"value": "Sea"}})], "mappings": {"team": TEAM}},
        ["EX-1"],
    ),
    "done_in_unreleased_version": (
        {"records": [CARRIED, work(fix_versions=[PLAN])], "versions": [RELEASE, PLAN]},
        {"records": [CARRIED, work(fix_versions=[PLAN, RELEASE])], "versions": [RELEASE, PLAN]},
        ["EX-1"],
    ),
    "release_before_work": (
        {"records": [work(fix_versions=[RELEASE | {"releaseDate": "2025-03-01"}])]},
        {"records": [work(fix_versions=[RELEASE | {"releaseDate": "2025-03-02"}])]},
        ["EX-1"],
    ),
    "release_in_future": (
        {"records": [CARRIED], "versions": [RELEASE, version("1.1", released="2025-04-01")]},
        {"records": [CARRIED, work(fix_versions=[version("1.1", released="2025-03-31")])], "versions": [RELEASE]},
        ["1.1"],
    ),
    "version_is_no_release": (
        {"records": [CARRIED], "versions": [RELEASE, version("Sprint 7", released="2025-03-20")]},
        {"records": [CARRIED], "versions": [RELEASE, version("Sprint 8")]},
        ["Sprint 7"],
    ),
    "incidents_unattributed": (
        {"records": [CARRIED, incident()], "versions": [RELEASE | {"projectId": "2"}]},
        {"records": [CARRIED, incident(affects=[RELEASE])], "versions": [RELEASE | {"projectId": "2"}]},
        ["INC-1"],
    ),
    "incidents_unattributed by hand": (
        {"records": [CARRIED, incident()], "versions": [RELEASE | {"projectId": "2"}]},
        {
            "records": [CARRIED, incident()],
            "versions": [RELEASE | {"projectId": "2"}],
            "rules": TeamRules(attribution_overrides={"INC-1": None}),
        },
        ["INC-1"],
    ),
    "override_unknown": (
        {"records": [CARRIED, incident()], "rules": TeamRules(attribution_overrides={"INC-1": "9.9", "INC-2": None})},
        {"records": [CARRIED, incident()], "rules": TeamRules(attribution_overrides={"INC-1": "1.0"})},
        ["INC-1", "INC-2"],
    ),
    "deployment_without_change": (
        {"records": [CARRIED], "versions": [RELEASE, version("1.1", released="2025-03-21")]},
        {"records": [CARRIED], "versions": [RELEASE]},
        ["1.1"],
    ),
    "malformed_issue": ({"records": [OLD]}, {"records": [work()]}, ["EX-1"]),
}
