"""What holds for every declared metric, and the catalogue that lists them."""

import ast
import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest

import data.dora_calculator
import data.flow_calculator
from data.metric import Metric, MetricResult, config_version
from data.metric_catalogue import METRICS, family, metric
from data.model import TeamRules
from data.performance_utils import FieldMappingIndex
from tests.builders import at, issue, version

NOW = at("2025-03-31 12:00")
START = at("2025-03-03 09:00")


def records():
    moves = [(START, "In Progress"), (START + timedelta(days=2), "Done")]
    release = version("1.0", released="2025-03-20")
    return [issue(f"EX-{n}", START, moves=moves, fix_versions=[release]) for n in range(8)]


@pytest.mark.parametrize("declared", METRICS, ids=lambda declared: declared.key)
def test_a_result_is_plain_json_with_every_promised_key(declared):
    result = declared(records(), {}, 30, as_of=NOW)

    assert set(result) == set(MetricResult.__annotations__)
    assert json.loads(json.dumps(result, allow_nan=False)) == result


@pytest.mark.parametrize("declared", METRICS, ids=lambda declared: declared.key)
def test_a_definition_opens_with_a_sentence_a_manager_can_read(declared):
    opening = declared.definition.split(".")[0]

    assert 60 < len(opening.replace("\n", " ")) < 260
    assert "`" not in declared.definition


def test_every_declared_metric_is_in_the_catalogue():
    modules = (data.dora_calculator, data.flow_calculator)
    declared = {name: value for module in modules for name, value in vars(module).items() if isinstance(value, Metric)}

    assert set(declared.values()) == set(METRICS)
    assert [metric(each.key) for each in METRICS] == list(METRICS)
    assert (len(family("dora")), len(family("flow"))) == (5, 5)


def test_an_unknown_metric_is_an_error_that_lists_the_known_ones():
    with pytest.raises(KeyError, match="flow_time"):
        metric("velocity")


def test_a_longer_period_is_a_positive_number_of_days():
    with pytest.raises(ValueError, match="1 or more"):
        METRICS[0](records(), {}, 0, as_of=NOW)


def test_the_configuration_version_changes_with_every_rule_and_with_nothing_else():
    index = FieldMappingIndex({"team": "cf_1", "sprint": "cf_2"})
    same = FieldMappingIndex({"sprint": "cf_2", "team": "cf_1"})
    rules = TeamRules(blocked_statuses=frozenset({"a", "b", "c"}))

    assert config_version(rules, index) == config_version(TeamRules(blocked_statuses=frozenset("cba")), same)
    assert config_version(rules, index) != config_version(TeamRules(), index)
    assert config_version(rules, index) != config_version(rules, FieldMappingIndex({"team": "cf_1"}))


def test_a_family_logs_its_reading_each_metric_and_the_whole_once_each(caplog):
    """What one metric derived from the history, the next ones find: that is counted as hits."""
    with caplog.at_level(logging.INFO, logger="data.performance_utils"):
        results = data.dora_calculator.calculate_dora_metrics(records(), {}, 30, as_of=NOW)

    calculated = {record.metric_type: record for record in caplog.records}
    assert list(calculated) == ["history", *results, "dora_metrics"]
    assert len(caplog.records) == len(calculated)
    assert {record.input_data_size for record in caplog.records} == {8}
    sizes = {key: calculated[key].result_data_size for key in results}
    assert sizes == {key: result["sample_size"] for key, result in results.items()}
    whole = calculated["dora_metrics"]
    assert whole.cache_misses == sum(calculated[key].cache_misses for key in results) > 0
    assert whole.cache_hits == sum(calculated[key].cache_hits for key in results) > 0


def test_nothing_in_the_measuring_modules_reads_the_clock_but_the_outermost_call():
    """`datetime.now` stands once, in the default of `read_facts`."""
    pure = ["facts", "history", "deployments", "incidents", "sample", "weeks", "working_time", "statistics"]
    pure += ["reading/statuses", "reading/roles", "reading/jira_records", "reading/field_values"]
    pure += ["data_quality", "dora_calculator", "flow_calculator", "metric"]
    sources = {name: Path("data", f"{name}.py").read_text(encoding="utf-8") for name in pure}
    calls = [
        (name, ast.unparse(node))
        for name, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today", "time", "monotonic"}
    ]

    assert [call for call in calls if call[1].startswith(("datetime.", "date.", "time."))] == [
        ("metric", "datetime.now")
    ]
