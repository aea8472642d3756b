"""Documents about Sightline's own performance, built by hand in the shapes that the service gives."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 3, 5, 15, tzinfo=UTC)
PAGE_BODY = "page-body.children +1"


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def slow_route(route: str = PAGE_BODY, *, p95: float = 240.0, **facts: Any) -> dict[str, Any]:
    common = {
        "route": route,
        "kind": "callback",
        "method": "",
        "requests": 1200,
        "avg_ms": p95 / 2,
        "p50_ms": p95 / 2.5,
        "p95_ms": p95,
        "p99_ms": p95 * 1.5,
        "max_ms": p95 * 3,
        "cache_hit_rate": 0.82,
        "errors": 0,
        "error_rate": 0.0,
        "severity": "warning",
        "few": False,
        "few_for_p99": False,
        "share_of_requests": 0.2,
    }
    return common | facts


def overview(**facts: Any) -> dict[str, Any]:
    common = {
        "days": 7,
        "since": iso(NOW - timedelta(days=7)),
        "until": iso(NOW),
        "total_routes": 14,
        "total_requests": 51_234,
        "avg_response_time_ms": 42.3,
        "p50_ms": 21.0,
        "p95_ms": 182.0,
        "p99_ms": 640.0,
        "max_ms": 4210.0,
        "cache_hit_rate": 0.874,
        "cacheable_requests": 32_000,
        "error_rate": 0.0004,
        "errors": 21,
        "slowest_route": {
            "route": "forecast-how-many.children",
            "kind": "callback",
            "p95_ms": 812.0,
            "severity": "slow",
            "requests": 300,
            "few": False,
        },
        "requests_per_minute": 5.1,
        "few": False,
        "few_for_p99": False,
    }
    return common | facts


def no_overview(**facts: Any) -> dict[str, Any]:
    """Of a span in which nothing was asked for."""
    unknown = dict.fromkeys(
        ("avg_response_time_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms", "cache_hit_rate", "error_rate")
    )
    nothing = {"total_routes": 0, "total_requests": 0, "cacheable_requests": 0, "errors": 0, "slowest_route": None}
    return overview(**unknown, **nothing, requests_per_minute=None, few=True, few_for_p99=True, **facts)


def health(**facts: Any) -> dict[str, Any]:
    common = {
        "total_score": 86.4,
        "grade": "B+",
        "requests": 51_234,
        "few": False,
        "parts": {
            "latency": _part(93.9, 0.4, "95 % of the requests were answered within 182 ms.", p95_ms=182.0),
            "cache": _part(62.4, 0.3, "62.4 % of 32,000 answers that could have been kept had been.", hit_rate=0.624),
            "errors": _part(100.0, 0.3, "21 of 51,234 requests failed.", errors=21, error_rate=0.0004),
        },
        "pulls_down": [
            pull("cache", "page-body.children +1", 8.1, "6,200 of 9,100 answers that could have been kept were not."),
            pull("latency", "forecast-how-many.children", 2.2, "61 % of the requests slower than 100 ms went here."),
        ],
    }
    return common | facts


def no_health() -> dict[str, Any]:
    parts = dict.fromkeys(("latency", "cache", "errors"))
    return health(total_score=None, grade=None, requests=0, few=True, parts=parts, pulls_down=[])


def _part(points: float, weight: float, sentence: str, **facts: float) -> dict[str, Any]:
    return {"points": points, "weight": weight, "points_lost": weight * (100 - points), "sentence": sentence, **facts}


def pull(part: str, route: str, lost: float, sentence: str) -> dict[str, Any]:
    return {"part": part, "route": route, "kind": "callback", "sentence": sentence, "points_lost": lost}


def trend(hours: int = 168, *, step: str = "hour", days: int = 7, missing: frozenset[int] = frozenset()) -> Any:
    width = timedelta(hours=1) if step == "hour" else timedelta(days=1)
    starts = [(place, NOW - width * (hours - place)) for place in range(hours) if place not in missing]
    return {
        "route": None,
        "days": days,
        "step": step,
        "points": [_point(at, place, 1.0) for place, at in starts],
        "week_before": [_point(at, place + 9, 0.8) for place, at in starts],
    }


def _point(at: datetime, place: int, factor: float) -> dict[str, Any]:
    daily = 1 + 0.6 * math.sin(at.hour / 24 * 2 * math.pi - 2)
    p95 = factor * daily * (120 + 37 * ((place * 7919) % 11) / 10)
    requests = round(400 * daily)
    return {"at": iso(at), "requests": requests, "avg_ms": p95 / 3.1, "p95_ms": p95, "error_rate": 0.0}


def cache(**facts: Any) -> dict[str, Any]:
    rows = [
        {"route": PAGE_BODY, "kind": "callback", "method": "", **_totals(2900, 6200, 0, "low")},
        {"route": "explanation.opened +3", "kind": "callback", "method": "", **_totals(940, 60, 0, "high")},
    ]
    return {"overall": _totals(20_000, 12_000, 19_234, "low"), "routes": rows} | facts


def _totals(hits: int, misses: int, apart: int, effect: str) -> dict[str, Any]:
    rate = hits / (hits + misses) if hits + misses else None
    return {"hits": hits, "misses": misses, "not_cacheable": apart, "hit_rate": rate, "effectiveness": effect}


def calculation(metric_type: str = "all_metrics", verdict: str = "pass", **facts: Any) -> dict[str, Any]:
    counted = {"pass": (120, 0, 0), "warning": (110, 10, 0), "fail": (90, 10, 20)}[verdict]
    common = {
        "metric_type": metric_type,
        "dataset_size_category": "medium",
        "count": 120,
        "avg_ms": 310.0,
        "p95_ms": 920.0,
        "max_ms": 2100.0,
        "failures": 0,
        "few": False,
        "threshold": {
            "target_seconds": 5.0,
            "pass": counted[0],
            "warning": counted[1],
            "fail": counted[2],
            "verdict": verdict,
        },
    }
    return common | facts


def jira_calls(**facts: Any) -> dict[str, Any]:
    endpoint = {
        "endpoint": "POST /rest/api/3/search/jql",
        "calls": 640,
        "errors": 3,
        "error_rate": 0.0047,
        "refusals": 4,
        "rate_limited": 4,
        "waited_ms": 42_000.0,
        "avg_ms": 310.0,
        "p95_ms": 900.0,
        "max_ms": 4000.0,
        "few": False,
    }
    bulk = endpoint | {"endpoint": "POST /rest/api/3/changelog/bulkfetch", "calls": 12, "waited_ms": 0.0, "errors": 0}
    common = {
        "calls": 652,
        "per_minute": 0.06,
        "errors": 3,
        "error_rate": 0.0046,
        "refusals": 4,
        "rate_limited": 4,
        "waited_ms": 42_000.0,
        "avg_ms": 305.0,
        "p95_ms": 890.0,
        "endpoints": [endpoint, bulk],
    }
    return common | facts


def job(**facts: Any) -> dict[str, Any]:
    common = {
        "job": "read_jira",
        "runs": 14,
        "failures": 1,
        "avg_ms": 41_000.0,
        "p95_ms": 63_000.0,
        "max_ms": 71_000.0,
        "few": True,
        "last": {
            "at": iso(NOW - timedelta(hours=2)),
            "duration_ms": 39_000.0,
            "ok": True,
            "error": None,
            "request_id": None,
        },
    }
    return common | facts


def storage(**facts: Any) -> dict[str, Any]:
    common = {
        "path": "metrics.db",
        "bytes": 41_200_000,
        "wal_bytes": 1_200_000,
        "raw_rows": 86_400,
        "oldest": iso(NOW - timedelta(days=42)),
        "newest": iso(NOW),
        "schema_version": 1,
        "dropped_total": 0,
        "days_kept": 90,
    }
    return common | facts
