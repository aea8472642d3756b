"""Jira's JSON read into columns: who, when, which status, what it is, what it is tied to."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat

import numpy as np
import numpy.typing as npt

from data.filters import FacetReader, Filters, read_facets
from data.groups import Groups
from data.model import FlowKind, TeamRules
from data.performance_utils import Calculation, FieldMappingIndex
from data.reading.changes import FLAG, RESOLUTION, STATUS, Change, former_keys, read_changes
from data.reading.date_columns import UNREADABLE, parse_instants
from data.reading.field_values import folded, objects, says_no, says_yes
from data.reading.jira_records import (
    Record,
    distinct_issues,
    histories_of,
    is_cut,
    is_flagged,
    label,
    name_of,
    project_code,
    read_links,
    references,
)
from data.reading.roles import RoleReader
from data.reading.statuses import StatusBook, StatusCodes, StatusColumns
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


class _Rows:
    """Collects (issue, time, value) rows and freezes them into columns."""

    def __init__(self) -> None:
        self._issues, self._times, self._values = array("i"), array("q"), array("i")

    def add(self, issue: int, times: Sequence[int], values: Sequence[int]) -> None:
        """Several rows of one issue."""
        self._issues.extend(repeat(issue, len(times)))
        self._times.extend(times)
        self._values.extend(values)

    def add_switch(self, issue: int, born: int, items: list[Change], state: Callable[[Record, str], int]) -> None:
        """A field of few states: its state at creation, as the first item tells it, then each change."""
        if items:
            times, states = [time for time, _, _ in items], [state(item, "to") for _, _, item in items]
            self.add(issue, [min(born, times[0]), *times], [state(items[0][2], "from"), *states])

    def freeze(self) -> Events:
        return Events(
            np.array(self._issues, dtype=np.int32),
            np.array(self._times, dtype=np.int64),
            np.array(self._values, dtype=np.int32),
        )


def _pairs(rows: list[tuple[int, int]]) -> Pairs:
    columns = np.array(sorted(set(rows)), dtype=np.int32).reshape(-1, 2)
    return Pairs(columns[:, 0].copy(), columns[:, 1].copy())


def _facet(reader: FacetReader) -> Facet:
    return Facet(reader.names, Pairs(np.array(reader.issues, dtype=np.int32), np.array(reader.codes, dtype=np.int32)))


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
        self.entered, self.resolutions, self.flags = _Rows(), _Rows(), _Rows()
        self.fixes: list[tuple[int, int]] = []
        self.affects: list[tuple[int, int]] = []
        self.codes = StatusCodes(self.book)
        self.former: dict[str, int] = {}
        self.cut: list[int] = []

    def read(self, issues: list[tuple[str, Record]], malformed: list[str], events: list[Record]) -> DeliveryHistory:
        fields = [record["fields"] for _, record in issues]
        self.book.learn(issue_fields.get("status") for issue_fields in fields)
        labels = [label(record, identity) for identity, record in issues]
        identities = [identity for identity, _ in issues]
        projects: dict[str, int] = {}
        self.versions.learn([version for f in fields for version in objects(f.get("fixVersions"))])
        created = self._times(fields, name="created")
        for issue, changes in enumerate(read_changes([record for _, record in issues])):
            self._read_versions(issue, fields[issue])
            if changes is not None:
                self._read_changes(issue, int(created[issue]), issues[issue][1], changes)
        known = references(labels, identities)
        links, causes = read_links(fields, known, self.rules.causing_links)
        dates = {name: self._times(fields, index=name) for name in DATE_FIELDS}
        roles, kinds = self._read_roles(fields, dates["deployment_date"] != MISSING)
        current = [self._status(issue_fields) for issue_fields in fields]
        project = np.array([project_code(f, projects) for f in fields], dtype=np.int32)
        fixes = _pairs(self.fixes)
        return DeliveryHistory(
            rules=self.rules,
            index=self.index,
            malformed=malformed,
            labels=labels,
            identities=identities,
            created=created,
            has_history=np.array([histories_of(record) is not None for _, record in issues], dtype=np.bool_),
            resolved=self._times(fields, name="resolutiondate"),
            resolution=np.array([self._says(name_of(f.get("resolution"))) for f in fields], dtype=np.int8),
            current_status=np.array(current, dtype=np.int32),
            kind=kinds,
            project=project,
            dates=dates,
            roles=roles,
            statuses=self.book.columns(),
            statuses_entered=self.entered.freeze(),
            resolutions=self.resolutions.freeze(),
            flags=self.flags.freeze(),
            project_names=list(projects),
            versions=self.versions.columns(self.rules, projects, (project[fixes.issue], fixes.other)),
            fixes=fixes,
            affects=_pairs(self.affects),
            links=_pairs(links),
            causes=_pairs(causes),
            facets={name: _facet(reader) for name, reader in read_facets(fields, self.index).items()},
            events=events,
            former_keys={name: issue for name, issue in self.former.items() if name not in known},
            cut_histories=np.array(self.cut, dtype=np.int32),
        )

    def _times(self, fields: Sequence[Record], *, name: str = "", index: str = "") -> Times:
        jira_field = self.index.get_jira_field(index) if index else name
        if not jira_field:
            return np.broadcast_to(np.int64(MISSING), len(fields))
        return parse_instants([issue_fields.get(jira_field) for issue_fields in fields])

    def _status(self, fields: Record) -> int:
        status = fields.get("status")
        return (
            self.book.code(status.get("id"), status.get("name"))
            if isinstance(status, Mapping)
            else self.book.code("", "")
        )

    def _says(self, resolution: object) -> int:
        name = folded(resolution) if isinstance(resolution, str) else ""
        return CANCELS if name in self.cancelling else SETTLES if name else UNRESOLVED

    def _read_versions(self, issue: int, fields: Record) -> None:
        for name, rows in (("fixVersions", self.fixes), ("versions", self.affects)):
            for version in objects(fields.get(name)):
                rows.extend((issue, code) for code in self.versions.codes(version))

    def _read_changes(self, issue: int, born: int, record: Record, changes: list[Change]) -> None:
        self.former.update((name, issue) for name in former_keys(record, changes))
        if is_cut(record):
            self.cut.append(issue)
        times = [time for time, what, _ in changes if what & STATUS]
        moves = [item for _, what, item in changes if what & STATUS]
        codes = [self.codes.of(item.get("to"), item.get("toString")) for item in moves]
        first = (
            self.book.code(moves[0].get("from"), moves[0].get("fromString"))
            if moves
            else self._status(record["fields"])
        )
        self.entered.add(issue, [born, *times], [first, *codes])
        flagged = [change for change in changes if change[1] & FLAG]
        self.flags.add_switch(issue, born, flagged, is_flagged)
        resolved = [change for change in changes if change[1] & RESOLUTION]
        self.resolutions.add_switch(issue, born, resolved, lambda item, side: self._says(item.get(f"{side}String")))

    def _read_roles(self, fields: Sequence[Record], deploys: Flags) -> tuple[dict[str, Flags], Codes]:
        read = [self.roles.read(f, is_deployment=deploys) for f, deploys in zip(fields, deploys.tolist(), strict=True)]
        columns = {
            "deployment": [role.deployment for role in read],
            "incident": [role.incident for role in read],
            "carriable": [role.carriable for role in read],
            "work_item": [role.work_item for role in read],
            "flow_item": [role.flow_item for role in read],
            "production_defect": [role.production_defect for role in read],
            "production": [self.roles.in_production(f) for f in fields],
            "failed": [says_no(value) for value in self._mapped(fields, "deployment_successful")],
            "change_failure": [says_yes(value) for value in self._mapped(fields, "change_failure")],
            "rework": [self.roles.looks_like_rework(f) for f in fields],
        }
        codes = {kind: code for code, kind in enumerate(KINDS)}
        kinds = np.array([codes[role.kind] for role in read], dtype=np.int32)
        return {name: np.array(column, dtype=np.bool_) for name, column in columns.items()}, kinds

    def _mapped(self, fields: Sequence[Record], name: str) -> Iterable[object]:
        field_id = self.index.get_jira_field(name)
        return [f.get(field_id) for f in fields] if field_id else repeat(None, len(fields))
