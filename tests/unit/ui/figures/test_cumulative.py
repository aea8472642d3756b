"""The flow diagram by category and by status: nothing is lost, neighbours differ, and a name is no markup."""

from __future__ import annotations

import re
from itertools import pairwise

from ui.figures.cumulative import HUES, MOST_BANDS, OTHERS, category_counts, status_bands, status_figure
from ui.layout import ASSETS


def band(name, *counts, category="indeterminate"):
    return {"status": name, "category": category, "counts": list(counts)}


def flow(*bands):
    return {
        "days": ["2026-01-13", "2026-01-14"],
        "by_category": {},
        "by_status": {},
        "bands": list(bands),
        "cancelled": 0,
        "without_history": 0,
    }


MANY = [band(f"Step {number}", number, number + 1) for number in range(1, 20)]


def test_both_diagrams_add_up_to_the_same():
    parts = flow(band("To Do", 3, 4, category="new"), *MANY, band("Done", 0, 2, category="done"), band("Gone", 0, 0))

    for place in range(2):
        whole = sum(counts[place] for counts in category_counts(parts).values())
        assert sum(one.counts[place] for one in status_bands(parts)) == whole


def test_of_many_statuses_the_fullest_are_drawn_in_their_order_and_the_others_as_one():
    bands = status_bands(flow(*MANY))

    assert [one.name for one in bands] == [OTHERS, *(f"Step {number}" for number in range(9, 20))]
    assert len(bands) == MOST_BANDS
    assert bands[0].counts == [sum(range(1, 9)), sum(range(2, 10))]


def test_no_two_bands_look_alike_and_neighbours_differ_in_hue():
    looks = [one.look for one in status_bands(flow(*MANY))]

    assert len(set(looks)) == MOST_BANDS
    assert all(earlier.split()[0] != later.split()[0] for earlier, later in pairwise(looks))


def test_every_hue_has_a_colour_in_light_and_in_dark():
    styles = (ASSETS / "sightline.css").read_text(encoding="utf-8")

    for hue in (*HUES, "other"):
        assert len(re.findall(rf"--flow-{hue}: #", styles)) == 2
        assert f".flow-{hue} {{" in styles


def test_a_name_is_text_and_is_cut_where_it_is_very_long():
    (trace,) = status_figure(flow(band("<b>Odd</b> %{y} & " + "long " * 40, 1, 1)))["data"]

    assert trace["name"].startswith("&lt;b&gt;Odd&lt;/b&gt; %{y} &amp; long")
    assert len(trace["name"]) < 80
    assert "Odd" not in trace["hovertemplate"]


def test_one_name_with_two_meanings_says_which():
    parts = flow(band("Review", 1, 1, category="new"), band("Review", 2, 2), band("Test", 1, 1))

    assert [one.name for one in status_bands(parts)] == ["Review (not started)", "Review (in progress)", "Test"]


def test_statuses_of_no_category_lie_on_top_as_in_the_other_diagram():
    parts = flow(band("To Do", 1, 1, category="new"), band("Limbo", 1, 1, category="unmapped"))

    assert [one.name for one in status_bands(parts)] == ["Limbo", "To Do"]
    assert [*category_counts(parts)] == ["new", "unmapped"]
