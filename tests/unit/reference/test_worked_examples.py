"""Answers worked out by hand, asked of the metrics and of the reference alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from data.metric_catalogue import metric
from data.model import DeploymentSource, TeamRules, WorkingCalendar
from tests.builders import Changelog, at, change, deployment, issue, jira_text, link, statuses, version
from tests.reference.catalogue import REFERENCES

Ask = Callable[..., Any]
AS_OF = at("2025-06-30 12:00")


@pytest.fixture(params=["metric", "reference"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Ask a metric by its key; period and instant have defaults."""

    def call(key: str, issues: list[Any], mappings: dict[str, str] | None = None, **extras: Any) -> Any:
        answer = metric(key) if request.param == "metric" else REFERENCES[key]
        arguments: dict[str, Any] = {"as_of": AS_OF, "statuses": statuses(), **extras}
        return answer(issues, mappings or {}, arguments.pop("days", 30), **arguments)

    return call


def done(key: str, started: datetime, finished: datetime, **facts: Any) -> dict[str, Any]:
    moves = [(started, "In Progress"), (finished, "Done")]
    return issue(key, started - timedelta(days=1), moves=moves, **facts)


def test_flow_time_is_the_median_of_elapsed_hours(ask):
    end = at("2025-06-20 00:00")
    issues = [done(f"EX-{hours}", end - timedelta(hours=hours), end) for hours in (24, 48, 120)]
    result = ask("flow_time", issues)
    assert result["value"] == 48
    assert result["percentiles"]["p75"] == 84
    assert result["status"] == "low_sample"


def test_an_item_reopened_and_finished_again_counts_from_its_first_start_to_its_last_finish(ask):
    moves = [
        (at("2025-06-02 00:00"), "In Progress"),
        (at("2025-06-03 00:00"), "Done"),
        (at("2025-06-05 00:00"), "Reopened"),
        (at("2025-06-06 00:00"), "Done"),
    ]
    assert ask("flow_time", [issue("EX-1", at("2025-06-01 00:00"), moves=moves)])["value"] == 96


def test_an_item_reopened_and_left_open_is_in_progress_not_finished(ask):
    moves = [
        (at("2025-06-02 00:00"), "In Progress"),
        (at("2025-06-03 00:00"), "Done"),
        (at("2025-06-05 00:00"), "Reopened"),
    ]
    issues = [issue("EX-1", at("2025-06-01 00:00"), moves=moves)]
    assert ask("flow_velocity", issues)["excluded"] == {"no_finish": ["EX-1"]}
    assert ask("flow_load", issues)["included"] == ["EX-1"]


def test_going_from_done_to_closed_does_not_move_the_finish(ask):
    moves = [
        (at("2025-05-02 00:00"), "In Progress"),
        (at("2025-05-03 00:00"), "Done"),
        (at("2025-06-25 00:00"), "Closed"),
    ]
    issues = [issue("EX-1", at("2025-05-01 00:00"), moves=moves)]
    assert ask("flow_velocity", issues)["excluded"] == {"outside_period": ["EX-1"]}


def test_an_item_created_as_done_is_finished_at_its_resolution_else_at_its_creation(ask):
    created, resolved = at("2025-05-01 00:00"), at("2025-06-10 00:00")
    issues = [
        issue("EX-1", created, initial="Done", resolution="Done", resolved=resolved),
        issue("EX-2", created, initial="Done"),
    ]
    result = ask("flow_velocity", issues)
    assert (result["included"], result["excluded"]) == (["EX-1"], {"outside_period": ["EX-2"]})


def test_without_a_delivered_history_an_item_is_finished_at_its_resolution_and_its_start_is_unknown(ask):
    created, resolved = at("2025-06-01 00:00"), at("2025-06-10 00:00")
    issues = [
        issue("EX-1", created, initial="Done", resolved=resolved, changelog=None),
        issue("EX-2", created, initial="In Progress", changelog=None),
    ]
    assert ask("flow_velocity", issues)["included"] == ["EX-1"]
    assert ask("flow_time", issues)["status"] == "not_measurable"
    load = ask("flow_load", issues)
    assert (load["included"], load["proxy"]) == (["EX-2"], "current status")


@pytest.mark.parametrize(
    "shape",
    [
        Changelog(newest_first=True),
        Changelog(field_ids=False, authors=False),
        Changelog(created="ms"),
        Changelog(created="s"),
        Changelog(ids=False, extra=({"id": "9", "created": "2025-06-09T00:00:00.000+0000"},)),
    ],
    ids=["newest first", "no field ids nor authors", "milliseconds", "seconds", "no ids, one without items"],
)
def test_a_history_reads_the_same_in_every_shape_a_server_gives_it(ask, shape):
    facts = (at("2025-06-02 00:00"), at("2025-06-04 12:00"))
    assert ask("flow_time", [done("EX-1", *facts, changelog=shape)])["value"] == 60


def test_a_listed_resolution_cancels_whatever_the_status(ask):
    issues = [done("EX-1", at("2025-06-02 00:00"), at("2025-06-04 00:00"), resolution="WON'T FIX")]
    assert ask("flow_velocity", issues)["excluded"] == {"cancelled": ["EX-1"]}


def test_efficiency_leaves_out_waiting_statuses_and_flagged_time(ask):
    start = at("2025-06-02 00:00")
    moves = [
        (start, "In Progress"),
        (start + timedelta(hours=20), "Waiting"),
        (start + timedelta(hours=50), "In Progress"),
        (start + timedelta(hours=100), "Done"),
    ]
    flags = [(start + timedelta(hours=60), True), (start + timedelta(hours=80), False)]
    issues = [issue("EX-1", start, moves=moves, flags=flags)]
    result = ask("flow_efficiency", issues, rules=TeamRules(waiting_statuses=frozenset({"waiting"})))
    assert (result["value"], result["numerator"], result["denominator"]) == (0.5, 50, 100)


def test_efficiency_cannot_be_measured_where_waiting_is_never_recorded(ask):
    result = ask("flow_efficiency", [done("EX-1", at("2025-06-02 00:00"), at("2025-06-04 00:00"))])
    assert (result["value"], result["status"]) == (None, "not_measurable")


def test_load_of_a_past_week_is_rebuilt_from_history(ask):
    issues = [done("EX-1", at("2025-06-03 00:00"), at("2025-06-17 00:00"))]
    weeks = {week["week"]: week["value"] for week in ask("flow_load", issues)["trend"]}
    assert [weeks[f"2025-W{number}"] for number in (22, 23, 24, 25)] == [0, 1, 1, 0]


def test_shares_are_of_the_finished_items_and_unplaced_types_are_their_own_share(ask):
    times = (at("2025-06-02 00:00"), at("2025-06-04 00:00"))
    types = ("Story", "Story", "Bug", "Sculpture", "Epic")
    issues = [done(f"EX-{number}", *times, issue_type=name) for number, name in enumerate(types)]
    result = ask("flow_distribution", issues)
    assert result["value"] == {"feature": 0.5, "defect": 0.25, "risk": 0, "debt": 0, "unmapped": 0.25}
    assert result["excluded"] == {"wrong_type": ["EX-4"]}


def test_a_working_calendar_is_subtracted(ask):
    """From Friday 16:00 to Tuesday 10:00 in Berlin, with Monday a holiday, are two working hours."""
    calendar = WorkingCalendar(holidays=frozenset({date(2025, 6, 9)}))
    issues = [done("EX-1", at("2025-06-06 14:00"), at("2025-06-10 08:00"))]
    rules = TeamRules(timezone="Europe/Berlin", working_calendar=calendar)
    assert ask("flow_time", issues, rules=rules)["value"] == 2


def test_weeks_are_the_teams_own_also_when_clocks_change(ask):
    """Sunday 23:30 in Berlin on the day summer time begins is still the old week; half an hour later is not."""
    begun = at("2025-03-25 00:00")
    issues = [done("EX-1", begun, at("2025-03-30 21:30")), done("EX-2", begun, at("2025-03-30 22:00"))]
    result = ask("flow_velocity", issues, as_of=at("2025-04-02 00:00"), rules=TeamRules(timezone="Europe/Berlin"))
    weeks = {week["week"]: (week["start"], week["value"]) for week in result["trend"]}
    assert weeks["2025-W13"] == ("2025-03-23T23:00:00Z", 1)
    assert weeks["2025-W14"] == ("2025-03-30T22:00:00Z", 1)


def test_the_last_days_of_december_may_be_week_one(ask):
    trend = ask("flow_velocity", [done("EX-1", AS_OF, AS_OF)], as_of=at("2024-12-31 00:00"))["trend"]
    assert (trend[-1]["week"], trend[-1]["partial"]) == ("2025-W01", True)


def test_a_release_is_deployed_at_the_end_of_its_day_where_the_team_is(ask):
    """The 10th ends in Auckland at 12:00 UTC, a microsecond less: work begun then took no longer than that."""
    release = version("1.0", released="2025-06-10")
    work = done("EX-1", at("2025-06-10 00:00"), at("2025-06-10 01:00"), fix_versions=[release])
    rules = TeamRules(timezone="Pacific/Auckland")
    result = ask("lead_time", [work], versions=[release], rules=rules)
    assert result["value"] == pytest.approx(12)
    assert (result["proxy"], result["source"], result["precision"]) == ("start of work", "releases", "day")


def test_an_incident_on_the_day_of_a_release_is_laid_at_it_and_one_of_the_day_before_is_not(ask):
    release = version("1.0", released="2025-06-10")
    same_day = issue("EX-1", at("2025-06-10 08:00"), issue_type="Incident")
    day_before = issue("EX-2", at("2025-06-09 23:59"), issue_type="Incident")
    assert ask("cfr", [same_day], versions=[release])["value"] == 1
    assert ask("cfr", [day_before], versions=[release])["value"] == 0


def test_the_window_of_blame_is_seven_days_to_the_instant(ask):
    run = deployment("run", at("2025-06-10 08:00"))
    on_time = issue("EX-1", at("2025-06-17 08:00"), issue_type="Incident")
    too_late = issue("EX-2", at("2025-06-17 08:00") + timedelta(milliseconds=1), issue_type="Incident")
    assert ask("cfr", [on_time], events=[run])["numerator_items"] == ["run"]
    assert ask("cfr", [too_late], events=[run])["numerator_items"] == []


def test_a_deployment_with_many_incidents_failed_once(ask):
    runs = [deployment("run 1", at("2025-06-10 08:00")), deployment("run 2", at("2025-06-11 08:00"))]
    incidents = [issue(f"EX-{n}", at("2025-06-11 09:00"), issue_type="Incident") for n in range(5)]
    result = ask("cfr", incidents, events=runs)
    assert (result["value"], result["numerator"], result["denominator"]) == (0.5, 1, 2)


def test_a_causing_link_comes_before_the_affected_version_and_that_before_the_window(ask):
    releases = [version(name, released=f"2025-06-{day}") for name, day in (("1", "10"), ("2", "12"), ("3", "14"))]
    culprit = done("EX-1", at("2025-06-02 00:00"), at("2025-06-03 00:00"), fix_versions=releases[:1])
    facts: dict[str, Any] = {"issue_type": "Incident", "affects": [releases[1]]}
    noticed = at("2025-06-15 00:00")
    linked = issue("EX-2", noticed, links=[link("is caused by", culprit)], **facts)
    not_linked = issue("EX-2", noticed, links=[link("causes", culprit)], **facts)
    neither = issue("EX-2", noticed, issue_type="Incident")
    blamed = [
        ask("cfr", [culprit, incident], versions=releases)["numerator_items"]
        for incident in (linked, not_linked, neither)
    ]
    assert blamed == [["1"], ["2"], ["3"]]


def test_recovery_is_over_incidents_laid_at_a_deployment_with_all_incidents_beside_it(ask):
    run = deployment("run", at("2025-06-10 08:00"))
    hour = timedelta(hours=1)
    noticed, unrelated = at("2025-06-10 09:00"), at("2025-06-09 09:00")
    issues = [
        issue("EX-1", noticed, issue_type="Incident", moves=[(noticed + 2 * hour, "Done")]),
        issue("EX-2", unrelated, issue_type="Incident", moves=[(unrelated + 8 * hour, "Done")]),
        issue("EX-3", noticed, issue_type="Incident"),
    ]
    result = ask("mttr", issues, events=[run])
    assert (result["value"], result["excluded"]) == (2, {"unattributed": ["EX-2"], "unresolved": ["EX-3"]})
    assert result["alternatives"]["all_incidents"] == {"value": 5, "sample_size": 2}


def test_an_incident_noticed_before_but_recorded_after_the_report_is_open(ask):
    """Its present status, and the resolution before that, are of a later day than the report's."""
    mappings = {"incident_detected_at": "customfield_1", "work_completed_date": "customfield_2"}
    noticed, completed = at("2025-06-20 00:00"), at("2025-06-21 00:00")
    dates = {"customfield_1": jira_text(noticed), "customfield_2": jira_text(completed)}
    later = AS_OF + timedelta(hours=1)
    undone = {"created": jira_text(later), "items": [change("resolution", ("1", "Won't Fix"), (None, None))]}
    history = Changelog(extra=(undone,))
    recorded = issue("EX-1", later, initial="Done", issue_type="Incident", changelog=history, **dates)
    result = ask("mttr", [recorded], mappings, events=[deployment("run", noticed)])
    assert result["excluded"] == {"unresolved": ["EX-1"]}


def test_a_deployment_is_rework_by_its_name_or_when_it_carried_nothing_but_repairs(ask):
    releases = [version(name, released="2025-06-20") for name in ("1.0", "1.0-hotfix", "1.1")]
    times = (at("2025-06-02 00:00"), at("2025-06-03 00:00"))
    issues = [
        done("EX-1", *times, fix_versions=releases[:1]),
        done("EX-2", *times, fix_versions=releases[2:], issue_type="Incident"),
    ]
    assert sorted(ask("rework_rate", issues, versions=releases)["numerator_items"]) == ["1.0-hotfix", "1.1"]


def test_lead_time_runs_from_the_commit_to_the_earliest_deployment_that_carried_the_change(ask):
    mappings = {"code_commit_date": "customfield_1"}
    issues = [
        done("EX-1", at("2025-06-02 00:00"), at("2025-06-03 00:00"), customfield_1=jira_text(at("2025-06-02 18:00")))
    ]
    runs = [deployment(f"run {day}", at(f"2025-06-{day} 00:00"), keys=["EX-1"]) for day in ("05", "04")]
    result = ask("lead_time", issues, mappings, events=runs)
    assert (result["value"], result["proxy"]) == (30, None)


def was_called(former: str) -> Changelog:
    moved = {
        "id": "900",
        "created": jira_text(at("2025-06-25 00:00")),
        "items": [change("Key", (None, former), (None, "NEW-1"))],
    }
    return Changelog(extra=(moved,))


def test_an_issue_moved_to_another_project_is_found_by_the_key_it_had(ask):
    times = (at("2025-06-02 00:00"), at("2025-06-03 00:00"))
    runs = [deployment("run 1", at("2025-06-04 00:00"), keys=["OLD-1"]), deployment("run 2", at("2025-06-05 00:00"))]
    moved = done("NEW-1", *times, changelog=was_called("OLD-1"))
    assert ask("lead_time", [moved], events=runs)["included"] == ["NEW-1"]
    silent = done("NEW-1", *times, changelog=None) | {"former_keys": ["OLD-1"]}
    assert ask("lead_time", [silent], events=runs)["excluded"] == {"no_start": ["NEW-1"]}
    outage = done("NEW-1", *times, changelog=was_called("OLD-1"), issue_type="Incident")
    corrected = TeamRules(attribution_overrides={"OLD-1": "run 2"})
    assert ask("cfr", [outage], events=runs, rules=corrected)["numerator_items"] == ["run 2"]


def test_a_key_taken_over_by_another_issue_is_that_issue_s(ask):
    times = (at("2025-06-02 00:00"), at("2025-06-03 00:00"))
    issues = [done("NEW-1", *times, changelog=was_called("EX-1")), done("EX-1", *times)]
    runs = [deployment("run", at("2025-06-04 00:00"), keys=["EX-1"])]
    assert ask("lead_time", issues, events=runs)["included"] == ["EX-1"]


def test_of_changes_at_one_instant_one_whose_number_is_no_number_comes_first(ask):
    begun, odd = at("2025-06-02 00:00"), {"name": None}
    recorded = done("EX-1", begun, begun)
    histories = recorded["changelog"]["histories"]
    histories[1]["id"] = odd
    assert ask("flow_velocity", [recorded])["excluded"] == {"no_finish": ["EX-1"]}
    histories[0]["id"], histories[1]["id"] = odd, "101"
    assert ask("flow_velocity", [recorded])["included"] == ["EX-1"]


def test_a_version_renamed_since_is_the_one_that_an_issue_still_calls_by_its_old_name(ask):
    now, before = {"id": "50", "name": "1.0"}, {"id": "50", "name": "Plan B"}
    mappings, shipped = {"deployment_date": "customfield_1"}, jira_text(at("2025-06-04 00:00"))
    work = done("EX-1", at("2025-06-02 00:00"), at("2025-06-03 00:00"), fix_versions=[before])
    shipping = issue("EX-2", at("2025-06-01 00:00"), fix_versions=[{"name": "1.0"}], customfield_1=shipped)
    assert ask("lead_time", [work, shipping], mappings, versions=[now])["included"] == ["EX-1"]


def test_entries_within_an_hour_of_each_other_are_one_deployment(ask):
    rules = TeamRules(deployed_statuses=frozenset({"released"}))
    start = at("2025-06-10 08:00")
    minutes = (0, 60, 120, 181)
    issues = [
        issue(f"EX-{minute}", at("2025-06-01 00:00"), moves=[(start + timedelta(minutes=minute), "Released")])
        for minute in minutes
    ]
    result = ask("deployment_frequency", issues, rules=rules)
    assert (result["numerator"], result["source"]) == (2, "status_entry")


def test_a_pinned_source_is_used_even_where_an_earlier_one_would_do(ask):
    rules = TeamRules(deployment_source=DeploymentSource.EVENTS)
    releases = [version("1.0", released="2025-06-20")]
    result = ask("deployment_frequency", [], rules=rules, versions=releases, events=[])
    assert (result["value"], result["status"], result["source"]) == (None, "not_configured", "events")


def test_no_deployment_in_the_period_of_a_working_source_is_a_zero(ask):
    releases = [version("1.0", released="2025-03-20")]
    result = ask("deployment_frequency", [], versions=releases)
    assert (result["value"], result["sample_size"], result["status"]) == (0, 0, "low_sample")
    assert ask("cfr", [], {"change_failure": "customfield_1"}, versions=releases)["value"] is None


def test_an_instant_may_be_given_in_any_zone(ask):
    east = datetime.fromisoformat("2025-06-30T14:00:00+02:00")
    issues = [done("EX-1", at("2025-06-02 00:00"), at("2025-06-04 00:00"))]
    assert east == AS_OF.astimezone(UTC)
    assert ask("flow_velocity", issues, as_of=east)["trend"] == ask("flow_velocity", issues)["trend"]
