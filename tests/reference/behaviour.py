"""Process-behaviour limits and signals, point by point as their definition says."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean
from typing import Any

Point = tuple[int, float]


def reference_behaviour(values: Sequence[float | None], highest: float | None) -> dict[str, Any]:
    """The stretches as (first, last, mean, low, high), the signals as a set of (rule, side, first, last)."""
    points = [(position, value) for position, value in enumerate(values) if value is not None]
    if len(points) < 6:
        return {"enough": False, "judged": len(points), "baselines": [], "signals": set()}
    baselines, signals = [], set()
    begin = 0
    while begin < len(points):
        usual, _ = _level(points[begin : begin + 20])
        end = begin + 8
        while end < len(points) and not _eight_begin(points, end, usual):
            end += 1
        end = min(end, len(points))
        stretch = points[begin:end]
        middle, reach = _level(stretch[:20])
        high = middle + reach if highest is None else min(highest, middle + reach)
        baselines.append((stretch[0][0], stretch[-1][0], middle, max(0.0, middle - reach), high))
        signals |= _outside(stretch, middle, reach) | _near(stretch, middle, reach)
        if end < len(points):
            signals.add(("shift", _side(points[end][1], usual), points[end][0], points[end + 7][0]))
        begin = end
    return {"enough": True, "judged": len(points), "baselines": baselines, "signals": signals}


def _level(points: Sequence[Point]) -> tuple[float, float]:
    values = [value for _, value in points]
    moves = [abs(values[n] - values[n - 1]) for n in range(1, len(values))]
    return mean(values), 2.66 * sum(moves) / len(moves)


def _side(value: float, middle: float) -> str:
    if value == middle:
        return "on it"
    return "above" if value > middle else "below"


def _eight_begin(points: Sequence[Point], at: int, middle: float) -> bool:
    """Whether eight points on one side of the middle begin here, and the one before them was not on that side."""
    eight = {_side(value, middle) for _, value in points[at : at + 8]}
    return (
        len(points[at : at + 8]) == 8
        and len(eight) == 1
        and eight != {"on it"}
        and eight != {_side(points[at - 1][1], middle)}
    )


def _outside(stretch: Sequence[Point], middle: float, reach: float) -> set[tuple[str, str, int, int]]:
    return {
        ("outside_limits", _side(value, middle), position, position)
        for position, value in stretch
        if abs(value - middle) > reach
    }


def _near(stretch: Sequence[Point], middle: float, reach: float) -> set[tuple[str, str, int, int]]:
    """Three of four points further out than half the reach, each three told once: the next begin after they end."""
    found, told_until = set(), -1
    for n in range(len(stretch) - 3):
        for side, sign in (("above", 1), ("below", -1)):
            far = [position for position, value in stretch[n : n + 4] if sign * (value - middle) > reach / 2]
            if len(far) >= 3 and far[0] > told_until:
                found.add(("near_a_limit", side, far[0], far[-1]))
                told_until = far[-1]
    return found
