"""Documents about what is wrong with Sightline or unusual in it: logged events, alerts, anomalies, weeks compared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.unit.ui.performance_documents import NOW, PAGE_BODY, iso


def log_events(**facts: Any) -> dict[str, Any]:
    events = [
        {
            "event": "jira.rate_limited",
            "level": "WARNING",
            "count": 4,
            "last_at": iso(NOW - timedelta(hours=3)),
            "last_request_id": "b5f0c1d2-7c2e-4a4f-9c8e-0f6f0f0c9a11",
            "message": "Jira asks to wait for 12 s",
        },
        {
            "event": "failure.unexpected",
            "level": "ERROR",
            "count": 1,
            "last_at": iso(NOW - timedelta(hours=30)),
            "last_request_id": None,
            "message": "Something failed that nobody expected <script>alert(1)</script>",
        },
    ]
    return {"days": 7, "since": iso(NOW - timedelta(days=7)), "events": events, **_whole(), **facts}


def log_records(**facts: Any) -> dict[str, Any]:
    record = {
        "timestamp": iso(NOW),
        "level": "ERROR",
        "module": "callbacks.boundary",
        "event": "failure.unexpected",
        "message": "Something failed <b>that nobody</b> expected",
        "exception": "Traceback (most recent call last):\n  ValueError: no",
        "context": {"event": "failure.unexpected", "request_id": "abc-1", "error_type": "ValueError", "tries": 3},
    }
    return {"request_id": "abc-1", "records": [record], **_whole(), **facts}


def _whole() -> dict[str, Any]:
    return {
        "complete_since": iso(NOW - timedelta(days=7)),
        "unread_bytes": 0,
        "torn": 0,
        "unreadable": [],
        "left_out": 0,
    }


def rule(name: str = "Answers are slow", state: str = "ok", **facts: Any) -> dict[str, Any]:
    common = {
        "name": name,
        "sentence": "The duration that 95 % stay below is above 1000 ms for 10 minutes.",
        "metric": "p95_ms",
        "comparison": ">",
        "threshold": 1000.0,
        "threshold_words": "1000 ms",
        "unit": "ms",
        "for_minutes": 10,
        "over_minutes": 15,
        "kind": None,
        "route": None,
        "state": state,
        "value": None if state == "no_data" else 182.0,
        "value_words": None if state == "no_data" else "182 ms",
        "since": iso(NOW - timedelta(hours=5)),
        "is_on": state == "firing",
    }
    return common | facts


def incident(**facts: Any) -> dict[str, Any]:
    common = {
        "id": "0123456789abcdef",
        "rule": "Requests fail",
        "sentence": "The share that fails is above 5 % for 5 minutes.",
        "metric": "error_rate",
        "comparison": ">",
        "threshold": 0.05,
        "unit": "share",
        "kind": None,
        "route": None,
        "began": iso(NOW - timedelta(hours=30)),
        "fired": iso(NOW - timedelta(hours=29, minutes=55)),
        "ended": iso(NOW - timedelta(hours=29)),
        "why_ended": None,
        "peak": 0.18,
        "posted": {"began": post(), "ended": post()},
    }
    return common | facts


def post(**facts: Any) -> dict[str, Any]:
    return {"state": "posted", "tries": 1, "next_try": None, "posted": iso(NOW), "reason": None} | facts


def alerts(**facts: Any) -> dict[str, Any]:
    common = {
        "rules": [rule(), rule("Requests fail"), rule("Jira fails", "no_data")],
        "origin": "built in",
        "incidents": [incident()],
        "problems": [],
        "evaluated_at": iso(NOW),
        "is_posted": False,
    }
    return common | facts


def week(**facts: Any) -> dict[str, Any]:
    span = {"requests": 20_000, "average_ms": 40.0, "p95_ms": 180.0}
    common = {
        "ratio": 1.02,
        "interval": (0.96, 1.08),
        "p_value": 0.4,
        "is_more_than_noise": False,
        "days": 7,
        "this_week": {"since": iso(NOW - timedelta(days=7)), "until": iso(NOW), **span},
        "last_week": {"since": iso(NOW - timedelta(days=14)), "until": iso(NOW - timedelta(days=7)), **span},
        "how": "Each day is set against the same day a week before.",
        "sentence": "No more different from last week than weeks are by chance (between −4 % and +8 %, 7 days).",
        "routes": [],
    }
    return common | facts


def compared(**facts: Any) -> dict[str, Any]:
    common = {
        "label": PAGE_BODY,
        "kind": "callback",
        "method": "",
        "requests": 900,
        "requests_before": 800,
        "p95_ms": 380.0,
        "p95_ms_before": 240.0,
        "ratio": 1.58,
        "interval": (1.4, 1.8),
        "p_value": 0.001,
        "is_more_than_noise": True,
        "days": 7,
        "sentence": "58 % slower.",
    }
    return common | facts


def anomaly(**facts: Any) -> dict[str, Any]:
    common = {
        "label": PAGE_BODY,
        "kind": "callback",
        "method": "",
        "at": iso(NOW - timedelta(hours=20)),
        "until": iso(NOW - timedelta(hours=19, minutes=50)),
        "value_ms": 1900.0,
        "usual_ms": 90.0,
        "score": 9.2,
        "sentence": "1,900 ms on average in a minute.",
    }
    return common | facts
