"""Raw Jira records for tests, one line per fact: an issue is built by saying what happened to it and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_STATUSES: Mapping[str, tuple[str, str]] = {
    "To Do": ("10000", "new"),
    "Reopened": ("4", "new"),
    "In Progress": ("3", "indeterminate"),
    "Review": ("10001", "indeterminate"),
    "Waiting": ("10002", "indeterminate"),
    "Blocked": ("10003", "indeterminate"),
    "Done": ("10004", "done"),
    "Released": ("10005", "done"),
    "Closed": ("6", "done"),
    "Rejected": ("10006", "done"),
}
"""The workflow that builders know by name; any other status is built by saying its id and category."""

_CATEGORY_NUMBERS = {"new": 2, "indeterminate": 4, "done": 3}


def at(text: str) -> datetime:
    """`at("2025-03-03 09:30")` is that instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def jira_text(when: datetime) -> str:
    """An instant as Jira writes it: milliseconds, and an offset without a colon."""
    utc = when.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}+0000"


def epoch_ms(when: datetime) -> int:
    return (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def status(name: str, *, status_id: str | None = None, category: str | None = None) -> dict[str, Any]:
    known_id, known_category = _STATUSES.get(name, (None, None))
    key = category or known_category
    built: dict[str, Any] = {"name": name}
    if status_id or known_id:
        built["id"] = status_id or known_id
    if key:
        built["statusCategory"] = {"id": _CATEGORY_NUMBERS.get(key, 1), "key": key, "name": key}
    return built


def statuses() -> list[dict[str, Any]]:
    """The server's status list for the workflow that builders know."""
    return [status(name) for name in _STATUSES]


def version(name: str, *, released: str | None = None, **extras: Any) -> dict[str, Any]:
    """A project version; `released` is its release date, without one it is not released."""
    dated = {"releaseDate": released} if released else {}
    return {"id": f"v-{name}", "name": name, "released": released is not None, "archived": False} | dated | extras


def link(reading: str, other: Mapping[str, Any], *, inward: str = "is caused by", outward: str = "causes") -> Any:
    """A link as one issue records it, where `reading` says which way round it reads: one of the two phrases."""
    end = "inwardIssue" if reading == inward else "outwardIssue"
    named = {name: other[name] for name in ("id", "key") if name in other}
    return {"id": "1", "type": {"id": "1", "name": "Problem", "inward": inward, "outward": outward}, end: named}


@dataclass(frozen=True)
class Changelog:
    """How a server writes a history down; the defaults are a Cloud site's."""

    newest_first: bool = False
    field_ids: bool = True
    authors: bool = True
    ids: bool = True
    created: str = "text"
    extra: tuple[Mapping[str, Any], ...] = ()

    def write(self, changes: Iterable[tuple[datetime, list[dict[str, Any]]]]) -> dict[str, Any]:
        """Histories from dated changes; `extra` ones are added as they are."""
        histories = [self._history(number, when, items) for number, (when, items) in enumerate(changes, start=100)]
        histories += [dict(history) for history in self.extra]
        if self.newest_first:
            histories.reverse()
        return {"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": histories}

    def _history(self, number: int, when: datetime, items: list[dict[str, Any]]) -> dict[str, Any]:
        kept = items if self.field_ids else [{k: v for k, v in item.items() if k != "fieldId"} for item in items]
        history: dict[str, Any] = {"created": self._instant(when), "items": kept}
        if self.ids:
            history["id"] = str(number)
        if self.authors:
            history["author"] = {"accountId": "someone", "displayName": "Someone"}
        return history

    def _instant(self, when: datetime) -> str | int:
        if self.created == "ms":
            return epoch_ms(when)
        if self.created == "s":
            return epoch_ms(when) // 1000
        return jira_text(when)


def change(field: str, before: tuple[str | None, str | None], after: tuple[str | None, str | None]) -> dict[str, Any]:
    """One changelog item; each side is (id, text)."""
    return {
        "field": field,
        "fieldtype": "jira",
        "fieldId": field,
        "from": before[0],
        "fromString": before[1],
        "to": after[0],
        "toString": after[1],
    }


def status_change(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return change("status", (before.get("id"), before.get("name")), (after.get("id"), after.get("name")))


def flag_change(*, raised: bool) -> dict[str, Any]:
    flag = ("[10019]", "Impediment")
    item = change("Flagged", ("", "") if raised else flag, flag if raised else ("", ""))
    return item | {"fieldtype": "custom", "fieldId": "customfield_10021"}


def issue(
    key: str,
    created: datetime | None,
    *,
    moves: Sequence[tuple[datetime, str | dict[str, Any]]] = (),
    initial: str | dict[str, Any] = "To Do",
    issue_type: str | dict[str, Any] = "Story",
    flags: Sequence[tuple[datetime, bool]] = (),
    resolution: str | None = None,
    resolved: datetime | None = None,
    fix_versions: Sequence[Mapping[str, Any]] = (),
    affects: Sequence[Mapping[str, Any]] = (),
    links: Sequence[Mapping[str, Any]] = (),
    labels: Sequence[str] = (),
    project: str | None = "1",
    changelog: Changelog | None = Changelog(),
    **custom: Any,
) -> dict[str, Any]:
    """An issue that began in `initial` and then moved; `changelog=None` is a server that delivers no history.

    Further keywords are fields by their Jira id, and override what is built.
    """
    path = [_as_status(initial), *(_as_status(name) for _, name in moves)]
    changes = [(when, [status_change(path[n], path[n + 1])]) for n, (when, _) in enumerate(moves)]
    changes += [(when, [flag_change(raised=raised)]) for when, raised in flags]
    changes.sort(key=lambda dated: dated[0])
    fields: dict[str, Any] = {
        "summary": f"Summary of {key}",
        "issuetype": {"id": "1", "name": issue_type, "subtask": False} if isinstance(issue_type, str) else issue_type,
        "status": path[-1],
        "created": jira_text(created) if created else None,
        "updated": jira_text(changes[-1][0]) if changes else created and jira_text(created),
        "resolution": {"id": "1", "name": resolution} if resolution else None,
        "resolutiondate": jira_text(resolved) if resolved else None,
        "fixVersions": [dict(entry) for entry in fix_versions],
        "versions": [dict(entry) for entry in affects],
        "issuelinks": [dict(entry) for entry in links],
        "labels": list(labels),
        "project": {"id": project, "key": "EX"} if project else None,
    }
    built = {"id": str(sum(ord(c) * 31**n for n, c in enumerate(key))), "key": key, "fields": fields | custom}
    return built if changelog is None else built | {"changelog": changelog.write(changes)}


def _as_status(named: str | dict[str, Any]) -> dict[str, Any]:
    return status(named) if isinstance(named, str) else named


def deployment(name: str, when: datetime, *, keys: Sequence[str] = (), **extras: Any) -> dict[str, Any]:
    """A deployment as a pipeline posts it."""
    base = {"id": name, "project": "1", "deployed_at": jira_text(when), "environment": "production"}
    return base | {"status": "success", "issue_keys": list(keys)} | extras
