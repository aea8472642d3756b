"""The picture of how long answers took."""

import plotly.graph_objects as go

from tests.unit.ui.performance_documents import NOW, trend
from ui.figures.response_times import response_times, trend_sentence


def lines(figure):
    return {trace["name"]: trace for trace in figure["data"]}


def test_average_and_p95_lie_over_the_week_before():
    shown = response_times(trend(48), "UTC")
    assert [trace["name"] for trace in shown["data"]] == [
        "Average a week before",
        "P95 a week before",
        "Average",
        "P95",
    ]
    assert {len(trace["x"]) for trace in shown["data"]} == {48}


def test_hours_without_traffic_are_a_gap_and_no_zero():
    spread = lines(response_times(trend(10, missing=frozenset({4, 5})), "UTC"))["P95"]
    assert len(spread["y"]) == 9
    assert spread["y"][4] is None
    assert spread["x"][4] is None
    assert 0 not in spread["y"]


def test_a_step_whose_duration_is_unknown_is_a_gap_as_well():
    found = trend(5)
    found["points"][2] |= {"requests": 0, "avg_ms": None, "p95_ms": None, "error_rate": None}
    assert lines(response_times(found, "UTC"))["P95"]["y"][2] is None


def test_times_are_those_of_the_team_and_days_those_of_utc():
    assert lines(response_times(trend(1), "Europe/Berlin"))["P95"]["x"] == ["2026-03-05 15:00"]
    assert lines(response_times(trend(1, step="day"), "Europe/Berlin"))["P95"]["x"] == ["2026-03-04 15:00"]


def test_few_steps_are_dots_and_many_a_line():
    assert lines(response_times(trend(2), "UTC"))["P95"]["mode"] == "lines+markers"
    assert lines(response_times(trend(3), "UTC"))["P95"]["mode"] == "lines"


def test_long_times_are_drawn_in_seconds():
    found = trend(5)
    for point in found["points"]:
        point["p95_ms"] *= 100
    shown = response_times(found, "UTC")
    assert shown["layout"]["yaxis"]["title"]["text"] == "seconds"
    assert max(lines(shown)["P95"]["y"]) < 100


def test_only_the_levels_near_the_values_are_marked():
    marked = [
        one["text"].replace("\N{NO-BREAK SPACE}", " ")
        for one in response_times(trend(48), "UTC")["layout"]["annotations"]
    ]
    assert marked == ["100 ms"]


def test_the_sentence_names_lowest_highest_and_when():
    found = trend(3)
    for point, p95 in zip(found["points"], (50.0, 900.0, 70.0), strict=True):
        point["p95_ms"] = p95
    told = trend_sentence(found, "UTC").replace("\N{NO-BREAK SPACE}", " ")
    assert told == "P95 was between 50 ms and 900 ms over 3 hours with traffic, highest on 5 Mar 2026, 13:00."
    assert NOW.hour == 15


def test_plotly_accepts_the_figure():
    go.Figure(response_times(trend(20), "UTC"))


def test_colours_are_names_that_the_browser_replaces():
    for trace in response_times(trend(5), "UTC")["data"]:
        assert trace["line"]["color"].startswith("var(--")
