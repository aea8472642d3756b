"""The health score never jumps, and never rises when something gets worse."""

from hypothesis import given
from hypothesis import strategies as st

from data.watch.health_score import LONGEST_LIST, grade_of, health_of, latency_points, total_of
from tests.property.effort import effort
from tests.unit.data.watch.traffic import key, requests

STEEPEST = 0.08  # 40 points over the 500 ms from 500 to 1000
GRADES = ["F", "D", "C", "C+", "B", "B+", "A", "A+"]

milliseconds = st.floats(min_value=0, max_value=1e7) | st.sampled_from([100.0, 500.0, 1000.0])
points = st.floats(min_value=0, max_value=100)
routes = st.dictionaries(
    st.sampled_from(["/", "/dora", "/flow", "body.children"]).map(key),
    st.builds(
        lambda durations, hits, misses, failed: requests(*durations, hits=hits, misses=misses, failed=failed),
        st.lists(st.floats(min_value=0, max_value=5000), min_size=1, max_size=30),
        hits=st.integers(0, 10),
        misses=st.integers(0, 10),
        failed=st.integers(0, 5),
    ),
    min_size=1,
)


@effort(200)
@given(milliseconds, milliseconds)
def test_points_for_latency_fall_and_do_not_jump(one, other):
    quick, slow = sorted((one, other))

    fall = latency_points(quick) - latency_points(slow)

    assert 0 <= fall <= STEEPEST * (slow - quick) + 1e-9
    assert 0 < latency_points(slow) <= 100


@effort(200)
@given(points, points | st.none(), points, points)
def test_a_better_part_never_makes_a_worse_score(latency, cache, errors, better):
    score = total_of(latency, cache, errors)

    assert 0 <= score <= 100 + 1e-9
    assert total_of(max(latency, better), cache, errors) >= score - 1e-9
    assert total_of(latency, cache, max(errors, better)) >= score - 1e-9
    if cache is not None:
        assert total_of(latency, max(cache, better), errors) >= score - 1e-9
        assert abs(total_of(latency, better, errors) - score) <= 0.3 * abs(better - cache) + 1e-9


@effort(200)
@given(points, points)
def test_a_higher_score_never_has_a_lower_grade(one, other):
    low, high = sorted((one, other))

    assert GRADES.index(grade_of(low)) <= GRADES.index(grade_of(high))


@effort(100)
@given(routes)
def test_what_pulls_down_adds_up_to_what_is_missing(traffic):
    health = health_of(traffic)

    assert 0 <= health["total_score"] <= 100
    assert health["grade"] == grade_of(health["total_score"])
    shown = sum(pull["points_lost"] for pull in health["pulls_down"])
    most_unseen = 0.1 * 3 * len(traffic) + 0.05 * LONGEST_LIST + 0.05
    assert shown <= 100 - health["total_score"] + 0.05 * LONGEST_LIST + 0.05 + 1e-6
    if len(health["pulls_down"]) < LONGEST_LIST:
        assert shown >= 100 - health["total_score"] - most_unseen - 1e-6
