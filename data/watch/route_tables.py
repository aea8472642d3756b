"""Routes and callbacks side by side: the slowest, the most popular, and what was answered from what is kept."""

from __future__ import annotations

import math
from collections.abc import Mapping

from data.watch.documents import (
    CacheEffectiveness,
    CacheRow,
    CacheTotals,
    Change,
    ComparedRoute,
    Effectiveness,
    SlowRoute,
)
from data.watch.severity import severity_of
from data.watch.summary import LabelKey, Summary, united

FEW, FEW_FOR_P99 = 20, 100
HIGHLY_EFFECTIVE = 0.70
NOTABLE = 1.05
"""A smaller ratio is nothing that anybody would act upon, and no more than what requests that come in bursts do."""
_SURE = 2.5758293035489004
"""The 99.5 % point of the normal distribution."""

Routes = Mapping[LabelKey, Summary]


def rounded(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)


def slow_routes(routes: Routes) -> list[SlowRoute]:
    """All routes, the one with the highest P95 first."""
    everything = sum(summary.count for summary in routes.values())
    rows = [_slow_route(key, summary, everything) for key, summary in routes.items() if summary.count]
    return sorted(rows, key=lambda row: (-row["p95_ms"], row["route"], row["method"]))


def _slow_route(key: LabelKey, summary: Summary, everything: int) -> SlowRoute:
    p95 = summary.p95 or 0.0
    return {
        "route": key.label,
        "kind": str(key.kind),
        "method": key.method,
        "requests": summary.count,
        "avg_ms": rounded(summary.average_ms),
        "p50_ms": rounded(summary.p50),
        "p95_ms": round(p95, 1),
        "p99_ms": rounded(summary.p99),
        "max_ms": round(summary.max_ms, 1),
        "cache_hit_rate": rounded(summary.cache_hit_rate, 4),
        "errors": summary.errors,
        "error_rate": rounded(summary.error_rate, 6),
        "severity": str(severity_of(p95)),
        "few": summary.count < FEW,
        "few_for_p99": summary.count < FEW_FOR_P99,
        "share_of_requests": round(summary.count / everything, 4),
    }


def compared_routes(routes: Routes, before: Routes) -> list[ComparedRoute]:
    """All routes, the most popular first, each with what has changed since the span before."""
    total = sum(summary.count for summary in routes.values())
    spent = sum(summary.total_us for summary in routes.values())
    rows: list[ComparedRoute] = [
        {
            "route": key.label,
            "kind": str(key.kind),
            "method": key.method,
            "requests": summary.count,
            "popularity": round(summary.count / total, 4),
            "avg_ms": rounded(summary.average_ms),
            "p95_ms": round(summary.p95 or 0.0, 1),
            "total_time_share": round(summary.total_us / spent, 4) if spent else None,
            "severity": str(severity_of(summary.p95 or 0.0)),
            "few": summary.count < FEW,
            "change": change_of(summary, before.get(key)),
        }
        for key, summary in routes.items()
        if summary.count
    ]
    return sorted(rows, key=lambda row: (-row["requests"], row["route"], row["method"]))


def change_of(now: Summary, before: Summary | None) -> Change | None:
    """How P95 has moved; more than noise when the 99 % intervals of both do not touch and the ratio is notable."""
    if before is None or before.p95 is None or now.p95 is None:
        return None
    ratio = now.p95 / before.p95 if before.p95 else None
    here, there = p95_interval(now), p95_interval(before)
    apart = None
    if here is not None and there is not None and ratio is not None:
        apart = (here[0] > there[1] or here[1] < there[0]) and max(ratio, 1 / ratio) >= NOTABLE
    return {
        "p95_ms_before": round(before.p95, 1),
        "requests_before": before.count,
        "ratio": rounded(ratio, 3),
        "is_more_than_noise": apart,
    }


def p95_interval(summary: Summary) -> tuple[float, float] | None:
    """Order statistics that hold the true P95 with about 99 %; None where the sample is too small for any."""
    spread = _SURE * math.sqrt(0.95 * 0.05 * summary.count)
    low, high = math.floor(0.95 * summary.count - spread), math.ceil(0.95 * summary.count + spread) + 1
    if low < 1 or high > summary.count:
        return None
    return summary.quantile(low / summary.count) or 0.0, summary.quantile(high / summary.count) or 0.0


def cache_effectiveness(routes: Routes) -> CacheEffectiveness:
    """All routes, those first whose misses are most."""
    rows: list[CacheRow] = [
        {"route": key.label, "kind": str(key.kind), "method": key.method, **_cache_totals(summary)}
        for key, summary in routes.items()
        if summary.count
    ]
    rows.sort(key=lambda row: (-row["misses"], -row["hits"], row["route"], row["method"]))
    return {"overall": _cache_totals(united(routes.values())), "routes": rows}


def _cache_totals(summary: Summary) -> CacheTotals:
    return {
        "hits": summary.hits,
        "misses": summary.misses,
        "not_cacheable": summary.count - summary.hits - summary.misses,
        "hit_rate": rounded(summary.cache_hit_rate, 4),
        "effectiveness": effectiveness_of(summary.cache_hit_rate),
    }


def effectiveness_of(hit_rate: float | None) -> Effectiveness:
    """High from 70 %, low below; none where nothing could have been kept."""
    if hit_rate is None:
        return "none"
    return "high" if hit_rate >= HIGHLY_EFFECTIVE else "low"
