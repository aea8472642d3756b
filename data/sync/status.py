"""Whether a sync is on, how far it is, and how to stop it: on disk, so that every tab and process sees the same."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from filelock import FileLock, Timeout

from configuration.clock import utc_now
from data.errors import FetchCancelled
from data.sync.receipt import Cause, SyncReceipt, counted, keep_receipt, receipts
from data.sync.request import SyncRequest
from data.sync.team_fetch import FetchProgress

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_WRITES = 0.25
_SECONDS_TO_GET_THE_LOCK = 1.0
_FACTS = {"receipt_id", "trigger", "pid", "started_at", "told_at", "progress"}


@dataclass(frozen=True)
class SyncStatus:
    """The sync that is on, if one is. `progress` is None until it has told of any."""

    running: bool = False
    stopping: bool = False
    progress: FetchProgress | None = None
    started_at: datetime | None = None
    pid: int | None = None
    trigger: str = ""
    receipt_id: str | None = None


@contextmanager
def holding(request: SyncRequest, seconds: float = _SECONDS_TO_GET_THE_LOCK) -> Iterator[bool]:
    """Whether this thread alone may sync this copy now. The system frees the lock when its holder dies."""
    path = request.path("lock")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(path, timeout=seconds, mode=0o600, thread_local=False)
    try:
        lock.acquire(poll_interval=0.02)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def sync_status(request: SyncRequest) -> SyncStatus:
    """Where the sync of this copy stands. One whose process has died is found out here, and put on record."""
    document = _document(request)
    if document is None:
        return SyncStatus()
    with holding(request, 0) as free:
        if free:
            settle(request)
            return SyncStatus()
    return SyncStatus(
        running=True,
        stopping=_asked_to_stop(request, document["receipt_id"]),
        progress=_progress(document),
        started_at=datetime.fromisoformat(document["started_at"]),
        pid=document["pid"],
        trigger=document["trigger"],
        receipt_id=document["receipt_id"],
    )


def ask_to_stop(request: SyncRequest) -> bool:
    """Let the sync that is on end at its next page or wait; whether there was one to ask."""
    document = _document(request)
    if document is None:
        return False
    request.write("stop", document["receipt_id"], utc_now(), durable=False)
    return True


def leave_unfinished(request: SyncRequest) -> None:
    """This process ends before its sync could come to an end: it is put on record so at the next start."""
    document = _document(request)
    if document is not None and document["pid"] == os.getpid():
        with contextlib.suppress(OSError):
            request.write("status", document | {"program_ended": True}, utc_now(), durable=False)


def _asked_to_stop(request: SyncRequest, receipt_id: str) -> bool:
    return request.path("stop.json").exists() and request.read("stop") == receipt_id


def _document(request: SyncRequest) -> dict[str, Any] | None:
    document = request.read("status")
    return document if isinstance(document, dict) and document.keys() >= _FACTS else None


def _progress(document: dict[str, Any]) -> FetchProgress | None:
    """What was told last; a program of another version may have told other facts."""
    told = document["progress"]
    try:
        return FetchProgress(**told) if told else None
    except TypeError:
        return None


def settle(request: SyncRequest) -> None:
    """Put a run that died on record, as only the holder of the lock may: nobody else can be running."""
    document = _document(request)
    if document is None:
        return
    if not any(receipt.id == document["receipt_id"] for receipt in receipts(request, 1)):
        receipt = _interrupted(document)
        keep_receipt(request, receipt)
        facts = {"receipt_id": receipt.id, "pid": document["pid"], "trigger": receipt.trigger}
        logger.warning("A sync ended without a word", extra={"event": "sync.interrupted", **facts})
    _forget(request)


def _forget(request: SyncRequest) -> None:
    for kind in ("status.json", "stop.json"):
        with contextlib.suppress(OSError):
            request.path(kind).unlink()


def _interrupted(document: dict[str, Any]) -> SyncReceipt:
    progress = _progress(document)
    told_at = datetime.fromisoformat(document["told_at"])
    so_far = counted(progress.issues, "issue") if progress else "no issue"
    cause = Cause(
        kind=FetchCancelled.__name__ if document.get("program_ended") else "Interrupted",
        title="The sync ended without finishing",
        detail=f"The program that ran it (process {document['pid']}) is gone; {so_far} had come.",
        likely_cause="It was stopped or restarted, or the machine was.",
        next_step="Nothing that was there before is lost. The next sync goes on from where this one was.",
    )
    return SyncReceipt(
        id=document["receipt_id"],
        kind="none",
        trigger=document["trigger"],
        verdict="interrupted",
        cause=cause,
        next_step=cause.next_step,
        started_at=datetime.fromisoformat(document["started_at"]),
        ended_at=told_at,
        expected=progress.expected if progress else None,
        distinct=progress.issues if progress else 0,
        pages=progress.pages if progress else 0,
        calls=progress.calls if progress else 0,
    )


class RunningStatus:
    """What the run tells of itself, at most four times a second; and whether somebody wants it to stop."""

    def __init__(
        self,
        request: SyncRequest,
        receipt_id: str,
        trigger: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._request, self._receipt_id, self._trigger, self._clock = request, receipt_id, trigger, clock
        self._started_at = clock()
        self._told = 0.0
        self._stage = ""

    def begin(self) -> None:
        with contextlib.suppress(OSError):
            self._request.path("stop.json").unlink()
        self._write(None)

    def tell(self, progress: FetchProgress) -> None:
        now = time.monotonic()
        if progress.stage == self._stage and now - self._told < _SECONDS_BETWEEN_WRITES:
            return
        self._told, self._stage = now, progress.stage
        self._write(progress)

    def is_to_stop(self) -> bool:
        return _asked_to_stop(self._request, self._receipt_id)

    def end(self) -> None:
        _forget(self._request)

    def _write(self, progress: FetchProgress | None) -> None:
        """A status that cannot be written is not worth ending the sync."""
        now = self._clock()
        document = {
            "receipt_id": self._receipt_id,
            "trigger": self._trigger,
            "pid": os.getpid(),
            "started_at": self._started_at.isoformat(),
            "told_at": now.isoformat(),
            "progress": None if progress is None else asdict(progress),
        }
        with contextlib.suppress(OSError):
            self._request.write("status", document, now, durable=False)
