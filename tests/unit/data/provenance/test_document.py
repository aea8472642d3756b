"""A number with its rule, its candidates and its evidence, as JSON and as a table that no spreadsheet can misread."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from data.facts import facts_as_of
from data.filters import Filters
from data.metric import read_facts
from data.metric_catalogue import METRICS, metric
from data.model import TeamRules
from data.provenance.document import Selection, as_csv, provenance
from tests.builders import at, flag_change, issue, jira_text, statuses, version

NOW = at("2025-03-31 12:00")
START = at("2025-03-03 09:00")
DAY = timedelta(days=1)


def finished(key, start=START, **more):
    return issue(key, start, moves=[(start, "In Progress"), (start + DAY, "Done")], **more)


def facts_of(records, *, rules=None, mappings=None, **lists):
    return read_facts(records, mappings or {}, as_of=NOW, rules=rules, statuses=statuses(), **lists)


def test_a_row_tells_which_transition_and_which_field_gave_its_instants():
    mapped = {"work_started_date": "customfield_1"}
    records = [finished("EX-1"), finished("EX-2", customfield_1="2025-03-02T08:00:00.000+0000")]

    found = provenance(metric("flow_time"), facts_of(records, mappings=mapped), 30)

    done = {"what": "finished", "at": "2025-03-04T09:00:00Z", "from": "transition", "detail": "Done"}
    by_transition = {"what": "started", "at": "2025-03-03T09:00:00Z", "from": "transition", "detail": "In Progress"}
    by_field = {
        "what": "started",
        "at": "2025-03-02T08:00:00Z",
        "from": "field",
        "detail": "customfield_1 (work_started_date)",
    }
    assert [row["evidence"] for row in found["rows"]] == [[by_transition, done], [by_field, done]]
    assert [row["contribution"] for row in found["rows"]] == [
        {"hours": 24.0, "kind": "feature"},
        {"hours": 49.0, "kind": "feature"},
    ]


def test_flags_between_start_and_finish_are_evidence_of_efficiency():
    flags = [(START + timedelta(hours=1), True), (START + timedelta(hours=7), False), (NOW, True)]

    row = provenance(metric("flow_efficiency"), facts_of([finished("EX-1", flags=flags)]), 30)["rows"][0]

    assert [fact["what"] for fact in row["evidence"]] == ["started", "finished", "flagged", "unflagged"]
    assert row["contribution"]["active_hours"] == 18.0
    assert flag_change(raised=True)["field"] == "Flagged"


def test_created_done_and_silent_issues_say_so_in_their_evidence():
    born = issue("EX-1", START, initial="Done")
    settled = issue("EX-2", START, initial="Done", resolved=START + DAY)
    silent = issue("EX-3", START, initial="In Progress", changelog=None)

    rows = provenance(metric("flow_velocity"), facts_of([born, settled]), 30)["rows"]
    assert [row["evidence"][0]["from"] for row in rows] == ["creation", "resolution_date"]
    load = provenance(metric("flow_load"), facts_of([silent]), 30)["rows"][0]
    assert load["evidence"] == [{"what": "status", "at": None, "from": "current_status", "detail": "In Progress"}]


def test_a_failed_deployment_names_the_incident_that_blames_it_and_how():
    release = version("1.0", released="2025-03-20", projectId="1")
    incident = issue("INC-1", at("2025-03-21 08:00"), issue_type="Incident", affects=[release])

    row = provenance(metric("cfr"), facts_of([incident], versions=[release]), 30)["rows"][0]

    assert row["in_numerator"]
    assert row["evidence"][1] == {"what": "failed", "at": "2025-03-21T08:00:00Z", "from": "version", "detail": "INC-1"}


def test_the_document_and_the_table_name_the_filter_as_the_team_spells_it():
    records = [finished("EX-1", labels=["Sand", "=tide"]), finished("EX-2", labels=["sand"])]
    whole = facts_of(records)
    part = whole.where(Filters(label=frozenset({"SAND", "=TIDE"}), issue_type=frozenset({"nobody's"})))
    found = provenance(metric("flow_time"), part, 30)

    assert found["filters"] == {"issue_type": ["nobody's"], "label": ["=tide", "Sand"]}
    lines = list(csv.reader(io.StringIO(as_csv(found))))
    assert [line for line in lines if line[0] == "filter"] == [
        ["filter", "issue_type: nobody's"],
        ["filter", "label: =tide or Sand"],
    ]
    assert ["as_of", found["as_of"]] in lines
    assert ["config_version", found["sources"]["config_version"]] in lines

    unfiltered = provenance(metric("flow_time"), whole, 30)
    assert unfiltered["filters"] == {}
    assert '"filter","none"' in as_csv(unfiltered)


def test_sources_are_those_that_the_caller_knows_and_the_configuration():
    facts = facts_of([finished("EX-1")])

    found = provenance(metric("flow_time"), facts, 30, data_version="d7", receipt_id="r9")
    assert found["sources"]["data_version"] == "d7"
    assert found["sources"]["receipt_id"] == "r9"
    assert found["sources"]["config_version"] == metric("flow_time").measure(facts, 30)["config_version"]
    assert provenance(metric("flow_time"), facts, 30)["sources"]["receipt_id"] is None


def test_a_past_report_rests_on_what_had_happened_by_then():
    """The reopening a week later is no part of it."""
    back, again = at("2025-03-10 09:00"), at("2025-03-12 09:00")
    record = issue(
        "EX-1", START, moves=[(START, "In Progress"), (START + DAY, "Done"), (back, "In Progress"), (again, "Done")]
    )
    history = facts_of([record]).history

    then = provenance(metric("flow_time"), facts_as_of(history, at("2025-03-07 12:00")), 30)
    now = provenance(metric("flow_time"), facts_as_of(history, NOW), 30)
    assert [row["evidence"][-1]["at"] for row in then["rows"] + now["rows"]] == [
        "2025-03-04T09:00:00Z",
        "2025-03-12T09:00:00Z",
    ]
    assert (then["value"], now["value"]) == (24.0, 216.0)


def test_evidence_is_looked_up_only_for_the_rows_asked_for(monkeypatch):
    facts = facts_of([finished(f"EX-{number}") for number in range(50)])
    asked = []
    monkeypatch.setattr("data.provenance.document.evidence_of", lambda *given: asked.append(given) or [])

    found = provenance(metric("flow_time"), facts, 30, selection=Selection("included", search="ex-4", limit=3))

    assert [row["key"] for row in found["rows"]] == ["EX-4", "EX-40", "EX-41"]
    assert (found["matching"], len(asked)) == (11, 3)


@pytest.mark.parametrize("wrong", [{"group": "lucky"}, {"offset": -1}, {"limit": -1}])
def test_a_selection_that_cannot_be_meant_is_refused(wrong):
    with pytest.raises(ValueError, match=r"use included|0 or more"):
        Selection(**wrong)


@pytest.mark.parametrize("declared", METRICS, ids=lambda declared: declared.key)
def test_the_rule_is_told_in_sentences_with_the_span(declared):
    rule = provenance(declared, facts_of([finished("EX-1")]), 30)["rule"]

    assert all(sentence[:1].isupper() or sentence.startswith("feature") for sentence in rule), rule
    assert all(sentence.endswith(".") for sentence in rule)
    assert "31 March 12:00" in rule[0]


def test_the_teams_own_settings_are_filled_into_the_rule():
    rules = TeamRules(
        timezone="Europe/Berlin",
        start_statuses=frozenset({"Doing", "Building"}),
        headline_percentile=85,
        attribution_window_days=1,
        incident_types=frozenset({"Outage"}),
        attribution_overrides={"INC-1": None},
    )
    facts = facts_of([finished("EX-1")], rules=rules, mappings={"incident_detected_at": "customfield_7"})

    time = " ".join(provenance(metric("flow_time"), facts, 30)["rule"])
    assert "The 85th percentile of the time from start to finish" in time
    assert "Work starts when it first enters Building or Doing." in time
    assert "Europe/Berlin" in time
    recovery = " ".join(provenance(metric("mttr"), facts, 30)["rule"])
    assert "issues of type Outage" in recovery
    assert "no more than 1 day earlier" in recovery
    assert "from customfield_7, else when it was created" in recovery
    assert "1 correction made by hand" in recovery


def test_the_table_holds_numbers_as_numbers_and_keys_as_harmless_text():
    records = [finished("=HYPERLINK(1)"), finished("EX-2"), finished("EX-3", START - 90 * DAY)]
    records = [record | {"id": str(number)} for number, record in enumerate(records, start=1)]
    text = as_csv(provenance(metric("flow_time"), facts_of(records), 30))

    lines = list(csv.reader(io.StringIO(text)))
    head = next(line for line in lines if line[0] == "key")
    table = [dict(zip(head, line, strict=True)) for line in lines[lines.index(head) + 1 :]]
    assert [row["key"] for row in table] == ["'=HYPERLINK(1)", "EX-2", "EX-3"]
    assert [row["role"] for row in table] == ["included", "included", "excluded"]
    assert table[2]["why"] == "It belongs to another period."
    assert (table[1]["started"], table[1]["started from"]) == ("2025-03-03T09:00:00Z", "transition In Progress")
    assert '"included","","","no",24.0,"feature"' in text
    assert ["rule", "Time is elapsed time, nights and weekends included."] in lines
    assert text.endswith("\r\n")
    assert jira_text(START) not in text
