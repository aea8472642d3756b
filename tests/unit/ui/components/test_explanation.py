"""How a number came about."""

import pytest

from data.metric_catalogue import METRICS
from data.model import Reason, TeamRules
from tests.unit.ui.reading import of_kind, words
from tests.unit.ui.results import result
from ui.components.explanation import explanation, listing
from ui.page import Sources

NOWHERE = Sources(None, {})


@pytest.mark.parametrize("key", [metric.key for metric in METRICS])
def test_every_metric_explains_its_definition_value_period_rules_and_issues(key):
    text = words(explanation(result(key), TeamRules(timezone="Europe/Berlin"), NOWHERE))

    for part in ("What it means. How it is counted.", "The value", "Europe/Berlin", "Included (2)", "0123456789ab"):
        assert part in text, part
    assert "after 3 Feb 2026, 16:30" in text


def test_a_ratio_is_spelled_out_with_its_deployments():
    facts = {"numerator": 1.0, "denominator": 2.0, "included": ["1.0", "1.1"], "numerator_items": ["1.1"]}
    text = words(explanation(result("cfr", item_kind="versions", **facts), TeamRules(), NOWHERE))

    assert "1 of 2 deployments failed" in text
    assert "Deployments that failed (1)" in text
    assert "Included (2)" in text


@pytest.mark.parametrize("reason", list(Reason))
def test_what_was_left_out_is_listed_under_its_reason(reason):
    text = words(explanation(result(excluded={str(reason): ["AB-9"]}), TeamRules(), NOWHERE))

    assert f"Left out: {reason.replace('_', ' ')} (1)" in text
    assert reason.sentence in text
    assert "AB-9" in text


def test_percentiles_are_told_as_who_waited_no_longer():
    text = words(explanation(result(percentiles={"p85": 240.0}), TeamRules(), NOWHERE))

    assert "85 % took no longer than 10 days" in text


def test_findings_say_what_the_number_cannot_see():
    plain = {"code": "x", "severity": "warning", "count": 1, "message": "One issue is odd.", "keys": ["AB-3"]}
    finding = plain | {"advice": "Make it even."}
    text = words(explanation(result(findings=[finding]), TeamRules(), NOWHERE))

    assert "Warning: One issue is odd. (AB-3) What to do: Make it even." in text


def test_sources_precision_and_stand_ins_are_named():
    text = words(explanation(result(source="releases", precision="day", proxy="start of work"), TeamRules(), NOWHERE))

    for part in ("released versions in Jira", "to the day", "start of work"):
        assert part in text


def test_the_oldest_item_in_progress_comes_first_with_its_age():
    load = result("flow_load", alternatives={"age_hours": {"AB-1": 30.0, "AB-2": 300.0}})

    found = listing(load, "included")
    assert list(found.keys) == ["AB-2", "AB-1"]
    assert found.notes["AB-2"].replace("\N{NO-BREAK SPACE}", " ") == "12 days old"


def test_open_incidents_show_their_age_among_those_left_out():
    recovery = result("mttr", excluded={"unresolved": ["AB-5"]}, alternatives={"open_incidents": {"AB-5": 2.0}})

    assert "2 hours old" in words(explanation(recovery, TeamRules(), NOWHERE))


def test_a_failed_deployment_names_what_it_is_blamed_for():
    causes = {"1.4": [{"incident": "AB-7", "by": "linked"}, {"incident": "AB-8", "by": "window"}], "1.5": []}
    rate = result("cfr", numerator_items=["1.4", "1.5"], alternatives={"failure_causes": causes})

    told = words(explanation(rate, TeamRules(), NOWHERE))
    assert "because of AB-7 (a link names it as the cause), AB-8 (the last deployment before it)" in told
    assert "marked as failed" in told


def test_the_same_over_all_incidents_stands_beside_recovery():
    recovery = result("mttr", alternatives={"all_incidents": {"value": 5.0, "sample_size": 7}})

    assert "Over all incidents, whatever the cause 5 hours, from 7" in words(
        explanation(recovery, TeamRules(), NOWHERE)
    )


def test_nothing_at_all_is_said_and_not_left_blank():
    text = words(explanation(result(included=[], value=None, status="no_data"), TeamRules(), NOWHERE))

    assert "no candidate at all" in text


def test_an_unknown_list_is_empty():
    assert list(listing(result(), "no such group").keys) == []


def test_text_from_jira_is_never_given_to_a_component_that_reads_markup():
    hostile = "<script>alert(1)</script>"
    facts = {"included": [hostile], "excluded": {"no_start": [hostile]}}
    shown = explanation(result(**facts), TeamRules(), Sources(None, {hostile: hostile}))

    assert not of_kind(shown, "Markdown")
    assert hostile in words(shown)


def test_the_rule_and_what_single_issues_rest_on_are_told():
    found = result(included=["AB-1", "AB-2"])
    body = explanation(
        found,
        TeamRules(),
        NOWHERE,
        rule=["Work starts in Doing."],
        told=lambda keys: {key: f"{key} is counted: started on Monday." for key in keys if key == "AB-1"},
    )
    text = words(body)
    assert "Work starts in Doing." in text
    assert "AB-1 Is counted: started on Monday." in text
    assert text.count("Is counted") == 1


def test_all_that_a_number_rests_on_can_be_taken_away():
    links = {link.children: link.href for link in of_kind(explanation(result("cfr"), TeamRules(), NOWHERE), "A")}
    assert links["Download as CSV"] == "/provenance/cfr.csv?days=30"
    assert links["Download as JSON"] == "/provenance/cfr.json?days=30"
