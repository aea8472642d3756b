"""What people do to a Jira while somebody reads it: issues change, appear, move and vanish; versions are released."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from data.demo.clock import Clock
from data.demo.site import JsonObject, Site
from data.demo.store import IssueStore, Record
from data.demo.team_draft import jira_time
from data.model import JiraIssue


@dataclass
class Happened:
    """The ids of the issues that something happened to; one may be in several lists."""

    changed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    released: list[str] = field(default_factory=list)


class Life:
    """Works on a site's store from any thread; the same seed does the same things to the same site."""

    def __init__(self, site: Site, store: IssueStore, clock: Clock, seed: int) -> None:
        self._site, self._store, self._clock = site, store, clock
        self._random = Random(seed)  # noqa: S311 - a story, no secret
        self._lock = threading.Lock()
        known = store.all()
        self._last_id = max((int(record.id) for record in known), default=0)
        self._last_number = max((record.number for record in known), default=0)

    def pass_by(self, share: float = 0.01) -> Happened:
        """Changes that share of the issues; a tenth as many each appear, move and vanish; a version is released."""
        with self._lock:
            records = self._store.all()
            rarely = max(round(len(records) * share / 10), 1)
            changing = self._some(records, max(round(len(records) * share), 1))
            happened = Happened(changed=[self._change(record) for record in changing])
            happened.added = [self._add(record) for record in self._some(records, rarely)]
            happened.moved = [self._move(record) for record in self._some(records, rarely)]
            happened.deleted = [self._delete(record) for record in self._some(records, rarely)]
            happened.released = self._release()
        return happened

    def one_thing(self) -> Happened:
        """One change, seldom something else, as it happens in between two requests."""
        with self._lock:
            chosen = self._some(self._store.all(), 1)
            what = self._random.choices(("changed", "added", "moved", "deleted"), (12, 3, 2, 3))[0]
            deeds = {"changed": self._change, "added": self._add, "moved": self._move, "deleted": self._delete}
            return Happened(**{what: [deeds[what](record) for record in chosen]})

    def _some(self, records: Sequence[Record], count: int) -> list[Record]:
        return self._random.sample(records, min(count, len(records)))

    def _change(self, record: Record) -> str:
        deed = self._random.choice((self._transition, self._transition, self._rename, self._relabel))
        self._store.change(record.id, deed)
        return record.id

    def _transition(self, raw: JiraIssue) -> list[JsonObject]:
        old = raw["fields"]["status"]
        new = self._random.choice([status for status in self._site.statuses if status["id"] != old["id"]])
        done = (new.get("statusCategory") or {}).get("key") == "done"
        resolution = next(iter(self._site.resolutions), None) if done else None
        gained = [_item("status", old, new)]
        if (resolution is None) != (raw["fields"].get("resolution") is None):
            gained.append(_item("resolution", raw["fields"].get("resolution"), resolution))
        raw["fields"] |= {"status": new, "resolution": resolution}
        raw["fields"]["resolutiondate"] = jira_time(self._clock()) if resolution else None
        return gained

    def _rename(self, raw: JiraIssue) -> list[JsonObject]:
        raw["fields"]["summary"] = f"{str(raw['fields']['summary']).split(' (')[0]} ({self._random.randrange(10**6)})"
        return [{"field": "summary", "fieldtype": "jira", "fieldId": "summary", "from": None, "to": None}]

    def _relabel(self, raw: JiraIssue) -> list[JsonObject]:
        raw["fields"]["labels"] = sorted({*raw["fields"].get("labels", ()), f"l{self._random.randrange(9)}"})
        return []

    def _add(self, model: Record) -> str:
        self._last_id += 1
        raw: JiraIssue = {"id": str(self._last_id), "key": self._next_key(model.project_key)}
        status = self._site.statuses[0]
        raw["fields"] = dict(model.fields) | {"created": jira_time(self._clock()), "status": status}
        raw["fields"] |= {"resolution": None, "resolutiondate": None, "summary": f"New work {self._last_id}"}
        raw["changelog"] = {"startAt": 0, "maxResults": 0, "total": 0, "histories": []}
        self._store.put(raw)
        return str(raw["id"])

    def _move(self, record: Record) -> str:
        """Into another project under a new key; on a site of one project, only the key is new."""
        others = [project for project in self._site.projects if project["key"] != record.project_key]
        project = self._random.choice(others or list(self._site.projects))
        if self._store.find(record.id):
            self._store.move(record.id, self._next_key(str(project["key"])), project)
        return record.id

    def _delete(self, record: Record) -> str:
        if self._store.find(record.id):
            self._store.delete(record.id)
        return record.id

    def _next_key(self, project_key: str) -> str:
        self._last_number += 1
        return f"{project_key}-{self._last_number}"

    def _release(self) -> list[str]:
        waiting = [str(version["id"]) for version in self._store.versions if not version.get("released")]
        if waiting:
            self._store.release(waiting[0])
        return waiting[:1]


def _item(field_id: str, old: Any, new: Any) -> JsonObject:
    before, after = old or {}, new or {}
    names = {"from": before.get("id"), "fromString": before.get("name")}
    names |= {"to": after.get("id"), "toString": after.get("name")}
    return {"field": field_id, "fieldtype": "jira", "fieldId": field_id, **names}
