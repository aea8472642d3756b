"""Jira's JSON read into columns: who, when, which status, what it is, what it is tied to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat

import numpy as np
import numpy.typing as npt

from data.filters import Filters, read_facets
from data.groups import Groups
from data.model import FlowKind, TeamRules
from data.performance_utils import Calculation, FieldMappingIndex
from data.reading.changes import FLAG, RESOLUTION, STATUS, Changes, former_keys, read_changes
from data.reading.date_columns import UNREADABLE, parse_instants
from data.reading.field_values import folded, objects_of_all, read_once, says_no, says_yes
from data.reading.jira_records import (
    Record,
    distinct_issues,
    histories_of,
    is_cut,
    is_raised,
    label,
    name_of,
    project_codes,
    read_links,
    references,
)
from data.reading.roles import ROLES, RoleReader
from data.reading.statuses import StatusBook, StatusColumns
from data.reading.versions import VersionBook, VersionColumns

Times = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

MISSING = UNREADABLE
"""The instant of something that Jira does not say."""

KINDS = tuple(FlowKind)

UNRESOLVED, CANCELS, SETTLES = range(3)
"""What a resolution says: there is none, the work was cancelled, or it ended in any other way."""

DATE_FIELDS = (
    "deployment_date",
    "code_commit_date",
    "deployed_to_production_date",
    "incident_detected_at",
    "incident_resolved_at",
    "work_started_date",
    "work_completed_date",
)


@dataclass(frozen=True, eq=False, slots=True)
class Events:
    """Dated events of issues in the order in which they happened, issue by issue; `value` is a code or a yes."""

    issue: Codes
    time: Times
    value: Codes


@dataclass(frozen=True, eq=False, slots=True)
class Pairs:
    """Issue against version, or issue against issue, by position."""

    issue: Codes
    other: Codes


@dataclass(frozen=True, eq=False)
class Facet:
    """One thing to filter by: its names as first spelt, and which issue (`values.issue`) has which (`values.other`)."""

    names: list[str]
    values: Pairs

    @cached_property
    def issues(self) -> Groups:
        return Groups.of(self.values.issue, self.values.other, len(self.names))


@dataclass(frozen=True, eq=False)
class DeliveryHistory:
    """A team's work in columns, one row per issue in the order of identity; instants are microseconds UTC.

    `statuses_entered` begins, for an issue with history, with the status it was created in. `malformed` are the
    labels of records from which nothing could be read. `dates` holds the mapped date fields by logical name.
    `resolution` is what the present one says, `resolutions` what each said that is in the history.
    `fixes` and `affects` pair issues with versions. `facets` are those of `Filters`. `former_keys` says by which names
    moved issues went before, `cut_histories` are the issues of whose history Jira delivered only a part.
    """

    rules: TeamRules
    index: FieldMappingIndex
    malformed: list[str]
    labels: Sequence[str]
    identities: Sequence[str]
    created: Times
    has_history: Flags
    resolved: Times
    resolution: npt.NDArray[np.int8]
    current_status: Codes
    kind: Codes
    project: Codes
    dates: dict[str, Times]
    roles: dict[str, Flags]
    statuses: StatusColumns
    statuses_entered: Events
    resolutions: Events
    flags: Events
    project_names: list[str]
    versions: VersionColumns
    fixes: Pairs
    affects: Pairs
    links: Pairs
    causes: Pairs
    facets: Mapping[str, Facet]
    events: list[Record] = field(default_factory=list)
    former_keys: Mapping[str, int] = field(default_factory=dict)
    cut_histories: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int32))

    def __len__(self) -> int:
        return len(self.created)

    @cached_property
    def references(self) -> Mapping[str, int]:
        """Every id and key to its row; an id wins over an equal key."""
        return references(self.labels, self.identities)

    def select(self, filters: Filters) -> Flags:
        """Which issues the filters leave in."""
        selected = np.ones(len(self), dtype=np.bool_)
        for name, wanted in filters.asked():
            facet = self.facets[name]
            chosen = np.array([spelling.casefold() in wanted for spelling in facet.names], dtype=np.bool_)
            selected &= facet.issues.in_any(np.flatnonzero(chosen), len(self))
        return selected


def read_history(
    issues: Iterable[object],
    index: FieldMappingIndex,
    rules: TeamRules,
    *,
    versions: Iterable[object] = (),
    statuses: Iterable[object] = (),
    events: Iterable[object] = (),
) -> DeliveryHistory:
    """Read raw issues, in any order and with any oddity of Jira's, into columns.

    `versions` and `statuses` are Jira's own lists, `events` deployments as
    `{id, project, deployed_at, environment, status, issue_keys}`. Nothing raises on a bad record: it is listed in
    `malformed`.
    """
    with Calculation("history") as reading:
        readable, malformed = distinct_issues(issues)
        history = _Reader(rules, index, statuses, versions).read(
            readable, malformed, [dict(event) for event in events if isinstance(event, Mapping)]
        )
        reading.input_data_size, reading.result_data_size = len(readable) + len(malformed), len(history)
    return history


def _pairs(rows: list[tuple[int, int]]) -> Pairs:
    columns = np.array(sorted(set(rows)), dtype=np.int32).reshape(-1, 2)
    return Pairs(columns[:, 0].copy(), columns[:, 1].copy())


def _switched(changes: Changes, created: Times, side: str, state: Callable[[object], int]) -> Events:
    """A field of few states: its state at creation, as the first change tells it, then each change."""
    begins = changes.begins()
    issue = changes.issue[begins]
    begun = np.minimum(created[issue], changes.time[begins])
    states = np.array(read_once(state, changes.values(f"to{side}")), dtype=np.int32)
    first = np.array(
        read_once(state, [changes.items[row].get(f"from{side}") for row in begins.tolist()]), dtype=np.int32
    )
    return Events(*changes.after(issue, begun, first, states))


def _facets(fields: Sequence[Record], index: FieldMappingIndex) -> dict[str, Facet]:
    read = read_facets(fields, index)
    return {name: Facet(rows.names, Pairs(rows.issues, rows.codes)) for name, rows in read.items()}


class _Reader:
    """One pass over the issues; holds what is looked up again and again while reading."""

    def __init__(
        self, rules: TeamRules, index: FieldMappingIndex, statuses: Iterable[object], versions: Iterable[object]
    ) -> None:
        self.rules, self.index = rules, index
        self.roles = RoleReader(rules, index)
        self.book = StatusBook(rules)
        self.book.learn(statuses)
        self.cancelling = frozenset(map(folded, rules.cancelled_resolutions))
        self.versions = VersionBook(versions)

    def read(self, issues: list[tuple[str, Record]], malformed: list[str], events: list[Record]) -> DeliveryHistory:
        fields = [record["fields"] for _, record in issues]
        statuses = [issue_fields.get("status") for issue_fields in fields]
        self.book.learn(statuses)
        labels = [label(record, identity) for identity, record in issues]
        identities = [identity for identity, _ in issues]
        projects: dict[str, int] = {}
        self.versions.learn(objects_of_all([f.get("fixVersions") for f in fields])[1])
        created = self._times(fields, name="created")
        current = self._statuses(statuses)
        delivered = [histories_of(record) for _, record in issues]
        told = {issue: issues[issue][1] for issue, histories in enumerate(delivered) if histories is not None}
        changes = read_changes(delivered)
        entered = self._entered(changes.about(STATUS), [*told], created, current)
        known = references(labels, identities)
        links, causes = read_links(fields, known, self.rules.causing_links)
        dates = {name: self._times(fields, index=name) for name in DATE_FIELDS}
        roles, kinds = self._read_roles(fields, dates["deployment_date"] != MISSING)
        project = np.array(project_codes(fields, projects), dtype=np.int32)
        fixes, affects = self._read_versions(fields, "fixVersions"), self._read_versions(fields, "versions")
        return DeliveryHistory(
            rules=self.rules,
            index=self.index,
            malformed=malformed,
            labels=labels,
            identities=identities,
            created=created,
            has_history=np.array([histories is not None for histories in delivered], dtype=np.bool_),
            resolved=self._times(fields, name="resolutiondate"),
            resolution=np.array(read_once(self._says, [name_of(f.get("resolution")) for f in fields]), dtype=np.int8),
            current_status=current,
            kind=kinds,
            project=project,
            dates=dates,
            roles=roles,
            statuses=self.book.columns(),
            statuses_entered=entered,
            resolutions=_switched(changes.about(RESOLUTION), created, "String", self._says),
            flags=_switched(changes.about(FLAG), created, "", is_raised),
            project_names=list(projects),
            versions=self.versions.columns(self.rules, projects, (project[fixes.issue], fixes.other)),
            fixes=fixes,
            affects=affects,
            links=_pairs(links),
            causes=_pairs(causes),
            facets=_facets(fields, self.index),
            events=events,
            former_keys={name: issue for name, issue in former_keys(issues, changes) if name not in known},
            cut_histories=np.array([issue for issue, record in told.items() if is_cut(record)], dtype=np.int32),
        )

    def _times(self, fields: Sequence[Record], *, name: str = "", index: str = "") -> Times:
        jira_field = self.index.get_jira_field(index) if index else name
        if not jira_field:
            return np.broadcast_to(np.int64(MISSING), len(fields))
        return parse_instants([issue_fields.get(jira_field) for issue_fields in fields])

    def _statuses(self, statuses: Sequence[object]) -> Codes:
        named = [status if isinstance(status, Mapping) else {} for status in statuses]
        return self.book.codes([status.get("id") for status in named], [status.get("name") for status in named])

    def _says(self, resolution: object) -> int:
        name = folded(resolution) if isinstance(resolution, str) else ""
        return CANCELS if name in self.cancelling else SETTLES if name else UNRESOLVED

    def _read_versions(self, fields: Sequence[Record], name: str) -> Pairs:
        counts, carried = objects_of_all([issue_fields.get(name) for issue_fields in fields])
        issues = np.repeat(np.arange(len(fields)), counts).tolist()
        codes = self.versions.codes(carried)
        return _pairs([(issue, code) for issue, own in zip(issues, codes, strict=True) for code in own])

    def _entered(self, moves: Changes, told: list[int], created: Times, current: Codes) -> Events:
        """Every status entered, from the one that an issue was created in: where it never moved, its present one."""
        begins, first = moves.begins(), current.copy()
        opening = [moves.items[row] for row in begins.tolist()]
        codes = self.book.codes(moves.values("to"), moves.values("toString"))
        first[moves.issue[begins]] = self.book.codes(
            [item.get("from") for item in opening], [item.get("fromString") for item in opening]
        )
        return Events(*moves.after(np.array(told, dtype=np.intp), created[told], first[told], codes))

    def _read_roles(self, fields: Sequence[Record], deploys: Flags) -> tuple[dict[str, Flags], Codes]:
        types = [self.roles.type_of(issue_fields) for issue_fields in fields]
        read = self.roles.read(fields, types, deploys.tolist())
        columns: dict[str, Sequence[bool]] = {name: [getattr(role, name) for role in read] for name in ROLES}
        columns |= {
            "production": [self.roles.in_production(f) for f in fields],
            "failed": [says_no(value) for value in self._mapped(fields, "deployment_successful")],
            "change_failure": [says_yes(value) for value in self._mapped(fields, "change_failure")],
            "rework": self.roles.look_like_rework(fields, types),
        }
        codes = {kind: code for code, kind in enumerate(KINDS)}
        kinds = np.array([codes[role.kind] for role in read], dtype=np.int32)
        return {name: np.array(column, dtype=np.bool_) for name, column in columns.items()}, kinds

    def _mapped(self, fields: Sequence[Record], name: str) -> Iterable[object]:
        field_id = self.index.get_jira_field(name)
        return [f.get(field_id) for f in fields] if field_id else repeat(None, len(fields))
