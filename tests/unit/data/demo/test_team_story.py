"""The story of the demo team: releases, incidents, and a year with a beginning, a crisis and a recovery."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from data.demo.store import read_instant
from data.demo.team_workflow import DEMO_FIELD_MAPPINGS, DEMO_TEAM_RULES
from data.dora_calculator import calculate_dora_metrics
from data.flow_calculator import calculate_flow_metrics
from tests.unit.data.demo.sites import TEAM_END, by_type, moves


def test_releases_come_roughly_weekly_and_some_are_hotfixes(site):
    released = [version for version in site.versions if version["released"] and "releaseDate" in version]
    assert 60 <= len(released) <= 130
    hotfixes = [version for version in released if "hotfix" in version["name"] or "rollback" in version["name"]]
    assert 5 <= len(hotfixes) <= 30
    assert all(version["releaseDate"] <= TEAM_END.date().isoformat() for version in released)


def test_some_versions_are_no_releases_or_not_out(site):
    by_name = {version["name"]: version for version in site.versions}
    assert not by_name["Backlog"]["released"]
    assert by_name["Sprint 14"]["released"]
    assert by_name["Sprint 14"]["archived"]
    assert "releaseDate" not in by_name["1.9.8"]
    assert by_name["4.0.0"]["overdue"]
    assert any(
        not version["released"] and version["releaseDate"] > "2026-02-25"
        for version in by_name.values()
        if "releaseDate" in version
    )


def test_every_fix_version_is_a_version_of_the_project(site):
    known = {version["id"]: version["name"] for version in site.versions}
    carried = [version for issue in site.issues for version in issue["fields"]["fixVersions"]]
    assert len(carried) > 500
    assert all(known[version["id"]] == version["name"] for version in carried)
    done = [issue for issue in site.issues if issue["fields"]["status"]["name"] == "Done"]
    assert any(not issue["fields"]["fixVersions"] for issue in done)


def test_incidents_are_linked_or_name_a_version_or_neither(site):
    links, versions, neither = 0, 0, 0
    for issue in by_type(site, "Incident"):
        causes = [
            link
            for link in issue["fields"]["issuelinks"]
            if "inwardIssue" in link and "caused" in link["type"]["inward"]
        ]
        links += bool(causes)
        versions += bool(issue["fields"]["versions"])
        neither += not causes and not issue["fields"]["versions"]
    assert min(links, versions, neither) >= 4


def test_a_link_is_seen_from_both_ends(site):
    by_key = {issue["key"]: issue for issue in site.issues}
    for issue in site.issues:
        for link in issue["fields"]["issuelinks"]:
            end, other_end = (
                ("inwardIssue", "outwardIssue") if "inwardIssue" in link else ("outwardIssue", "inwardIssue")
            )
            back = by_key[link[end]["key"]]["fields"]["issuelinks"]
            assert any(other.get(other_end, {}).get("key") == issue["key"] for other in back)


def test_some_incident_broke_out_when_nothing_had_been_released_for_a_week(site):
    days = [
        datetime.fromisoformat(version["releaseDate"]).replace(tzinfo=UTC) + timedelta(days=1)
        for version in site.versions
        if version["released"] and "releaseDate" in version
    ]

    def quiet(issue):
        born = read_instant(issue["fields"]["created"])
        return not any(timedelta(days=-1) <= born - day <= timedelta(days=8) for day in days)

    assert any(quiet(issue) for issue in by_type(site, "Incident"))


def test_an_incident_is_open_at_the_end(site):
    assert any(issue["fields"]["resolution"] is None for issue in by_type(site, "Incident"))


def test_sub_tasks_and_stories_know_each_other(site):
    by_key = {issue["key"]: issue for issue in site.issues}
    for issue in by_type(site, "Sub-task"):
        parent = by_key[issue["fields"]["parent"]["key"]]
        assert issue["key"] in {child["key"] for child in parent["fields"]["subtasks"]}


def test_some_work_is_old_and_still_in_progress(site):
    ages = [
        TEAM_END - moves(issue)[-1][0]
        for issue in site.issues
        if issue["fields"]["status"]["statusCategory"]["key"] == "indeterminate" and moves(issue)
    ]
    assert len(ages) >= 12
    assert max(ages) > timedelta(days=60)


def test_some_histories_are_longer_than_jira_embeds_or_pages(site):
    sizes = sorted(len(issue["changelog"]["histories"]) for issue in site.issues)
    assert sizes[-1] > 100
    assert sum(size > 40 for size in sizes) >= 3


def test_moved_issues_are_found_under_their_old_keys(site):
    assert len(site.previous_keys) >= 2
    keys = {issue["id"]: issue["key"] for issue in site.issues}
    for old, identity in site.previous_keys.items():
        assert old.startswith("OLD-")
        assert keys[identity].startswith("MAR-")


def test_summaries_include_what_attackers_and_accidents_write(site):
    texts = [issue["fields"]["summary"] for issue in site.issues]
    for part in ("<script>", "onerror=", "=HYPERLINK", "\n", "\u202e", "{{constructor", "javascript:"):
        assert any(part in text for text in texts), part


def test_review_queues_grew_before_the_big_release_and_shrank_after(site):
    """Median hours in review, by quarter: steady, growing, recovered."""
    waits = {"steady": [], "growing": [], "recovered": []}
    for issue in site.issues:
        for (entered, _, to), (left, _, _) in pairwise(moves(issue)):
            weeks = (TEAM_END - entered) / timedelta(weeks=1)
            name = "steady" if weeks > 40 else "growing" if 23 < weeks < 32 else "recovered" if 5 < weeks < 14 else ""
            if to == "In Review" and name:
                waits[name].append(left - entered)
    medians = {name: sorted(values)[len(values) // 2] for name, values in waits.items()}
    assert medians["growing"] > 2 * medians["steady"]
    assert medians["recovered"] < medians["growing"] / 2


def test_incidents_cluster_after_the_big_release(site):
    weeks = [
        (TEAM_END - read_instant(issue["fields"]["created"])) / timedelta(weeks=1)
        for issue in by_type(site, "Incident")
    ]
    clustered = sum(15 < age <= 22 for age in weeks) / 7
    usual = sum(age > 38 for age in weeks) / 40
    assert clustered > 3 * usual


@pytest.mark.parametrize("days", [90, 180, 365])
def test_all_ten_metrics_can_be_told(site, days):
    told = measured(site, days)
    assert len(told) == 10
    assert {name: result["status"] for name, result in told.items() if result["status"] != "ok"} == {}


def test_the_last_quarter_is_better_than_the_one_before_but_for_the_load(site):
    told = {name: (result["value"], result["previous"]["value"]) for name, result in measured(site, 90).items()}
    better_when_lower = ("lead_time", "cfr", "mttr", "rework_rate", "flow_time")
    assert all(told[name][0] < told[name][1] for name in better_when_lower)
    assert all(told[name][0] > told[name][1] for name in ("deployment_frequency", "flow_velocity", "flow_efficiency"))
    assert told["flow_load"][0] > told["flow_load"][1]


def measured(site, days):
    extras = {"as_of": site.as_of, "rules": DEMO_TEAM_RULES, "versions": site.versions, "statuses": site.statuses}
    issues = list(site.issues)
    return calculate_dora_metrics(issues, DEMO_FIELD_MAPPINGS, days, **extras) | calculate_flow_metrics(
        issues, DEMO_FIELD_MAPPINGS, days, **extras
    )
