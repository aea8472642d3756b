"""Every value can be worked out again from its provenance, and every candidate can be explained."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.filters import Filters
from data.metric import read_facts
from data.metric_catalogue import METRICS
from data.model import Reason
from data.provenance.document import Provenance, Selection, as_csv, provenance
from data.provenance.explain import explain_facts
from tests.property.effort import effort
from tests.strategies import Case, cases, filters

DURATIONS = ("lead_time", "mttr", "flow_time")
COUNTS = ("flow_velocity", "flow_load")


def worked_out(found: Provenance, case: Case) -> Any:
    """The value from the rows alone, by the definition of its metric."""
    included = [row for row in found["rows"] if row["role"] == "included"]
    brought = [row["contribution"] for row in included]
    if found["metric"] in COUNTS or found["metric"] == "deployment_frequency":
        return len(included) / (case.days if found["metric"] == "deployment_frequency" else 1)
    if not included:
        return None
    if found["metric"] in DURATIONS:
        return np.percentile([part["hours"] for part in brought], case.rules.headline_percentile)
    if found["metric"] == "flow_efficiency":
        whole = sum(part["hours"] for part in brought)
        return sum(part["active_hours"] for part in brought) / whole if whole else None
    if found["metric"] == "flow_distribution":
        kinds = Counter(part["kind"] for part in brought)
        return {kind: kinds[kind] / len(included) for kind in found["value"]}
    return sum(row["in_numerator"] for row in included) / len(included)


@effort(40)
@given(cases())
def test_the_rows_part_the_candidates_as_the_result_does_and_give_its_value(case: Case):
    facts = case.read(read_facts)
    for declared in METRICS:
        result, found = declared.measure(facts, case.days), provenance(declared, facts, case.days)
        parts: dict[str, list[str]] = {}
        for row in found["rows"]:
            parts.setdefault(row["reason"] or "included", []).append(row["key"])
        assert sorted(parts.pop("included", [])) == sorted(result["included"])
        assert {reason: sorted(keys) for reason, keys in parts.items()} == {
            reason: sorted(keys) for reason, keys in result["excluded"].items()
        }
        assert found["counts"]["included"] == len(result["included"])
        assert found["matching"] == len(found["rows"]) == sum(found["counts"].values())
        assert found["sources"]["config_version"] == result["config_version"]
        above = sorted(row["key"] for row in found["rows"] if row["in_numerator"])
        assert above == sorted(result["numerator_items"])
        if found["value"] is not None:
            assert worked_out(found, case) == pytest.approx(found["value"], rel=1e-9, abs=1e-9)
        assert json.loads(json.dumps(found, allow_nan=False)) == found


@effort(25)
@given(cases(), filters(), st.randoms())
def test_a_filtered_view_has_the_provenance_of_its_own_candidates(case: Case, asked: Filters, dice: Random):
    whole = case.read(read_facts)
    view = whole.where(asked)
    for declared in METRICS:
        result, found = declared.measure(view, case.days), provenance(declared, view, case.days)
        included = [row["key"] for row in found["rows"] if row["role"] == "included"]
        told = {facet: {value.casefold() for value in values} for facet, values in found["filters"].items()}
        assert told == dict(asked.asked())
        assert sorted(included) == sorted(result["included"])
        assert found["counts"].get("included") == len(result["included"])
        assert len(found["rows"]) == len(included) + sum(map(len, result["excluded"].values()))
        if found["value"] is not None:
            assert worked_out(found, case) == pytest.approx(found["value"], rel=1e-9, abs=1e-9)
        for name in dice.sample(list(whole.history.labels), min(2, len(whole.history))):
            assert explain_facts(declared, view, case.days, name).endswith(".")


@effort(25)
@given(cases())
def test_included_durations_have_the_instants_that_they_run_between(case: Case):
    facts = case.read(read_facts)
    ends = {"lead_time": "deployed", "mttr": "resolved", "flow_time": "finished"}
    for declared in (each for each in METRICS if each.key in DURATIONS):
        for row in provenance(declared, facts, case.days, selection=Selection(group="included"))["rows"]:
            dated = [fact for fact in row["evidence"] if fact["at"]]
            assert dated[0]["what"] in {"started", "committed", "detected"}
            assert ends[declared.key] in {fact["what"] for fact in dated}
            assert row["contribution"]["hours"] >= 0


@effort(12)
@given(cases(), st.randoms(), st.text(max_size=12))
def test_any_key_is_explained(case: Case, dice: Random, nonsense: str):
    """In one sentence that says so when it counts, and never with an error."""
    facts = case.read(read_facts)
    keys = [*facts.history.labels, *facts.history.identities, *facts.history.malformed, *facts.history.former_keys]
    for declared in METRICS:
        found = provenance(declared, facts, case.days)
        for name in (nonsense, dice.choice([*keys, "EX-404"]), dice.choice([*keys, "1.0"])):
            sentence = explain_facts(declared, facts, case.days, name)
            assert sentence.endswith(".")
            assert "None" not in sentence
        shown = dict(Counter(row["key"] for row in found["rows"]))
        for row in dice.sample(found["rows"], min(3, len(found["rows"]))):
            told = explain_facts(declared, facts, case.days, row["key"])
            if shown[row["key"]] == 1 and row["key"] != "(no key)" and found["item_kind"] == "issues":
                assert ("is counted" in told) == (row["role"] == "included"), told


@effort(15)
@given(cases(), st.randoms())
def test_a_selection_is_a_part_of_the_whole(case: Case, dice: Random):
    facts, declared = case.read(read_facts), dice.choice(METRICS)
    whole = provenance(declared, facts, case.days)
    for group in ("included", "numerator", *whole["counts"]):
        offset, limit = dice.randint(0, 3), dice.randint(0, 5)
        found = provenance(declared, facts, case.days, selection=Selection(group, offset=offset, limit=limit))
        wanted = {
            "included": lambda row: row["role"] == "included",
            "numerator": lambda row: row["in_numerator"],
        }.get(group, lambda row, group=group: row["reason"] == group)
        rows = [row for row in whole["rows"] if wanted(row)]
        assert found["rows"] == rows[offset : offset + limit]
        assert found["matching"] == len(rows)
        assert (found["counts"], found["value"], found["rule"]) == (whole["counts"], whole["value"], whole["rule"])


@effort(15)
@given(cases(), st.sampled_from(METRICS))
def test_the_table_has_a_row_for_each_candidate_and_no_formula(case: Case, declared: Any):
    found = provenance(declared, case.read(read_facts), case.days)
    lines = list(csv.reader(io.StringIO(as_csv(found))))
    heads = next(number for number, line in enumerate(lines) if line[0] == "key")
    assert len(lines) - heads - 1 == len(found["rows"])
    for line in lines:
        assert not any(cell[:1] in "=+@\t\r" for cell in line if cell)
    roles = Counter(line[1] for line in lines[heads + 1 :])
    assert roles["included"] == found["counts"]["included"]
    assert {line[2] for line in lines[heads + 1 :]} <= {"", *map(str, Reason)}
