"""The slowest of what was asked for, sorted as one likes, and the cache."""

import pytest

from tests.unit.ui.performance_documents import cache as cache_document
from tests.unit.ui.performance_documents import slow_route
from tests.unit.ui.reading import of_kind, with_class, words
from ui.components.performance.routes import COLUMNS, SHOWN, Order, cache, in_order, read_order, routes

ROWS = [
    slow_route("page-body.children +1", p95=240.0, requests=10, cache_hit_rate=None, severity="warning", errors=2),
    slow_route("explanation.opened +3", p95=800.0, requests=500, cache_hit_rate=0.5, severity="slow"),
    slow_route("/assets/<path:filename>", kind="request", p95=4.0, requests=90, cache_hit_rate=0.9, severity="good"),
]


def heads(shown):
    return {words(head).rstrip("▾▴ "): head for head in of_kind(shown, "Thead")[0].children.children}


def first_names(order):
    return [row["route"] for row in in_order(ROWS, order)]


@pytest.mark.parametrize(
    ("column", "falling", "first"),
    [
        ("p95_ms", True, "explanation.opened +3"),
        ("p95_ms", False, "/assets/<path:filename>"),
        ("requests", True, "explanation.opened +3"),
        ("requests", False, "page-body.children +1"),
        ("route", False, "page-body.children +1"),
        ("errors", True, "page-body.children +1"),
        ("cache_hit_rate", True, "/assets/<path:filename>"),
        ("cache_hit_rate", False, "explanation.opened +3"),
        ("severity", True, "explanation.opened +3"),
        ("severity", False, "/assets/<path:filename>"),
    ],
)
def test_every_order_begins_with_the_right_row(column, falling, first):
    assert first_names(Order(column, falling))[0] == first


@pytest.mark.parametrize("falling", [True, False])
def test_what_is_unknown_comes_last_whichever_way_is_up(falling):
    assert first_names(Order("cache_hit_rate", falling))[-1] == "page-body.children +1"


def test_every_column_is_sorted_by_a_button_and_only_the_chosen_one_says_so():
    shown = routes(ROWS, Order("requests", falling=False), 7)
    for name, head in heads(shown).items():
        (button,) = of_kind(head, "Button")
        assert button.type == "button"
        assert getattr(head, "aria-sort", None) == ("ascending" if name == "Requests" else None)
    falling = heads(routes(ROWS, Order("p95_ms", falling=True), 7))["P95"]
    assert getattr(falling, "aria-sort", None) == "descending"


def test_a_row_is_named_in_words_with_the_technical_name_beneath():
    shown = words(routes(ROWS, Order(), 7))
    assert "Drawing a page page-body.children +1 10" in shown
    assert "very slow" not in shown
    assert "slow" in shown


def test_percentiles_of_few_requests_are_grey():
    shown = routes(ROWS, Order(), 7)
    few = [words(part) for part in with_class(shown, "few")]
    assert few == ["240 ms , from only 10 requests", "360 ms , from only 10 requests", "6 ms , from only 90 requests"]


def test_a_long_list_is_cut_until_all_of_it_is_wanted():
    rows = [slow_route(f"name-{place}.children", p95=float(place)) for place in range(SHOWN + 5)]
    assert len(of_kind(routes(rows, Order(), 7), "Tbody")[0].children) == SHOWN
    every = routes(rows, Order(every=True), 7)
    assert len(of_kind(every, "Tbody")[0].children) == SHOWN + 5
    assert f"Show the first {SHOWN}" in words(every)
    assert f"Show all {SHOWN + 5}" in words(routes(rows, Order(), 7))


@pytest.mark.parametrize("stored", [None, [], "x", {"column": "__class__"}, {"column": None}, {"falling": True}])
def test_an_order_that_no_page_offers_is_the_usual_one(stored):
    assert read_order(stored) == Order()


def test_an_order_is_read_as_the_browser_keeps_it():
    assert read_order({"column": "avg_ms", "falling": False, "every": True}) == Order("avg_ms", False, True)
    assert set(COLUMNS) == {
        "route",
        "requests",
        "avg_ms",
        "p50_ms",
        "p95_ms",
        "p99_ms",
        "cache_hit_rate",
        "errors",
        "severity",
    }


def test_nothing_asked_for_is_said():
    assert words(routes([], Order(), 1)) == "Nothing was asked for in the last 24 hours."


def test_the_cache_is_told_as_a_whole_and_row_by_row():
    shown = words(cache(cache_document(), 7))
    assert "low : 62 % of 32,000 answers that can be kept came from the cache." in shown
    assert "From the cache: 20,000" in shown
    assert "Cannot be kept: 19,234" in shown
    assert "Explaining a number explanation.opened +3 940 60 94 % works well" in shown


def test_without_anything_that_can_be_kept_there_is_no_rate():
    empty = {"hits": 0, "misses": 0, "not_cacheable": 12, "hit_rate": None, "effectiveness": "none"}
    assert "nothing was asked for that can be kept" in words(cache(cache_document(overall=empty, routes=[]), 7))
