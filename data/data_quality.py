"""Findings: what the numbers cannot see, with the issues concerned, which numbers it touches and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypedDict

import numpy as np

from data import detectors
from data.deployments import read_deployments, selected_deployments
from data.detectors import Rows
from data.facts import DeliveryFacts
from data.incidents import read_incidents
from data.reading.statuses import UNMAPPED
from data.words import counted, listed, share

_ONE, _MANY = {"have": "has", "are": "is", "were": "was"}, {"have": "have", "are": "are", "were": "were"}

SHOWN = 100
"""How many names a finding holds; its count is that of all."""

_DORA = frozenset({"deployment_frequency", "lead_time", "cfr", "mttr", "rework_rate"})
_FINISHED = frozenset({"flow_velocity", "flow_time", "flow_efficiency", "flow_distribution"})
_TIMES = frozenset({"lead_time", "flow_time", "flow_efficiency", "flow_load"})
_FLOW = _FINISHED | {"flow_load"}
_BLAME = frozenset({"cfr", "mttr"})


class Finding(TypedDict):
    """A stable code, `info` or `warning`, a sentence, what to do, and the first of the issues or names concerned."""

    code: str
    severity: str
    count: int
    message: str
    advice: str
    keys: list[str]


@dataclass(frozen=True, eq=False, slots=True)
class Check:
    """One sort of finding; `kind` says what its rows are: issues, deployments, versions, or nothing but names.

    The message goes on after how many there are of `noun`; {have}, {are} and {were} agree with that number.
    """

    code: str
    severity: str
    concerns: frozenset[str]
    message: str
    advice: str
    detect: Callable[[DeliveryFacts], Rows] | None = None
    kind: str = "issue"
    noun: str = "issue"


def _checks() -> tuple[Check, ...]:
    return (
        Check(
            "malformed_issue",
            "warning",
            _DORA | _FLOW,
            "came from Jira incomplete and could not be read.",
            "Open one in Jira; if it is sound there, the account may lack the right to see its fields.",
            kind="name",
        ),
        Check(
            "override_unknown",
            "warning",
            _BLAME,
            "{were} corrected by hand with a name that is not there; the correction is not followed.",
            "Withdraw the correction, or correct its names.",
            kind="name",
            noun="incident",
        ),
        *_HISTORY_CHECKS,
        *_WORK_CHECKS,
        *_DELIVERY_CHECKS,
    )


_HISTORY_CHECKS = (
    Check(
        "history_missing",
        "warning",
        _TIMES,
        "came without any status history, so the start is unknown.",
        "Let the account browse the project's history, then read Jira again.",
        detectors.history_missing,
    ),
    Check(
        "history_cut",
        "warning",
        _TIMES | _FINISHED,
        "came with a history that is not whole: it does not lead to the present status.",
        "Read Jira again in full; if it stays, an automation changes the status without leaving a trace.",
        detectors.history_cut,
    ),
    Check(
        "duplicate_key",
        "warning",
        _DORA | _FLOW,
        "{have} the same key as another issue, so the same work may be counted twice.",
        "Read Jira again in full; issues that were moved or restored may be there twice.",
        detectors.duplicate_key,
    ),
    Check(
        "clock_skew",
        "warning",
        _TIMES | _FINISHED,
        "changed before being created.",
        "This comes from imports, or from servers whose clocks differ; correct the dates of the import.",
        detectors.clock_skew,
    ),
)

_WORK_CHECKS = (
    Check(
        "unmapped_status",
        "warning",
        _TIMES | _FINISHED,
        "{have} been in a status that belongs to no category.",
        "Say in the settings which category the status belongs to.",
        detectors.unmapped_status,
    ),
    Check(
        "unmapped_type",
        "warning",
        frozenset({"flow_velocity", "flow_distribution"}),
        "{are} of a type that is mapped to no kind of work, and {are} counted as unmapped.",
        "Say in the settings which kind of work the type is.",
        detectors.unmapped_type,
    ),
    Check(
        "status_conflict",
        "warning",
        _TIMES | _FINISHED,
        "{have} been in a status whose name says one thing and whose category another; the category was followed.",
        "Correct the status's category in Jira, or place the status in the settings.",
        detectors.status_conflict,
    ),
    Check(
        "resolution_conflict",
        "warning",
        _FLOW,
        "{have} a resolution but no done status, and {are} counted as not finished.",
        "Clear the resolution when work is reopened, or place their status as done.",
        detectors.resolution_conflict,
    ),
    Check(
        "done_without_resolution",
        "warning",
        _FLOW,
        "{are} in a done status without a resolution, which other done work of the same project and type has; the "
        "status was followed.",
        "Let every way into a done status set a resolution; until then Jira's own reports call this work unresolved.",
        detectors.done_without_resolution,
    ),
    Check(
        "done_without_start",
        "warning",
        _TIMES,
        "{were} finished without ever having been in progress, so the time it took is unknown.",
        "Move work through a status of the category In progress, or name the status in which work starts.",
        detectors.done_without_start,
    ),
    Check(
        "created_in_progress",
        "info",
        _TIMES,
        "{were} created in a status of work that is under way or over, which is then taken as the start.",
        "Let new issues begin in a status of the category To do.",
        detectors.created_in_progress,
    ),
    Check(
        "reopened",
        "info",
        _FLOW,
        "left done again; the finish is the last return to it.",
        "Write a new issue for what is found later, or expect longer times for these.",
        detectors.reopened,
    ),
    Check(
        "moved_backwards",
        "info",
        _TIMES,
        "went from work in progress back to To do; the time runs from the first start.",
        "Flag work that has to wait, rather than moving it back.",
        detectors.moved_backwards,
    ),
    Check(
        "flag_never_cleared",
        "info",
        frozenset({"flow_efficiency"}),
        "{were} finished with the flag still up; all the time since it was raised is taken as blocked.",
        "Clear the flag when work goes on.",
        detectors.flag_never_cleared,
    ),
    Check(
        "no_team",
        "info",
        _FLOW,
        "{have} no team, and {are} found by no filter by team.",
        "Fill the field that is mapped as the team.",
        detectors.no_team,
    ),
)

_DELIVERY_CHECKS = (
    Check(
        "done_in_unreleased_version",
        "warning",
        frozenset({"deployment_frequency", "lead_time"}),
        "{are} done but in a version that is not marked as released, and {are} counted as not deployed.",
        "Mark the version as released, with its date, when it goes out.",
        detectors.done_in_unreleased_version,
    ),
    Check(
        "release_before_work",
        "warning",
        frozenset({"lead_time"}),
        "{are} in a version that was released before the issue was created.",
        "Correct the release date, or take the issue out of the version.",
        detectors.release_before_work,
    ),
    Check(
        "release_in_future",
        "warning",
        _DORA,
        "{are} marked as released on a day that has not come, and {are} not counted yet.",
        "Correct the date of the release.",
        detectors.future_releases,
        kind="version",
        noun="version",
    ),
    Check(
        "version_is_no_release",
        "info",
        _DORA,
        "{are} released and dated, but named like a backlog or a sprint, and {are} not counted.",
        "Rename the version, or change the pattern in the settings.",
        detectors.odd_versions,
        kind="version",
        noun="version",
    ),
    Check(
        "incidents_unattributed",
        "warning",
        _BLAME,
        "could not be put down to a deployment.",
        "Link the incident to its cause, name the affected version, or correct it by hand.",
        detectors.incidents_unattributed,
        noun="incident",
    ),
    Check(
        "deployment_without_change",
        "info",
        _DORA,
        "carried no issue.",
        "Set the fix version, or the link, of what goes out.",
        detectors.empty_deployments,
        kind="deployment",
        noun="deployment",
    ),
)

CHECKS: Mapping[str, Check] = MappingProxyType({check.code: check for check in _checks()})


def find_all(facts: DeliveryFacts) -> list[Finding]:
    """Every finding about the issues of this view, gravest first."""
    return list(facts.here(_all_findings))


def find(metric_key: str, facts: DeliveryFacts) -> list[Finding]:
    """The findings that bear on one metric, gravest first."""
    return [finding for finding in facts.here(_all_findings) if metric_key in CHECKS[finding["code"]].concerns]


def rows_of(check: Check, facts: DeliveryFacts) -> Rows:
    """The issues, deployments or versions that a check finds, of those that a view counts."""
    if check.detect is None:
        return np.zeros(0, dtype=np.intp)
    rows = facts.once(check.detect)
    if facts.chosen is None or check.kind == "version":
        return rows
    if check.kind == "issue":
        return rows[facts.selected[rows]]
    counted_here = facts.here(selected_deployments)
    return rows if counted_here is None else rows[counted_here.flags[rows]]


def names_of(check: Check, facts: DeliveryFacts, limit: int | None = None) -> Sequence[str]:
    """What the finding is about, by the names that people use; of unreadable records and corrections all."""
    if check.code == "malformed_issue":
        return facts.history.malformed
    if check.code == "override_unknown":
        return facts.once(read_incidents).unknown_overrides
    labels: Mapping[str, Callable[[], Sequence[str]]] = {
        "issue": lambda: facts.history.labels,
        "version": lambda: facts.history.versions.names,
        "deployment": lambda: facts.once(read_deployments).labels,
    }
    of = labels[check.kind]()
    return [of[row] for row in rows_of(check, facts)[:limit].tolist()]


def _all_findings(facts: DeliveryFacts) -> list[Finding]:
    found = [finding for check in CHECKS.values() if (finding := _finding(check, facts))]
    return sorted(found, key=lambda finding: (finding["severity"] != "warning", finding["code"]))


def _finding(check: Check, facts: DeliveryFacts) -> Finding | None:
    names = names_of(check, facts, SHOWN)
    count = max(len(names), len(rows_of(check, facts)))
    if not count:
        return None
    words = check.message.format_map(_ONE if count == 1 else _MANY)
    return {
        "code": check.code,
        "severity": check.severity,
        "count": count,
        "message": f"{counted(count, check.noun)} {words}{_detail(check.code, facts, count)}",
        "advice": check.advice,
        "keys": list(names[:SHOWN]),
    }


def _detail(code: str, facts: DeliveryFacts, count: int) -> str:
    if code == "history_missing":
        return f" That is {share(count / max(1, int(facts.exists.sum())))} of all."
    if code == "unmapped_status":
        return f" These are in question: {listed(_unmapped_names(facts)[:5], last='and')}."
    return ""


def _unmapped_names(facts: DeliveryFacts) -> list[str]:
    """The unmapped statuses that issues have really been in."""
    history = facts.history
    met = np.concatenate([history.statuses_entered.value, history.current_status[~history.has_history]])
    codes = np.unique(met)
    return sorted({history.statuses.names[code] for code in codes[history.statuses.category[codes] == UNMAPPED]})
