"""Values beside other organisations: whom one compares with is chosen, and source and year are always said."""

import pytest

from data.benchmarks import groups
from data.metric_catalogue import METRICS
from data.model import TeamRules
from tests.unit.ui.reading import of_kind, with_class, words
from tests.unit.ui.results import result
from ui.components.benchmark import benchmark_words, group_of
from ui.components.card import metric_card
from ui.components.explanation import explanation
from ui.components.panel import panels
from ui.page import Sources

NOWHERE = Sources(None, {})
DORA = {metric.key: result(metric.key) for metric in METRICS if metric.family == "dora"}


def test_a_group_is_chosen_by_industry_or_size_in_the_explanation_and_over_the_cards():
    for place in (explanation(DORA["cfr"], TeamRules(), NOWHERE, group="technology"), panels(DORA, group="technology")):
        (choice,) = of_kind(place, "Select")
        assert [part["group"] for part in choice.data] == ["Industry", "Size of the organisation"]
        assert {option["value"] for part in choice.data for option in part["items"]} == {one.key for one in groups()}
        assert choice.value == "technology"


@pytest.mark.parametrize("group", [one.key for one in groups()])
@pytest.mark.parametrize("key", DORA)
def test_every_group_has_words_for_every_value_with_its_name_source_and_year(group, key):
    (name,) = [one.name for one in groups() if one.key == group]
    card = words(metric_card(DORA[key], group=group))
    for said in (card, words(benchmark_words(DORA[key], group)), words(panels({key: DORA[key]}, group=group))):
        assert f"({name}, DORA Quick Check 2025)" in said
    assert "Benchmark: " in card


def test_the_choice_over_the_cards_says_whose_figures_they_are():
    assert "DORA Quick Check" in words(with_class(panels(DORA), "benchmark-bar"))


def test_what_has_no_benchmark_offers_no_comparison():
    flow = result("flow_time")
    assert of_kind(explanation(flow, TeamRules(), NOWHERE), "Select") == []
    assert of_kind(panels({"flow_time": flow}), "Select") == []
    assert not with_class(metric_card(flow), "benchmark")
    few = {"cfr": result("cfr", status="low_sample")}
    assert of_kind(panels(few), "Select") == []


@pytest.mark.parametrize("sent", [None, "", "moon", 7, ["all"], {"all": 1}])
def test_a_group_that_is_none_means_all_organisations(sent):
    assert group_of(sent) == "all"
