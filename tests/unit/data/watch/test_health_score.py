"""The health score against values worked out by hand."""

import pytest

from data.watch.health_score import cache_points, error_points, grade_of, health_of, latency_points, total_of
from tests.unit.data.watch.traffic import key, requests


@pytest.mark.parametrize(
    ("p95_ms", "points"),
    [
        (0, 100),
        (99, 100),
        (100, 100),
        (300, 85),
        (500, 70),
        (750, 50),
        (1000, 30),
        (1500, 20),
        (3000, 10),
        (60_000, 0.5),
    ],
)
def test_points_for_latency(p95_ms, points):
    assert latency_points(p95_ms) == pytest.approx(points)


def test_points_for_hits_and_errors_are_percentages():
    assert cache_points(0.75) == 75
    assert error_points(0.05) == 95


def test_the_parts_weigh_40_30_and_30():
    assert total_of(50, 75, 95) == pytest.approx(0.4 * 50 + 0.3 * 75 + 0.3 * 95) == pytest.approx(71)


def test_where_nothing_could_be_kept_the_other_parts_share_its_weight():
    assert total_of(50, None, 95) == pytest.approx((40 * 50 + 30 * 95) / 70)


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        (100, "A+"),
        (95, "A+"),
        (94.9, "A"),
        (90, "A"),
        (89.9, "B+"),
        (85, "B+"),
        (84.9, "B"),
        (80, "B"),
        (79.9, "C+"),
        (75, "C+"),
        (74.9, "C"),
        (70, "C"),
        (69.9, "D"),
        (60, "D"),
        (59.9, "F"),
        (0, "F"),
    ],
)
def test_a_grade_begins_at_its_edge(score, grade):
    assert grade_of(score) == grade


def test_without_a_request_there_is_no_score_and_no_grade():
    """Not 0, not 100, not A+."""
    health = health_of({})

    assert (health["total_score"], health["grade"], health["requests"]) == (None, None, 0)
    assert health["parts"] == {"latency": None, "cache": None, "errors": None}
    assert health["pulls_down"] == []


def a_hundred():
    """90 quick requests to one page, 10 of 750 ms to another, half of which fail; 60 of 80 were kept."""
    return {
        key("/"): requests(*[50.0] * 90, hits=60, misses=20),
        key("/slow"): requests(*[750.0] * 10, failed=5),
    }


def test_a_score_and_what_it_is_made_of():
    """P95 is 750 ms: 50 points; 60 hits of 80: 75; 5 errors of 100: 95. The P95 is read within one percent."""
    health = health_of(a_hundred())

    latency, cache, errors = (health["parts"][name] for name in ("latency", "cache", "errors"))
    assert latency["p95_ms"] == pytest.approx(750, rel=0.01)
    assert latency["points"] == pytest.approx(50, abs=0.6)
    assert (cache["points"], cache["hit_rate"], cache["cacheable_requests"]) == (75, 0.75, 80)
    assert (errors["points"], errors["error_rate"], errors["errors"]) == (95, 0.05, 5)
    assert (latency["weight"], cache["weight"], errors["weight"]) == (0.4, 0.3, 0.3)
    assert health["total_score"] == pytest.approx(71, abs=0.3)
    assert health["grade"] == "C"


def test_what_pulls_the_score_down_is_named_by_route_and_adds_up():
    """20 points for the slow page, 7.5 for the misses, 1.5 for the errors: 29 in all, and 71 are left."""
    health = health_of(a_hundred())

    lost = [(pull["part"], pull["route"]) for pull in health["pulls_down"]]
    assert lost == [("latency", "/slow"), ("cache", "/"), ("errors", "/slow")]
    points = [pull["points_lost"] for pull in health["pulls_down"]]
    assert points == [pytest.approx(20, abs=0.3), 7.5, 1.5]
    assert sum(points) == pytest.approx(100 - health["total_score"], abs=0.2)
    assert health["pulls_down"][2]["sentence"] == "5 of 10 requests failed."
    assert sum(part["points_lost"] for part in health["parts"].values()) == pytest.approx(sum(points), abs=0.2)


def test_a_score_without_anything_cacheable_has_no_part_for_it():
    """Everything at 300 ms: 85 points, no error: (40 * 85 + 30 * 100) / 70 = 91.4."""
    health = health_of({key("/"): requests(*[300.0] * 40)})

    assert health["parts"]["cache"] is None
    assert health["parts"]["latency"]["weight"] == pytest.approx(4 / 7, abs=1e-4)
    assert health["total_score"] == pytest.approx((40 * 85 + 30 * 100) / 70, abs=0.2)
    assert health["grade"] == "A"
    assert {pull["part"] for pull in health["pulls_down"]} == {"latency"}


def test_all_quick_all_kept_and_nothing_failed_is_the_best_grade():
    health = health_of({key("/"): requests(*[20.0] * 30, hits=30)})

    assert (health["total_score"], health["grade"], health["pulls_down"]) == (100, "A+", [])


def test_a_refusal_is_no_error_of_the_server():
    health = health_of({key("/"): requests(*[20.0] * 30, status=404)})

    assert health["parts"]["errors"]["errors"] == 0


def test_a_handful_of_requests_is_said_to_be_few():
    assert health_of({key("/"): requests(*[20.0] * 19)})["few"]
    assert not health_of({key("/"): requests(*[20.0] * 20)})["few"]
