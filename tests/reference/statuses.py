"""Which category a status has: the team's mapping, then the server's list, then Jira's own names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from data.model import DEFAULT_STATUS_NAMES, JiraIssue, StatusCategory, TeamRules
from tests.reference.fields import fold, text, text_id


@dataclass(frozen=True)
class Status:
    """A status as a history or an issue names it: by id, by name, by both or by neither."""

    id: str | None
    name: str | None


@dataclass(frozen=True)
class Listed:
    """A status as a list describes it; `category` is None where none of Jira's three is given."""

    id: str | None
    name: str | None
    category: StatusCategory | None


def listed(entry: dict[str, Any]) -> Listed:
    category = entry.get("statusCategory")
    key = category.get("key") if isinstance(category, dict) else None
    known = StatusCategory(key) if key in list(StatusCategory) else None
    return Listed(text_id(entry.get("id")), text(entry.get("name")), known)


class StatusBook:
    """Everything known about statuses, one entry per id: the list passed in, then what the issues carry."""

    def __init__(self, statuses: Iterable[Any], issues: Sequence[JiraIssue], rules: TeamRules) -> None:
        carried = [issue["fields"].get("status") for issue in sorted(issues, key=_identity_order)]
        self.entries: list[Listed] = []
        for entry in [*statuses, *carried]:
            if isinstance(entry, dict) and not self._knows(listed(entry).id):
                self.entries.append(listed(entry))
        self.team = {fold(word): category for word, category in rules.status_categories.items()}

    def _knows(self, status_id: str | None) -> bool:
        return status_id is not None and any(entry.id == status_id for entry in self.entries)

    def _with_id(self, status: Status) -> Listed | None:
        for entry in self.entries:
            if status.id is not None and entry.id == status.id:
                return entry
        return None

    def name_of(self, status: Status) -> str | None:
        entry = self._with_id(status)
        return entry.name if entry and entry.name else status.name

    def words(self, status: Status) -> set[str]:
        """What a team's rule may call this status, case-folded."""
        return {fold(word) for word in (status.id, self.name_of(status)) if word}

    def category(self, status: Status) -> StatusCategory | None:
        """The category, or None for a status that maps to nothing."""
        name = fold(self.name_of(status) or "")
        for word in (fold(status.id or ""), name):
            if word and word in self.team:
                return self.team[word]
        by_id = self._with_id(status)
        if by_id and by_id.category:
            return by_id.category
        by_name = {entry.category for entry in self.entries if name and fold(entry.name or "") == name} - {None}
        if len(by_name) == 1:
            return by_name.pop()
        return DEFAULT_STATUS_NAMES.get(name)


def _identity_order(issue: JiraIssue) -> tuple[int, str]:
    identity = text_id(issue.get("id")) or text_id(issue.get("key")) or ""
    return len(identity), identity
