"""A sync as a transaction with a receipt: what is kept becomes newer as a whole, or stays as it was."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any

from configuration.clock import utc_now
from configuration.request_notes import ContextExecutor
from configuration.settings import JiraCredentials
from data.errors import FetchCancelled, IncompleteAnswer, QueryRejected, SightlineError, StoreTaken
from data.jira_connection import connect as connect_to_jira
from data.jira_query_manager import JiraClient
from data.jira_requests.ledger import SqliteLedger
from data.jira_requests.run import CallCounts
from data.sync.fetch_record import recorded
from data.sync.receipt import Cause, SyncReceipt, Verdict, counted, keep_receipt, receipts
from data.sync.request import SyncRequest
from data.sync.run import Kept, Orders, Outcome, SyncRun
from data.sync.status import RunningStatus, holding, settle
from data.sync.sweep import told
from data.sync.team_fetch import FetchProgress, Watch

logger = logging.getLogger(__name__)

Connect = Callable[[JiraCredentials], JiraClient]


def synchronise(  # noqa: PLR0913 - each is an option of its own, and all but one have a default
    request: SyncRequest,
    *,
    connect: Connect | None = None,
    trigger: str = "page",
    progress: Callable[[FetchProgress], None] | None = None,
    program_ends: Callable[[], bool] | None = None,
    full: bool = False,
    accept_losses: bool = False,
    deadline_seconds: float | None = None,
    clock: Callable[[], datetime] = utc_now,
    wait_seconds: float = 1.0,
) -> SyncReceipt | None:
    """Bring what is kept up to date; None while another thread or process is at it for longer than `wait_seconds`.

    Known failures are told by the receipt. Any other exception comes through, after a receipt that says `failed`.
    Once `program_ends`, so does the sync at its next page or wait. `full` reads everything anew; `accept_losses` with
    it removes what an earlier sync has held back. `progress` may be called on any reading thread.
    """
    with _turn(request, trigger, wait_seconds) as is_ours:
        if not is_ours:
            return None
        sync = _Sync(request, connect, trigger, clock)
        return sync.carry_out(Orders(full, accept_losses), deadline_seconds, progress, program_ends)[0]


def bring_up_to_date(
    request: SyncRequest,
    *,
    connect: Connect | None,
    is_needed: Callable[[], bool],
    clock: Callable[[], datetime],
    wait_seconds: float,
) -> None:
    """Wait for one's turn, then sync, unless somebody else has done it meanwhile; a failure is raised."""
    with _turn(request, "command", wait_seconds) as is_ours:
        if not is_ours:
            raise StoreTaken("It has been at it for long.")
        if is_needed():
            sync = _Sync(request, connect, "command", clock)
            error = sync.carry_out(Orders(), None, None, None)[1]
            if error is not None:
                raise error


@contextmanager
def _turn(request: SyncRequest, trigger: str, wait_seconds: float) -> Iterator[bool]:
    with holding(request, wait_seconds) as is_free:
        if is_free:
            settle(request)
        else:
            logger.info("Another sync of the same issues is on", extra={"event": "sync.busy", "trigger": trigger})
        yield is_free


class _Sync:
    """One sync from its first request to its receipt."""

    def __init__(
        self, request: SyncRequest, connect: Connect | None, trigger: str, clock: Callable[[], datetime]
    ) -> None:
        self._request, self._trigger, self._clock = request, trigger, clock
        self._connect = connect or self._connection
        self._id = str(uuid.uuid4())
        self._started_at = clock()
        self._status = RunningStatus(request, self._id, trigger, clock)
        self._run: SyncRun | None = None
        self._watch = Watch()
        self._flavour: str | None = None

    def carry_out(
        self,
        orders: Orders,
        deadline_seconds: float | None,
        progress: Callable[[FetchProgress], None] | None,
        program_ends: Callable[[], bool] | None,
    ) -> tuple[SyncReceipt, SightlineError | None]:
        """The receipt, and the known failure that it tells of."""

        def tell(told: FetchProgress) -> None:
            self._status.tell(told)
            if progress is not None:
                progress(told)

        self._watch = Watch(tell, lambda: self._status.is_to_stop() or (program_ends is not None and program_ends()))
        self._status.begin()
        facts = {"receipt_id": self._id, "trigger": self._trigger, "full": orders.full}
        logger.info("A sync has begun", extra={"event": "sync.started", **facts})
        receipt: SyncReceipt | None = None
        try:
            receipt, error = self._work(orders, deadline_seconds)
        finally:
            written = self._receipt("failed", _unexpected()) if receipt is None else receipt
            keep_receipt(self._request, written)
            self._status.end()
            _log(written)
        return receipt, error

    def _work(self, orders: Orders, deadline_seconds: float | None) -> tuple[SyncReceipt, SightlineError | None]:
        try:
            with recorded(self._request.where, self._clock) as record:
                try:
                    self._read(orders, deadline_seconds)
                finally:
                    counts = self._counts()
                    record.api_calls_made, record.rate_limit_delays = counts.calls, counts.limit_waits
                    record.data_volume_fetched = self._watch.issues
        except SightlineError as error:
            return self._failure(error), error
        partial = _partial(self._outcome)
        return self._receipt("complete" if partial is None else "partial", partial), None

    def _read(self, orders: Orders, deadline_seconds: float | None) -> None:
        self._watch.enter("connecting")
        opening = ContextExecutor(1, thread_name_prefix="kept-issues")
        try:
            # What is kept is opened while Jira is still being greeted.
            opened = opening.submit(Kept.of, self._request, self._clock)
            with closing(self._connect(self._request.credentials)) as client:
                self._flavour = client.flavour
                run_client, kept = self._watch.over(client, deadline_seconds), opened.result()
                self._run = SyncRun(self._request, run_client, self._watch, orders, kept=kept, clock=self._clock)
                self._run.work()
        except RuntimeError as refusal:  # pools take no more work once the interpreter has begun to end
            if self._watch.cancelled is None or not self._watch.cancelled():
                raise
            raise FetchCancelled(f"{self._watch.issues:,} issues had been read.") from refusal
        finally:
            opening.shutdown(wait=False, cancel_futures=True)
        if self._outcome.issues == 0:
            logger.warning("The query finds no issue", extra={"event": "fetch.empty", "jql_query": self._request.where})

    def _connection(self, credentials: JiraCredentials) -> JiraClient:
        """Requests are counted together with those of all other processes that keep their data here."""
        flavour = next((receipt.flavour for receipt in receipts(self._request, 5) if receipt.flavour), None)
        return connect_to_jira(
            credentials,
            ledger=SqliteLedger(self._request.books),
            flavour=flavour,
            cancelled=self._watch.cancelled,
            waiting=self._watch.waits,
        )

    @property
    def _outcome(self) -> Outcome:
        return self._run.outcome if self._run is not None else Outcome()

    def _counts(self) -> CallCounts:
        return self._watch.client.counts if self._watch.client is not None else CallCounts()

    def _failure(self, error: SightlineError) -> SyncReceipt:
        walk = self._outcome.walk
        staged = walk.staging.issues if walk is not None else 0
        if walk is not None and walk.resumed and isinstance(error, IncompleteAnswer | QueryRejected):
            # Where going on fails for what Jira says, the next sync had better begin anew.
            walk.staging.discard()
            staged = 0
        going_on = f"What has been read so far ({counted(staged, 'issue')}) is safe; the next sync goes on from there."
        next_step = f"{error.next_step} {going_on}" if staged else error.next_step
        if isinstance(error, FetchCancelled):
            next_step = going_on if staged else error.next_step
            verdict: Verdict = "cancelled" if self._status.is_to_stop() else "interrupted"
            return self._receipt(verdict, Cause.of(error), next_step)
        return self._receipt("failed", Cause.of(error), next_step, getattr(error, "until", None))

    def _receipt(
        self, verdict: Verdict, cause: Cause | None, next_step: str = "", until: datetime | None = None
    ) -> SyncReceipt:
        outcome, counts, walk = self._outcome, self._counts(), self._outcome.walk
        found = outcome.findings
        moved = walk.staged.moved if walk is not None else {}
        return SyncReceipt(
            id=self._id,
            kind=outcome.plan.kind,
            reason=outcome.plan.reason,
            trigger=self._trigger,
            flavour=self._flavour,
            verdict=verdict,
            cause=cause,
            next_step=next_step or (cause.next_step if cause is not None else ""),
            started_at=self._started_at,
            ended_at=max(self._clock(), self._started_at),
            issues=outcome.issues,
            expected=outcome.expected if outcome.expected is not None else self._watch.expected,
            received=walk.staged.received + len(found.rows) if walk is not None else 0,
            distinct=walk.staging.issues if walk is not None else 0,
            pages=self._watch.pages,
            calls=counts.calls,
            waits=counts.waits,
            waited_seconds=round(counts.waited_seconds, 3),
            retries=counts.retries,
            refusals=counts.refusals,
            added=outcome.added,
            changed=walk.staged.changed if walk is not None else 0,
            moved=_moves(moved, outcome),
            deleted=list(found.deleted.values()),
            left=list(found.left.values()),
            skipped=[*self._watch.left_out(), *outcome.refused],
            missing=len(found.missing),
            held_back=len(found.held_back),
            resumed=walk is not None and walk.resumed,
            rate_limited_until=until,
            data_version=outcome.data_version,
        )


def _moves(moved: dict[str, list[str]], outcome: Outcome) -> list[str]:
    """Old and new key of every issue that has another key than before, also of those that left with it."""
    away = [(key, outcome.findings.left_as[identity]) for identity, key in outcome.findings.left.items()]
    pairs = [(old, new) for old, new in moved.values()] + [(old, new) for old, new in away if old != new]
    return [f"{old} → {new}" for old, new in dict.fromkeys(pairs)]


def _unexpected() -> Cause:
    return Cause(
        kind="Unexpected",
        title="The sync came upon something that nobody had foreseen",
        detail="",
        likely_cause="A mistake in this program.",
        next_step="Look into logs/errors.log for more, and try again. Nothing that was there before is lost.",
    )


def _partial(outcome: Outcome) -> Cause | None:
    found = outcome.findings
    if found.held_back:
        share = f"{len(found.held_back):,} of {outcome.issues:,} issues"
        return Cause(
            kind="RemovalHeldBack",
            title="Many issues are not found any more, and none was removed",
            detail=f"Jira no longer shows {share}: {told(found.held_back.values())}.",
            likely_cause="The account has lost the permission for a project, or a project was archived or deleted.",
            next_step="Check with the same account in Jira. If they are gone for good, read everything anew and "
            "confirm the removal.",
        )
    if found.missing:
        return Cause(
            kind="IssuesMissing",
            title="Jira lists issues that it does not hand out",
            detail=f"{counted(len(found.missing), 'issue')} could not be read: {told(found.missing.values())}.",
            likely_cause="They are being moved or indexed, or a security level hides them from this account.",
            next_step="The next sync asks for them again. If it stays so, open one of them in Jira with this account.",
        )
    return None


def _log(receipt: SyncReceipt) -> None:
    facts: dict[str, Any] = {
        "receipt_id": receipt.id,
        "kind": receipt.kind,
        "verdict": receipt.verdict,
        "trigger": receipt.trigger,
        "issues": receipt.issues,
        "api_calls_made": receipt.calls,
        "elapsed_seconds": round(receipt.duration_seconds, 3),
    }
    logger.info("The sync ended: %s", receipt.sentence, extra={"event": "sync.ended", **facts})
