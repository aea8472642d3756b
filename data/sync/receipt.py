"""What a sync did, written down: asked, received, waited, changed, and whether it can be relied on."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

from data.errors import FetchCancelled, SightlineError
from data.model import iso_utc
from data.sync.request import SyncRequest

logger = logging.getLogger(__name__)

Kind = Literal["full", "increment", "extension", "none"]
Verdict = Literal["complete", "partial", "failed", "cancelled", "interrupted"]

KEPT_RECEIPTS = 100
_INSTANTS = ("started_at", "ended_at", "rate_limited_until")


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why a sync did not end as it should; `kind` is the name of the error, for programs."""

    kind: str
    title: str
    detail: str
    likely_cause: str
    next_step: str

    @classmethod
    def of(cls, error: SightlineError) -> Self:
        return cls(
            kind=type(error).__name__,
            title=error.title,
            detail=error.detail,
            likely_cause=error.likely_cause,
            next_step=error.next_step,
        )


@dataclass(frozen=True, kw_only=True)
class SyncReceipt:
    """One sync. `received` counts rows as they came, `distinct` the issues among them, `issues` all that are kept.

    `missing` issues are named by Jira but were not handed out; `held_back` ones seem to be gone, and are kept until
    a person confirms it.
    """

    id: str
    kind: Kind
    trigger: str
    verdict: Verdict
    started_at: datetime
    ended_at: datetime
    reason: str = ""
    flavour: str | None = None
    cause: Cause | None = None
    next_step: str = ""
    issues: int = 0
    expected: int | None = None
    received: int = 0
    distinct: int = 0
    pages: int = 0
    calls: int = 0
    waits: int = 0
    waited_seconds: float = 0.0
    retries: int = 0
    refusals: int = 0
    added: int = 0
    changed: int = 0
    moved: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    missing: int = 0
    held_back: int = 0
    resumed: bool = False
    rate_limited_until: datetime | None = None
    data_version: str | None = None

    @property
    def duration_seconds(self) -> float:
        return max(0.0, (self.ended_at - self.started_at).total_seconds())

    @property
    def ended_with_program(self) -> bool:
        """In good order: a process that was killed could say nothing."""
        return self.verdict == "interrupted" and self.cause is not None and self.cause.kind == FetchCancelled.__name__

    @property
    def sentence(self) -> str:
        """The whole receipt in one line, for people."""
        spent = f"in {spoken_duration(self.duration_seconds)}, {counted(self.calls, 'request')}"
        why = f" {self.cause.title}." if self.cause is not None else ""
        so_far = counted(self.distinct, "issue")
        if self.verdict == "complete":
            return f"Complete: {', '.join([counted(self.issues, 'issue'), *self._changes()])}, {spent}."
        if self.verdict == "partial":
            return f"Partial: {', '.join([counted(self.issues, 'issue'), *self._gaps(), *self._changes()])}, {spent}."
        if self.verdict == "cancelled":
            return f"Stopped after {so_far}, {spent}."
        if self.verdict == "interrupted":
            return f"Broken off after {so_far}: the program ended."
        return f"Failed after {so_far}, {spent}.{why}"

    def _gaps(self) -> list[str]:
        gaps = [f"{counted(self.missing, 'issue')} missing"] if self.missing else []
        return gaps + ([f"{counted(self.held_back, 'issue')} not found any more, but kept"] if self.held_back else [])

    def _changes(self) -> list[str]:
        numbers = {
            "new": self.added if self.added < self.issues else 0,
            "changed": self.changed,
            "moved": len(self.moved),
            "deleted": len(self.deleted),
            "no longer in the query": len(self.left),
            "left out": len(self.skipped),
        }
        told = [f"{number:,} {what}" for what, number in numbers.items() if number]
        return told or (["nothing changed"] if self.kind == "increment" else [])

    def to_json(self) -> dict[str, Any]:
        document = asdict(self)
        for name in _INSTANTS:
            document[name] = None if document[name] is None else iso_utc(document[name])
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        known = {entry.name: document[entry.name] for entry in fields(cls) if entry.name in document}
        for name in _INSTANTS:
            known[name] = None if known.get(name) is None else datetime.fromisoformat(known[name]).astimezone(UTC)
        known["cause"] = None if known.get("cause") is None else Cause(**known["cause"])
        return cls(**known)


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def spoken_duration(seconds: float) -> str:
    if seconds < 1:
        return "less than a second"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def receipts(request: SyncRequest, limit: int = 50) -> list[SyncReceipt]:
    """What is on record about this copy, newest first."""
    return [SyncReceipt.from_json(document) for document in _documents(request)[:limit]]


def _documents(request: SyncRequest) -> list[dict[str, Any]]:
    kept = request.read("receipts")
    return kept if isinstance(kept, list) else []


def keep_receipt(request: SyncRequest, receipt: SyncReceipt) -> None:
    """Put it on record; only whoever holds the sync's lock may. A disk that does not take it costs the record alone."""
    others = [document for document in _documents(request) if document.get("id") != receipt.id]
    try:
        request.write("receipts", [receipt.to_json(), *others][:KEPT_RECEIPTS], receipt.ended_at)
    except OSError as error:
        why = {"receipt_id": receipt.id, "reason": error.strerror}
        logger.warning(
            "The receipt could not be kept: %s", error.strerror, extra={"event": "sync.receipt_not_kept", **why}
        )


_FIRST_RETRY = timedelta(seconds=30)
_LONGEST_RETRY = timedelta(minutes=10)
_NEEDS_A_PERSON = frozenset({"AuthenticationFailed", "CaptchaRequired", "AnonymousAccess"})


def next_attempt_at(history: Sequence[SyncReceipt], schedule_minutes: float | None, now: datetime) -> datetime | None:
    """When to sync again without being told to; None is never. `history` is newest first.

    After failures that may pass: 30 s, doubling to ten minutes, and not before Jira's own time. Refused credentials
    are not tried again by themselves, as every refusal brings the account nearer to being locked. What the program
    itself ended, because it was itself about to end, is gone on with at once.
    """
    if not history:
        return now
    last: SyncReceipt = history[0]
    if last.ended_with_program:
        return last.ended_at
    if last.verdict in {"failed", "interrupted"}:
        if last.cause is not None and last.cause.kind in _NEEDS_A_PERSON:
            return None
        failures = next(
            (n for n, one in enumerate(history) if one.verdict not in {"failed", "interrupted"}), len(history)
        )
        wait = min(_FIRST_RETRY * 2 ** min(failures - 1, 10), _LONGEST_RETRY)
        earliest: datetime = max(last.ended_at + wait, last.rate_limited_until or last.ended_at)
        return earliest
    return None if schedule_minutes is None else last.ended_at + timedelta(minutes=schedule_minutes)


def is_due(history: Sequence[SyncReceipt], schedule_minutes: float | None, now: datetime) -> bool:
    """Whether a sync should start by itself now; a clock that was set back does not put it off for ever."""
    at = next_attempt_at(history, schedule_minutes, now)
    if at is None:
        return False
    came_from_the_future = bool(history) and history[0].ended_at > now + timedelta(minutes=5)
    return at <= now or (came_from_the_future and history[0].rate_limited_until is None)
