"""Which deployment an incident is put down to, and how surely: by hand, by link, by version, by the window."""

from __future__ import annotations

import pytest

from data.deployments import read_deployments
from data.incidents import CONFIDENCES, read_incidents
from data.metric import read_facts
from data.metric_catalogue import metric
from data.model import IncidentPopulation, TeamRules
from tests.builders import at, issue, link, version

NOW = at("2025-03-31 12:00")
EARLY = version("1.3", released="2025-03-10", projectId="1")
LATE = version("1.4", released="2025-03-20", projectId="1")
CHANGE = issue("EX-1", at("2025-03-01 09:00"), fix_versions=[EARLY])


def incident(key="INC-1", noticed="2025-03-21 08:00", **more):
    return issue(key, at(noticed), issue_type="Incident", moves=[(at("2025-03-21 12:00"), "Done")], **more)


def blamed(records, **rules):
    facts = read_facts(records, {}, as_of=NOW, rules=TeamRules(**rules), versions=[EARLY, LATE])
    found, deployments = facts.once(read_incidents), facts.once(read_deployments)
    return {
        facts.history.labels[row]: (
            deployments.labels[position] if position >= 0 else None,
            CONFIDENCES[confidence] if confidence >= 0 else None,
        )
        for row, position, confidence in zip(found.rows, found.deployment, found.confidence, strict=True)
    }


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (incident(), ("1.4", "window")),
        (incident(affects=[EARLY]), ("1.3", "version")),
        (incident(affects=[LATE], links=[link("is caused by", CHANGE)]), ("1.3", "linked")),
        (incident(noticed="2025-03-09 08:00"), (None, None)),
    ],
)
def test_the_surest_way_that_applies_names_the_deployment(record, expected):
    assert blamed([CHANGE, record])["INC-1"] == expected


@pytest.mark.parametrize("named", ["1.3", "v-1.3"])
def test_a_correction_wins_over_every_other_way_whichever_name_it_uses(named):
    linked = incident(links=[link("is caused by", CHANGE)])

    assert blamed([CHANGE, linked], attribution_overrides={"INC-1": named})["INC-1"] == ("1.3", "manual")
    assert blamed([CHANGE, linked], attribution_overrides={linked["id"]: named})["INC-1"] == ("1.3", "manual")
    assert blamed([CHANGE, linked], attribution_overrides={"INC-1": None})["INC-1"] == (None, "manual")


def test_a_correction_to_what_is_not_there_is_not_followed_and_brings_nobody_back():
    cancelled = incident("INC-2", resolution="Duplicate", resolved=at("2025-03-21 12:00"))
    overrides = {"INC-1": "9.9", "INC-2": "1.3", "EX-1": "1.3", "NO-1": None}
    facts = read_facts(
        [CHANGE, incident(), cancelled],
        {},
        as_of=NOW,
        rules=TeamRules(attribution_overrides=overrides),
        versions=[EARLY, LATE],
    )

    assert facts.once(read_incidents).unknown_overrides == ["EX-1", "INC-1", "NO-1"]
    told = blamed([CHANGE, incident(), cancelled], attribution_overrides=overrides)
    assert told == {"INC-1": ("1.4", "window"), "INC-2": (None, None)}


def test_the_window_is_a_rule():
    late = incident(noticed="2025-03-29 08:00")

    assert blamed([late])["INC-1"] == (None, None)
    assert blamed([late], attribution_window_days=9.0)["INC-1"] == ("1.4", "window")
    assert blamed([late], attribution_window_days=None)["INC-1"] == ("1.4", "window")


def test_which_incidents_count_is_a_rule():
    by_window, loose = incident(), incident("INC-2", "2025-03-01 08:00")
    records = [CHANGE, by_window, loose]

    def recovered(population, **lists):
        rules = TeamRules(incident_population=population)
        return metric("mttr")(records, {}, 30, as_of=NOW, rules=rules, **lists)["included"]

    assert recovered(IncidentPopulation.ATTRIBUTED, versions=[EARLY, LATE]) == ["INC-1"]
    assert recovered(IncidentPopulation.NAMED, versions=[EARLY, LATE]) == []
    assert sorted(recovered(IncidentPopulation.ALL, versions=[EARLY, LATE])) == ["INC-1", "INC-2"]


def test_recovery_over_all_incidents_needs_no_deployment():
    rules = TeamRules(incident_population=IncidentPopulation.ALL)
    result = metric("mttr")([incident()], {}, 30, as_of=NOW, rules=rules)

    assert (result["value"], result["status"]) == (4.0, "low_sample")
    assert metric("mttr")([incident()], {}, 30, as_of=NOW)["status"] == "not_configured"
