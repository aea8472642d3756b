"""What goes wrong in the demo team's production: incidents, whom they are traced to, and the hot-fixes after them."""

from __future__ import annotations

from datetime import datetime, timedelta

from data.demo.team_calendar import Release
from data.demo.team_draft import Draft, jira_time
from data.demo.team_words import SQUADS, sentence
from data.demo.team_work import Board
from data.demo.team_workflow import (
    CAUSING_LINK,
    IMPACT_ENDED,
    IMPACT_STARTED,
    IN_PROGRESS,
    PRIORITIES,
    READY,
    SEVERITY,
)

_SEVERITIES = ("SEV-1", "SEV-2", "SEV-2", "SEV-3", "SEV-3")
_QUIET_WEEKS = (28.2, 9.0, 8.7)
"""Weeks before the end in which something broke although nothing had been released for over a week."""


def incidents(board: Board, work: list[Draft]) -> list[Draft]:
    """Incidents after releases, some traced to the change that caused them, and some out of the blue."""
    carried = _carried(work)
    drafts: list[Draft] = []
    due = board.rng.random()
    for release in [release for release in board.train.planned if board.train.is_out(release)]:
        due += _expected(board, release)
        while due >= 1:
            due -= 1
            detected = release.at + timedelta(hours=board.rng.uniform(0.6, 44))
            draft = _incident(board, detected)
            _trace(board, draft, release, carried.get(release.id, []))
            _recover(board, draft, release)
            drafts.append(draft)
    for weeks in _QUIET_WEEKS:
        draft = _incident(board, board.calendar.as_of - timedelta(weeks=weeks))
        _recover(board, draft, None)
        drafts.append(draft)
    drafts.append(_still_open(board))
    return drafts


def _still_open(board: Board) -> Draft:
    draft = _incident(board, board.calendar.as_of - timedelta(hours=9))
    draft.move(draft.created + timedelta(minutes=12), IN_PROGRESS, board.someone(draft.squad))
    return draft


def _carried(work: list[Draft]) -> dict[str, list[Draft]]:
    carried: dict[str, list[Draft]] = {}
    for draft in work:
        version = draft.last("fixVersions")
        if version is not None:
            carried.setdefault(version[1].id, []).append(draft)
    return carried


def _expected(board: Board, release: Release) -> float:
    """Incidents per release; they are dealt out evenly, so that every seed tells the same story."""
    return 4.5 if release.name == "3.0.0" else board.calendar.story(release.at).trouble


def _incident(board: Board, detected: datetime) -> Draft:
    squad = board.rng.choice(SQUADS)
    reported = detected + timedelta(minutes=board.rng.randrange(4, 50))
    draft = Draft(
        kind="Incident",
        summary=sentence("Incident", squad, board.rng.randrange(10_000)),
        created=reported,
        status=READY,
        squad=squad,
        reporter=board.someone(squad),
        assignee=board.someone(squad),
        priority=PRIORITIES["Highest" if board.chance(0.4) else "High"],
        component="Core",
    )
    number = board.rng.randrange(len(_SEVERITIES))
    draft.values[SEVERITY] = {"id": f"1060{number}", "value": _SEVERITIES[number]}
    if board.chance(0.75):
        draft.values[IMPACT_STARTED] = jira_time(detected)
    return draft


def _trace(board: Board, draft: Draft, release: Release, changes: list[Draft]) -> None:
    """By link, by affected version, or left to whoever draws the conclusion from the dates."""
    way = board.rng.random()
    if way < 0.45 and changes:
        cause = board.rng.choice(changes)
        draft.links.append((CAUSING_LINK, "inwardIssue", cause))
        cause.links.append((CAUSING_LINK, "outwardIssue", draft))
    elif way < 0.7:
        draft.affects.append(release.id)


def _recover(board: Board, draft: Draft, release: Release | None) -> None:
    late = board.calendar.weeks_before_end(draft.created) < 15
    begun = draft.created + timedelta(minutes=board.rng.randrange(3, 40))
    draft.move(begun, IN_PROGRESS, board.someone(draft.squad))
    mended = begun + timedelta(hours=(2.4 if late else 7.5) * board.rng.lognormvariate(0, 0.9))
    if board.chance(0.04):
        board.cancel(draft, mended)
        return
    if board.chance(0.7) and mended <= board.calendar.as_of:
        draft.values[IMPACT_ENDED] = jira_time(mended)
    word = "rollback" if board.chance(0.2) else "hotfix"
    fix = board.train.hotfix(mended, of=release, word=word) if release and board.chance(0.55) else None
    finished = mended + timedelta(minutes=board.rng.randrange(5, 90))
    board.finish(draft, finished, fix)
