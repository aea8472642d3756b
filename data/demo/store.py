"""The issues of the simulated Jira: found by id or by any key they ever had, changed while the search index lags."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import count
from typing import Any

from data.demo.clock import Clock
from data.demo.site import Site
from data.demo.team_draft import jira_time
from data.model import JiraIssue

_TICK = timedelta(milliseconds=1)


@lru_cache(maxsize=65_536)
def read_instant(text: str) -> datetime | None:
    """An instant as written in any of the forms Jira data comes in; None when it is none."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)


@dataclass(frozen=True, eq=False)
class Record:
    """One issue in the version it has; `written` is when it got it, None for what was there from the start."""

    raw: JiraIssue
    written: datetime | None = None
    _instants: dict[str, datetime | None] = field(default_factory=dict, repr=False)

    @cached_property
    def id(self) -> str:
        return str(self.raw["id"])

    @cached_property
    def key(self) -> str:
        return str(self.raw["key"])

    @property
    def fields(self) -> Mapping[str, Any]:
        fields = self.raw["fields"]
        return fields if isinstance(fields, Mapping) else {}

    @cached_property
    def number(self) -> int:
        tail = self.key.rpartition("-")[2]
        return int(tail) if tail.isdigit() else 0

    @property
    def project_key(self) -> str:
        project = self.fields.get("project") or {}
        return str(project.get("key") or self.key.rpartition("-")[0])

    @property
    def histories(self) -> list[dict[str, Any]] | None:
        """Oldest first; None when the site has no history for this issue."""
        changelog = self.raw.get("changelog")
        return None if changelog is None else list(changelog["histories"])

    def instant(self, name: str) -> datetime | None:
        if name not in self._instants:
            text = self.fields.get(name)
            self._instants[name] = read_instant(text) if isinstance(text, str) else None
        return self._instants[name]


class IssueStore:
    """Reads see every write at once; a search sees it only when `index_lag` has passed.

    Any thread may write. `revision` grows with every write, and `versions` are the site's releases as they are now.
    """

    def __init__(self, site: Site, clock: Clock, index_lag: timedelta = timedelta(0)) -> None:
        self._clock = clock
        self._lag = index_lag
        self._written: dict[str, list[Record]] = {str(issue["id"]): [Record(issue)] for issue in site.issues}
        self._ids = {str(issue["key"]): str(issue["id"]) for issue in site.issues} | dict(site.previous_keys)
        self._deleted: dict[str, datetime] = {}
        self._hidden: set[str] = set()
        self._histories = count(900_000_000)
        self._lock = threading.RLock()
        self.revision = 0
        self.versions = site.versions

    def all(self) -> list[Record]:
        """Every issue as it is now."""
        with self._lock:
            return [record for identity in self._written if (record := self.find(identity))]

    @property
    def is_settled(self) -> bool:
        """Whether a search sees what is there, whenever it is made."""
        return not self._lag

    def indexed(self, fresh: frozenset[str] = frozenset()) -> list[Record]:
        """Every issue as the search index knows it; those named in `fresh` as they are now."""
        if self.is_settled:
            return self.all()
        seen = self._clock() - self._lag
        with self._lock:
            records = (
                self.find(identity) if identity in fresh else self._as_indexed(identity, seen)
                for identity in self._written
            )
            return [record for record in records if record is not None]

    def identities(self) -> list[str]:
        """The ids of all issues there ever were."""
        with self._lock:
            return list(self._written)

    def written(self, identity: str) -> list[Record]:
        """All versions of an issue, the first one first."""
        return list(self._written.get(identity, ()))

    def deleted(self) -> dict[str, datetime]:
        """The ids of deleted issues, and when each was deleted."""
        with self._lock:
            return dict(self._deleted)

    def find(self, id_or_key: str) -> Record | None:
        identity = id_or_key if id_or_key in self._written else self._ids.get(id_or_key.upper(), "")
        if identity not in self._written or identity in self._deleted:
            return None
        return self._visible(self._written[identity][-1])

    def put(self, issue: JiraIssue) -> None:
        """Writes an issue, new or changed; its `updated` becomes now, or a little later when that is what it was."""
        raw = copy.deepcopy(issue)
        with self._lock:
            now = self._clock()
            last = [record.instant("updated") for record in self._written.get(str(raw["id"]), ())[-1:]]
            raw["fields"]["updated"] = jira_time(max([now, *(moment + _TICK for moment in last if moment)]))
            self._written.setdefault(str(raw["id"]), []).append(Record(raw, now))
            self._ids[str(raw["key"])] = str(raw["id"])
            self.revision += 1

    def change(self, id_or_key: str, edit: Callable[[JiraIssue], Iterable[Mapping[str, Any]]]) -> None:
        """Lets `edit` change the issue and say which items its history gains by that."""
        with self._lock:
            raw = copy.deepcopy(self._found(id_or_key).raw)
            items = [dict(item) for item in edit(raw)]
            if items and raw.get("changelog") is not None:
                history = {"id": str(next(self._histories)), "created": jira_time(self._clock()), "items": items}
                raw["changelog"]["histories"].append(history)
            self.put(raw)

    def delete(self, id_or_key: str) -> None:
        with self._lock:
            self._deleted[self._found(id_or_key).id] = self._clock()
            self.revision += 1

    def move(self, id_or_key: str, key: str, project: Mapping[str, Any]) -> None:
        """Gives the issue a new project and key; its id stays, and its old key keeps finding it."""

        def edit(raw: JiraIssue) -> list[dict[str, Any]]:
            old_key, old = raw["key"], raw["fields"]["project"]
            raw["key"], raw["fields"]["project"] = key, dict(project)
            names = (str(old["name"]), str(project["name"]))
            return [_moved("Key", None, None, (old_key, key)), _moved("project", old["id"], project["id"], names)]

        self.change(id_or_key, edit)

    def release(self, version_id: str) -> None:
        """A release becomes released today, which leaves `updated` of its issues as it is."""
        with self._lock:
            today = {"released": True, "releaseDate": self._clock().strftime("%Y-%m-%d")}
            self.versions = tuple(
                {**version, **today} if str(version["id"]) == version_id else version for version in self.versions
            )

    def hide_project(self, key: str) -> None:
        """The account loses its permission to browse the project."""
        self._hidden.add(key)
        self.revision += 1

    def show_project(self, key: str) -> None:
        """The account may browse the project again."""
        self._hidden.discard(key)
        self.revision += 1

    @property
    def hidden_projects(self) -> frozenset[str]:
        return frozenset(self._hidden)

    def _found(self, id_or_key: str) -> Record:
        record = self.find(id_or_key)
        if record is None:
            raise KeyError(f"no issue {id_or_key!r} on this site")
        return record

    def _visible(self, record: Record) -> Record | None:
        return None if self._hidden and record.project_key in self._hidden else record

    def _as_indexed(self, identity: str, seen: datetime) -> Record | None:
        gone = self._deleted.get(identity)
        if gone is not None and gone <= seen:
            return None
        known = [record for record in self._written[identity] if record.written is None or record.written <= seen]
        return self._visible(known[-1]) if known else None


def _moved(field_id: str, old: str | None, new: str | None, texts: tuple[str, str]) -> dict[str, Any]:
    return {
        "field": field_id,
        "fieldtype": "jira",
        "fieldId": field_id,
        "from": old,
        "fromString": texts[0],
        "to": new,
        "toString": texts[1],
    }
