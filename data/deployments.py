"""Deployments by an instant, from the source a team has, and the issues that each of them carried."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from data.facts import DeliveryFacts
from data.field_values import folded, is_filled, reference
from data.history import MISSING, Codes, Flags, Times
from data.jira_records import identity_order
from data.model import FALSE_WORDS, DeploymentSource, Reason
from data.performance_utils import parse_instant
from data.weeks import end_of_day, local_day

UNKNOWN_PROJECT = -1

_DAY_TEXT = re.compile(r"\d{4}-\d{2}-\d{2}(?=$|T)")


@dataclass(frozen=True, slots=True)
class Deployment:
    """One delivery to production; `carries` are rows of the history, `versions` positions in its version list."""

    identity: str
    label: str
    at: int
    project: int = UNKNOWN_PROJECT
    failed: bool = False
    rework: bool = False
    issue: int = -1
    carries: frozenset[int] = frozenset()
    versions: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False, slots=True)
class Deployments:
    """The deployments of the source in use by now, in order, what was left out, and who carried what.

    `carrier` holds for each issue the position of the earliest deployment that carried it, or -1; `carried_at`
    the instant at which the issue reached production.
    """

    source: DeploymentSource | None
    configured: bool
    rows: list[Deployment]
    excluded: dict[Reason, list[str]]
    at: Times
    carrier: Codes
    carried_at: Times
    carriable: Flags

    @property
    def precision(self) -> str | None:
        if self.source is None:
            return None
        return "day" if self.source is DeploymentSource.RELEASES else "instant"


@dataclass(slots=True)
class _Yield:
    rows: list[Deployment] = field(default_factory=list)
    excluded: list[tuple[Reason, str, str]] = field(default_factory=list)

    def leave_out(self, reason: Reason, identity: str, label: str) -> None:
        self.excluded.append((reason, identity, label))


def read_deployments(facts: DeliveryFacts) -> Deployments:
    """Try the sources in their order, or the one the team pinned, until one yields a deployment."""
    history = facts.history
    carriable = history.roles["carriable"] & facts.exists & ~facts.cancelled
    pinned = history.rules.deployment_source
    found = _Yield()
    used = None
    for source in (pinned,) if pinned else DeploymentSource:
        found = _READERS[source](facts, carriable)
        if found.rows or pinned:
            used = source
            break
    rows = sorted(found.rows, key=lambda row: (row.at, identity_order(row.identity)))
    carrier = _earliest_carrier(rows, carriable)
    at = np.array([row.at for row in rows], dtype=np.int64)
    own = np.where(facts.filled("deployed_to_production_date"), history.dates["deployed_to_production_date"], MISSING)
    by_deployment = at[carrier] if len(at) else np.full(len(history), MISSING)
    carried_at = np.where(carrier < 0, MISSING, np.where(own != MISSING, own, by_deployment))
    excluded: dict[Reason, list[str]] = {}
    for reason, _, label in sorted(found.excluded, key=lambda row: (row[0], identity_order(row[1]))) if used else ():
        excluded.setdefault(reason, []).append(label)
    return Deployments(used, _is_configured(facts), rows, excluded, at, carrier, carried_at, carriable)


def _is_configured(facts: DeliveryFacts) -> bool:
    history = facts.history
    by_source = {
        DeploymentSource.DEPLOYMENT_ISSUES: history.index.get_jira_field("deployment_date") is not None,
        DeploymentSource.RELEASES: bool(history.version_records),
        DeploymentSource.STATUS_ENTRY: bool(history.rules.deployed_statuses),
        DeploymentSource.EVENTS: bool(history.events),
    }
    pinned = history.rules.deployment_source
    return by_source[pinned] if pinned else any(by_source.values())


def _earliest_carrier(rows: list[Deployment], carriable: Flags) -> Codes:
    carrier = np.full(len(carriable), -1, dtype=np.int32)
    for position in reversed(range(len(rows))):
        carrier[list(rows[position].carries)] = position
    return np.where(carriable, carrier, -1).astype(np.int32)


def _grouped(keys: npt.NDArray[np.int32], values: npt.NDArray[np.int32]) -> dict[int, set[int]]:
    groups: dict[int, set[int]] = {}
    for key, value in zip(keys.tolist(), values.tolist(), strict=True):
        groups.setdefault(key, set()).add(value)
    return groups


def _from_deployment_issues(facts: DeliveryFacts, carriable: Flags) -> _Yield:  # noqa: ARG001 - one signature for all
    history, found = facts.history, _Yield()
    at = history.dates["deployment_date"]
    fixes, sharing = (
        _grouped(history.fixes.issue, history.fixes.other),
        _grouped(history.fixes.other, history.fixes.issue),
    )
    linked = _grouped(history.links.issue, history.links.other)
    for row in np.flatnonzero(history.roles["deployment"]).tolist():
        identity, label = f"{row:012d}", history.labels[row]
        if not history.roles["production"][row]:
            found.leave_out(Reason.WRONG_ENVIRONMENT, identity, label)
        elif at[row] > facts.now:
            found.leave_out(Reason.OUTSIDE_PERIOD, identity, label)
        else:
            versions = fixes.get(row, set())
            found.rows.append(
                Deployment(
                    identity,
                    label,
                    int(at[row]),
                    project=int(history.project[row]),
                    failed=bool(history.roles["failed"][row] | history.roles["change_failure"][row]),
                    rework=bool(history.roles["rework"][row]),
                    issue=row,
                    carries=frozenset(linked.get(row, set()).union(*(sharing[version] for version in versions))),
                    versions=frozenset(versions),
                )
            )
    return found


def _from_releases(facts: DeliveryFacts, carriable: Flags) -> _Yield:  # noqa: ARG001 - one signature for all
    history, found = facts.history, _Yield()
    carried = _grouped(history.fixes.other, history.fixes.issue)
    no_release = re.compile(history.rules.version_exclude_pattern)
    rework = re.compile(history.rules.rework_pattern)
    today = local_day(facts.now, facts.zone)
    for code, version in enumerate(history.version_records):
        identity = reference(version)
        name = str(version.get("name") or identity)
        released_on = _release_day(version.get("releaseDate"), facts)
        if no_release.search(name):
            found.leave_out(Reason.NOT_A_RELEASE, identity, name)
        elif version.get("released") is not True or (released_on is not None and released_on > today):
            found.leave_out(Reason.NOT_RELEASED, identity, name)
        elif released_on is None:
            found.leave_out(Reason.NO_DATE, identity, name)
        else:
            found.rows.append(
                Deployment(
                    identity,
                    name,
                    min(end_of_day(released_on, facts.zone), facts.now),
                    project=_version_project(version, carried.get(code, set()), facts),
                    rework=bool(rework.search(name)),
                    carries=frozenset(carried.get(code, set())),
                    versions=frozenset({code}),
                )
            )
    return found


def _release_day(value: object, facts: DeliveryFacts) -> date | None:
    """The day of a release: as written, or the day in the team's zone of an epoch number."""
    if isinstance(value, str) and _DAY_TEXT.match(value.strip()):
        try:
            return datetime.fromisoformat(value.strip()[:10]).date()
        except ValueError:
            return None
    instant = parse_instant(value)
    return None if instant is None else local_day(instant, facts.zone)


def _version_project(version: Mapping[str, Any], carried: Iterable[int], facts: DeliveryFacts) -> int:
    named = str(version.get("projectId") or "").strip()
    if named:
        names = facts.history.project_names
        return names.index(named) if named in names else len(names)
    projects = {int(facts.history.project[row]) for row in carried} - {UNKNOWN_PROJECT}
    return projects.pop() if len(projects) == 1 else UNKNOWN_PROJECT


def _from_status_entries(facts: DeliveryFacts, carriable: Flags) -> _Yield:
    history, found = facts.history, _Yield()
    entered = history.statuses_entered
    deployed = history.statuses.deployed[entered.value]
    stays = (
        np.concatenate([[False], deployed[:-1] & (entered.issue[1:] == entered.issue[:-1])])
        if len(deployed)
        else deployed
    )
    rows = np.flatnonzero(
        deployed & ~stays & (entered.time != MISSING) & (entered.time <= facts.now) & carriable[entered.issue]
    )
    rows = rows[np.lexsort((entered.time[rows], history.project[entered.issue[rows]]))]
    gap = round(history.rules.status_entry_gap_minutes * 60_000_000)
    group: list[int] = []
    for row in rows.tolist():
        apart = group and (
            entered.time[row] - entered.time[group[-1]] > gap
            or history.project[entered.issue[row]] != history.project[entered.issue[group[-1]]]
        )
        if apart:
            found.rows.append(_status_entry_deployment(group, facts))
            group = []
        group.append(row)
    if group:
        found.rows.append(_status_entry_deployment(group, facts))
    return found


def _status_entry_deployment(group: list[int], facts: DeliveryFacts) -> Deployment:
    history, entered = facts.history, facts.history.statuses_entered
    project = int(history.project[entered.issue[group[0]]])
    name = history.project_names[project] if project >= 0 else ""
    identity = f"{name}@{entered.time[group[0]]}"
    carries = frozenset(entered.issue[group].tolist())
    return Deployment(identity, identity, int(entered.time[group[-1]]), project=project, carries=carries)


def _from_events(facts: DeliveryFacts, carriable: Flags) -> _Yield:  # noqa: ARG001 - one signature for all
    history, found = facts.history, _Yield()
    rework = re.compile(history.rules.rework_pattern)
    production = {folded(name) for name in history.rules.production_environments}
    for event in history.events:
        at, identity = parse_instant(event.get("deployed_at")), str(event.get("id") or "").strip()
        environment = folded(event.get("environment"))
        if environment and environment not in production:
            found.leave_out(Reason.WRONG_ENVIRONMENT, identity, identity)
        elif at is None:
            found.leave_out(Reason.NO_DATE, identity, identity)
        elif at > facts.now:
            found.leave_out(Reason.OUTSIDE_PERIOD, identity, identity)
        else:
            keys = event.get("issue_keys")
            listed = (
                history.references.get(str(key).strip()) for key in (keys if isinstance(keys, list | tuple) else ())
            )
            found.rows.append(
                Deployment(
                    identity,
                    identity,
                    at,
                    project=_event_project(event, facts),
                    failed=is_filled(event.get("status")) and folded(event["status"]) in FALSE_WORDS,
                    rework=bool(rework.search(identity)),
                    carries=frozenset(row for row in listed if row is not None),
                )
            )
    return found


def _event_project(event: Mapping[str, Any], facts: DeliveryFacts) -> int:
    named = str(event.get("project") or "").strip()
    names = facts.history.project_names
    return UNKNOWN_PROJECT if not named else names.index(named) if named in names else len(names)


_READERS = {
    DeploymentSource.DEPLOYMENT_ISSUES: _from_deployment_issues,
    DeploymentSource.RELEASES: _from_releases,
    DeploymentSource.STATUS_ENTRY: _from_status_entries,
    DeploymentSource.EVENTS: _from_events,
}
