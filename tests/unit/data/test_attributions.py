"""The incidents of a period with what they are put down to, and what they could be put down to."""

import pytest

from data.attributions import attributions, possible_causes
from data.metric import read_facts
from data.model import TeamRules
from tests.builders import at, deployment, issue, version

NOW = at("2025-03-31 12:00")
EARLY = version("1.3", released="2025-03-10", projectId="1")
LATE = version("1.4", released="2025-03-20", projectId="1")


def incident(key, noticed, solved=None, **more):
    moves = [(at(solved), "Done")] if solved else []
    return issue(key, at(noticed), issue_type="Incident", moves=moves, **more)


ISSUES = [
    incident("INC-1", "2025-03-21 08:00", "2025-03-21 12:00"),
    incident("INC-2", "2025-03-09 08:00", "2025-03-30 12:00"),
    incident("INC-3", "2025-02-01 08:00"),
    incident("INC-4", "2025-03-29 08:00"),
    issue("EX-1", at("2025-03-22 08:00")),
]


def facts(issues=ISSUES, **rules):
    return read_facts(issues, {}, as_of=NOW, rules=TeamRules(**rules), versions=[EARLY, LATE])


def test_incidents_detected_or_resolved_in_the_period_come_latest_first_with_how_sure_their_cause_is():
    found = attributions(facts(attribution_overrides={"INC-4": None}), 14)

    assert [(one["incident"], one["deployment"], one["confidence"]) for one in found] == [
        ("INC-4", None, "manual"),
        ("INC-1", "1.4", "window"),
        ("INC-2", None, "none"),
    ]
    assert (found[0]["resolved_at"], found[1]["resolved_at"]) == (None, "2025-03-21T12:00:00Z")


def test_a_cancelled_incident_is_nobodys():
    cancelled = incident("INC-1", "2025-03-21 08:00", "2025-03-21 12:00", resolution="Duplicate", resolved=NOW)

    assert attributions(facts([cancelled]), 30) == []


@pytest.mark.parametrize(
    ("key", "causes"), [("INC-1", ["1.4", "1.3"]), ("INC-2", []), ("EX-1", []), ("NO-1", []), ("", [])]
)
def test_what_was_deployed_before_an_incident_can_be_its_cause(key, causes):
    assert [choice["label"] for choice in possible_causes(facts(), key)] == causes


def test_only_the_last_so_many_are_offered():
    assert [choice["label"] for choice in possible_causes(facts(), "INC-4", most=1)] == ["1.4"]


@pytest.mark.parametrize("source", ["releases", "events"])
def test_every_choice_names_its_deployment_so_that_a_correction_finds_it(source):
    events = [deployment(f"run-{day}", at(f"2025-03-{day} 09:00")) for day in (11, 12)]
    common = {"as_of": NOW, "versions": [EARLY, LATE], "events": events}

    def read(**rules):
        return read_facts(ISSUES, {}, rules=TeamRules(deployment_source=source, **rules), **common)

    choices = possible_causes(read(), "INC-1")
    assert len(choices) == 2
    for choice in choices:
        corrected = attributions(read(attribution_overrides={"INC-1": choice["name"]}), 14)
        told = next(one for one in corrected if one["incident"] == "INC-1")
        assert (told["deployment"], told["confidence"]) == (choice["label"], "manual")
