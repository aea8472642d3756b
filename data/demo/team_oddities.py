"""What no process foresees: the untidiness that every real Jira has, added to the demo team's issues on purpose."""

from __future__ import annotations

from datetime import timedelta

from data.demo.team_draft import Change, Draft
from data.demo.team_words import HOSTILE_SUMMARIES, LABELS
from data.demo.team_work import Board
from data.demo.team_workflow import AWAITING_ESTIMATE, BACKLOG, PARKED, PROJECT_ID, RELATES_LINK, Named

_CHATTY_HISTORIES = (132, 58, 47)
"""How many histories the most talked-about issues have: more than Jira embeds, and more than it pages."""

_OLD_PROJECT = Named("10390", "Old ferry office")


def add_oddities(board: Board, drafts: list[Draft]) -> None:
    there = [draft for draft in drafts if draft.created <= board.calendar.as_of]
    plain = [draft for draft in there if draft.kind in {"Story", "Task", "Bug"}]
    begun = [draft for draft in plain if draft.first_status is BACKLOG]
    step = len(begun) // 60
    for number, summary in enumerate(HOSTILE_SUMMARIES):
        plain[-3 - 31 * number].summary = summary
    for draft in (begun[5 * step], begun[29 * step], begun[55 * step]):
        _wait_for_estimate(board, draft)
    for draft in (begun[33 * step], begun[58 * step]):
        _park(board, draft)
    for number, draft in enumerate((begun[step], begun[9 * step], begun[40 * step], begun[52 * step])):
        _move_from_old_project(board, draft, 211 + 17 * number)
    for size, draft in zip(_CHATTY_HISTORIES, (begun[50 * step], begun[57 * step], begun[20 * step]), strict=True):
        _chatter(board, draft, size)
    for one, other in zip(plain[::45], plain[7::45], strict=False):
        one.links.append((RELATES_LINK, "outwardIssue", other))
        other.links.append((RELATES_LINK, "inwardIssue", one))


def _wait_for_estimate(board: Board, draft: Draft) -> None:
    """It began in a status that Jira has forgotten since."""
    first = min(draft.events, key=lambda event: event.at)
    back = draft.created + (first.at - draft.created) / 2
    draft.record(back, board.someone(draft.squad), Change("status", AWAITING_ESTIMATE, draft.first_status))
    draft.first_status = AWAITING_ESTIMATE


def _park(board: Board, draft: Draft) -> None:
    """Put away, instead of finished, into a status that has no category."""
    closed = [event.at for event in draft.events for change in event.changes if change.field_id == "resolution"]
    if closed:
        draft.cut(min(closed) - timedelta(minutes=5))
    last = max((event.at for event in draft.events), default=draft.created)
    draft.move(board.calendar.after(last, 5), PARKED, board.someone(draft.squad))


def _move_from_old_project(board: Board, draft: Draft, number: int) -> None:
    """It was written for another project and came here with a new key."""
    draft.old_key = f"OLD-{number}"
    here = Named(PROJECT_ID, "Marram Ferries")
    at = draft.created + timedelta(minutes=25)
    key = Change("Key", Named("", draft.old_key), None)
    draft.record(at, board.someone(draft.squad), key, Change("project", _OLD_PROJECT, here))


def _chatter(board: Board, draft: Draft, size: int) -> None:
    """Automation that keeps adding and removing one label."""
    at = draft.created
    label = Named("", LABELS[0])
    for number in range(size - len(draft.events)):
        at += timedelta(hours=1, minutes=7 * (number % 5))
        change = Change("labels", None, label) if number % 2 == 0 else Change("labels", label, None)
        draft.record(at, board.someone(draft.squad), change)


def previous_keys(drafts: list[Draft]) -> dict[str, str]:
    return {draft.old_key: draft.id for draft in drafts if draft.old_key}
