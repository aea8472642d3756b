"""Keeps the team's data current by itself: one thread per server process, from the first visit or by a schedule."""

from __future__ import annotations

import atexit
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from filelock import FileLock, Timeout

from callbacks.boundary import told
from callbacks.team import TeamLoader
from callbacks.team_source import Source
from configuration.request_notes import outliving
from configuration.settings import SCHEDULES
from data.errors import SightlineError
from data.jira_simple import SyncReceipt, is_due, leave_unfinished, next_attempt_at, receipts
from ui.components.states import Failure

TICK_SECONDS = 5.0
REST_SECONDS = 30.0
LAST_PAGE_SECONDS = 2.0
_A_DAY = max(SCHEDULES)
_VISIT = timedelta(minutes=2)


class Keeper:
    """Measures what is newly kept, and reads Jira when a reading is due.

    Due is what the schedule says, and while somebody looks also what failed a while ago and what is older than a
    day. The record of readings decides, under a lock, so that many processes make one attempt.
    """

    def __init__(self, source: Source, loader: TeamLoader, *, tick_seconds: float = TICK_SECONDS) -> None:
        self.source = source
        self.loader = loader
        self._tick = tick_seconds
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._visited = source.clock() - 2 * _VISIT
        self._asked_for: tuple[str, ...] = ()
        self.problem: Failure | None = None
        _keepers.add(self)

    def visit(self) -> None:
        """Somebody looks at a page; the first of all starts the thread."""
        self._visited = self.source.clock()
        self._start(outliving(self._turn))  # what the first visit sets off bears its request's id

    def begin(self) -> None:
        """A schedule is kept from now on, though nobody looks; where there is none, the first visit is waited for."""
        if self.schedule():
            self._start(self._turn)

    def wake(self) -> None:
        """There is something new on disk."""
        self._wake.set()

    def end(self, seconds: float = LAST_PAGE_SECONDS) -> None:
        """End the thread; a reading that is on ends at its next page, and the next start goes on from there."""
        if self._thread is not None and self._thread.is_alive():
            self._ending.set()
            self._wake.set()
            self._thread.join(seconds)
            if self._thread.is_alive():  # Jira has not answered meanwhile
                with suppress(SightlineError):
                    leave_unfinished(self.source.request())

    def schedule(self) -> int:
        """Minutes between two readings, 0 for none, also where the settings that should say so cannot be read."""
        try:
            return self.source.schedule()
        except SightlineError:
            return 0

    def next_attempt(self, history: Sequence[SyncReceipt]) -> datetime | None:
        """When Jira is read again without being told to, given that somebody looks; None is never."""
        if self.source.is_forgotten():
            return None
        return next_attempt_at(history, float(self.schedule() or _A_DAY), self.source.clock())

    def _start(self, first: Callable[[], None]) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, args=(first,), name="team-keeper", daemon=True)
                self._thread.start()

    def _run(self, first: Callable[[], None]) -> None:
        first()
        while not self._ending.is_set():
            self._wake.wait(self._tick if self.problem is None else max(self._tick, REST_SECONDS))
            self._wake.clear()
            self._turn()

    def _turn(self) -> None:
        outcome = told(self._keep)
        self.problem = outcome if isinstance(outcome, Failure) else None

    def _keep(self) -> None:
        if self._ending.is_set():
            return
        self.loader.current()
        if self._reason() is None:
            return
        path = self.source.request().path("auto.lock")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(Timeout), FileLock(path, timeout=0, mode=0o600, thread_local=False):
            # Another process may have read Jira while this one was on its way here.
            reason = self._reason()
            if reason is not None:
                self._asked_for = self._lacking()  # once: a field that Jira does not have would be asked for ever
                self.source.synchronise(reason, program_ends=self._ending.is_set)
        if not self._ending.is_set():
            self.loader.current()

    def _reason(self) -> str | None:
        """Why Jira should be read now, as receipts name it; None when it should not."""
        schedule, now = self.source.schedule(), self.source.clock()
        if self.source.is_forgotten() or not (schedule or now - self._visited < _VISIT):
            return None
        history = receipts(self.source.request())
        if self.source.version() is None and (not history or history[0].verdict in {"complete", "partial"}):
            return "first visit"
        is_lacking = bool(self._lacking()) and self._lacking() != self._asked_for
        minutes = 0.0 if is_lacking else float(schedule or _A_DAY)
        if not is_due(history, minutes, now):
            return None
        return "schedule" if schedule else "page"

    def _lacking(self) -> tuple[str, ...]:
        """The fields that were mapped and that no reading has asked for yet."""
        team = self.loader.team()
        return tuple(team.reading.data.lacks) if team is not None else ()


_keepers: weakref.WeakSet[Keeper] = weakref.WeakSet()


def _end_all() -> None:
    for keeper in list(_keepers):
        keeper.end()


# The interpreter closes all pools of threads before it comes to atexit, and a reading needs them to the end; only a
# private name of threading comes earlier, so that a Python without it makes do with atexit.
getattr(threading, "_register_atexit", atexit.register)(_end_all)
