"""The four places that deployments are read from: deployment issues, releases, status entries and posted events."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from data.facts import DeliveryFacts
from data.history import MISSING, Codes, DeliveryHistory, Flags, Pairs, Times
from data.model import FALSE_WORDS, DeploymentSource, Reason
from data.performance_utils import parse_instant
from data.reading.field_values import folded, is_filled
from data.reading.versions import NO_DAY, UNKNOWN_PROJECT
from data.reasons import COUNTS, ReasonCodes, first_reason
from data.spans import Rows
from data.weeks import end_of_day, local_day


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Offered:
    """Columns of deployments, by position; `reason` is `COUNTS` for one made by now.

    `issue` is the row of a deployment that is an issue, else -1; `carries` pairs issues with positions.
    """

    identities: Sequence[str]
    labels: Sequence[str]
    at: Times
    reason: ReasonCodes
    project: Codes
    failed: Flags
    rework: Flags
    issue: Codes
    carries: Pairs


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Candidates(Offered):
    """What a source offers, in any order; `versions` pairs versions with positions."""

    versions: Pairs

    @classmethod
    def none(cls) -> Self:
        """The offer of a team that has no source."""
        return cls.plain([], [], np.zeros(0, np.int64), project=np.zeros(0, np.int32), carries=_pairs([], []))

    @classmethod
    def plain(
        cls, identities: Sequence[str], labels: Sequence[str], at: Times, *, project: Codes, carries: Pairs, **more: Any
    ) -> Self:
        """Candidates that all count, none failed, reworked or an issue, but for what is said otherwise."""
        usual: dict[str, Any] = {
            "reason": np.full(len(at), COUNTS, dtype=np.int8),
            "failed": np.zeros(len(at), dtype=np.bool_),
            "rework": np.zeros(len(at), dtype=np.bool_),
            "issue": np.full(len(at), -1, dtype=np.int32),
            "versions": _pairs([], []),
        }
        return cls(identities=identities, labels=labels, at=at, project=project, carries=carries, **{**usual, **more})


def _pairs(left: npt.ArrayLike, right: npt.ArrayLike) -> Pairs:
    return Pairs(np.asarray(left, dtype=np.int32), np.asarray(right, dtype=np.int32))


def _from_deployment_issues(facts: DeliveryFacts, carriable: Flags) -> Candidates:  # noqa: ARG001 - one signature
    history = facts.history
    rows = np.flatnonzero(history.roles["deployment"])
    if not len(rows):
        return Candidates.none()
    at = history.dates["deployment_date"][rows]
    place = np.full(len(history), -1, dtype=np.int32)
    place[rows] = np.arange(len(rows), dtype=np.int32)
    named = place[history.fixes.issue] >= 0
    version, sharing = history.fixes.other[named], place[history.fixes.issue[named]]
    shared = _joined(version, sharing, history.fixes)
    linked = place[history.links.issue] >= 0
    issues = np.concatenate([shared.issue, history.links.other[linked]])
    places = np.concatenate([shared.other, place[history.links.issue[linked]]])
    return Candidates.plain(
        [f"{row:012d}" for row in rows.tolist()],
        [history.labels[row] for row in rows.tolist()],
        at,
        project=history.project[rows],
        carries=_pairs(issues, places),
        reason=first_reason(
            len(rows),
            (Reason.WRONG_ENVIRONMENT, ~history.roles["production"][rows]),
            (Reason.OUTSIDE_PERIOD, at > facts.now),
        ),
        failed=history.roles["failed"][rows] | history.roles["change_failure"][rows],
        rework=history.roles["rework"][rows],
        issue=rows.astype(np.int32),
        versions=_pairs(version, sharing),
    )


def _joined(version: Codes, place: Codes, fixes: Pairs) -> Pairs:
    """Every issue that carries a version against every place that names it."""
    by_version = np.argsort(fixes.other, kind="stable")
    carried = fixes.other[by_version]
    first = np.searchsorted(carried, version, side="left")
    count = np.searchsorted(carried, version, side="right") - first
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return _pairs(fixes.issue[by_version[np.repeat(first, count) + within]], np.repeat(place, count))


def _from_releases(facts: DeliveryFacts, carriable: Flags) -> Candidates:  # noqa: ARG001 - one signature
    history, versions = facts.history, facts.history.versions
    dated = versions.day != NO_DAY
    future = dated & (versions.day > local_day(facts.now, facts.zone).toordinal())
    reason = first_reason(
        len(versions),
        (Reason.NOT_A_RELEASE, ~versions.is_release),
        (Reason.NOT_RELEASED, ~versions.released | future),
        (Reason.NO_DATE, ~dated),
    )
    codes = np.arange(len(versions), dtype=np.int32)
    return Candidates.plain(
        versions.identities,
        versions.names,
        _ends_of_days(versions.day, reason == COUNTS, facts),
        project=versions.project,
        carries=history.fixes,
        reason=reason,
        rework=versions.rework,
        versions=Pairs(codes, codes),
    )


def _ends_of_days(days: Codes, counts: Flags, facts: DeliveryFacts) -> Times:
    ends = np.full(len(days), MISSING)
    distinct, place = np.unique(days[counts], return_inverse=True)
    last = [min(end_of_day(date.fromordinal(day), facts.zone), facts.now) for day in distinct.tolist()]
    ends[counts] = np.array(last, dtype=np.int64)[place]
    return ends


def _from_status_entries(facts: DeliveryFacts, carriable: Flags) -> Candidates:
    history, entered = facts.history, facts.history.statuses_entered
    rows = _deployed_entries(facts, carriable)
    issue, time = entered.issue[rows], entered.time[rows]
    project = history.project[issue]
    gap = round(history.rules.status_entry_gap_minutes * 60_000_000)
    begins = np.ones(len(rows), dtype=np.bool_)
    begins[1:] = (np.diff(time) > gap) | (project[1:] != project[:-1])
    first = np.flatnonzero(begins)
    last = np.flatnonzero(np.append(begins[1:], True)[: len(rows)])
    names = history.project_names
    labels = [f"{names[project[row]] if project[row] >= 0 else ''}@{time[row]}" for row in first.tolist()]
    return Candidates.plain(
        labels, labels, time[last], project=project[first], carries=_pairs(issue, np.cumsum(begins) - 1)
    )


def _deployed_entries(facts: DeliveryFacts, carriable: Flags) -> Rows:
    """Entries of carriable issues by now into a deployed status from one that is not, by project and time."""
    history, entered = facts.history, facts.history.statuses_entered
    deployed = history.statuses.deployed[entered.value]
    enters = deployed.copy()
    enters[1:] &= ~deployed[:-1] | (entered.issue[1:] != entered.issue[:-1])
    rows = np.flatnonzero(enters & (entered.time != MISSING) & (entered.time <= facts.now) & carriable[entered.issue])
    return rows[np.lexsort((entered.time[rows], history.project[entered.issue[rows]]))]


@dataclass(slots=True)
class _EventColumns:
    identities: list[str] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    reason: list[int] = field(default_factory=list)
    project: list[int] = field(default_factory=list)
    failed: list[bool] = field(default_factory=list)
    issues: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)


def _from_events(facts: DeliveryFacts, carriable: Flags) -> Candidates:  # noqa: ARG001 - one signature
    history, found = facts.history, _EventColumns()
    rework = re.compile(history.rules.rework_pattern)
    production = frozenset(map(folded, history.rules.production_environments))
    projects = {name: code for code, name in enumerate(history.project_names)}
    for place, event in enumerate(history.events):
        at = parse_instant(event.get("deployed_at"))
        project = str(event.get("project") or "").strip()
        listed = _listed(event.get("issue_keys"), history)
        found.identities.append(str(event.get("id") or "").strip())
        found.at.append(MISSING if at is None else at)
        found.reason.append(_why_not(event, at, facts, production))
        found.project.append(projects.get(project, len(projects)) if project else UNKNOWN_PROJECT)
        found.failed.append(is_filled(event.get("status")) and folded(event["status"]) in FALSE_WORDS)
        found.issues += listed
        found.places += [place] * len(listed)
    return Candidates.plain(
        found.identities,
        found.identities,
        np.array(found.at, dtype=np.int64),
        project=np.array(found.project, dtype=np.int32),
        carries=_pairs(found.issues, found.places),
        reason=np.array(found.reason, dtype=np.int8),
        failed=np.array(found.failed, dtype=np.bool_),
        rework=np.array([rework.search(name) is not None for name in found.identities], dtype=np.bool_),
    )


def _listed(keys: object, history: DeliveryHistory) -> list[int]:
    """The issues of some keys; an issue that was moved since goes by the key that it had as well."""
    named: Iterable[object] = keys if isinstance(keys, list | tuple) else ()
    names = [str(key).strip() for key in named]
    rows = (history.references.get(name, history.former_keys.get(name)) for name in names)
    return sorted({row for row in rows if row is not None})


def _why_not(event: Mapping[str, Any], at: int | None, facts: DeliveryFacts, production: frozenset[str]) -> int:
    environment = folded(event.get("environment"))
    tests = [
        (Reason.WRONG_ENVIRONMENT, bool(environment) and environment not in production),
        (Reason.NO_DATE, at is None),
        (Reason.OUTSIDE_PERIOD, at is not None and at > facts.now),
    ]
    return int(first_reason(1, *((reason, np.array([holds])) for reason, holds in tests))[0])


READERS: Mapping[DeploymentSource, Callable[[DeliveryFacts, Flags], Candidates]] = MappingProxyType(
    {
        DeploymentSource.DEPLOYMENT_ISSUES: _from_deployment_issues,
        DeploymentSource.RELEASES: _from_releases,
        DeploymentSource.STATUS_ENTRY: _from_status_entries,
        DeploymentSource.EVENTS: _from_events,
    }
)
