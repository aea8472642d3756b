"""Receipts of readings, built by hand: a complete one of everything unless a test says otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from data.sync.receipt import Cause, SyncReceipt

ENDED = datetime(2026, 3, 5, 15, 30, tzinfo=UTC)


def receipt(verdict: str = "complete", **facts: Any) -> SyncReceipt:
    common: dict[str, Any] = {
        "id": "1",
        "kind": "full",
        "trigger": "page",
        "verdict": verdict,
        "started_at": ENDED - timedelta(seconds=42),
        "ended_at": ENDED,
        "issues": 1234,
        "expected": 1234,
        "received": 1234,
        "distinct": 1234,
        "pages": 13,
        "calls": 20,
        "added": 1234,
    }
    return SyncReceipt(**common | facts)


def cause(**facts: str) -> Cause:
    common = {
        "kind": "Unreachable",
        "title": "Jira cannot be reached",
        "detail": "The connection was refused.",
        "likely_cause": "Jira is down.",
        "next_step": "Wait, or ask whoever runs it.",
    }
    return Cause(**common | facts)
