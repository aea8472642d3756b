"""The full chart of a trend, as a plain figure."""

import json
import re

import plotly.graph_objects as go
import pytest

from data.metric_catalogue import METRICS
from tests.unit.ui.results import SHARES, result, weeks
from ui.figures.drawing import CLEAR, HOLLOW
from ui.figures.trend import kinds_shown, trend_figure


@pytest.mark.parametrize("key", [metric.key for metric in METRICS])
def test_every_metric_has_a_figure_that_plotly_accepts(key):
    figure = trend_figure(result(key))

    coloured = re.sub(r'"var\(--[a-z-]+\)"', '"#123456"', json.dumps(figure))
    assert "var(" not in coloured
    go.Figure(json.loads(coloured))


def test_all_points_of_a_duration_share_the_unit_of_the_largest():
    figure = trend_figure(result(trend=weeks(12.0, 96.0, 48.0)))

    whole, running = figure["data"]
    assert whole["y"] == [0.5, 4.0]
    assert running["y"] == [4.0, 2.0]
    assert whole["customdata"][0].startswith("12\N{NO-BREAK SPACE}hours")
    assert figure["layout"]["yaxis"]["title"]["text"] == "days"


def test_a_few_items_are_counted_in_whole_steps():
    few = trend_figure(result("flow_load", trend=weeks(0.0, 2.0, 1.0)))
    many = trend_figure(result("flow_load", trend=weeks(0.0, 20.0, 1.0)))

    assert few["layout"]["yaxis"]["dtick"] == 1
    assert "dtick" not in many["layout"]["yaxis"]


def test_a_week_without_value_is_a_gap():
    (bars,) = trend_figure(result("deployment_frequency", trend=weeks(0.5, None, 0.0, 0.25)))["data"]

    assert bars["y"] == [3.5, None, 0.0, 1.75]
    assert bars["customdata"][1].startswith("no value")


def test_the_running_week_is_hollow_and_says_so():
    (bars,) = trend_figure(result("deployment_frequency", trend=weeks(0.5, 0.25)))["data"]

    assert bars["marker"]["color"][-1] == HOLLOW
    assert bars["customdata"][-1].endswith("week still running")
    _, ring = trend_figure(result("cfr", trend=weeks(0.5, 0.25)))["data"]
    assert ring["marker"]["symbol"] == "circle-open"


def test_shares_are_stacked_by_kind_and_kinds_without_any_are_left_out():
    figure = trend_figure(result("flow_distribution", trend=weeks(SHARES, None, SHARES)))

    assert [trace["name"] for trace in figure["data"]] == ["Features", "Defects", "Debt"]
    assert figure["data"][0]["y"] == [60.0, None, 60.0]
    assert figure["data"][0]["marker"]["color"][-1] == CLEAR
    assert [str(kind) for kind in kinds_shown(figure)] == ["feature", "defect", "debt"]


def test_a_stacked_count_is_split_by_the_shares_of_the_same_items():
    figure = trend_figure(result("flow_velocity", trend=weeks(10.0, 10.0)), weeks(SHARES, SHARES, sample_size=10))

    assert [trace["y"][0] for trace in figure["data"]] == [6.0, 3.0, 1.0]


def test_the_period_is_shaded_from_its_start_to_its_end():
    (band,) = trend_figure(result(days=30))["layout"]["shapes"]

    assert (band["x0"], band["x1"]) == ("2026-02-03", "2026-03-05")


def test_few_enough_weeks_are_named_to_stand_side_by_side_on_a_phone():
    for number in (1, 5, 13, 53):
        axis = trend_figure(result(trend=weeks(*[1.0] * number)))["layout"]["xaxis"]
        assert 1 <= len(axis["tickvals"]) <= 6


def test_a_week_beyond_the_noise_wears_a_ring_and_the_limits_are_drawn():
    noise = [0.1, 0.12, 0.11, 0.09] * 3
    figure = trend_figure(result("cfr", trend=weeks(*noise, 0.6, 0.1)))
    ring = figure["data"][-1]
    assert (ring["name"], ring["y"]) == ("Signal", [60.0])
    assert "noise" in ring["customdata"][0]
    lines = [shape for shape in figure["layout"]["shapes"] if shape["type"] == "line"]
    assert [line["line"]["dash"] for line in lines] == ["solid", "dot", "dot"]


def test_a_trend_without_signals_wears_none():
    figure = trend_figure(result("cfr", trend=weeks(*[0.1, 0.12, 0.11, 0.09] * 3, 0.1)))
    assert "Signal" not in [trace.get("name") for trace in figure["data"]]


def test_few_weeks_have_no_limits():
    shapes = trend_figure(result("cfr", trend=weeks(0.1, 0.2, 0.1)))["layout"]["shapes"]
    assert [shape["type"] for shape in shapes] == ["rect"]


def test_a_line_stands_where_the_rules_changed():
    trend = result("cfr", trend=weeks(0.1, 0.2, 0.1))
    change = {"at": "2026-02-24T10:00:00Z", "version": "0", "changes": []}
    earlier = change | {"at": "2020-02-24T10:00:00Z"}
    plain, marked = (trend_figure(trend, (), changes) for changes in ([], [earlier, change]))

    (line,) = [shape for shape in marked["layout"]["shapes"] if shape not in plain["layout"]["shapes"]]
    assert (line["x0"], line["x1"], line["yref"]) == ("2026-02-24T10:00:00", "2026-02-24T10:00:00", "paper")
