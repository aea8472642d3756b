"""Whether the application can do its work now: checks that are looked at side by side, in bounded time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, NotRequired, TypedDict


class Finding(NamedTuple):
    """What a look found. It is told to anybody who asks: no path, no secret.

    `age_seconds` is that of what the check is about, None where there is no such thing.
    """

    ok: bool
    detail: str
    next_step: str = ""
    age_seconds: float | None = None


UNEXPECTED = Finding(ok=False, detail="The check ended unexpectedly.", next_step="Look into the logs.")


@dataclass(frozen=True)
class Check:
    """Something to look at. Without what is `needed` the application is not ready; all else is only told."""

    name: str
    look: Callable[[], Finding]
    needed: bool = True
    tells_age: bool = False


class CheckResult(TypedDict):
    name: str
    ok: bool
    needed: bool
    detail: str
    next_step: str
    age_seconds: NotRequired[float | None]


class ReadyDocument(TypedDict):
    ready: bool
    checks: list[CheckResult]


class Readiness:
    """Answers within `patience` seconds whatever the disk does, and looks no oftener than every `good_for` seconds."""

    def __init__(self, checks: Sequence[Check], *, patience: float = 2.0, good_for: float = 1.0) -> None:
        self._looks = [_Look(check, good_for) for check in checks]
        self._patience = patience

    def __call__(self) -> ReadyDocument:
        until = time.monotonic() + self._patience
        begun = [look.begun() for look in self._looks]
        for thread in begun:
            thread.join(max(0.0, until - time.monotonic()))
        results = [look.told(self._patience, thread) for look, thread in zip(self._looks, begun, strict=True)]
        return {"ready": all(one["ok"] for one in results if one["needed"]), "checks": results}


class _Look:
    """A check on a thread of its own, of which there is never more than one."""

    def __init__(self, check: Check, good_for: float) -> None:
        self._check, self._good_for = check, good_for
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._began = 0.0
        self._finding = UNEXPECTED

    def begun(self) -> threading.Thread:
        """The look that is on, or has just been."""
        with self._lock:
            is_recent = time.monotonic() - self._began < self._good_for
            if self._thread is None or not (is_recent or self._thread.is_alive()):
                self._began = time.monotonic()
                self._thread = threading.Thread(target=self._run, name=f"ready-{self._check.name}", daemon=True)
                self._thread.start()
            return self._thread

    def _run(self) -> None:
        finding = UNEXPECTED
        try:
            finding = self._check.look()
        finally:
            self._finding = finding

    def told(self, patience: float, thread: threading.Thread) -> CheckResult:
        finding = self._finding
        if thread.is_alive():
            finding = Finding(
                ok=False,
                detail=f"No answer within {patience:g} s.",
                next_step="Find out whether the disk or the network share behind it hangs.",
            )
        result: CheckResult = {
            "name": self._check.name,
            "ok": finding.ok,
            "needed": self._check.needed,
            "detail": finding.detail,
            "next_step": finding.next_step,
        }
        return result | {"age_seconds": finding.age_seconds} if self._check.tells_age else result
