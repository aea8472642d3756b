"""One sentence says why an issue is in a number, or is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data.filters import Filters
from data.metric import read_facts
from data.metric_catalogue import METRICS, metric
from data.model import IncidentPopulation, Period, TeamRules, WorkingCalendar
from data.provenance.explain import explain, explain_facts
from tests.builders import at, change, deployment, issue, link, status, statuses, version

NOW = at("2025-03-31 12:00")
MONTH = Period(end=NOW, days=30)


def finished(key, start, finish, **more):
    begun, ended = at(start), at(finish)
    return issue(key, begun - timedelta(days=1), moves=[(begun, "In Progress"), (ended, "Done")], **more)


def told(metric_key, records, about, **extras):
    facts = read_facts(records, extras.pop("mappings", {}), as_of=NOW, **extras)
    return explain(metric(metric_key), facts.history, MONTH, about)


WORK = [
    finished("EX-1", "2025-03-03 09:12", "2025-03-09 11:36"),
    finished("EX-2", "2025-03-10 09:00", "2025-03-12 09:00"),
]


def test_an_included_item_is_told_with_its_dates_its_hours_and_the_median():
    assert told("flow_time", WORK, "EX-1") == (
        "EX-1 is counted: started 3 March 09:12 when it entered In Progress, finished 9 March 11:36 when it entered "
        "Done, 6.1 days; the median is 4 days."
    )


def test_the_percentile_that_a_team_has_chosen_is_named():
    sentence = told("flow_time", WORK, "EX-2", rules=TeamRules(headline_percentile=85))

    assert sentence.endswith("2 days; the 85th percentile is 5.5 days.")


def test_working_hours_are_called_so():
    sentence = told("flow_time", WORK, "EX-2", rules=TeamRules(working_calendar=WorkingCalendar()))

    assert "16 working hours; the median is" in sentence


def test_instants_are_those_of_the_teams_zone_and_other_years_are_named():
    old = [finished("EX-1", "2024-12-30 23:30", "2025-03-09 11:36")]

    sentence = told("flow_time", old, "EX-1", rules=TeamRules(timezone="Europe/Berlin"))

    assert "started 31 December 2024 00:30" in sentence
    assert "finished 9 March 12:36" in sentence


START, LATER = at("2025-03-03 09:00"), at("2025-03-04 09:00")
OUT = {
    "cancelled": (
        issue("EX-9", START, moves=[(LATER, "Done")], resolution="Won't Do", resolved=LATER),
        "EX-9 is not counted: it was cancelled, so it was neither finished nor in progress (cancelled 4 March 09:00).",
    ),
    "wrong_type": (
        issue("EX-9", START, issue_type="Epic"),
        "EX-9 is not counted: this type of issue is not counted here.",
    ),
    "unmapped_status": (
        issue("EX-9", START, moves=[(LATER, status("Limbo", status_id="777"))]),
        "in a status that no rule places, so its progress cannot be told (in Limbo since 4 March 09:00).",
    ),
    "no_finish": (
        issue("EX-9", START, moves=[(LATER, "In Progress")]),
        "it was not finished by the date of this report (started 4 March 09:00 when it entered In Progress, in In",
    ),
    "no_start": (
        issue("EX-9", START, moves=[(LATER, "Done")]),
        "nothing in its history shows when work on it began (finished 4 March 09:00 when it entered Done, in Done",
    ),
    "outside_period": (
        finished("EX-9", "2025-01-03 09:00", "2025-01-09 11:36"),
        "another period (finished 9 January 11:36 when it entered Done; the period runs from 1 March 12:00 to 31 March",
    ),
    "malformed": ({"id": "7", "key": "EX-9"}, "EX-9 is not counted: Jira's record of this issue is incomplete"),
}


@pytest.mark.parametrize("reason", OUT)
def test_each_reason_for_being_out_of_flow_time_is_told_with_what_shows_it(reason):
    record, expected = OUT[reason]

    assert expected in told("flow_time", [*WORK, record], "EX-9")


def test_an_end_before_its_start_is_shown_by_both():
    backwards = finished("EX-9", "2025-03-03 09:00", "2025-03-09 11:36", customfield_1="2025-03-20T00:00:00.000+0000")

    sentence = told("flow_time", [backwards], "EX-9", mappings={"work_started_date": "customfield_1"})

    assert "its end is dated before its start (started 20 March 00:00 by customfield_1 (work_started_date)" in sentence


def test_no_history_and_no_progress_are_told():
    silent = issue("EX-9", START, initial="Done", resolved=LATER, changelog=None, customfield_1="2025-03-03")
    mappings = {"work_started_date": "customfield_1"}
    rules = TeamRules(waiting_statuses=frozenset({"Waiting"}))

    efficiency = told("flow_efficiency", [silent], "EX-9", mappings=mappings, rules=rules)
    assert "Jira delivered no history for it" in efficiency
    assert "(finished 4 March 09:00 by its resolution date)" in efficiency
    assert "or was already finished" in told("flow_load", WORK, "EX-1")


RELEASE = version("1.4", released="2025-03-20", projectId="1")
CHANGE = finished("EX-1", "2025-03-03 09:00", "2025-03-09 11:36", fix_versions=[RELEASE])


def test_a_change_is_told_with_its_release_and_one_that_was_not_deployed_too():
    records = [CHANGE, WORK[1]]

    assert "deployed 20 March 23:59 with 1.4, 18 days; the median is 18 days" in told(
        "lead_time", records, "EX-1", versions=[RELEASE]
    )
    assert "EX-2 is not counted: no deployment to production" in told("lead_time", records, "EX-2", versions=[RELEASE])


def test_a_deployment_is_told_by_its_name_and_an_issue_by_the_deployment_that_carried_it():
    backlog, coming, dateless = version("Backlog"), version("2.0"), version("1.5") | {"released": True}
    given = {"versions": [RELEASE, backlog, coming, dateless]}

    assert told("deployment_frequency", [CHANGE], "1.4", **given) == (
        "1.4 is counted: deployed 20 March 23:59, one of 1 deployment in 30 days."
    )
    assert told("deployment_frequency", [CHANGE], "EX-1", **given) == (
        "EX-1 is no deployment; 1.4 of 20 March 23:59 carried it and is counted."
    )
    assert "looks like a backlog" in told("deployment_frequency", [CHANGE], "Backlog", **given)
    assert "not marked as released" in told("deployment_frequency", [CHANGE], "2.0", **given)
    assert "no release date" in told("deployment_frequency", [CHANGE], "1.5", **given)


def test_a_deployment_elsewhere_than_in_production_is_told():
    elsewhere = deployment("run-1", START, environment="staging")
    sentence = told("deployment_frequency", [], "run-1", events=[elsewhere, deployment("run-2", START)])

    assert sentence == "run-1 is not counted: it was deployed somewhere other than production (deployed 3 March 09:00)."


def incident(key, noticed, fixed, **more):
    moves = [(at(fixed), "Done")] if fixed else []
    return issue(key, at(noticed), moves=moves, issue_type="Incident", **more)


def test_an_incident_is_told_with_the_deployment_it_is_put_down_to_and_how():
    by_window = incident("INC-1", "2025-03-21 08:00", "2025-03-21 10:00")
    by_version = incident("INC-2", "2025-03-21 08:00", "2025-03-21 10:00", affects=[RELEASE])
    by_link = incident("INC-3", "2025-03-21 08:00", "2025-03-21 10:00", links=[link("is caused by", CHANGE)])
    records = [CHANGE, by_window, by_version, by_link]

    expected = {"INC-1": "the last deployment before it", "INC-2": "as the affected version", "INC-3": "a link names"}
    for key, how in expected.items():
        sentence = told("mttr", records, key, versions=[RELEASE])
        assert "put down to 1.4 of 20 March 23:59" in sentence
        assert how in sentence
        assert "2 hours; the median is 2 hours" in sentence
    assert "it failed; 1 of 1 did" in told("cfr", records, "1.4", versions=[RELEASE])


def test_a_correction_by_hand_is_told():
    records = [CHANGE, incident("INC-1", "2025-03-21 08:00", "2025-03-21 10:00")]
    other = version("1.3", released="2025-03-10", projectId="1")
    corrected = TeamRules(attribution_overrides={"INC-1": "1.3"})
    nobody = TeamRules(attribution_overrides={"INC-1": None})

    sentence = told("mttr", records, "INC-1", versions=[RELEASE, other], rules=corrected)
    assert "put down to 1.3 of 10 March 23:59, as somebody has put it" in sentence
    assert "no deployment could be named" in told("mttr", records, "INC-1", versions=[RELEASE, other], rules=nobody)


def test_open_unattributed_and_unnoticed_incidents_are_told():
    still_open = incident("INC-1", "2025-03-21 08:00", None)
    loose = incident("INC-2", "2025-03-01 08:00", "2025-03-05 08:00")
    coming = incident("INC-3", "2025-04-21 08:00", None)
    records = [CHANGE, still_open, loose, coming]

    assert "still open at the date of this report (detected 21 March 08:00" in told(
        "mttr", records, "INC-1", versions=[RELEASE]
    )
    assert "no deployment could be named as its cause (detected 1 March 08:00" in told(
        "mttr", records, "INC-2", versions=[RELEASE]
    )
    assert "had not been noticed" in told("mttr", records, "INC-3", versions=[RELEASE])
    assert "by the team's rule it is no incident" in told("mttr", records, "EX-1", versions=[RELEASE])
    everyone = TeamRules(incident_population=IncidentPopulation.ALL)
    assert "INC-2 is counted" in told("mttr", records, "INC-2", versions=[RELEASE], rules=everyone)


def test_an_unknown_key_is_told_with_what_to_check():
    assert told("flow_time", WORK, "EX-404") == (
        "EX-404 is not among the 2 issues that were read: check the key, or whether the query that reads from Jira "
        "leaves it out."
    )
    assert told("flow_time", WORK, " ") == "Give the key of an issue, such as ABC-17."
    assert "nor among the deployments" in told("cfr", WORK, "9.9")


def test_a_moved_issue_is_found_by_its_old_key():
    moved = finished("NEW-3", "2025-03-03 09:12", "2025-03-09 11:36")
    item = change("Key", (None, "OLD-17"), (None, "NEW-3"))
    moved["changelog"]["histories"].append({"id": "1", "created": "2025-03-04T00:00:00.000+0000", "items": [item]})

    assert told("flow_time", [moved], "OLD-17").startswith("OLD-17 is called NEW-3 now. NEW-3 is counted: started")
    kept = finished("NEW-4", "2025-03-03 09:12", "2025-03-09 11:36") | {"former_keys": ["OLD-18"]}
    assert told("flow_time", [kept], "OLD-18").startswith("OLD-18 is called NEW-4 now.")


def test_a_key_in_use_is_nobodys_old_key():
    item = change("Key", (None, "EX-2"), (None, "EX-1"))
    records = [dict(WORK[0]), WORK[1]]
    records[0]["changelog"] = {"histories": [{"id": "1", "created": "2025-03-04T00:00:00.000+0000", "items": [item]}]}

    assert told("flow_time", records, "EX-2").startswith("EX-2 is counted")


def test_what_a_filter_leaves_out_is_told_as_that():
    facts = read_facts(
        [finished("EX-1", "2025-03-03 09:12", "2025-03-09 11:36", labels=["sea"]), WORK[1]], {}, as_of=NOW
    )
    view = facts.where(Filters(label=frozenset({"sea"})))

    assert explain_facts(metric("flow_time"), view, 30, "EX-2") == (
        "EX-2 is not looked at, because the filter leaves it out."
    )
    assert "EX-1 is counted" in explain_facts(metric("flow_time"), view, 30, "EX-1")


def test_efficiency_and_load_are_told_in_their_own_words():
    rules = TeamRules(waiting_statuses=frozenset({"Review"}))
    begun, waits, ended = at("2025-03-03 09:00"), at("2025-03-04 09:00"), at("2025-03-07 09:00")
    item = issue("EX-1", begun, moves=[(begun, "In Progress"), (waits, "Review"), (ended, "Done")])
    running = issue("EX-3", begun, moves=[(at("2025-03-21 12:00"), "In Progress")])

    assert "24 hours of work in 4 days; over all items it is 25 %" in told(
        "flow_efficiency", [item], "EX-1", rules=rules, statuses=statuses()
    )
    assert told("flow_load", [item, running], "EX-3").endswith("10 days old, one of 1 item.")
    assert told("flow_distribution", [item], "EX-1", statuses=statuses()).endswith("as feature, one of 1 item.")


@pytest.mark.parametrize("declared", METRICS, ids=lambda declared: declared.key)
def test_nothing_read_is_told_as_that(declared):
    facts = read_facts([], {}, as_of=NOW)

    assert "no issues at all" in explain(declared, facts.history, MONTH, "EX-1")


@pytest.mark.parametrize(
    "typed",
    [" ex-1 ", "Ex-1", "https://marram.example/browse/EX-1", "https://marram.example/jira/browse/ex-1?focus=7#top"],
)
def test_a_key_is_known_however_it_is_typed_or_pasted(typed):
    assert told("flow_time", WORK, typed) == told("flow_time", WORK, "EX-1")


def test_a_former_key_in_small_letters_is_known_too():
    moved = finished("NEW-4", "2025-03-03 09:12", "2025-03-09 11:36") | {"former_keys": ["OLD-18"]}
    assert told("flow_time", [moved], "old-18").startswith("OLD-18 is called NEW-4 now.")


def test_a_key_that_is_spelt_in_small_letters_by_jira_comes_first():
    odd = finished("ex-1", "2025-03-03 09:12", "2025-03-04 11:36")
    assert told("flow_time", [*WORK, odd], "ex-1").startswith("ex-1 is counted")


@pytest.mark.parametrize(
    "typed", ["ss-1", "\u00df-1", "<script>alert(1)</script>", "EX-1; DROP", "https://x/browse/", "\x00"]
)
def test_what_is_no_key_is_said_to_be_none_and_told_as_it_was_typed(typed):
    assert told("flow_time", WORK, typed).startswith(f"{typed.strip()} is not among the 2 issues that were read")
