"""One number for how well the server answers: three parts, a grade, and what pulls it down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from data.watch.documents import CachePart, ErrorsPart, Health, LatencyPart, Pull
from data.watch.severity import GOOD_BELOW_MS, SLOW_BELOW_MS, WARNING_BELOW_MS
from data.watch.summary import LabelKey, Summary, united

LATENCY_WEIGHT, CACHE_WEIGHT, ERRORS_WEIGHT = 40.0, 30.0, 30.0
FEW = 20
"""Below so many, a P95 is hardly more than the largest value."""
LONGEST_LIST = 10
_GRADES = ((95, "A+"), (90, "A"), (85, "B+"), (80, "B"), (75, "C+"), (70, "C"), (60, "D"))

Part = Literal["latency", "cache", "errors"]


def latency_points(p95_ms: float) -> float:
    """100 up to 100 ms, from there straight to 70 at 500 ms and to 30 at 1000 ms, beyond that 30000 / P95."""
    if p95_ms <= GOOD_BELOW_MS:
        return 100.0
    if p95_ms <= WARNING_BELOW_MS:
        return 100 - 30 * (p95_ms - GOOD_BELOW_MS) / (WARNING_BELOW_MS - GOOD_BELOW_MS)
    if p95_ms <= SLOW_BELOW_MS:
        return 70 - 40 * (p95_ms - WARNING_BELOW_MS) / (SLOW_BELOW_MS - WARNING_BELOW_MS)
    return 30 * SLOW_BELOW_MS / p95_ms


def cache_points(hit_rate: float) -> float:
    return 100 * hit_rate


def error_points(error_rate: float) -> float:
    return 100 - 100 * error_rate


def total_of(latency: float, cache: float | None, errors: float) -> float:
    """The weighted mean of the parts' points; without a cache part the other two share its weight."""
    rest = latency * LATENCY_WEIGHT + errors * ERRORS_WEIGHT
    if cache is None:
        return rest / (LATENCY_WEIGHT + ERRORS_WEIGHT)
    return (rest + cache * CACHE_WEIGHT) / (LATENCY_WEIGHT + CACHE_WEIGHT + ERRORS_WEIGHT)


def grade_of(score: float) -> str:
    """A+ from 95, A from 90, B+ from 85, B from 80, C+ from 75, C from 70, D from 60, F below."""
    return next((grade for least, grade in _GRADES if score >= least), "F")


def health_of(routes: Mapping[LabelKey, Summary]) -> Health:
    """The score of what these routes and callbacks did; without a single request there is none.

    The grade is that of the score as it is shown, with one decimal.
    """
    total = united(routes.values())
    if total.count == 0 or total.p95 is None:
        return {
            "total_score": None,
            "grade": None,
            "requests": 0,
            "few": True,
            "parts": {"latency": None, "cache": None, "errors": None},
            "pulls_down": [],
        }
    latency, cache, errors = _latency(total, total.p95), _cache(total), _errors(total)
    score = round(
        total_of(latency_points(total.p95), _cache_points(total), error_points(total.errors / total.count)), 1
    )
    pulls = sorted(_pulls(routes, total), key=lambda pull: (-pull["points_lost"], pull["part"], pull["route"]))
    return {
        "total_score": score,
        "grade": grade_of(score),
        "requests": total.count,
        "few": total.count < FEW,
        "parts": {"latency": latency, "cache": cache, "errors": errors},
        "pulls_down": [pull for pull in pulls if pull["points_lost"] >= 0.1][:LONGEST_LIST],
    }


def _cacheable(summary: Summary) -> int:
    return summary.hits + summary.misses


def _cache_points(total: Summary) -> float | None:
    return cache_points(total.hits / _cacheable(total)) if _cacheable(total) else None


def _weight(own: float, total: Summary) -> float:
    """The share of a part in the total score."""
    return own / (100.0 if _cacheable(total) else LATENCY_WEIGHT + ERRORS_WEIGHT)


def _lost(points: float, weight: float) -> float:
    return weight * (100 - points)


def _latency(total: Summary, p95_ms: float) -> LatencyPart:
    points, weight = latency_points(p95_ms), _weight(LATENCY_WEIGHT, total)
    return {
        "points": round(points, 1),
        "weight": round(weight, 4),
        "points_lost": round(_lost(points, weight), 1),
        "sentence": f"95 % of the requests were answered within {p95_ms:,.0f} ms; up to 100 ms nothing is lost.",
        "p95_ms": round(p95_ms, 1),
    }


def _cache(total: Summary) -> CachePart | None:
    cacheable = _cacheable(total)
    if not cacheable:
        return None
    rate = total.hits / cacheable
    weight = _weight(CACHE_WEIGHT, total)
    return {
        "points": round(cache_points(rate), 1),
        "weight": round(weight, 4),
        "points_lost": round(_lost(cache_points(rate), weight), 1),
        "sentence": f"{rate:.1%} of {cacheable:,} answers that could have been kept had been.".replace("%", " %"),
        "hit_rate": round(rate, 4),
        "cacheable_requests": cacheable,
    }


def _errors(total: Summary) -> ErrorsPart:
    rate = total.errors / total.count
    weight = _weight(ERRORS_WEIGHT, total)
    return {
        "points": round(error_points(rate), 1),
        "weight": round(weight, 4),
        "points_lost": round(_lost(error_points(rate), weight), 1),
        "sentence": f"{total.errors:,} of {total.count:,} requests failed.",
        "error_rate": round(rate, 6),
        "errors": total.errors,
    }


def _pulls(routes: Mapping[LabelKey, Summary], total: Summary) -> Iterator[Pull]:
    """What each route costs: of the latency part its share of the requests that took longer than 100 ms."""
    slow = {key: summary.count - summary.histogram.at_most(GOOD_BELOW_MS) for key, summary in routes.items()}
    all_slow, cacheable = sum(slow.values()), _cacheable(total)
    lost = _lost(latency_points(total.p95 or 0.0), _weight(LATENCY_WEIGHT, total))
    for key, summary in routes.items():
        if all_slow and slow[key]:
            share = f"{slow[key] / all_slow:.0%}".replace("%", " %")
            sentence = f"{share} of the requests slower than 100 ms went here; its P95 is {summary.p95:,.0f} ms."
            yield _pull("latency", key, sentence, lost * slow[key] / all_slow)
        if summary.misses:
            sentence = f"{summary.misses:,} of {_cacheable(summary):,} answers that could have been kept were not."
            yield _pull("cache", key, sentence, 100 * _weight(CACHE_WEIGHT, total) * summary.misses / cacheable)
        if summary.errors:
            sentence = f"{summary.errors:,} of {summary.count:,} requests failed."
            yield _pull("errors", key, sentence, 100 * _weight(ERRORS_WEIGHT, total) * summary.errors / total.count)


def _pull(part: Part, key: LabelKey, sentence: str, points_lost: float) -> Pull:
    return {
        "part": part,
        "route": key.label,
        "kind": key.kind,
        "sentence": sentence,
        "points_lost": round(points_lost, 1),
    }
