"""Routes and callbacks side by side: the slowest, the most popular, and what was answered from what is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

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
from data.watch.week_comparison import difference, more_than_noise

FEW, FEW_FOR_P99 = 20, 100
HIGHLY_EFFECTIVE = 0.70

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


def compared_routes(spans: Sequence[Routes], spans_before: Sequence[Routes]) -> list[ComparedRoute]:
    """All routes, the most popular first, each with what has changed.

    Both sides are given in as many spans of the same length, so that a change can be told from how spans differ anyway.
    """
    routes, before = merged(spans), merged(spans_before)
    total = sum(summary.count for summary in routes.values())
    spent = sum(summary.total_us for summary in routes.values())
    found = {key: difference(_pairs(key, spans_before, spans)) for key in routes}
    real = more_than_noise({key: one.p_value for key, one in found.items() if one is not None})
    rows: list[ComparedRoute] = []
    for key, summary in routes.items():
        p95 = summary.p95
        if p95 is None:
            continue
        rows.append(
            {
                "route": key.label,
                "kind": str(key.kind),
                "method": key.method,
                "requests": summary.count,
                "popularity": round(summary.count / total, 4),
                "avg_ms": rounded(summary.average_ms),
                "p95_ms": round(p95, 1),
                "total_time_share": round(summary.total_us / spent, 4) if spent else None,
                "severity": str(severity_of(p95)),
                "few": summary.count < FEW,
                "change": _change(p95, before.get(key), is_real=None if found[key] is None else key in real),
            }
        )
    return sorted(rows, key=lambda row: (-row["requests"], row["route"], row["method"]))


def merged(spans: Sequence[Routes]) -> dict[LabelKey, Summary]:
    """The routes of all spans, each with all its requests."""
    together: dict[LabelKey, list[Summary]] = defaultdict(list)
    for span in spans:
        for key, summary in span.items():
            together[key].append(summary)
    return {key: united(summaries) for key, summaries in together.items()}


def _pairs(key: LabelKey, before: Sequence[Routes], after: Sequence[Routes]) -> list[tuple[Summary, Summary]]:
    nothing = Summary()
    return [(one.get(key, nothing), other.get(key, nothing)) for one, other in zip(before, after, strict=True)]


def _change(p95: float, before: Summary | None, *, is_real: bool | None) -> Change | None:
    p95_before = None if before is None else before.p95
    if before is None or p95_before is None:
        return None
    return {
        "p95_ms_before": round(p95_before, 1),
        "requests_before": before.count,
        "ratio": round(p95 / p95_before, 3) if p95_before else None,
        "is_more_than_noise": is_real,
    }


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
