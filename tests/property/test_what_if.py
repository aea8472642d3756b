"""Trying a rule gives what measuring under that rule gives."""

from __future__ import annotations

from dataclasses import fields, replace

from hypothesis import given

from data.facts import facts_as_of
from data.metric import read_facts
from data.metric_catalogue import METRICS
from data.model import TeamRules
from data.other_rules import READ_AGAIN, history_under
from data.what_if import compare
from tests.property.effort import effort
from tests.strategies import Case, cases


@effort(25)
@given(cases())
def test_unchanged_rules_change_nothing(case: Case):
    found = compare(case.read(read_facts), replace(case.rules), case.days, metrics=METRICS)
    assert (found["rules"], found["metrics"]) == ([], {})


@effort(40)
@given(cases(), cases(max_issues=4))
def test_other_rules_over_the_columns_are_other_rules_over_the_issues(case: Case, other: Case):
    """All rules but those that decide what is read may be tried without the issues."""
    tried = {rule.name: getattr(other.rules, rule.name) for rule in fields(TeamRules) if rule.name not in READ_AGAIN}
    rules = replace(case.rules, **tried)
    facts = case.read(read_facts)
    again = case.read(read_facts, rules=rules)
    without = facts_as_of(history_under(facts.history, rules), facts.as_of)
    for declared in METRICS:
        assert declared.measure(without, case.days) == declared.measure(again, case.days)


@effort(25)
@given(cases(), cases(max_issues=4))
def test_what_moves_is_what_differs_between_the_two_partitions(case: Case, other: Case):
    facts, rules = case.read(read_facts), replace(other.rules, timezone=case.rules.timezone)
    found = compare(
        facts,
        rules,
        case.days,
        metrics=METRICS,
        read_again=lambda changed: case.read(read_facts, rules=changed).history,
    )
    again = case.read(read_facts, rules=rules)
    for declared in METRICS:
        before, after = declared.measure(facts, case.days), declared.measure(again, case.days)
        difference = found["metrics"].get(declared.key)
        if difference is None:
            assert (before["value"], before["trend"], before["included"]) == (
                after["value"],
                after["trend"],
                after["included"],
            )
            continue
        assert (difference["before"]["value"], difference["after"]["value"]) == (before["value"], after["value"])
        if before["item_kind"] == after["item_kind"] == "issues" and declared.key != "mttr":
            was, now = sorted(before["included"]), sorted(after["included"])
            for moved in difference["moved_out"]:
                was.remove(moved["key"])
            for moved in difference["moved_in"]:
                now.remove(moved["key"])
            assert was == now
