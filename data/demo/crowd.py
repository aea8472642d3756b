"""A site of as many plain issues as wanted, each made up only when it is looked at, so that size costs little."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, overload

from data.demo.site import Account, JsonObject, Site
from data.demo.team_draft import jira_time
from data.demo.team_workflow import (
    BACKLOG,
    DONE,
    FIELDS,
    IN_PROGRESS,
    IN_REVIEW,
    IN_TEST,
    ISSUE_TYPES,
    PRIORITIES,
    READY,
    RESOLUTIONS,
    STATUSES,
    Named,
)
from data.model import JiraIssue

CROWD_PROJECTS: tuple[JsonObject, ...] = (
    {"id": "20100", "key": "TID", "name": "Tide Tables", "projectTypeKey": "software", "simplified": False},
    {"id": "20200", "key": "SLU", "name": "Sluices", "projectTypeKey": "software", "simplified": False},
)
_FIRST_ID = 200_000
_SPAN = timedelta(days=730)
_ROUND = (READY, IN_PROGRESS, IN_REVIEW, IN_PROGRESS, IN_REVIEW, IN_TEST, IN_PROGRESS, IN_REVIEW, IN_TEST, DONE)
"""The ten moves of an issue that is done; the newest issues have not made all of them."""
_NEXT_VERSION: JsonObject = {"id": "30001", "name": "Spring tide", "archived": False, "released": False}


@dataclass(frozen=True, slots=True)
class Crowd(Sequence[JiraIssue]):
    """Issues that differ by their number only: a twelfth belongs to the second project, the last fiftieth is open."""

    size: int
    as_of: datetime

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> JiraIssue: ...
    @overload
    def __getitem__(self, index: slice) -> list[JiraIssue]: ...
    def __getitem__(self, index: int | slice) -> JiraIssue | list[JiraIssue]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(self.size))]
        if not -self.size <= index < self.size:
            raise IndexError(index)
        return LightIssue(self, index % self.size)

    def __iter__(self) -> Iterator[JiraIssue]:
        return (LightIssue(self, place) for place in range(self.size))

    def project(self, place: int) -> JsonObject:
        return CROWD_PROJECTS[place % 12 == 7]

    def created(self, place: int) -> datetime:
        """Evenly over two years, a week before now at the latest, with odd seconds and milliseconds."""
        step = (_SPAN - timedelta(days=7)) / max(self.size, 1)
        odd = timedelta(milliseconds=place * 7919 % 60_000)
        return (self.as_of - _SPAN + step * place).replace(second=0, microsecond=0) + odd

    def moves(self, place: int) -> list[tuple[datetime, Named, Named]]:
        """When the issue went from which status to which."""
        created, gap, made = self.created(place), self._gap(place), self._made(place)
        steps = zip((BACKLOG, *made), made, strict=False)
        return [(created + gap * turn, old, new) for turn, (old, new) in enumerate(steps, 1)]

    def last(self, place: int) -> tuple[datetime, Named]:
        """When the issue came into the status that it has."""
        made = self._made(place)
        return self.created(place) + self._gap(place) * len(made), made[-1]

    def _gap(self, place: int) -> timedelta:
        return timedelta(hours=2 + place % 11, minutes=place % 53)

    def _made(self, place: int) -> tuple[Named, ...]:
        return _ROUND if place < self.size * 49 // 50 else _ROUND[: 1 + place % 5]


class LightIssue(dict[str, Any]):
    """Looks like an issue's record and keeps nothing but its number; a copy of it is a record like any other."""

    __slots__ = ("crowd", "place")

    def __init__(self, crowd: Crowd, place: int) -> None:
        super().__init__()
        self.crowd, self.place = crowd, place

    def __missing__(self, name: str) -> Any:
        match name:
            case "id":
                return str(_FIRST_ID + self.place)
            case "key":
                return f"{self.crowd.project(self.place)['key']}-{self.place + 1}"
            case "fields":
                return LightFields(self.crowd, self.place)
            case "changelog":
                return self._changelog()
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in {"id", "key", "fields", "changelog"} else default

    def __deepcopy__(self, _memo: object) -> JiraIssue:
        return {"id": self["id"], "key": self["key"], "fields": dict(self["fields"]), "changelog": self._changelog()}

    def _changelog(self) -> JsonObject:
        moves = self.crowd.moves(self.place)
        first = 1_000_000 + self.place * 16
        histories = [
            {"id": str(first + turn), "created": jira_time(at), "items": [status_item(old, new)]}
            for turn, (at, old, new) in enumerate(moves)
        ]
        return {"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": histories}


class LightFields(Mapping[str, Any]):
    """The fields of one such issue, each made up when it is asked for."""

    __slots__ = ("crowd", "place")

    def __init__(self, crowd: Crowd, place: int) -> None:
        self.crowd, self.place = crowd, place

    def __len__(self) -> int:
        return len(_FIELDS)

    def __iter__(self) -> Iterator[str]:
        return iter(_FIELDS)

    def __getitem__(self, name: str) -> Any:
        return _FIELDS[name](self)

    @property
    def resolved(self) -> bool:
        return self.last[1] is DONE

    @property
    def last(self) -> tuple[datetime, Named]:
        return self.crowd.last(self.place)


_MEDIUM, _DONE = PRIORITIES["Medium"], RESOLUTIONS["Done"]
_FIELDS: Mapping[str, Callable[[LightFields], Any]] = {
    "summary": lambda issue: f"Read the gauge at mark {issue.place + 1} and set the sluice by it",
    "issuetype": lambda issue: ISSUE_TYPES[("Story", "Task", "Bug")[issue.place % 3]],
    "project": lambda issue: issue.crowd.project(issue.place),
    "status": lambda issue: issue.last[1].status_json(),
    "resolution": lambda issue: {"id": _DONE.id, "name": _DONE.name} if issue.resolved else None,
    "resolutiondate": lambda issue: jira_time(issue.last[0]) if issue.resolved else None,
    "created": lambda issue: jira_time(issue.crowd.created(issue.place)),
    "updated": lambda issue: jira_time(issue.last[0]),
    "labels": lambda issue: ["tidal"] if issue.place % 5 == 0 else [],
    "components": lambda _: [],
    "priority": lambda _: {"id": _MEDIUM.id, "name": _MEDIUM.name},
    "fixVersions": lambda issue: [_NEXT_VERSION] if issue.place % 20 == 3 else [],
    "versions": lambda _: [],
    "issuelinks": lambda _: [],
}


def status_item(old: Named, new: Named) -> JsonObject:
    names = {"from": old.id, "fromString": old.name, "to": new.id, "toString": new.name}
    return {"field": "status", "fieldtype": "jira", "fieldId": "status", **names}


def crowd_site(count: int, as_of: datetime, *, timezone: str = "Europe/Amsterdam") -> Site:
    """`count` issues with about ten changes of status each, in two projects."""
    if count < 1:
        raise ValueError(f"a site of {count} issues is none; ask for one or more")
    versions = tuple(
        {"id": str(30_000 + number), "name": name, "released": False, "archived": False, "projectId": 20100}
        for number, name in enumerate(("Neap tide", "Spring tide", "Storm surge"))
    )
    return Site(
        name="Waterworks",
        cloud_id="5c1d2a77-0000-4000-8000-00000000c0de",
        account=Account("crowd-reader", "reader", "Wim Reader", "reader@water.example", timezone),
        projects=CROWD_PROJECTS,
        issues=Crowd(count, as_of),
        versions=versions,
        statuses=tuple(status.status_json() for status in STATUSES),
        fields=FIELDS,
        issue_types=tuple(ISSUE_TYPES.values()),
        priorities=tuple({"id": named.id, "name": named.name} for named in PRIORITIES.values()),
        resolutions=tuple({"id": named.id, "name": named.name} for named in RESOLUTIONS.values()),
        as_of=as_of,
    )
