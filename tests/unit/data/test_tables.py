"""The table of issues for notebooks and exports."""

import csv
import io
import math
from datetime import timedelta

import pandas as pd

from data.facts import facts_as_of
from data.filters import Filters
from data.history import read_history
from data.model import TeamRules
from data.performance_utils import FieldMappingIndex
from data.tables import issue_csv, issue_table
from tests.builders import at, issue, version

START = at("2025-03-03 09:00")


def test_every_issue_has_a_row_with_what_had_happened_to_it():
    moves = [(START, "In Progress"), (START + timedelta(hours=30), "Done")]
    done = issue("EX-1", START, moves=moves, issue_type="Bug", fix_versions=[version("1.0", released="2025-03-09")])
    history = read_history([done, issue("EX-2", START)], FieldMappingIndex({}), TeamRules())

    table = issue_table(facts_as_of(history, at("2025-03-31 00:00")))

    assert table.loc["EX-1", ["kind", "status", "flow_hours"]].tolist() == ["defect", "Done", 30.0]
    assert table.loc["EX-1", "finished"] == pd.Timestamp("2025-03-04 15:00", tz="UTC")
    assert table.loc["EX-1", "deployed"].date().isoformat() == "2025-03-09"
    assert pd.isna(table.loc["EX-2", "started"])
    assert math.isnan(table.loc["EX-2", "flow_hours"])
    assert str(table["created"].dtype) == "datetime64[us, UTC]"


def test_as_csv_a_view_holds_its_own_issues_and_no_formula():
    bug = issue("=EX-1", START, moves=[(START, "In Progress")], issue_type="Bug")
    history = read_history([bug, issue("EX-2", START)], FieldMappingIndex({}), TeamRules())
    facts = facts_as_of(history, at("2025-03-31 00:00"))

    rows = list(csv.DictReader(io.StringIO(issue_csv(facts))))
    (own,) = csv.DictReader(io.StringIO(issue_csv(facts.where(Filters(issue_type=frozenset({"bug"}))))))

    assert own in rows
    assert {row["key"] for row in rows} == {"'=EX-1", "EX-2"}
    assert own["started"] == "2025-03-03T09:00:00Z"
    assert (own["finished"], own["flow_hours"], own["incident"]) == ("", "", "no")
