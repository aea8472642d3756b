"""What the page says about readings of Jira: how far one is, how one ended, how old the data is, what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from data.jira_query_manager import FAILED, OUR_LIMIT, PAUSED
from data.model import iso_utc
from data.sync.receipt import SyncReceipt
from data.sync.team_fetch import FetchProgress
from ui.readings import count
from ui.times import age_words

VERDICT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "complete": "complete",
        "partial": "partial",
        "failed": "failed",
        "cancelled": "stopped",
        "interrupted": "broken off",
    }
)

VERDICT_TONES: Mapping[str, str] = MappingProxyType(
    {"complete": "good", "partial": "warn", "failed": "bad", "cancelled": "calm", "interrupted": "warn"}
)

KIND_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "full": "everything",
        "increment": "what had changed",
        "extension": "an earlier span of time",
        "none": "nothing",
    }
)

TRIGGER_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "page": "from the page",
        "schedule": "by schedule",
        "first visit": "by itself, at the first visit",
        "command": "by a command",
    }
)

SCHEDULE_WORDS: Mapping[int, str] = MappingProxyType(
    {
        0: "Off",
        15: "Every 15 minutes",
        30: "Every 30 minutes",
        60: "Every hour",
        240: "Every 4 hours",
        1440: "Every 24 hours",
    }
)

WAIT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        OUR_LIMIT: "to stay within the number of requests that Jira allows",
        PAUSED: "because Jira asks us to slow down",
        FAILED: "before a request that failed is sent again",
    }
)

Piece = str | dict[str, str]
"""Words, or an instant `{"since": ...}` whose age the browser puts in their place."""


@dataclass(frozen=True, slots=True)
class SyncNews:
    """Where the readings of one team stand; `synced_at` is when the kept numbers were read, None without any."""

    last: SyncReceipt | None
    synced_at: datetime | None
    running: bool
    partial: bool = False


def line_facts(news: SyncNews) -> dict[str, Any]:
    """The line on every page, as the browser needs it to keep the ages in it true without asking."""
    return {"tone": _tone(news), "pieces": line_pieces(news)}


def line_pieces(news: SyncNews) -> list[Piece]:
    if news.running:
        before: list[Piece] = ["; last synced ", _since(news.synced_at)] if news.synced_at else []
        return ["Reading Jira now", *before]
    last = news.last
    kept: list[Piece] = ["Last synced ", _since(news.synced_at)] if news.synced_at else ["Never synced"]
    if last is None:
        return [*kept, *([", ", _completeness(news)] if news.synced_at else [])]
    if last.verdict in {"complete", "partial"}:
        return [*kept, ", ", _completeness(news)] if news.synced_at else ["Nothing is kept"]
    event = {"failed": "the try ", "cancelled": "stopped ", "interrupted": "a reading broke off "}[last.verdict]
    return [*kept, "; ", event, _since(last.ended_at), *([" failed"] if last.verdict == "failed" else [])]


def progress_words(progress: FetchProgress | None) -> str:
    """The stage of a reading in words."""
    if progress is None:
        return "Starting to read Jira"
    issues = count(progress.issues, "issue")
    if progress.stage == "issues":
        known = f"{progress.issues:,} of about {progress.expected:,}" if progress.expected else f"{issues} so far"
        return f"Reading issues: {known}"
    words = {
        "histories": f"Reading the history of {issues}",
        "versions": "Reading versions and statuses",
        "sweep": "Looking for issues that are gone",
        "saving": f"Keeping {issues}",
        "measuring": "Measuring",
    }
    return words.get(progress.stage, "Connecting to Jira")


def progress_detail(progress: FetchProgress) -> str:
    return f"{count(progress.pages, 'page')}, {count(progress.calls, 'request')}"


def waiting_words(progress: FetchProgress | None) -> str | None:
    """Why nothing moves for a while; None when nothing is waited for."""
    if progress is None or progress.waiting_seconds <= 0:
        return None
    why = WAIT_WORDS.get(progress.waiting_for, f"because {progress.waiting_for or 'Jira asks us to slow down'}")
    return f"Waiting {max(1, round(progress.waiting_seconds))} s {why}"


def share_read(progress: FetchProgress | None) -> int | None:
    """Per cent of the issues that have come; None while nobody knows how many there are."""
    if progress is None or not progress.expected or progress.stage in {"connecting", "versions", "measuring"}:
        return None
    return min(99, round(100 * progress.issues / progress.expected))


def said_aloud(progress: FetchProgress | None) -> str:
    """What a screen reader says of the progress: the same words until a quarter more is done."""
    if waiting_words(progress):
        return "Reading Jira. Waiting for a while."
    share = share_read(progress)
    if progress is None or share is None or progress.stage != "issues":
        return f"{progress_words(None) if progress is None else _stage_aloud(progress.stage)}."
    return f"Reading issues: {share // 25 * 25} per cent."


def plain_text(pieces: Sequence[Piece], *, now: datetime) -> str:
    """The pieces as the browser will show them."""
    return "".join(
        piece if isinstance(piece, str) else age_words(now - datetime.fromisoformat(piece["since"])) for piece in pieces
    )


def _completeness(news: SyncNews) -> str:
    return VERDICT_WORDS["partial" if news.partial else "complete"]


def _tone(news: SyncNews) -> str:
    if news.running:
        return "busy"
    if news.last is None or (news.synced_at is None and news.last.verdict in {"complete", "partial"}):
        return "calm"
    if news.last.verdict == "complete" and news.partial:
        return "warn"
    return VERDICT_TONES[news.last.verdict]


def _since(instant: datetime) -> dict[str, str]:
    return {"since": iso_utc(instant)}


def _stage_aloud(stage: str) -> str:
    return {
        "issues": "Reading issues",
        "histories": "Reading histories",
        "versions": "Reading versions and statuses",
        "sweep": "Looking for issues that are gone",
        "saving": "Keeping what was read",
        "measuring": "Measuring",
    }.get(stage, "Connecting to Jira")
