"""Whether this week is slower or faster than the last one by more than weeks differ anyway."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from data.model import iso_utc
from data.watch.store import WEB, MetricsStore
from data.watch.summary import LabelKey, Summary, united

DAYS = 7
FEWEST = 20
"""Fewer requests in a day have no 95th percentile worth comparing."""
QUIET = 0.1
"""A day with less than this share of the busiest day's traffic is left out: it would only add noise."""
FEWEST_DAYS = 3
LEVEL = 0.05
METHOD = (
    "Each day is set against the same day a week before: the logarithm of the ratio of their 95th percentiles. "
    "Student's t over the days says whether the mean of these differs from 0, and gives the interval."
)
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)
_T95 = {2: 4.302653, 3: 3.182446, 4: 2.776445, 5: 2.570582, 6: 2.446912}
"""What the statistic exceeds in either direction by chance in five percent, by its degrees of freedom."""

Pairs = Sequence[tuple[Summary, Summary]]


class Week(TypedDict):
    since: str
    until: str
    requests: int
    average_ms: float | None
    p95_ms: float | None


class Verdict(TypedDict):
    """`ratio` is this week's P95 to last week's, by day on average; `days` is how many days could be compared.

    Everything is None where that is too few to tell.
    """

    ratio: float | None
    interval: tuple[float, float] | None
    p_value: float | None
    is_more_than_noise: bool | None
    days: int


class RouteVerdict(Verdict):
    label: str
    kind: str
    method: str
    requests: int
    requests_before: int
    p95_ms: float | None
    p95_ms_before: float | None
    sentence: str


class WeekComparison(Verdict):
    this_week: Week
    last_week: Week
    how: str
    sentence: str
    routes: list[RouteVerdict]


@dataclass(frozen=True)
class Difference:
    """The mean of the days' differences, as a logarithm, with its 95 % interval and how likely chance goes as far."""

    log_ratio: float
    half_width: float
    p_value: float
    days: int


def difference(pairs: Pairs) -> Difference | None:
    """Between spans that match, each given as (before, after); None where too few have requests enough.

    The days are what is counted, not the requests: those of one day share its load, its data and its incidents, so
    that a test over requests would find a difference between any two weeks.
    """
    traffic = [min(before.count, after.count) for before, after in pairs]
    least = max(FEWEST, QUIET * max(traffic, default=0))
    logs = [_log_ratio(*pair) for pair, count in zip(pairs, traffic, strict=True) if count >= least]
    if not FEWEST_DAYS <= len(logs) <= DAYS:
        return None
    mean, free = math.fsum(logs) / len(logs), len(logs) - 1
    error = math.sqrt(math.fsum((one - mean) ** 2 for one in logs) / free / len(logs))
    if error == 0.0:
        return Difference(mean, 0.0, 1.0 if mean == 0.0 else 0.0, len(logs))
    return Difference(mean, _T95[free] * error, chance_of(mean / error, free), len(logs))


def chance_of(statistic: float, free: int) -> float:
    """How likely Student's t with so many degrees of freedom lies this far from 0 in either direction."""
    angle = math.atan(abs(statistic) / math.sqrt(free))
    sine, cosine = math.sin(angle), math.cos(angle)
    is_odd = free % 2
    term = total = cosine if is_odd else 1.0
    for step in range(3 if is_odd else 2, free - 1, 2):
        term *= (step - 1) / step * cosine**2
        total += term
    if not is_odd:
        return 1.0 - sine * total
    return 1.0 - 2.0 / math.pi * (angle + (sine * total if free > 1 else 0.0))


def more_than_noise(chances: Mapping[LabelKey, float]) -> set[LabelKey]:
    """Of many differences those that hold together: at most one in twenty of them is chance (Benjamini, Hochberg)."""
    ranked = sorted(chances, key=lambda key: chances[key])
    last = max((rank for rank, key in enumerate(ranked, 1) if chances[key] <= LEVEL * rank / len(ranked)), default=0)
    return set(ranked[:last])


def week_comparison(store: MetricsStore, now: datetime) -> WeekComparison:
    """The seven days up to the last full hour against the seven before, together and route by route."""
    until = now.replace(minute=0, second=0, microsecond=0)
    this, last = _by_day(store, until), _by_day(store, until - _WEEK)
    together = [(united(before.values()), united(after.values())) for before, after in zip(last, this, strict=True)]
    found = difference(together)
    before, after = (united(side) for side in zip(*together, strict=True))
    verdict = _verdict(found, is_more=found is not None and found.p_value <= LEVEL)
    return {
        **verdict,
        "this_week": _week(after, until - _WEEK, until),
        "last_week": _week(before, until - 2 * _WEEK, until - _WEEK),
        "how": METHOD,
        "sentence": _sentence(verdict),
        "routes": _routes(last, this),
    }


def _by_day(store: MetricsStore, until: datetime) -> list[dict[LabelKey, Summary]]:
    starts = [until - day * _DAY for day in range(DAYS, 0, -1)]
    return [store.by_label(since=start, until=start + _DAY, kinds=WEB) for start in starts]


def _routes(last: Sequence[dict[LabelKey, Summary]], this: Sequence[dict[LabelKey, Summary]]) -> list[RouteVerdict]:
    nothing = Summary()
    found: dict[LabelKey, Difference | None] = {}
    sides: dict[LabelKey, tuple[Summary, Summary]] = {}
    for key in {key for day in (*last, *this) for key in day}:
        pairs = [(before.get(key, nothing), after.get(key, nothing)) for before, after in zip(last, this, strict=True)]
        found[key] = difference(pairs)
        before, after = (united(side) for side in zip(*pairs, strict=True))
        sides[key] = before, after
    hold = more_than_noise({key: one.p_value for key, one in found.items() if one is not None})
    routes = [_route(key, sides[key], _verdict(one, is_more=key in hold)) for key, one in found.items()]
    return sorted(routes, key=lambda route: (-route["requests"], route["label"], route["kind"]))


def _route(key: LabelKey, sides: tuple[Summary, Summary], verdict: Verdict) -> RouteVerdict:
    before, after = sides
    return {
        **verdict,
        "label": key.label,
        "kind": key.kind,
        "method": key.method,
        "requests": after.count,
        "requests_before": before.count,
        "p95_ms": _rounded(after.p95),
        "p95_ms_before": _rounded(before.p95),
        "sentence": _sentence(verdict),
    }


def _verdict(found: Difference | None, *, is_more: bool) -> Verdict:
    if found is None:
        return {"ratio": None, "interval": None, "p_value": None, "is_more_than_noise": None, "days": 0}
    low, high = (math.exp(found.log_ratio + side * found.half_width) for side in (-1, 1))
    return {
        "ratio": round(math.exp(found.log_ratio), 3),
        "interval": (round(low, 3), round(high, 3)),
        "p_value": round(found.p_value, 4),
        "is_more_than_noise": is_more,
        "days": found.days,
    }


def _sentence(verdict: Verdict) -> str:
    ratio, interval = verdict["ratio"], verdict["interval"]
    if ratio is None or interval is None:
        return f"Too few days with {FEWEST} requests or more in both weeks to tell whether anything has changed."
    word = "longer" if ratio >= 1 else "shorter"
    range_words = f"between {_change(interval[0])} and {_change(interval[1])}"
    if verdict["is_more_than_noise"]:
        return f"Takes {abs(ratio - 1):.0%} {word} than last week ({range_words}, {verdict['days']} days).".replace(
            "%", " %"
        )
    return (
        f"No more different from last week than weeks are by chance ({range_words}, {verdict['days']} days)."
    ).replace("%", " %")


def _change(ratio: float) -> str:
    return f"{ratio - 1:+.0%}".replace("-", "−")


def _week(summary: Summary, since: datetime, until: datetime) -> Week:
    return {
        "since": iso_utc(since),
        "until": iso_utc(until),
        "requests": summary.count,
        "average_ms": _rounded(summary.average_ms),
        "p95_ms": _rounded(summary.p95),
    }


def _log_ratio(before: Summary, after: Summary) -> float:
    """A duration of nothing counts as the shortest that is told apart."""
    return math.log(max(after.p95 or 0.0, 0.001) / max(before.p95 or 0.0, 0.001))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
