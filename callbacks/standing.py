"""Where the reading of the team's data stands, gathered from disk so that every tab and process sees the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callbacks.keeper import Keeper
from callbacks.team import Team
from data.errors import SightlineError
from data.jira_simple import SyncReceipt, SyncStatus, receipts, sync_status
from data.sync.team_fetch import FetchProgress
from ui.components.states import Failure, failure_panel, nothing_kept, partial_mark, reading_stopped
from ui.page import Element
from ui.sync_words import SyncNews
from ui.times import age_words, clock_words

UNKNOWN_ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class Standing:
    """`version` is that of what is kept, which this process may not have measured yet."""

    team: Team | None
    version: str | None
    status: SyncStatus
    history: list[SyncReceipt]
    next_attempt: datetime | None
    problem: Failure | None
    deleted: bool
    measuring: bool
    now: datetime

    @property
    def timezone(self) -> str:
        return self.team.reading.rules.timezone if self.team is not None else UNKNOWN_ZONE

    @property
    def news(self) -> SyncNews:
        data = self.team.reading.data if self.team is not None else None
        return SyncNews(
            last=self.history[0] if self.history else None,
            synced_at=data.synced_at if data is not None else None,
            running=self.status.running or (self.team is None and self.phase == "loading"),
            partial=data is not None and data.verdict == "partial",
        )

    @property
    def phase(self) -> str:
        """`ready` with numbers; without them `loading`, `failed` or, when nothing is to be read, `idle`."""
        if self.team is not None:
            return "ready"
        if self.status.running or self.measuring or self.version is not None:
            return "loading" if self.problem is None else "failed"
        if self.deleted:
            return "idle"
        if self.problem is not None:
            return "failed"
        ended_badly = bool(self.history) and self.history[0].verdict in {"failed", "interrupted", "cancelled"}
        return "failed" if ended_badly else "loading"

    @property
    def progress(self) -> FetchProgress | None:
        if self.measuring and not self.status.running:
            return FetchProgress(stage="measuring", issues=0, expected=None, pages=0, calls=0)
        return self.status.progress


def standing(keeper: Keeper) -> Standing:
    source, loader = keeper.source, keeper.loader
    team, now = loader.team(), source.clock()
    common: dict[str, Any] = {"team": team, "deleted": source.is_forgotten(), "now": now}
    try:
        request = source.request()
        status = sync_status(request)  # first, as it puts a reading that died on record
        history = receipts(request)
        return Standing(
            version=source.version(),
            status=status,
            history=history,
            next_attempt=keeper.next_attempt(history),
            problem=keeper.problem,
            measuring=loader.is_measuring(),
            **common,
        )
    except SightlineError:
        # The keeper has met the same, and has logged it and found words for it.
        return Standing(
            version=None,
            status=SyncStatus(),
            history=[],
            next_attempt=None,
            problem=keeper.problem,
            measuring=False,
            **common,
        )


def notice(state: Standing) -> Element:
    """What a page says above its numbers, or in their place; None when all is well."""
    last = state.news.last
    if state.problem is not None:
        return failure_panel(state.problem, after=_meanwhile(state))
    if state.status.running or state.deleted:
        return nothing_kept() if state.deleted and state.team is None and not state.status.running else None
    if last is not None and last.verdict in {"failed", "interrupted"}:
        return failure_panel(_failure(last), after=_meanwhile(state), offer="Try again")
    if last is not None and last.verdict == "cancelled" and state.team is None:
        return reading_stopped(last.next_step or last.sentence)
    if state.news.partial:
        return partial_mark(_gaps(state.history))
    return None


def notice_signature(state: Standing) -> list[Any]:
    """Changes when the notice does, so that the same one is not put on the page again."""
    last, problem = state.news.last, state.problem
    shown = problem.title + problem.happened if problem is not None else None
    return [shown, last.id if last else None, str(state.next_attempt), state.deleted, state.phase]


def _failure(receipt: SyncReceipt) -> Failure:
    cause = receipt.cause
    if cause is None:
        return Failure("Jira could not be read", receipt.sentence, "", receipt.next_step or "Try again.")
    return Failure(cause.title, cause.detail, cause.likely_cause, receipt.next_step or cause.next_step)


def _meanwhile(state: Standing) -> str | None:
    """What is on the page all the same, and when Jira is asked again without a click."""
    told = []
    if state.news.synced_at is not None:
        told.append(f"The numbers below are from the last reading, {age_words(state.now - state.news.synced_at)}.")
    if state.next_attempt is not None:
        told.append(f"Jira is tried again by itself at {clock_words(state.next_attempt, state.timezone)}.")
    return " ".join(told) or None


def _gaps(history: list[SyncReceipt]) -> str:
    told = next((receipt for receipt in history if receipt.verdict == "partial"), None)
    sentence = told.sentence if told is not None else "Some issues are missing."
    return f"{sentence} What is missing is on the page Data."
