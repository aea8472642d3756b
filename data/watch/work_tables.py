"""Calculations against their promises, calls to Jira, and jobs in the background."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from data.model import iso_utc
from data.performance_utils import PROMISED_SECONDS, TOLERATED, verdict_of
from data.watch.documents import CalculationRow, JiraCalls, JiraEndpoint, JobRow, LastRun, Threshold
from data.watch.measurement import Measurement
from data.watch.route_tables import FEW, rounded
from data.watch.summary import LabelKey, Summary, united

Labelled = Mapping[LabelKey, Summary]


def calculations(work: Labelled) -> list[CalculationRow]:
    """One row for each metric and size of data, which is the `method` of a calculation; the slowest first."""
    rows = [_calculation(key, summary) for key, summary in work.items() if summary.count]
    return sorted(rows, key=lambda row: (-row["p95_ms"], row["metric_type"], row["dataset_size_category"] or ""))


def _calculation(key: LabelKey, summary: Summary) -> CalculationRow:
    promised = PROMISED_SECONDS.get(key.method)
    return {
        "metric_type": key.label,
        "dataset_size_category": key.method if promised else None,
        "count": summary.count,
        "avg_ms": rounded(summary.average_ms),
        "p95_ms": round(summary.p95 or 0.0, 1),
        "max_ms": round(summary.max_ms, 1),
        "failures": summary.errors,
        "few": summary.count < FEW,
        "threshold": None if promised is None else _threshold(summary, promised),
    }


def _threshold(summary: Summary, promised_seconds: float) -> Threshold:
    kept = summary.histogram.at_most(promised_seconds * 1000)
    tolerated = summary.histogram.at_most(promised_seconds * 1000 * TOLERATED)
    return {
        "target_seconds": promised_seconds,
        "pass": kept,
        "warning": tolerated - kept,
        "fail": summary.count - tolerated,
        "verdict": verdict_of((summary.p95 or 0.0) / 1000, promised_seconds),
    }


def jira_calls(calls: Labelled, minutes: float) -> JiraCalls:
    """All calls in so many minutes, and each endpoint, the one that took most time in all first."""
    total = united(calls.values())
    slowest = sorted(calls.items(), key=lambda item: (-item[1].total_us, item[0]))
    return {
        "calls": total.count,
        "per_minute": round(total.count / minutes, 3) if total.count else None,
        "errors": total.errors,
        "error_rate": rounded(total.error_rate, 6),
        "refusals": total.client_errors,
        "rate_limited": total.throttled,
        "waited_ms": round(total.waited_ms, 1),
        "avg_ms": rounded(total.average_ms),
        "p95_ms": rounded(total.p95),
        "endpoints": [_endpoint(key, summary) for key, summary in slowest if summary.count],
    }


def _endpoint(key: LabelKey, summary: Summary) -> JiraEndpoint:
    named = key.label if not key.method or key.label.startswith(f"{key.method} ") else f"{key.method} {key.label}"
    return {
        "endpoint": named,
        "calls": summary.count,
        "errors": summary.errors,
        "error_rate": rounded(summary.error_rate, 6),
        "refusals": summary.client_errors,
        "rate_limited": summary.throttled,
        "waited_ms": round(summary.waited_ms, 1),
        "avg_ms": rounded(summary.average_ms),
        "p95_ms": round(summary.p95 or 0.0, 1),
        "max_ms": round(summary.max_ms, 1),
        "few": summary.count < FEW,
    }


def jobs(runs: Labelled, latest: Sequence[Measurement]) -> list[JobRow]:
    """One row for each job by name; `latest` are single runs, the newest first."""
    together: dict[str, Summary] = defaultdict(Summary)
    for key, summary in runs.items():
        together[key.label] += summary
    last = {run.label: run for run in reversed(latest)}
    return [_job(name, summary, last.get(name)) for name, summary in sorted(together.items()) if summary.count]


def _job(name: str, summary: Summary, last: Measurement | None) -> JobRow:
    return {
        "job": name,
        "runs": summary.count,
        "failures": summary.errors,
        "avg_ms": rounded(summary.average_ms),
        "p95_ms": round(summary.p95 or 0.0, 1),
        "max_ms": round(summary.max_ms, 1),
        "few": summary.count < FEW,
        "last": None if last is None else _last_run(last),
    }


def _last_run(run: Measurement) -> LastRun:
    return {
        "at": iso_utc(datetime.fromtimestamp(run.at, UTC)),
        "duration_ms": round(run.duration_ms, 1),
        "ok": not run.failed,
        "error": run.error,
        "request_id": run.request_id,
    }
