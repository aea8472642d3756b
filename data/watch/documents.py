"""The shapes of what is told about measurements: plain JSON, durations in ms, rates from 0 to 1, None for unknown."""

from __future__ import annotations

from typing import Literal, TypedDict

from data.performance_utils import Verdict

Effectiveness = Literal["high", "low", "none"]


class SlowestRoute(TypedDict):
    route: str
    kind: str
    p95_ms: float
    severity: str
    requests: int
    few: bool


class Overview(TypedDict):
    """`requests_per_minute` is since the beginning of the span or of the recording, whichever is later.

    `few` says that P95 rests on fewer than 20 requests, `few_for_p99` that P99 does on fewer than 100.
    """

    days: int
    since: str
    until: str
    total_routes: int
    total_requests: int
    avg_response_time_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    cache_hit_rate: float | None
    cacheable_requests: int
    error_rate: float | None
    errors: int
    slowest_route: SlowestRoute | None
    requests_per_minute: float | None
    few: bool
    few_for_p99: bool


class SlowRoute(TypedDict):
    """A URL rule or the output of a callback; `kind` tells which."""

    route: str
    kind: str
    method: str
    requests: int
    avg_ms: float | None
    p50_ms: float | None
    p95_ms: float
    p99_ms: float | None
    max_ms: float
    cache_hit_rate: float | None
    errors: int
    error_rate: float | None
    severity: str
    few: bool
    few_for_p99: bool
    share_of_requests: float


class TrendPoint(TypedDict):
    """One step from `at` on; what a step without requests took is not known."""

    at: str
    requests: int
    avg_ms: float | None
    p95_ms: float | None
    error_rate: float | None


class Trend(TypedDict):
    """`week_before` are the steps of the week before, seven days later than they were, to be drawn beneath."""

    route: str | None
    days: int
    since: str
    until: str
    step: Literal["hour", "day"]
    points: list[TrendPoint]
    week_before: list[TrendPoint]


class CacheTotals(TypedDict):
    hits: int
    misses: int
    not_cacheable: int
    hit_rate: float | None
    effectiveness: Effectiveness


class CacheRow(CacheTotals):
    route: str
    kind: str
    method: str


class CacheEffectiveness(TypedDict):
    overall: CacheTotals
    routes: list[CacheRow]


class Change(TypedDict):
    """P95 against the same number of days before.

    `is_more_than_noise` sets each seventh of the days against the same seventh before; it is None where too few of them
    have requests enough to tell.
    """

    p95_ms_before: float
    requests_before: int
    ratio: float | None
    is_more_than_noise: bool | None


class ComparedRoute(TypedDict):
    """`popularity` is the share of all requests, `total_time_share` that of all the time spent answering."""

    route: str
    kind: str
    method: str
    requests: int
    popularity: float
    avg_ms: float | None
    p95_ms: float
    total_time_share: float | None
    severity: str
    few: bool
    change: Change | None


class LatencyPart(TypedDict):
    points: float
    weight: float
    points_lost: float
    sentence: str
    p95_ms: float


class CachePart(TypedDict):
    points: float
    weight: float
    points_lost: float
    sentence: str
    hit_rate: float
    cacheable_requests: int


class ErrorsPart(TypedDict):
    points: float
    weight: float
    points_lost: float
    sentence: str
    error_rate: float
    errors: int


class HealthParts(TypedDict):
    latency: LatencyPart | None
    cache: CachePart | None
    errors: ErrorsPart | None


class Pull(TypedDict):
    """What one route costs the total score."""

    part: Literal["latency", "cache", "errors"]
    route: str
    kind: str
    sentence: str
    points_lost: float


class Health(TypedDict):
    """`points` of a part are out of 100, `weight` is its share of the total, `points_lost` counts in the total."""

    total_score: float | None
    grade: str | None
    requests: int
    few: bool
    parts: HealthParts
    pulls_down: list[Pull]


Threshold = TypedDict(
    "Threshold", {"target_seconds": float, "pass": int, "warning": int, "fail": int, "verdict": Verdict}
)
"""How many calculations kept their promise; `verdict` judges the P95. Within 1 % of an edge either side is possible."""


class CalculationRow(TypedDict):
    metric_type: str
    dataset_size_category: str | None
    count: int
    avg_ms: float | None
    p95_ms: float
    max_ms: float
    failures: int
    few: bool
    threshold: Threshold | None


class JiraEndpoint(TypedDict):
    """`errors` had no answer or one from 500 on; `refusals` one from 400 to 499, of which `rate_limited` had 429."""

    endpoint: str
    calls: int
    errors: int
    error_rate: float | None
    refusals: int
    rate_limited: int
    waited_ms: float
    avg_ms: float | None
    p95_ms: float
    max_ms: float
    few: bool


class JiraCalls(TypedDict):
    calls: int
    per_minute: float | None
    errors: int
    error_rate: float | None
    refusals: int
    rate_limited: int
    waited_ms: float
    avg_ms: float | None
    p95_ms: float | None
    endpoints: list[JiraEndpoint]


class LastRun(TypedDict):
    at: str
    duration_ms: float
    ok: bool
    error: str | None
    request_id: str | None


class JobRow(TypedDict):
    job: str
    runs: int
    failures: int
    avg_ms: float | None
    p95_ms: float
    max_ms: float
    few: bool
    last: LastRun | None


class Rotation(TypedDict):
    deleted: int
    days_to_keep: int


class Storage(TypedDict):
    """`path` is the name of the file alone: where it lies is nobody's business on the page.

    What only the file itself could tell is None while it cannot be read.
    """

    path: str
    bytes: int
    wal_bytes: int
    raw_rows: int | None
    oldest: str | None
    newest: str | None
    schema_version: int | None
    dropped_total: int | None
    days_kept: int
