"""Findings and their other readings hold on any history."""

from __future__ import annotations

import json

from hypothesis import given

from data.data_quality import CHECKS, find, find_all, names_of, rows_of
from data.finding_effects import effects_of
from data.metric import read_facts
from data.metric_catalogue import METRICS, family
from data.other_readings import OTHER_READINGS, read_otherwise
from tests.property.effort import effort
from tests.reference.findings import reference_done_without_resolution
from tests.reference.world import read_world
from tests.strategies import Case, cases
from tests.untidy_jira import WORKFLOW


@effort(25)
@given(cases())
def test_every_finding_can_be_told_and_read_otherwise(case: Case):
    facts = case.read(read_facts)
    told = [effects_of(finding, facts, case.days, METRICS) for finding in find_all(facts)]
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    for each in told:
        check = CHECKS[each["finding"]["code"]]
        assert each["finding"]["count"] == len(names_of(check, facts)) >= len(rows_of(check, facts))
        for declared in METRICS if each["effects"] else ():
            assert each["effects"][declared.key]["value_now"] == declared.gauge(facts, case.days).figures["value"]


@effort(100)
@given(cases())
def test_done_work_without_a_resolution(case: Case):
    found = names_of(CHECKS["done_without_resolution"], case.read(read_facts))
    assert list(found) == reference_done_without_resolution(case.call(read_world))


@effort(25)
@given(cases())
def test_another_reading_leaves_the_facts_as_they_were(case: Case):
    facts, untouched = case.read(read_facts), case.read(read_facts)
    for code in OTHER_READINGS:
        read_otherwise(code, facts)
    for declared in METRICS:
        assert declared.measure(facts, case.days) == declared.measure(untouched, case.days)


@effort(25)
@given(cases())
def test_issues_left_out_are_as_if_they_had_not_been_read(case: Case):
    """For the flow of work; what a server's list says of statuses and versions is given apart from the issues."""
    facts = case.read(read_facts, statuses=list(WORKFLOW))
    for code in ("created_in_progress", "no_team", "clock_skew", "history_cut"):
        rows = rows_of(CHECKS[code], facts)
        gone = {facts.history.identities[row] for row in rows.tolist()}
        if not gone:
            continue
        rest = [record for record in case.issues if not (isinstance(record, dict) and _identity(record) in gone)]
        left = case.read(read_facts, issues=rest, statuses=list(WORKFLOW))
        without = read_otherwise(code, facts)
        assert without is not None
        if left.history.statuses.category.tolist() and facts.history.statuses.names == left.history.statuses.names:
            for declared in family("flow"):
                found, expected = declared.gauge(without, case.days).figures, declared.gauge(left, case.days).figures
                assert found["value"] == expected["value"] or not len(left.history)


def _identity(record: dict[str, object]) -> str:
    return next((str(record[name]).strip() for name in ("id", "key") if str(record.get(name) or "").strip()), "")


@effort(25)
@given(cases())
def test_trust_follows_the_findings_of_the_metric(case: Case):
    facts = case.read(read_facts)
    for declared in METRICS:
        result = declared.measure(facts, case.days)
        trust = result["trust"]
        assert result["findings"] == find(declared.key, facts)
        assert (trust["level"] == "none") == (result["value"] is None) == (trust["score"] is None)
        assert trust["because"]
        if trust["score"] is not None:
            assert 0 <= trust["score"] <= 100
            assert result["sample_size"] >= 5 or trust["level"] == "low"
            assert result["proxy"] is None or trust["level"] != "high"
