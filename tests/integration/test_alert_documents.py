"""What docs/operations.md and its example say about alerts is what the program does."""

import re
from pathlib import Path

from data.watch.alert_metrics import ALERT_METRICS
from data.watch.alert_rule_entries import READERS
from data.watch.alert_rules import DEFAULT_RULES, Rule, rules_in_force
from data.watch.alert_state import State

ROOT = Path(__file__).resolve().parents[2]


def section():
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    return text.partition("\n## Alerts\n")[2].partition("\n## ")[0]


def first_cells(text):
    return re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)


def test_the_example_can_be_used_as_it_is(tmp_path):
    (tmp_path / "alert_rules.json").write_bytes((ROOT / "docs" / "alert_rules.json").read_bytes())

    found = rules_in_force(tmp_path / "alert_rules.json")

    assert found.mistakes == ()
    assert [rule.name for rule in found.rules] == [
        "The page is slow",
        "The forecast fails",
        "Too little is kept",
        "Jira was not read since yesterday",
    ]


def test_every_metric_entry_and_state_is_in_the_tables():
    told = first_cells(section())

    assert [name for name in told if name in ALERT_METRICS] == list(ALERT_METRICS)
    assert [name for name in told if name in READERS and name != "metric"] == [n for n in READERS if n != "metric"]
    assert [name for name in told if name in list(State)] == list(State)


def test_the_table_says_how_much_each_figure_takes_and_which_can_be_narrowed():
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| *(\d*) \|$", section(), re.MULTILINE))

    assert {name: rows[name] for name in ALERT_METRICS} == {
        name: str(about.at_least or "") for name, about in ALERT_METRICS.items()
    }
    assert [about.narrows for about in ALERT_METRICS.values()] == [True] * 8 + [False] * (len(ALERT_METRICS) - 8)


def test_the_defaults_are_those_that_are_told():
    rule = Rule(name="x", metric="p95_ms", comparison=">", value=1)
    assert (rule.for_minutes, rule.over_minutes) == (5, 15)
    assert "1440, 5 if not given" in section()
    assert "1440, 15 if not given" in section()

    limits = {rule.metric: (rule.comparison, rule.value, rule.for_minutes) for rule in DEFAULT_RULES}
    assert limits == {
        "p95_ms": (">", 1000, 10),
        "error_rate": (">", 0.05, 5),
        "health_score": ("<", 60, 15),
        "jira_error_rate": (">", 0.2, 10),
        "jira_waits": (">", 30, 15),
        "unusual_durations": (">", 0, 0),
        "hours_since_sync": (">", 96, 10),
        "log_records_dropped": (">", 0, 0),
    }
