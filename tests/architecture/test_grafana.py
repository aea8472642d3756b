"""The dashboard for Grafana asks only for what is exported, and is a file that Grafana takes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as read

from data.watch.histogram import EDGES
from data.watch.measurement import Kind
from data.watch.prometheus import VERDICTS, LastSync, Snapshot, rendered
from data.watch.totals import Totals, TotalsKey

FILE = Path(__file__).resolve().parents[2] / "docs" / "grafana" / "sightline.json"
SET_BY_THE_SCRAPER = {"job", "instance"}
OPERATORS = {"by", "without", "on", "ignoring", "group_left", "group_right", "and", "or", "unless", "bool", "offset"}
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"


@cache
def exported():
    """Every series that there can be, with its labels: name to label to the values it was seen with."""
    one = Totals(
        count=1, errors=1, throttled=1, hits=1, misses=1, total_ms=1.0, waited_ms=1.0, at_most=dict.fromkeys(EDGES, 1)
    )
    text, _ = rendered(
        Snapshot(
            totals={TotalsKey(kind, "x", "", status): one for kind in Kind for status in ("2xx", "4xx", "5xx")},
            measurements_dropped=1,
            log_records_dropped={"app.log": 1},
            last_sync=LastSync("complete", datetime(2026, 1, 31, tzinfo=UTC)),
            health_score=100.0,
            resident_bytes=1,
            build={"version": "1", "python": "3"},
        )
    )
    series = {}
    for family in read(text.decode()):
        for sample in family.samples:
            labels = series.setdefault(sample.name, {})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    return series


def faults(expression):
    """What is wrong with a query of Prometheus: series, labels and values that do not exist."""
    found, bare = [], expression
    asked = re.findall(rf"({NAME})\{{([^}}]*)\}}", expression)
    for series, matchers in asked:
        known = exported().get(series)
        if known is None:
            found.append(f"{series} is not exported")
            continue
        for label, operator, value in re.findall(rf'({NAME})\s*(=~|!~|!=|=)\s*"([^"]*)"', matchers):
            if label not in known.keys() | SET_BY_THE_SCRAPER:
                found.append(f"{series} has no label {label}")
            elif operator == "=" and label in known and value not in known[label]:
                found.append(f"{series} never has {label}={value}")
    for clause in re.findall(r"\bby\s*\(([^)]*)\)", expression):
        there = SET_BY_THE_SCRAPER.union(*(exported().get(series, {}) for series, _ in asked))
        grouped = {label.strip() for label in clause.split(",")} - {""}
        found += [f"nothing there has the label {label}" for label in sorted(grouped - there)]
    for part in (r"\{[^}]*\}", r"\[[^\]]*\]", r'"[^"]*"', r"\bby\s*\([^)]*\)", rf"{NAME}\s*(?=\()"):
        bare = re.sub(part, " ", bare)
    left = set(re.findall(NAME, bare)) - OPERATORS - {series for series, _ in asked}
    return found + [f"{name} is not exported, or has no selector" for name in left]


@pytest.fixture(scope="module")
def dashboard():
    return json.loads(FILE.read_text("utf-8"))


def targets(dashboard):
    return [(panel, target) for panel in dashboard["panels"] for target in panel.get("targets", [])]


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("rate(sightline_requests_total{}[5m])", "sightline_requests_total is not exported"),
        ("sightline_health_score", "no selector"),
        ('sightline_health_score{part="cache"}', "no label part"),
        ("sum by (endpoint) (sightline_jira_rate_limited_total{})", "label endpoint"),
        ('sightline_request_duration_seconds_bucket{le="0.3"}', "never has le=0.3"),
        ('sightline_last_sync_verdict{verdict="good"}', "never has verdict=good"),
    ],
)
def test_a_wrong_query_is_found_out(expression, fault):
    """Else the next test would hold for any file."""
    assert any(fault in one for one in faults(expression))


def test_every_query_names_series_and_labels_that_are_exported(dashboard):
    assert len(targets(dashboard)) > 20
    wrong = {target["expr"]: faults(target["expr"]) for _, target in targets(dashboard)}
    assert {query: found for query, found in wrong.items() if found} == {}


def test_every_exported_series_is_on_the_dashboard(dashboard):
    queries = " ".join(target["expr"] for _, target in targets(dashboard))
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in exported()}

    assert {name for name in families if name not in queries} == set()


def test_legends_name_labels_that_the_query_leaves(dashboard):
    for _, target in targets(dashboard):
        for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
            grouped = re.search(rf"\bby\s*\([^)]*\b{label}\b[^)]*\)", target["expr"])
            assert grouped or (label in SET_BY_THE_SCRAPER and " by " not in target["expr"]), target["expr"]


def test_the_variables_ask_for_exported_series(dashboard):
    variables = dashboard["templating"]["list"]
    queries = [variable["query"]["query"] for variable in variables if variable["type"] == "query"]

    assert queries
    for query in queries:
        series, label = re.fullmatch(rf"label_values\(({NAME})(?:\{{[^}}]*\}})?, (\w+)\)", query).groups()
        assert series in exported()
        assert label in exported()[series].keys() | SET_BY_THE_SCRAPER


def test_grafana_takes_the_file(dashboard):
    """Unique ids, panels within the grid of 24 columns and beside each other, known kinds, a title and a schema."""
    panels = dashboard["panels"]
    assert dashboard["title"]
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", dashboard["uid"])
    assert dashboard["schemaVersion"] >= 36
    assert "id" not in dashboard, "an id is given by the Grafana that the file is brought into"
    assert len({panel["id"] for panel in panels}) == len(panels)
    kinds = {"row", "stat", "timeseries", "heatmap", "bargauge", "state-timeline", "table"}
    assert {panel["type"] for panel in panels} <= kinds
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] >= 0
        assert place["x"] + place["w"] <= 24
        assert panel["title"]
        assert panel["type"] == "row" or panel["targets"]
        references = [target["refId"] for target in panel.get("targets", [])]
        assert len(set(references)) == len(references)
    for one, other in combinations([panel["gridPos"] for panel in panels], 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart


def test_the_source_of_data_is_chosen_by_whoever_opens_it(dashboard):
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    assert (variables["datasource"]["type"], variables["datasource"]["query"]) == ("datasource", "prometheus")
    chosen = {"type": "prometheus", "uid": "${datasource}"}
    places = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    places += [target for _, target in targets(dashboard)]
    places += [variable for variable in variables.values() if variable["type"] == "query"]

    assert all(place["datasource"] == chosen for place in places)
    used = set(re.findall(r"\$\{?(\w+)", FILE.read_text("utf-8")))
    assert used <= variables.keys() | {"__rate_interval", "__range", "__all"}


def test_limits_drawn_are_those_of_severity_and_verdicts_are_those_there_are(dashboard):
    panel = next(panel for panel in dashboard["panels"] if panel["title"] == "P95")
    steps = [step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]]
    assert steps == [None, 0.1, 0.5, 1]
    assert exported()["sightline_last_sync_verdict"]["verdict"] == set(VERDICTS)
