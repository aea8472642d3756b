"""One raw issue at a time: which records count, and what had happened to an issue by an instant."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from data.model import JiraIssue, StatusCategory, TeamRules
from tests.reference.fields import fold, fold_all, mapped_instant, objects, text, text_id
from tests.reference.instants import read_instant
from tests.reference.statuses import Status, StatusBook

BEGINNING = datetime.min.replace(tzinfo=UTC)


def label_of(record: Any) -> str:
    if not isinstance(record, dict):
        return "(no key)"
    return text_id(record.get("key")) or text_id(record.get("id")) or "(no key)"


def is_readable(record: Any) -> bool:
    if not isinstance(record, dict) or not isinstance(record.get("fields"), dict):
        return False
    return bool(text_id(record.get("id")) or text_id(record.get("key")))


def _identity(record: Any) -> tuple[str, str] | None:
    if not isinstance(record, dict):
        return None
    for name in ("id", "key"):
        value = text_id(record.get(name))
        if value:
            return name, value
    return None


def _precedence(record: JiraIssue) -> tuple[datetime, str]:
    fields = record.get("fields")
    updated = read_instant(fields.get("updated")) if isinstance(fields, dict) else None
    return updated or BEGINNING, json.dumps(record, sort_keys=True, separators=(",", ":"))


def one_per_identity(records: Sequence[Any]) -> list[Any]:
    """Each identity once, by its latest update; records without an identity all stay."""
    kept: dict[tuple[str, str], JiraIssue] = {}
    nameless = []
    for record in records:
        identity = _identity(record)
        if identity is None:
            nameless.append(record)
        elif identity not in kept or _precedence(record) > _precedence(kept[identity]):
            kept[identity] = record
    return [*kept.values(), *nameless]


@dataclass(frozen=True)
class Team:
    """The mapping of fields, the rules and the statuses under which issues are read."""

    mappings: Mapping[str, str]
    rules: TeamRules
    book: StatusBook


@dataclass
class Item:
    """One readable issue: its present fields and what its history says, in order."""

    raw: JiraIssue
    team: Team
    label: str
    id: str
    created: datetime | None
    has_history: bool
    initial: Status
    moves: list[tuple[datetime, Status]] = field(default_factory=list)
    flagged_at_first: bool = False
    flags: list[tuple[datetime, bool]] = field(default_factory=list)
    resolutions: list[tuple[datetime, str | None, str | None]] = field(default_factory=list)
    former_keys: list[str] = field(default_factory=list)

    @property
    def fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = self.raw["fields"]
        return fields

    @property
    def order(self) -> tuple[int, str]:
        return len(self.id), self.id

    def entries(self, by: datetime) -> list[tuple[datetime | None, Status]]:
        """Statuses entered by an instant: the first one at creation, then each transition."""
        begun: list[tuple[datetime | None, Status]] = []
        if self.created is None or self.created <= by:
            begun.append((self.created, self.initial))
        return begun + [(when, status) for when, status in self.moves if when <= by]

    def status(self, by: datetime) -> Status | None:
        if not self.has_history:
            return self.initial
        entries = self.entries(by)
        return entries[-1][1] if entries else None

    def category(self, by: datetime) -> StatusCategory | None:
        status = self.status(by)
        return self.team.book.category(status) if status else None

    def is_in(self, status: Status, words: Any) -> bool:
        return bool(self.team.book.words(status) & fold_all(words))

    def field_instant(self, name: str, by: datetime) -> datetime | None:
        """A mapped date; one that lies after `by` has not happened."""
        instant = mapped_instant(self.raw, self.team.mappings, name)
        return instant if instant is not None and instant <= by else None

    def started(self, by: datetime) -> datetime | None:
        given = self.field_instant("work_started_date", by)
        if given is not None or not self.has_history:
            return given
        for when, status in self.entries(by):
            if self._is_start(status):
                return when
        return None

    def _is_start(self, status: Status) -> bool:
        if self.team.rules.start_statuses:
            return self.is_in(status, self.team.rules.start_statuses)
        return self.team.book.category(status) == StatusCategory.INDETERMINATE

    def finished(self, by: datetime) -> datetime | None:
        if self.category(by) != StatusCategory.DONE:
            return None
        given = self.field_instant("work_completed_date", by)
        if given is not None:
            return given
        resolved = read_instant(self.fields.get("resolutiondate"))
        resolved = resolved if resolved is not None and resolved <= by else None
        if not self.has_history:
            return resolved
        return self._done_since(by, resolved)

    def _done_since(self, by: datetime, resolved: datetime | None) -> datetime | None:
        entries = self.entries(by)
        position = len(entries) - 1
        while position > 0 and self.team.book.category(entries[position - 1][1]) == StatusCategory.DONE:
            position -= 1
        if position == 0 and entries[0][1] is self.initial:
            return resolved or self.created
        return entries[position][0]

    def resolution(self, by: datetime) -> str | None:
        if self.resolutions:
            past = [to for when, to, _ in self.resolutions if when <= by]
            is_there = self.created is None or self.created <= by
            return past[-1] if past else self.resolutions[0][2] if is_there else None
        decided = read_instant(self.fields.get("resolutiondate"))
        current = self.fields.get("resolution")
        if decided is not None and decided > by:
            return None
        return text(current.get("name")) if isinstance(current, dict) else None

    def is_cancelled(self, by: datetime) -> bool:
        status = self.status(by)
        if status is not None and self.is_in(status, self.team.rules.cancelled_statuses):
            return True
        resolution = self.resolution(by)
        return resolution is not None and fold(resolution) in fold_all(self.team.rules.cancelled_resolutions)

    def has_unmapped_status(self, by: datetime) -> bool:
        statuses = [status for _, status in self.entries(by)] if self.has_history else [self.initial]
        return any(self.team.book.category(status) is None for status in statuses)

    def flagged_spans(self, by: datetime) -> list[tuple[datetime, datetime]]:
        """Spans under a flag that had begun by an instant; an open one ends at that instant."""
        switches = list(self.flags)
        if self.flagged_at_first and self.created is not None:
            switches.insert(0, (self.created, True))
        spans = []
        since: datetime | None = None
        for when, raised in switches:
            if when > by:
                continue
            if raised and since is None:
                since = when
            elif not raised and since is not None:
                spans.append((since, when))
                since = None
        return spans if since is None else [*spans, (since, by)]


def read_item(record: JiraIssue, team: Team) -> Item:
    fields = record["fields"]
    raw_status = fields.get("status")
    current = raw_status if isinstance(raw_status, dict) else {}
    changelog = record.get("changelog")
    histories = changelog.get("histories") if isinstance(changelog, dict) else None
    kept = record.get("former_keys")
    item = Item(
        raw=record,
        team=team,
        label=label_of(record),
        id=text_id(record.get("id")) or label_of(record),
        created=read_instant(fields.get("created")),
        has_history=isinstance(histories, list),
        initial=Status(text_id(current.get("id")), text(current.get("name"))),
        former_keys=[name for name in kept if text(name)] if isinstance(kept, list) else [],
    )
    if isinstance(histories, list):
        _read_changes(item, histories)
    return item


def _read_changes(item: Item, histories: list[Any]) -> None:
    dated = []
    for history in objects(histories):
        when = read_instant(history.get("created"))
        if when is not None:
            number = text_id(history.get("id")) or ""
            dated.append((when, len(number), number, objects(history.get("items"))))
    dated.sort(key=lambda entry: entry[:3])
    first = True
    for when, _, _, changes in dated:
        for change in changes:
            if _is_change_of(change, "status"):
                if first:
                    item.initial = Status(text_id(change.get("from")), text(change.get("fromString")))
                    first = False
                item.moves.append((when, Status(text_id(change.get("to")), text(change.get("toString")))))
            elif _is_change_of(change, "resolution"):
                item.resolutions.append((when, text(change.get("toString")), text(change.get("fromString"))))
            else:
                _read_other(item, when, change)


def _read_other(item: Item, when: datetime, change: dict[str, Any]) -> None:
    """Flags, and the key that a move to another project took away."""
    name, former = str(change.get("field")).casefold(), text(change.get("fromString"))
    if name == "flagged":
        if not item.flags:
            item.flagged_at_first = _is_flag(change.get("from"))
        item.flags.append((when, _is_flag(change.get("to"))))
    elif name == "key" and former:
        item.former_keys.append(former)


def _is_flag(side: Any) -> bool:
    return bool(str(side or "").strip())


def _is_change_of(change: dict[str, Any], name: str) -> bool:
    if change.get("fieldId"):
        return bool(change["fieldId"] == name)
    return bool(change.get("field") == name and change.get("fieldtype") == "jira")
