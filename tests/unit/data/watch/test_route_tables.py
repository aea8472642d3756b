"""Routes side by side, against values worked out by hand."""

import pytest

from data.watch.route_tables import cache_effectiveness, compared_routes, effectiveness_of, slow_routes
from data.watch.summary import Summary
from tests.unit.data.watch.traffic import key, requests

CALLBACK = key("body.children", kind="callback", method="POST")


def test_the_route_with_the_highest_p95_comes_first():
    rows = slow_routes({key("/"): requests(*[20.0] * 30), CALLBACK: requests(*[700.0] * 10, failed=2)})

    assert [(row["route"], row["kind"], row["method"]) for row in rows] == [
        ("body.children", "callback", "POST"),
        ("/", "request", "GET"),
    ]
    first, second = rows
    assert (first["severity"], second["severity"]) == ("slow", "good")
    assert (first["requests"], first["share_of_requests"], first["errors"], first["error_rate"]) == (10, 0.25, 2, 0.2)
    assert first["p95_ms"] == pytest.approx(700, rel=0.01)
    assert (first["avg_ms"], first["max_ms"], first["cache_hit_rate"]) == (700, 700, None)
    assert (first["few"], first["few_for_p99"], second["few"], second["few_for_p99"]) == (True, True, False, True)


def test_percentiles_are_nearest_ranks():
    """Of 1 to 100 ms the 50th, 95th and 99th, each within one percent."""
    (row,) = slow_routes({key("/"): requests(*map(float, range(1, 101)))})

    assert [row["p50_ms"], row["p95_ms"], row["p99_ms"]] == [pytest.approx(rank, rel=0.011) for rank in (50, 95, 99)]
    assert not row["few_for_p99"]


def test_a_route_without_a_request_is_not_listed():
    assert slow_routes({key("/"): Summary()}) == compared_routes([{key("/"): Summary()}], [{}]) == []


def test_popularity_and_time_are_shares_of_all():
    """40 requests take 20 ms each and 10 take 80: 80 % of the requests, half of the time."""
    spans = [
        {key("/"): requests(*[20.0] * 20)},
        {key("/"): requests(*[20.0] * 20), key("/dora"): requests(*[80.0] * 10)},
    ]

    rows = compared_routes(spans, [{}, {}])

    assert [(row["route"], row["popularity"], row["total_time_share"]) for row in rows] == [
        ("/", 0.8, 0.5),
        ("/dora", 0.2, 0.5),
    ]
    assert [row["change"] for row in rows] == [None, None]


def seven(middles, count=30):
    return [{key("/"): requests(*[float(middle)] * count)} for middle in middles]


def changed(now, before, count=30):
    (row,) = compared_routes(seven(now, count), seven(before, count))
    return row["change"]


def test_a_route_twice_as_slow_in_every_span_has_changed_by_more_than_noise():
    change = changed([200] * 7, [100] * 7)

    assert change["p95_ms_before"] == pytest.approx(100, rel=0.01)
    assert change["ratio"] == pytest.approx(2, rel=0.02)
    assert change["requests_before"] == 210
    assert change["is_more_than_noise"] is True


def test_one_bad_span_is_noise_however_many_requests_it_has():
    change = changed([100, 100, 900, 100, 101, 99, 100], [100, 99, 101, 100, 100, 102, 100], count=300)

    assert change["ratio"] > 5
    assert change["is_more_than_noise"] is False


def test_a_handful_of_requests_does_not_tell_a_change_from_noise():
    assert changed([200] * 7, [100] * 7, count=19)["is_more_than_noise"] is None


def test_a_route_that_was_not_asked_for_before_has_not_changed():
    (row,) = compared_routes(seven([100] * 7), [{}] * 7)

    assert row["change"] is None


@pytest.mark.parametrize(
    ("hit_rate", "effectiveness"), [(1.0, "high"), (0.7, "high"), (0.699, "low"), (0.0, "low"), (None, "none")]
)
def test_effectiveness_by_the_hit_rate(hit_rate, effectiveness):
    assert effectiveness_of(hit_rate) == effectiveness


def test_caches_are_told_route_by_route_and_in_all():
    told = cache_effectiveness(
        {
            key("/"): requests(*[20.0] * 12, hits=8, misses=2),
            key("/dora"): requests(*[20.0] * 10, hits=1, misses=9),
            key("/health"): requests(*[20.0] * 5),
        }
    )

    assert told["overall"] == {
        "hits": 9,
        "misses": 11,
        "not_cacheable": 7,
        "hit_rate": 0.45,
        "effectiveness": "low",
    }
    assert [(row["route"], row["hit_rate"], row["effectiveness"]) for row in told["routes"]] == [
        ("/dora", 0.1, "low"),
        ("/", 0.8, "high"),
        ("/health", None, "none"),
    ]
