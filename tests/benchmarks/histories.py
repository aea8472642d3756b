"""Seeded teams of any size, as columns straight away or as the raw JSON that reads into them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from data.history import (
    CANCELS,
    DATE_FIELDS,
    KINDS,
    MISSING,
    SETTLES,
    UNRESOLVED,
    DeliveryHistory,
    Events,
    Facet,
    Pairs,
)
from data.labels import SEPARATOR, JoinedLabels
from data.model import FlowKind, TeamRules
from data.performance_utils import FieldMappingIndex
from data.reading.statuses import StatusBook
from data.reading.versions import VersionBook
from data.spans import begins_of
from tests.builders import change, flag_change, jira_text, status, status_change, statuses

NOW = datetime(2025, 11, 10, tzinfo=UTC)
RULES = TeamRules(waiting_statuses=frozenset({"Waiting"}), blocked_statuses=frozenset({"Blocked"}))
INDEX = FieldMappingIndex({"team": "customfield_team"})

NOW_US = int(NOW.timestamp()) * 1_000_000
HOUR = 3_600_000_000
DAY = 24 * HOUR
WEEKS = 130
"""How long the teams have been at it."""

PATH = ("To Do", "In Progress", "Review", "Waiting", "Blocked", "Done", "Reopened", "Closed")
TODO, PROGRESS, REVIEW, WAITING, BLOCKED, DONE, REOPENED, CLOSED = range(len(PATH))
TYPES = ("Story", "Bug", "Chore", "Task", "Epic", "Sub-task", "Incident")
SHARES = (0.44, 0.2, 0.1, 0.13, 0.05, 0.06, 0.02)
KIND_OF = {"Story": "feature", "Task": "feature", "Bug": "defect", "Chore": "debt"}
TEAMS, COMPONENTS, LABELS = 20, 12, 30
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=int(microseconds))


@dataclass
class Plan:
    """Everything that happened, one row per issue or per change; `resolved` is `MISSING` for what is not done."""

    size: int
    created: Any
    kind: Any
    project: Any
    team: Any
    component: Any
    label: Any
    moves: Events
    flags: Events
    resolved: Any
    declined: Any
    release: Any
    cause: Any
    projects: int

    @property
    def versions(self) -> list[dict[str, Any]]:
        """One release a week and project; those still to come are not released."""
        found = []
        for project in range(self.projects):
            for week in range(WEEKS + 3):
                day = instant(NOW_US - (WEEKS - week) * 7 * DAY).date()
                name = f"P{project} {week}" + (" Hotfix" if week % 9 == 0 else "")
                number = project * (WEEKS + 3) + week
                base = {"id": str(number), "name": name, "projectId": str(project + 1)}
                found.append(base | {"released": week <= WEEKS, "releaseDate": day.isoformat()})
        return found


def plan(size: int, seed: int = 1) -> Plan:
    """About ten moves an issue: back-flow, reopening, blocks, weekly releases, incidents, flags, some declined."""
    dice = np.random.default_rng(seed)
    born = NOW_US - dice.integers(0, WEEKS * 7 * 24 * 3600 * 1000, size) * 1000
    kind = dice.choice(len(TYPES), size, p=SHARES)
    ends, reopens = dice.random(size) < 0.97, dice.random(size) < 0.05
    middle = dice.integers(2, 14, size)
    counts = 1 + middle + ends + 3 * (reopens & ends)
    issue = np.repeat(np.arange(size, dtype=np.int32), counts)
    last = np.cumsum(counts) - 1
    first = last - counts + 1
    value = dice.choice([PROGRESS, REVIEW, WAITING, BLOCKED], len(issue), p=[0.45, 0.3, 0.17, 0.08]).astype(np.int32)
    value[first] = PROGRESS
    back = last[reopens & ends]
    value[back - 3], value[back - 2], value[back - 1] = DONE, REOPENED, PROGRESS
    value[last[ends]] = np.where(dice.random(int(ends.sum())) < 0.2, CLOSED, DONE)
    pace = dice.lognormal(np.log(18 * 24 / 10), 0.7, size)
    gaps = np.maximum(1, dice.exponential(1.0, len(issue)) * np.repeat(pace, counts) * 3_600_000).astype(np.int64)
    gaps[first] += dice.integers(0, 20 * 24 * 3_600_000, size)
    elapsed = np.cumsum(gaps)
    time = np.repeat(born - 1000 * (elapsed[first] - gaps[first]), counts) + 1000 * elapsed
    past = time <= NOW_US
    moves = Events(issue[past], time[past], value[past])
    return _told(dice, born, kind, moves)


def _told(dice: np.random.Generator, created: Any, kind: Any, moves: Events) -> Plan:
    """What the fields of the issues say after those moves."""
    size, projects = len(created), max(2, len(created) // 2500)
    final = np.full(size, TODO)
    final[moves.issue] = moves.value
    finish = np.full(size, MISSING)
    finish[moves.issue] = moves.time
    done = (final == DONE) | (final == CLOSED)
    project = dice.integers(0, projects, size)
    week = np.clip((finish - (NOW_US - WEEKS * 7 * DAY)) // (7 * DAY) + 1, 0, WEEKS + 2)
    shipped = done & (dice.random(size) < 0.7)
    flagged = np.flatnonzero((dice.random(size) < 0.06) & done)
    raised = (
        created[flagged] + ((finish - created)[flagged] * dice.random(len(flagged))).astype(np.int64) // 1000 * 1000
    )
    lowered = np.minimum(raised + 30 * HOUR, finish[flagged])
    three = np.repeat(flagged, 3)
    times = np.stack([created[flagged], raised, lowered], axis=1).ravel()
    incident = np.flatnonzero(kind == TYPES.index("Incident"))
    cause = np.full(size, -1)
    named = incident[(dice.random(len(incident)) < 0.5) & (incident > 0)]
    cause[named] = dice.integers(0, named)
    return Plan(
        size=size,
        created=created,
        kind=kind,
        project=project,
        team=dice.integers(0, TEAMS, size),
        component=dice.integers(0, COMPONENTS, size),
        label=dice.integers(0, LABELS, size),
        moves=moves,
        flags=Events(three.astype(np.int32), times, np.tile([0, 1, 0], len(flagged)).astype(np.int32)),
        resolved=np.where(done, finish, MISSING),
        declined=done & (dice.random(size) < 0.03),
        release=np.where(shipped, project * (WEEKS + 3) + week, -1),
        cause=cause,
        projects=projects,
    )


def as_history(team: Plan, rules: TeamRules = RULES) -> DeliveryHistory:
    """The columns that reading the raw JSON would give, up to the numbering of names."""
    book = StatusBook(rules)
    book.learn(statuses())
    codes = np.array([book.code(status(name)["id"], name) for name in PATH], dtype=np.int32)
    size, moves = team.size, team.moves
    initial, final = np.full(size, TODO), np.full(size, TODO)
    final[moves.issue] = moves.value
    fixes = np.flatnonzero(team.release >= 0).astype(np.int32)
    carried = team.release[fixes].astype(np.int32)
    projects = {str(number + 1): number for number in range(team.projects)}
    effect = np.flatnonzero(team.cause >= 0).astype(np.int32)
    cause = team.cause[effect].astype(np.int32)
    every = np.arange(size, dtype=np.int32)
    return DeliveryHistory(
        rules=rules,
        index=INDEX,
        malformed=[],
        labels=JoinedLabels(SEPARATOR.join(f"EX-{number}" for number in range(size)), size),
        identities=JoinedLabels(SEPARATOR.join(str(10**7 + number) for number in range(size)), size),
        created=team.created,
        has_history=np.ones(size, dtype=np.bool_),
        resolved=team.resolved,
        resolution=_said(team).astype(np.int8),
        current_status=codes[final],
        kind=_kinds(team),
        project=team.project.astype(np.int32),
        dates={name: np.broadcast_to(np.int64(MISSING), size) for name in DATE_FIELDS},
        roles=_roles(team),
        statuses=book.columns(),
        statuses_entered=_in_order(
            (every, team.created, codes[initial]), (moves.issue, moves.time, codes[moves.value])
        ),
        resolutions=_resolutions(team),
        flags=team.flags,
        project_names=list(projects),
        versions=VersionBook(team.versions).columns(rules, projects, (team.project[fixes], carried)),
        fixes=Pairs(fixes, carried),
        affects=Pairs(np.zeros(0, np.int32), np.zeros(0, np.int32)),
        links=_in_pairs(np.concatenate([effect, cause]), np.concatenate([cause, effect])),
        causes=Pairs(effect, cause),
        facets=_facets(team),
    )


def _in_order(*parts: tuple[Any, Any, Any]) -> Events:
    issue, time, value = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.lexsort((time, issue))
    return Events(issue[order].astype(np.int32), time[order], value[order].astype(np.int32))


def _in_pairs(left: Any, right: Any) -> Pairs:
    both = np.unique(np.stack([left, right], axis=1), axis=0)
    return Pairs(both[:, 0].copy(), both[:, 1].copy())


def _resolutions(team: Plan) -> Events:
    done = np.flatnonzero(team.resolved != MISSING)
    rows = np.repeat(done, 2).astype(np.int32)
    times = np.stack([team.created[done], team.resolved[done]], axis=1).ravel()
    said = np.stack([np.full(len(done), UNRESOLVED, np.int32), _said(team)[done].astype(np.int32)], axis=1).ravel()
    return Events(rows, times, said)


def _said(team: Plan) -> Any:
    """What the resolution of each issue says."""
    return np.where(team.resolved == MISSING, UNRESOLVED, np.where(team.declined, CANCELS, SETTLES))


def _kinds(team: Plan) -> Any:
    codes = [KINDS.index(FlowKind(KIND_OF.get(name, "unmapped"))) for name in TYPES]
    return np.array(codes, dtype=np.int32)[team.kind]


def _roles(team: Plan) -> dict[str, Any]:
    def of(*names: str) -> Any:
        return np.isin(team.kind, [TYPES.index(name) for name in names])

    work, nothing = of("Story", "Bug", "Chore", "Task"), np.zeros(team.size, dtype=np.bool_)
    incident = of("Incident")
    names = ("deployment", "production_defect", "failed", "change_failure", "rework")
    return dict.fromkeys(names, nothing) | {
        "incident": incident,
        "carriable": work | incident,
        "work_item": work,
        "flow_item": work,
        "production": ~nothing,
    }


def _facets(team: Plan) -> dict[str, Facet]:
    every = np.arange(team.size, dtype=np.int32)

    def facet(names: list[str], codes: Any) -> Facet:
        return Facet(names, Pairs(every, codes.astype(np.int32)))

    return {
        "project": facet([f"P{number}" for number in range(team.projects)], team.project),
        "issue_type": facet(list(TYPES), team.kind),
        "team": facet([f"Team {number}" for number in range(TEAMS)], team.team),
        "component": facet([f"Part {number}" for number in range(COMPONENTS)], team.component),
        "label": facet([f"label-{number}" for number in range(LABELS)], team.label),
    }


def as_raw(team: Plan) -> Iterator[dict[str, Any]]:
    """The issues as Jira's REST API would give them."""
    versions = team.versions
    cuts = np.flatnonzero(begins_of(team.moves.issue))
    moves = {
        int(team.moves.issue[first]): range(first, last)
        for first, last in zip(cuts, [*cuts[1:], len(team.moves.issue)], strict=True)
    }
    flags = {int(row): place for place, row in enumerate(team.flags.issue.tolist()) if place % 3 == 0}
    for number in range(team.size):
        yield _issue(team, number, versions, moves=list(moves.get(number, ())), flag=flags.get(number))


def _issue(team: Plan, number: int, versions: list[Any], *, moves: list[int], flag: int | None) -> dict[str, Any]:
    before, changes = status("To Do"), []
    for place in moves:
        after = status(PATH[team.moves.value[place]])
        changes.append((int(team.moves.time[place]), status_change(before, after)))
        before = after
    done, words = team.resolved[number] != MISSING, "Won't Do" if team.declined[number] else "Done"
    if done:
        changes.append((int(team.resolved[number]), change("resolution", (None, None), ("1", words))))
    if flag is not None:
        changes += [(int(team.flags.time[flag + up]), flag_change(raised=up == 1)) for up in (1, 2)]
    release = int(team.release[number])
    fields: dict[str, Any] = {
        "summary": f"Work number {number} of this team",
        "issuetype": {"id": str(team.kind[number]), "name": TYPES[team.kind[number]]}
        | {"subtask": TYPES[team.kind[number]] == "Sub-task"},
        "status": before,
        "created": jira_text(instant(team.created[number])),
        "updated": jira_text(instant(changes[-1][0] if changes else team.created[number])),
        "resolution": {"id": "1", "name": words} if done else None,
        "resolutiondate": jira_text(instant(team.resolved[number])) if done else None,
        "project": {"id": str(team.project[number] + 1), "key": f"P{team.project[number]}"},
        "fixVersions": [versions[release]] if release >= 0 else [],
        "versions": [],
        "labels": [f"label-{team.label[number]}"],
        "components": [{"id": "1", "name": f"Part {team.component[number]}"}],
        "customfield_team": {"id": "1", "name": f"Team {team.team[number]}"},
        "issuelinks": _links(int(team.cause[number])),
    }
    histories = [
        {"id": str(at), "created": jira_text(instant(when)), "items": [item]}
        for at, (when, item) in enumerate(sorted(changes, key=lambda dated: dated[0]), start=100)
    ]
    return {"id": str(10**7 + number), "key": f"EX-{number}", "fields": fields, "changelog": {"histories": histories}}


def _links(cause: int) -> list[dict[str, Any]]:
    kind = {"name": "Problem", "inward": "is caused by", "outward": "causes"}
    return [{"type": kind, "inwardIssue": {"id": str(10**7 + cause)}}] if cause >= 0 else []
