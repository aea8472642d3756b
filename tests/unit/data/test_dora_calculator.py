"""The five DORA metrics on histories small enough to count on one's fingers."""

from datetime import timedelta

import pytest

from data.dora_calculator import (
    calculate_cfr,
    calculate_deployment_frequency,
    calculate_dora_metrics,
    calculate_lead_time,
    calculate_mttr,
    calculate_rework_rate,
)
from data.model import DeploymentSource, TeamRules
from tests.builders import at, deployment, issue, jira_text, link, version

NOW = at("2025-03-31 12:00")
START = at("2025-03-03 09:00")
DAY = timedelta(days=1)
FIELDS = {"deployment_date": "cf_deployed", "deployment_successful": "cf_ok"}


def deployed(key, when, **facts):
    return issue(key, when - DAY, issue_type="Deployment", cf_deployed=jira_text(when), **facts)


def work(key, *, released=(), **facts):
    return issue(
        key, START, moves=[(START + DAY, "In Progress"), (START + 3 * DAY, "Done")], fix_versions=released, **facts
    )


def test_deployments_are_counted_over_the_days_of_the_period():
    records = [deployed(f"DEP-{n}", NOW - n * DAY) for n in range(6)]

    result = calculate_deployment_frequency(records, FIELDS, 30, as_of=NOW)

    assert (result["value"], result["numerator"], result["denominator"]) == (pytest.approx(6 / 30), 6.0, 30.0)
    assert (result["status"], result["source"], result["item_kind"]) == ("ok", "deployment_issues", "issues")
    assert result["alternatives"]["share_of_days_with_one"] == pytest.approx(0.2)


def test_a_day_that_touches_two_dates_has_deployments_on_all_of_its_days_and_no_more():
    records = [deployed("DEP-1", NOW - 0.9 * DAY), deployed("DEP-2", NOW)]

    result = calculate_deployment_frequency(records, FIELDS, 1, as_of=NOW)

    assert result["value"] == 2.0
    assert result["alternatives"]["share_of_days_with_one"] == 1.0


def test_a_change_that_was_committed_when_it_was_deployed_took_no_time():
    fields = FIELDS | {"code_commit_date": "cf_commit"}
    change = work("EX-1", cf_commit=jira_text(NOW - DAY))
    record = deployed("DEP-1", NOW - DAY, links=[link("causes", change)])

    result = calculate_lead_time([change, record], fields, 30, as_of=NOW)

    assert (result["included"], result["excluded"]["wrong_type"], result["value"]) == (["EX-1"], ["DEP-1"], 0.0)


def test_the_period_is_open_at_its_start_and_closed_at_its_end():
    records = [deployed("DEP-1", NOW - 30 * DAY), deployed("DEP-2", NOW), deployed("DEP-3", NOW + DAY)]

    result = calculate_deployment_frequency(records, FIELDS, 30, as_of=NOW)

    assert result["included"] == ["DEP-2"]
    assert result["excluded"] == {"outside_period": ["DEP-1", "DEP-3"]}


def test_no_deployments_in_a_period_with_a_working_source_is_zero():
    result = calculate_deployment_frequency([deployed("DEP-1", NOW - 60 * DAY)], FIELDS, 30, as_of=NOW)

    assert (result["value"], result["status"]) == (0.0, "low_sample")


def test_no_source_at_all_is_unknown_and_not_zero():
    for result in calculate_dora_metrics([work("EX-1")], {}, 30, as_of=NOW).values():
        assert (result["value"], result["status"]) == (None, "not_configured")


def test_only_production_counts_where_environments_are_mapped():
    records = [deployed("DEP-1", NOW, cf_env={"value": "Production"}), deployed("DEP-2", NOW, cf_env="staging")]

    result = calculate_deployment_frequency(records, FIELDS | {"target_environment": "cf_env"}, 30, as_of=NOW)

    assert (result["included"], result["excluded"]) == (["DEP-1"], {"wrong_environment": ["DEP-2"]})


def test_released_versions_are_deployments_and_backlogs_are_not():
    versions = [
        version("1.0", released="2025-03-20"),
        version("1.1"),
        version("1.2", released="2025-04-20"),
        version("Sprint 14", released="2025-03-01"),
        {"id": "9", "name": "1.3", "released": True},
    ]

    result = calculate_deployment_frequency([], {}, 30, as_of=NOW, versions=versions)

    assert result["included"] == ["1.0"]
    assert result["excluded"] == {"not_a_release": ["Sprint 14"], "not_released": ["1.1", "1.2"], "no_date": ["1.3"]}
    assert (result["source"], result["precision"]) == ("releases", "day")


def test_a_release_of_today_is_not_dated_after_the_report():
    result = calculate_deployment_frequency([], {}, 1, as_of=NOW, versions=[version("1.0", released="2025-03-31")])

    assert result["included"] == ["1.0"]


def test_lead_time_runs_from_the_start_of_work_to_the_end_of_the_release_day_and_says_so():
    records = [work("EX-1", released=[version("1.0", released="2025-03-07")])]

    result = calculate_lead_time(records, {}, 30, as_of=NOW)

    assert result["value"] == pytest.approx((at("2025-03-08 00:00") - (START + DAY)) / timedelta(hours=1), abs=1e-6)
    assert (result["proxy"], result["precision"]) == ("start of work", "day")


def test_a_mapped_commit_date_is_no_stand_in():
    record = work("EX-1", released=[version("1.0", released="2025-03-07")], cf_commit=jira_text(START))

    assert calculate_lead_time([record], {"code_commit_date": "cf_commit"}, 30, as_of=NOW)["proxy"] is None


def test_a_change_belongs_to_the_earliest_release_that_carried_it():
    both = [version("1.1", released="2025-03-21"), version("1.0", released="2025-03-14")]

    result = calculate_lead_time([work("EX-1", released=both)], {}, 30, as_of=NOW)

    assert result["value"] == pytest.approx((at("2025-03-15 00:00") - (START + DAY)) / timedelta(hours=1), abs=1e-6)


def test_a_change_dated_before_its_start_is_listed_and_not_truncated():
    record = issue(
        "EX-1",
        START,
        moves=[(START + DAY, "In Progress")],
        cf_live=jira_text(START),
        fix_versions=[version("1.0", released="2025-03-07")],
    )

    result = calculate_lead_time([record], {"deployed_to_production_date": "cf_live"}, 30, as_of=NOW)

    assert result["excluded"] == {"negative_span": ["EX-1"]}


def incident(key, when, *, until=None, **facts):
    moves = [(until, "Done")] if until else []
    return issue(key, when, issue_type="Incident", initial="In Progress", moves=moves, **facts)


def test_a_deployment_fails_once_however_many_incidents_it_caused():
    records = [deployed(f"DEP-{n}", NOW - n * DAY) for n in range(1, 5)]
    records += [incident(f"INC-{n}", NOW - 2 * DAY + timedelta(hours=n)) for n in (1, 2, 3)]

    result = calculate_cfr(records, FIELDS, 30, as_of=NOW)

    assert (result["value"], result["numerator_items"]) == (0.25, ["DEP-2"])


def test_incidents_are_put_down_by_link_before_version_before_window():
    first, second = version("1.0", released="2025-03-10"), version("1.1", released="2025-03-24")
    change = work("EX-1", released=[first])
    linked = incident("INC-1", at("2025-03-25 10:00"), links=[link("is caused by", change)], affects=[second])
    affected = incident("INC-2", at("2025-03-25 10:00"), affects=[first])
    windowed = incident("INC-3", at("2025-03-24 10:00"))

    def failing(record):
        return calculate_cfr([change, record], {}, 30, as_of=NOW, versions=[first, second])["numerator_items"]

    assert (failing(linked), failing(affected), failing(windowed)) == (["1.0"], ["1.0"], ["1.1"])


def test_every_failed_deployment_is_told_with_the_incidents_that_blame_it():
    release = version("1.0", released="2025-03-24")
    change = work("EX-1", released=[release])
    linked = incident("INC-1", at("2025-03-25 10:00"), links=[link("is caused by", change)])
    windowed = incident("INC-2", at("2025-03-26 10:00"))

    result = calculate_cfr([change, linked, windowed], {}, 30, as_of=NOW)

    assert result["alternatives"]["failure_causes"] == {
        "1.0": [{"incident": "INC-1", "by": "linked"}, {"incident": "INC-2", "by": "window"}]
    }


def test_a_deployment_that_failed_by_its_own_word_blames_no_incident():
    result = calculate_cfr([deployed("DEP-1", NOW, cf_ok="No")], FIELDS, 30, as_of=NOW)

    assert result["alternatives"]["failure_causes"] == {"DEP-1": []}


def test_an_incident_long_after_a_deployment_blames_none_unless_the_window_is_open():
    records = [deployed("DEP-1", NOW - 20 * DAY), incident("INC-1", NOW - 5 * DAY)]

    assert calculate_cfr(records, FIELDS, 30, as_of=NOW)["numerator"] == 0.0
    unbounded = TeamRules(attribution_window_days=None)
    assert calculate_cfr(records, FIELDS, 30, as_of=NOW, rules=unbounded)["numerator"] == 1.0


def test_without_anything_that_could_tell_a_failure_the_rate_is_unknown():
    record = deployed("DEP-1", NOW)

    assert calculate_cfr([record], {"deployment_date": "cf_deployed"}, 30, as_of=NOW)["status"] == "not_configured"
    assert calculate_cfr([record], FIELDS, 30, as_of=NOW)["value"] == 0.0


def test_recovery_is_the_median_over_incidents_put_down_to_a_deployment():
    records = [deployed("DEP-1", NOW - 10 * DAY)]
    records += [incident(f"INC-{n}", NOW - 9 * DAY, until=NOW - 9 * DAY + timedelta(hours=n)) for n in (2, 4, 9)]
    records += [incident("INC-8", NOW - 25 * DAY, until=NOW - 24 * DAY), incident("INC-7", NOW - 9 * DAY)]

    result = calculate_mttr(records, FIELDS, 30, as_of=NOW)

    assert (result["value"], result["sample_size"]) == (4.0, 3)
    assert result["excluded"] == {"unattributed": ["INC-8"], "unresolved": ["INC-7"]}
    assert result["alternatives"]["all_incidents"] == {"value": pytest.approx(6.5), "sample_size": 4}
    assert result["alternatives"]["open_incidents"] == {"INC-7": 9 * 24.0}


def test_rework_is_told_by_name_or_by_carrying_nothing_but_repairs():
    planned, hotfix, repair = (version(name, released="2025-03-20") for name in ("2.0", "2.0.1 Hot-fix", "2.0.2"))
    records = [work("EX-1", released=[planned]), incident("INC-1", START, fix_versions=[repair])]

    result = calculate_rework_rate(records, {}, 30, as_of=NOW, versions=[planned, hotfix, repair])

    assert (result["numerator_items"], result["denominator"]) == (["2.0.2", "2.0.1 Hot-fix"], 3.0)


def test_entries_into_a_deployed_status_within_the_hour_are_one_deployment():
    def live(key, minutes):
        return issue(
            key, START, moves=[(START + DAY, "In Progress"), (START + 2 * DAY + timedelta(minutes=minutes), "Released")]
        )

    rules = TeamRules(deployed_statuses=frozenset({"released"}))
    result = calculate_deployment_frequency(
        [live("A-1", 0), live("A-2", 50), live("A-3", 100), live("A-4", 200)], {}, 30, as_of=NOW, rules=rules
    )

    assert (result["sample_size"], result["source"]) == (2, "status_entry")


def test_posted_deployments_are_the_last_resort_and_a_pinned_source_is_kept():
    events = [deployment("d1", NOW - DAY, status="failed"), deployment("d2", NOW - DAY, environment="test")]
    releases = [version("1.0", released="2025-03-20")]

    posted = calculate_cfr([], {}, 30, as_of=NOW, events=events)
    assert (posted["value"], posted["excluded"]) == (1.0, {"wrong_environment": ["d2"]})
    assert calculate_cfr([], {}, 30, as_of=NOW, events=events, versions=releases)["source"] == "releases"
    pinned = TeamRules(deployment_source=DeploymentSource.EVENTS)
    assert calculate_cfr([], {}, 30, as_of=NOW, events=events, versions=releases, rules=pinned)["source"] == "events"
