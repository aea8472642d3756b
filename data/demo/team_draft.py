"""One issue of the demo team while it is being made up: what happened to it, and the Jira record that leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from data.demo.site import JsonObject
from data.demo.team_words import COMPONENTS, SQUADS
from data.demo.team_workflow import FLAGGED, ISSUE_TYPES, PROJECT, SPRINT, STORY_POINTS, TEAM, Named

_FIELD_NAMES = {
    "fixVersions": "Fix Version",
    SPRINT: "Sprint",
    FLAGGED: "Flagged",
    STORY_POINTS: "Story point estimate",
}


def jira_time(instant: datetime) -> str:
    """An instant as Jira writes it for an account in UTC: milliseconds, and an offset without a colon."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "+0000"


@dataclass(frozen=True, slots=True)
class Change:
    """One item of a history: a field that went from one value to another, either of which may be none."""

    field_id: str
    old: Named | None
    new: Named | None

    def to_json(self) -> JsonObject:
        return {
            "field": _FIELD_NAMES.get(self.field_id, self.field_id),
            "fieldtype": "custom" if self.field_id.startswith("customfield_") else "jira",
            "fieldId": self.field_id,
            "from": self.old.id if self.old else _nothing(self.field_id),
            "fromString": self.old.name if self.old else _nothing(self.field_id),
            "to": self.new.id if self.new else _nothing(self.field_id),
            "toString": self.new.name if self.new else _nothing(self.field_id),
        }


def _nothing(field_id: str) -> str | None:
    return "" if field_id in {FLAGGED, SPRINT, STORY_POINTS} else None


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    author: int
    changes: tuple[Change, ...]


@dataclass(slots=True, eq=False)
class Draft:
    """`status` is where the issue is at the end of the events added so far; `values` are plain field values."""

    kind: str
    summary: str
    created: datetime
    status: Named
    squad: str = ""
    reporter: int = 0
    assignee: int | None = None
    priority: Named | None = None
    component: str = ""
    labels: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    values: JsonObject = field(default_factory=dict)
    parent: Draft | None = None
    links: list[tuple[JsonObject, str, Draft]] = field(default_factory=list)
    affects: list[str] = field(default_factory=list)
    old_key: str = ""
    first_status: Named | None = None
    number: int = 0

    @property
    def id(self) -> str:
        return str(20_000 + self.number * 3)

    @property
    def key(self) -> str:
        return f"{PROJECT['key']}-{self.number}"

    def record(self, at: datetime, author: int, *changes: Change) -> None:
        self.events.append(Event(at, author, changes))

    def move(self, at: datetime, to: Named, author: int, *more: Change) -> None:
        self.first_status = self.first_status or self.status
        self.record(at, author, *more, Change("status", self.status, to))
        self.status = to

    def cut(self, as_of: datetime) -> None:
        """Forget what has not happened yet, and put the rest in order of time."""
        kept = sorted((event for event in self.events if event.at <= as_of), key=lambda event: event.at)
        self.events = kept
        status = self.first_status or self.status
        for event in kept:
            for change in event.changes:
                if change.field_id == "status" and change.new:
                    status = change.new
        self.status = status

    def last(self, field_id: str) -> tuple[datetime, Named] | None:
        """When the field got the value it has now, and that value; None when it has none."""
        for event in reversed(self.events):
            for change in event.changes:
                if change.field_id == field_id:
                    return (event.at, change.new) if change.new else None
        return None

    def entered(self, status: Named) -> datetime | None:
        """The last time the issue came into this status."""
        for event in reversed(self.events):
            if any(change.field_id == "status" and change.new == status for change in event.changes):
                return event.at
        return None

    def brief(self) -> JsonObject:
        """The issue as others show it in links and as a parent."""
        fields: JsonObject = {
            "summary": self.summary,
            "status": self.status.status_json(),
            "issuetype": ISSUE_TYPES[self.kind],
        }
        return {"id": self.id, "key": self.key, "fields": fields}


@dataclass(frozen=True, slots=True)
class Lookups:
    """What ids stand for when a draft is written down."""

    people: tuple[JsonObject, ...]
    versions: Mapping[str, JsonObject]
    sprints: Mapping[str, JsonObject]


def issue_json(draft: Draft, history_ids: Iterable[int], lookups: Lookups) -> dict[str, Any]:
    histories = [
        {
            "id": str(identity),
            "author": lookups.people[event.author],
            "created": jira_time(event.at),
            "items": [_item(change, draft) for change in event.changes],
        }
        for identity, event in zip(history_ids, draft.events, strict=True)
    ]
    return {
        "id": draft.id,
        "key": draft.key,
        "fields": _fields_json(draft, lookups),
        "changelog": {
            "startAt": 0,
            "maxResults": len(histories),
            "total": len(histories),
            "histories": histories,
        },
    }


def _item(change: Change, draft: Draft) -> JsonObject:
    item = change.to_json()
    return item | {"toString": draft.key} if change.field_id == "Key" else item


def _fields_json(draft: Draft, lookups: Lookups) -> JsonObject:
    resolution = draft.last("resolution")
    moved = draft.last("status")
    flagged = draft.last(FLAGGED)
    points = draft.last(STORY_POINTS)
    assignee = draft.last("assignee")
    owner = int(assignee[1].id.removeprefix("person-")) if assignee else draft.assignee
    fields: JsonObject = {
        "summary": draft.summary,
        "issuetype": ISSUE_TYPES[draft.kind],
        "project": PROJECT,
        "status": draft.status.status_json(),
        "created": jira_time(draft.created),
        "updated": jira_time(draft.events[-1].at if draft.events else draft.created),
        "statuscategorychangedate": jira_time(moved[0] if moved else draft.created),
        "resolution": {"id": resolution[1].id, "name": resolution[1].name} if resolution else None,
        "resolutiondate": jira_time(resolution[0]) if resolution else None,
        "priority": {"id": draft.priority.id, "name": draft.priority.name} if draft.priority else None,
        "labels": sorted(draft.labels),
        "components": [_component(draft.component)] if draft.component else [],
        "fixVersions": _versions_now(draft, lookups),
        "versions": [_version_brief(lookups.versions[identity]) for identity in draft.affects],
        "issuelinks": _links_json(draft),
        "assignee": lookups.people[owner] if owner is not None else None,
        "reporter": lookups.people[draft.reporter],
        "creator": lookups.people[draft.reporter],
        "subtasks": [],
        "description": _document(draft.summary),
        STORY_POINTS: float(points[1].name) if points else None,
        SPRINT: _sprints_now(draft, lookups),
        FLAGGED: [{"id": "10019", "value": "Impediment"}] if flagged else None,
        TEAM: {"id": str(10_500 + SQUADS.index(draft.squad)), "value": draft.squad} if draft.squad else None,
    }
    if draft.parent is not None:
        fields["parent"] = draft.parent.brief()
    return fields | draft.values


def _versions_now(draft: Draft, lookups: Lookups) -> list[JsonObject]:
    present: dict[str, JsonObject] = {}
    for change in (change for event in draft.events for change in event.changes if change.field_id == "fixVersions"):
        if change.old:
            present.pop(change.old.id, None)
        if change.new:
            present[change.new.id] = _version_brief(lookups.versions[change.new.id])
    return list(present.values())


def _version_brief(version: JsonObject) -> JsonObject:
    return {name: version[name] for name in ("id", "name", "archived", "released", "releaseDate") if name in version}


def _sprints_now(draft: Draft, lookups: Lookups) -> list[JsonObject] | None:
    now = draft.last(SPRINT)
    return [lookups.sprints[identity] for identity in now[1].id.split(", ")] if now else None


def _links_json(draft: Draft) -> list[JsonObject]:
    return [
        {"id": str(int(draft.id) * 10 + number), "type": link_type, end: other.brief()}
        for number, (link_type, end, other) in enumerate(draft.links)
    ]


def _component(name: str) -> JsonObject:
    return {"id": str(10_200 + COMPONENTS.index(name)), "name": name}


def _document(text: str) -> JsonObject:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": f"Noted: {text.splitlines()[0]}"}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}
