"""Writes an issue as one flavour of Jira shows it to one account: zone, users, sprints, parents, text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from data.demo.site import JsonObject, Site
from data.demo.store import Record, read_instant

_SYSTEM_DATES = frozenset({"created", "updated", "resolutiondate", "statuscategorychangedate", "lastViewed"})
_USERS = frozenset({"assignee", "reporter", "creator"})
_MOST_RENDERED = 12_000
_HEAVY = frozenset({"description", "environment", "comment", "worklog", "attachment"})


@lru_cache(maxsize=65_536)
def zoned(text: str, zone: str) -> str:
    """The same instant as Jira writes it for an account in that zone; anything unreadable stays as it is."""
    instant = None if zone == "UTC" and len(text) == 28 and text.endswith("+0000") else read_instant(text)
    if instant is None or "T" not in text:
        return text
    return jira_text(instant, zone)


def jira_text(instant: datetime, zone: str) -> str:
    local = instant.astimezone(ZoneInfo(zone))
    moment, offset = local.replace(tzinfo=None).isoformat(timespec="milliseconds"), local.strftime("%z")
    return moment + offset


def plain_text(document: object) -> str | None:
    """A rich-text document as the plain text the older interface gives."""
    if document is None or isinstance(document, str):
        return document
    if not isinstance(document, Mapping):
        return str(document)
    own = str(document.get("text", ""))
    return own + "".join(plain_text(part) or "" for part in document.get("content", []))


class Renderer:
    """`cloud` chooses the shapes. What it returns is kept for the next who asks, so nobody changes it."""

    def __init__(self, site: Site, base_url: str, *, cloud: bool) -> None:
        self.site = site
        self.base_url = base_url
        self.cloud = cloud
        self.zone = site.account.timezone
        self._dates = _SYSTEM_DATES | _of_type(site, lambda schema: schema.get("type") == "datetime")
        self._sprints = _of_type(site, lambda schema: str(schema.get("custom", "")).endswith(":gh-sprint"))
        self._rendered: dict[tuple[Record, int], JsonObject] = {}
        self._histories: dict[Record, list[JsonObject]] = {}

    def issue(self, record: Record, wanted: Iterable[str], version: int) -> JsonObject:
        """Without history. Only `id`, `key` and `self` when nothing else is asked for."""
        own: JsonObject = {
            "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
            "id": record.id,
            "self": f"{self.base_url}/rest/api/{version}/issue/{record.id}",
            "key": record.key,
        }
        names = list(wanted)
        if all(name in {"id", "key"} for name in names):
            return own
        return own | {"fields": self._chosen(record, names, version)}

    def histories(self, record: Record) -> list[JsonObject] | None:
        """Complete and oldest first."""
        histories = self._histories.get(record)
        if histories is None and record.histories is not None:
            histories = [self._history(history) for history in record.histories]
            _keep(self._histories, record, histories)
        return None if histories is None else list(histories)

    def _history(self, history: Mapping[str, Any]) -> JsonObject:
        author = {"author": self.user(history["author"])} if history.get("author") else {}
        return {**history, "created": zoned(str(history.get("created")), self.zone), **author}

    def user(self, user: Any) -> Any:
        if not isinstance(user, Mapping):
            return user
        common = {"displayName": user.get("displayName"), "active": user.get("active", True)}
        common["timeZone"] = user.get("timeZone", self.zone)
        if self.cloud:
            identity = user.get("accountId") or user.get("key") or user.get("name")
            return {"accountId": identity, "accountType": "atlassian", **common}
        name = user.get("name") or "".join(char for char in str(user.get("displayName")).lower() if char.isalnum())
        address = user.get("emailAddress", f"{name}@{self.site.account.email.rpartition('@')[2]}")
        return {"name": name, "key": user.get("key") or f"JIRAUSER{name}", "emailAddress": address, **common}

    def _chosen(self, record: Record, names: list[str], version: int) -> JsonObject:
        everything = self._everything(record, version)
        without = {name[1:] for name in names if name.startswith("-")}
        if "*all" in names:
            chosen = dict(everything)
        elif "*navigable" in names or not set(names) - {f"-{name}" for name in without}:
            chosen = {name: value for name, value in everything.items() if name not in _HEAVY}
        else:
            chosen = {}
        chosen |= {name: everything[name] for name in names if name in everything}
        return {name: value for name, value in chosen.items() if name not in without}

    def _everything(self, record: Record, version: int) -> JsonObject:
        known = self._rendered.get((record, version))
        if known is None:
            known = {name: self._value(name, value, version) for name, value in record.fields.items()}
            known = {name: value for name, value in known.items() if value is not _ABSENT}
            _keep(self._rendered, (record, version), known)
        return known

    def _value(self, name: str, value: Any, version: int) -> Any:
        if name in self._dates and isinstance(value, str):
            return zoned(value, self.zone)
        if name in _USERS:
            return self.user(value)
        if name in {"description", "environment"} and version == 2:
            return plain_text(value)
        if self.cloud:
            return value
        return self._data_center_value(name, value)

    def _data_center_value(self, name: str, value: Any) -> Any:
        if name in self._sprints and isinstance(value, list):
            return [sprint_text(sprint) if isinstance(sprint, Mapping) else sprint for sprint in value]
        if name == "issuetype":
            return _without(value, "hierarchyLevel")
        if name == "project":
            return _without(value, "simplified")
        if name == "parent" and isinstance(value, Mapping):
            kind = (value.get("fields") or {}).get("issuetype") or {}
            return _ABSENT if kind.get("hierarchyLevel", 0) >= 1 else value
        return value


_ABSENT = object()


def _keep(kept: dict[Any, Any], key: object, value: object) -> None:
    """A walk over a large site would otherwise keep all of it."""
    if len(kept) >= _MOST_RENDERED:
        kept.clear()
    kept[key] = value


def _without(value: Any, name: str) -> Any:
    return {key: item for key, item in value.items() if key != name} if isinstance(value, Mapping) else value


def _of_type(site: Site, fits: Callable[[Mapping[str, Any]], bool]) -> frozenset[str]:
    return frozenset(str(field["id"]) for field in site.fields if fits(field.get("schema") or {}))


def sprint_text(sprint: Mapping[str, Any]) -> str:
    """A sprint as older servers put it into the issue; every second one with its id last, as versions differ."""
    number = int(sprint.get("id") or 0)
    parts = {
        "rapidViewId": sprint.get("boardId"),
        "state": str(sprint.get("state", "")).upper(),
        "name": sprint.get("name"),
        "startDate": sprint.get("startDate"),
        "endDate": sprint.get("endDate"),
        "completeDate": sprint.get("completeDate"),
        "sequence": number,
        "goal": sprint.get("goal") or None,
    }
    ordered = {"id": number, **parts} if number % 2 else {**parts, "id": number}
    text = ",".join(f"{name}={'<null>' if value is None else value}" for name, value in ordered.items())
    return f"com.atlassian.greenhopper.service.sprint.Sprint@{number * 7919 & 0xFFFFFFF:x}[{text}]"
