"""Everything a metric is given, read once: items, malformed records, versions, events, rules and the report's date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from data.filters import Filters
from data.model import JiraIssue, TeamRules
from tests.reference.fields import fold_all, mapped, text_id, texts
from tests.reference.instants import Week, weeks_until, zone_of
from tests.reference.issues import Item, Team, is_readable, label_of, one_per_identity, read_item
from tests.reference.roles import Role, kind, role
from tests.reference.statuses import StatusBook


@dataclass
class World:
    """One call's arguments, read; `malformed` are the labels of the records that cannot be read."""

    items: list[Item]
    malformed: list[str]
    versions: list[dict[str, Any]]
    events: list[dict[str, Any]]
    mappings: Mapping[str, str]
    rules: TeamRules
    days: int
    as_of: datetime
    filters: Filters = field(default_factory=Filters)

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.rules)

    @property
    def weeks(self) -> list[Week]:
        return weeks_until(self.as_of, self.days, self.zone)

    @property
    def has_issues(self) -> bool:
        return any(self.counts(item) for item in self.items)

    def counts(self, item: Item) -> bool:
        """Whether the filters leave an issue in: of everything they ask about, it has one of the values."""
        has = self.facets(item)
        return all(has[facet] & wanted for facet, wanted in self.filters.asked())

    def facets(self, item: Item) -> dict[str, set[str]]:
        """What an issue can be filtered by; a project goes by its key, else its name, else its id."""
        project = item.fields.get("project")
        named = [text_id(project.get(part)) for part in ("key", "name", "id")] if isinstance(project, dict) else []
        return {
            "project": fold_all([name for name in named if name][:1]),
            "issue_type": fold_all(texts(item.fields.get("issuetype"))),
            "team": fold_all(texts(mapped(item.raw, self.mappings, "team"))),
            "component": fold_all(texts(item.fields.get("components"))),
            "label": fold_all(texts(item.fields.get("labels"))),
        }

    def called(self, name: str) -> Item | None:
        """The issue of that id, else of that key, else one that had it before a move; of several the last by id."""
        by_id = [item for item in self.items if item.id == name]
        by_key = [item for item in self.items if text_id(item.raw.get("key")) == name]
        by_former = [item for item in self.items if name in item.former_keys]
        return max(by_id or by_key or by_former, key=lambda item: item.order, default=None)

    @cached_property
    def roles(self) -> dict[int, Role]:
        return {id(item): role(item) for item in self.items}

    def role(self, item: Item) -> Role:
        return self.roles[id(item)]

    def kind(self, item: Item) -> str:
        return kind(item).value


def read_world(
    issues: Sequence[Any],
    field_mappings: Mapping[str, str],
    days: int,
    as_of: datetime,
    *,
    rules: TeamRules | None = None,
    versions: Sequence[dict[str, Any]] = (),
    statuses: Sequence[dict[str, Any]] = (),
    events: Sequence[dict[str, Any]] = (),
    filters: Filters | None = None,
) -> World:
    records = one_per_identity(issues)
    readable: list[JiraIssue] = [record for record in records if is_readable(record)]
    rules = rules or TeamRules()
    team = Team(field_mappings, rules, StatusBook(statuses, readable, rules))
    return World(
        items=[read_item(record, team) for record in readable],
        malformed=[label_of(record) for record in records if not is_readable(record)],
        versions=list(versions),
        events=list(events),
        mappings=field_mappings,
        rules=rules,
        days=days,
        as_of=as_of,
        filters=filters or Filters(),
    )
