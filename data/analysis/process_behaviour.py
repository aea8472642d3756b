"""Process-behaviour (XmR) limits of a trend, and the rules that tell a signal from the usual noise."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import groupby, pairwise
from types import MappingProxyType
from typing import TypedDict

from data.metric import TrendPoint

LIMIT_FACTOR = 2.66
"""3 / 1.128: three standard deviations, told from the mean of moving ranges of two (Wheeler 1993)."""

FEWEST_POINTS = 6
BASELINE_POINTS = 20
RUN_LENGTH = 8


class Rule(StrEnum):
    """Why points are a signal, in the order in which a reader should take them."""

    OUTSIDE_LIMITS = "outside_limits"
    SHIFT = "shift"
    NEAR_A_LIMIT = "near_a_limit"

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES: Mapping[Rule, str] = MappingProxyType(
    {
        Rule.OUTSIDE_LIMITS: "Further out than the usual week-to-week noise reaches: something particular happened.",
        Rule.SHIFT: f"{RUN_LENGTH} weeks in a row on one side of the average: the level itself has moved.",
        Rule.NEAR_A_LIMIT: "3 of 4 weeks closer to a limit than to the average: the level is probably moving.",
    }
)


class Baseline(TypedDict):
    """The usual level and noise of the points `first` to `last`; `low` and `high` never pass what is possible."""

    first: int
    last: int
    mean: float
    low: float
    high: float


class Signal(TypedDict):
    """Points `first` to `last`, all on one `side` (above, below) of the average."""

    rule: str
    side: str
    first: int
    last: int
    sentence: str


class Behaviour(TypedDict):
    """Positions count all points of the trend, also those without a value."""

    enough: bool
    judged: int
    baselines: list[Baseline]
    signals: list[Signal]


def behaviour_of_trend(trend: Sequence[TrendPoint], *, highest: float | None = None) -> Behaviour:
    """The behaviour of a metric's weekly values; the running week, being partial, is never judged.

    Values are 0 or more; `highest` is 1 for shares and ratios. A mapping of shares has no single value to judge.
    """
    values = [None if point["partial"] else _number(point["value"]) for point in trend]
    return process_behaviour(values, highest=highest)


def process_behaviour(values: Sequence[float | None], *, highest: float | None = None) -> Behaviour:
    """Limits and signals of a series of values of 0 or more; None is a point without a value, and is passed over.

    The level is the mean of a stretch's first 20 points, the limits lie 2.66 mean moving ranges from it. Where 8
    points in a row stay on one side of the mean of the 20 points with which a stretch begins, a new stretch with limits
    of its own begins with the first of them; no stretch is shorter than 8.
    Fewer than 6 values are not judged.
    """
    known = [(position, value) for position, value in enumerate(values) if value is not None]
    if len(known) < FEWEST_POINTS:
        return {"enough": False, "judged": len(known), "baselines": [], "signals": []}
    baselines, signals = [], []
    for stretch, shifted in _stretches(known):
        mean, reach = _level(stretch)
        first, last = stretch[0][0], stretch[-1][0]
        top = mean + reach if highest is None else min(highest, mean + reach)
        baselines.append(Baseline(first=first, last=last, mean=mean, low=max(0.0, mean - reach), high=top))
        if shifted is not None:
            signals.append(_signal(Rule.SHIFT, [stretch[0], stretch[RUN_LENGTH - 1]], shifted))
        signals += _signals(stretch, mean, reach)
    signals.sort(key=lambda signal: (signal["first"], list(Rule).index(Rule(signal["rule"]))))
    return {"enough": True, "judged": len(known), "baselines": baselines, "signals": signals}


Point = tuple[int, float]


def _number(value: object) -> float | None:
    return value if isinstance(value, float) else None


def _level(stretch: Sequence[Point]) -> tuple[float, float]:
    """The mean of the first points and how far the noise reaches to either side of it."""
    base = [value for _, value in stretch[:BASELINE_POINTS]]
    mean = statistics.mean(base)  # exact: a sum that is rounded would put equal values beside their own mean
    moves = [abs(later - earlier) for earlier, later in pairwise(base)]
    return mean, LIMIT_FACTOR * sum(moves) / len(moves)


def _stretches(points: list[Point]) -> Iterator[tuple[list[Point], float | None]]:
    """Stretches of one level, each with the mean that it left behind (None for the first)."""
    begin, left_behind = 0, None
    while True:
        mean, _ = _level(points[begin:])
        shift = _shift(points, begin, mean)
        yield points[begin:shift], left_behind
        if shift is None:
            return
        begin, left_behind = shift, mean


def _shift(points: list[Point], begin: int, mean: float) -> int | None:
    """Where the first run of eight on one side begins, at least eight points into the stretch; None without one."""
    at = begin
    for side, run in groupby(points[begin:], key=lambda point: _side(point[1], mean)):
        length = len(list(run))
        if side and length >= RUN_LENGTH and at >= begin + RUN_LENGTH:
            return at
        at += length
    return None


def _side(value: float, mean: float) -> int:
    return (value > mean) - (value < mean)


def _signals(stretch: list[Point], mean: float, reach: float) -> Iterator[Signal]:
    for point in stretch:
        if abs(point[1] - mean) > reach:
            yield _signal(Rule.OUTSIDE_LIMITS, [point, point], mean)
    last_found = -1
    for end in range(4, len(stretch) + 1):
        four = stretch[end - 4 : end]
        for side in (1, -1):
            near = [point for point in four if side * (point[1] - mean) > reach / 2]
            if len(near) >= 3 and near[0][0] > last_found:
                last_found = near[-1][0]
                yield _signal(Rule.NEAR_A_LIMIT, near, mean)


def _signal(rule: Rule, points: Sequence[Point], mean: float) -> Signal:
    side = "above" if points[-1][1] > mean else "below"
    return Signal(rule=str(rule), side=side, first=points[0][0], last=points[-1][0], sentence=rule.sentence)
