"""The demo team's boards and sprints, and which work went into which sprint."""

from __future__ import annotations

from datetime import datetime, timedelta

from data.demo.site import Board as SiteBoard
from data.demo.site import JsonObject
from data.demo.team_calendar import TeamCalendar
from data.demo.team_draft import Change, Draft
from data.demo.team_work import Board
from data.demo.team_workflow import (
    BACKLOG,
    BLOCKED,
    CANCELLED,
    DONE,
    IN_PROGRESS,
    IN_REVIEW,
    IN_TEST,
    PROJECT,
    PROJECT_KEY,
    READY,
    RELEASED,
    SPRINT,
    STORY_POINTS,
    Named,
)

_SPRINT_WEEKS = 2
_SPRINT_SQUADS = ("Booking", "Payments")
_NAMES = ("", " [short week]", ", fares first", " (rules=new)")
"""Endings of sprint names; brackets, commas and equals signs are what real ones have."""


def sprints_json(calendar: TeamCalendar) -> tuple[JsonObject, ...]:
    return tuple(_sprint(calendar, number) for number in range(_count(calendar) + 2))


def boards(calendar: TeamCalendar) -> tuple[SiteBoard, ...]:
    scrum = _configuration(1, "MAR sprints", "scrum") | {
        "estimation": {"type": "field", "field": {"fieldId": STORY_POINTS, "displayName": "Story point estimate"}}
    }
    return (
        SiteBoard(1, "MAR sprints", "scrum", PROJECT_KEY, scrum, sprints_json(calendar)),
        SiteBoard(2, "Quayside flow", "kanban", PROJECT_KEY, _configuration(2, "Quayside flow", "kanban")),
    )


def put_into_sprints(board: Board, work: list[Draft]) -> None:
    """Work enters the sprint in which it starts; what takes longer is carried into the next one as well."""
    for draft in work:
        begun = draft.entered(IN_PROGRESS)
        if begun is None or draft.squad not in _SPRINT_SQUADS or begun > board.calendar.as_of:
            continue
        number = _number_at(board.calendar, begun)
        into = _value(board.calendar, (number,))
        draft.record(begun - timedelta(hours=1), board.someone(draft.squad), Change(SPRINT, None, into))
        finished = draft.entered(DONE)
        end = _start(board.calendar, number + 1)
        if finished is None or finished > end:
            both = _value(board.calendar, (number, number + 1))
            draft.record(end, board.someone(draft.squad), Change(SPRINT, into, both))


def _count(calendar: TeamCalendar) -> int:
    return _number_at(calendar, calendar.as_of)


def _number_at(calendar: TeamCalendar, instant: datetime) -> int:
    return max((instant - _start(calendar, 0)) // timedelta(weeks=_SPRINT_WEEKS), 0)


def _start(calendar: TeamCalendar, number: int) -> datetime:
    first = calendar.start.replace(hour=8, minute=0, second=0)
    monday = first - timedelta(days=first.weekday())
    return monday + timedelta(weeks=_SPRINT_WEEKS * number)


def _name(number: int) -> str:
    return f"MAR Sprint {number + 1}{_NAMES[number % 11] if number % 11 < len(_NAMES) else ''}"


def _value(calendar: TeamCalendar, numbers: tuple[int, ...]) -> Named:
    known = [number for number in numbers if number <= _count(calendar) + 1]
    return Named(", ".join(str(501 + number) for number in known), ", ".join(_name(number) for number in known))


def _sprint(calendar: TeamCalendar, number: int) -> JsonObject:
    start, end = _start(calendar, number), _start(calendar, number + 1)
    state = "closed" if end <= calendar.as_of else "active" if start <= calendar.as_of else "future"
    sprint: JsonObject = {"id": 501 + number, "name": _name(number), "state": state, "boardId": 1, "goal": ""}
    if state != "future":
        sprint |= {"startDate": _zulu(start), "endDate": _zulu(end - timedelta(days=2))}
    if state == "closed":
        sprint["completeDate"] = _zulu(end - timedelta(hours=20))
    return sprint


def _zulu(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _configuration(number: int, name: str, kind: str) -> JsonObject:
    columns = (
        ("Backlog", (BACKLOG,), None),
        ("Ready", (READY,), 12),
        ("In Progress", (IN_PROGRESS, BLOCKED), 9),
        ("In Review", (IN_REVIEW,), 6),
        ("In Test", (IN_TEST,), 6),
        ("Done", (DONE, RELEASED, CANCELLED), None),
    )
    return {
        "id": number,
        "name": name,
        "type": kind,
        "location": {"type": "project", "key": PROJECT_KEY, "id": PROJECT["id"], "name": PROJECT["name"]},
        "filter": {"id": str(10_000 + number)},
        "columnConfig": {
            "constraintType": "issueCount",
            "columns": [
                {"name": title, "statuses": [{"id": status.id} for status in statuses]}
                | ({"max": limit} if limit else {})
                for title, statuses, limit in columns
            ],
        },
        "ranking": {"rankCustomFieldId": 10019},
    }
