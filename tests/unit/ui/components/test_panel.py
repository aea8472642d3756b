"""A metric at full width."""

import pytest

from data.metric_catalogue import METRICS
from tests.unit.ui.reading import of_kind, with_class, words
from tests.unit.ui.results import SHARES, result, weeks
from ui.components.panel import metric_panel, panels


@pytest.mark.parametrize("key", [metric.key for metric in METRICS])
def test_the_table_says_what_the_chart_shows(key):
    panel = metric_panel(result(key))

    (table,) = of_kind(panel, "Table")
    assert len(of_kind(table, "Tr")) == 4
    assert "(running)" in words(of_kind(table, "Tr")[1])
    assert words(of_kind(panel, "Figcaption"))


def test_the_table_has_a_column_for_each_kind_that_occurs():
    (table,) = of_kind(metric_panel(result("flow_distribution", trend=weeks(SHARES, None))), "Table")

    assert words(of_kind(table, "Thead")) == "Week from Features Defects Debt Counted"
    assert words(of_kind(table, "Tr")[1]) == "2 Mar 2026 (running) no value no value no value 8"


def test_without_any_weekly_value_there_is_a_sentence_and_no_empty_chart():
    panel = metric_panel(result("mttr", value=None, status="no_data", trend=weeks(None, None)))

    assert "no trend to draw" in words(panel)
    assert not of_kind(panel, "Store")


def test_velocity_is_drawn_by_kind_with_its_legend():
    velocity, shares = result("flow_velocity"), result("flow_distribution", trend=weeks(SHARES, SHARES, SHARES))
    page = panels({"flow_velocity": velocity, "flow_distribution": shares})

    first = with_class(page, "panel-trend")[0]
    assert words(with_class(first, "share-legend")) == "Features Defects Debt"


def test_a_week_beyond_the_noise_is_told_in_picture_table_and_words():
    noise = [0.1, 0.12, 0.11, 0.09] * 3
    panel = metric_panel(result("cfr", trend=weeks(*noise, 0.6, 0.1)))
    said = words(panel)
    assert "Further out than the usual week-to-week noise reaches" in said
    assert "Signal" in said
    assert "Signal" not in words(metric_panel(result("cfr", trend=weeks(*noise, 0.1, 0.1))))


def rules_changed_on(day, before=50.0, after=85.0):
    said = {"rule": "headline_percentile", "before": before, "after": after, "sentence": ""}
    return {"at": f"{day}T10:00:00Z", "version": "0", "changes": [said]}


def test_a_change_of_the_rules_is_marked_in_the_trend_and_told_beside_it():
    marked = metric_panel(result("cfr", trend=weeks(0.1, 0.2, 0.1)), changes=[rules_changed_on("2026-02-24")])

    assert "24 Feb 2026: Percentile of durations: the median, now 85 %." in words(marked)
    assert "measured by the rules of today" in words(marked)


def test_a_change_before_the_weeks_shown_is_not_told():
    early = metric_panel(result("cfr", trend=weeks(0.1, 0.2, 0.1)), changes=[rules_changed_on("2025-02-24")])

    assert not with_class(early, "rule-changes")
