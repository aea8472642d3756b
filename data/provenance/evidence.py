"""What a single candidate rests on: which transition, field, release or correction gave each of its instants."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from data.deployments import read_deployments
from data.facts import DeliveryFacts
from data.history import CANCELS, MISSING
from data.incidents import CONFIDENCES, read_incidents
from data.model import Reason, iso_utc
from data.reading.statuses import DONE, UNMAPPED
from data.weeks import instant

Evidence = TypedDict("Evidence", {"what": str, "at": str | None, "from": str, "detail": str})
"""One instant or fact: `what` it tells, `at` when, where it comes `from`, and the status, field or name it stands in.

`from` is transition, creation, field, resolution_date, current_status, resolution, flag, a source of deployments
(deployment_issues, releases, status_entry, events), or a confidence (manual, linked, version, window).
"""

_SHOWN = 20
"""How many flags of an item, or failures of a deployment, are told one by one."""


def at_text(time: int) -> str | None:
    """An instant of the columns as ISO text; None for one that is missing or never comes."""
    return iso_utc(instant(time)) if MISSING < time < np.iinfo(np.int64).max else None


def entries(facts: DeliveryFacts, issue: int) -> list[int]:
    """The rows of an issue's status entries by now, in order."""
    entered = facts.history.statuses_entered
    first, last = np.searchsorted(entered.issue, [issue, issue + 1])
    return [row for row in range(int(first), int(last)) if entered.time[row] <= facts.now]


def started(facts: DeliveryFacts, issue: int) -> list[Evidence]:
    """Where the start of work comes from; nothing where it is not known."""
    time = int(facts.started[issue])
    if time == MISSING:
        return []
    if _by_field(facts, "work_started_date", issue):
        return [_field(facts, "started", "work_started_date", issue)]
    statuses, entered = facts.history.statuses, facts.history.statuses_entered
    begins = [row for row in entries(facts, issue) if statuses.starts[entered.value[row]]]
    return [_entry(facts, "started", begins[0])] if begins else []


def finished(facts: DeliveryFacts, issue: int) -> list[Evidence]:
    """Where the finish comes from; nothing where it is not finished."""
    time = int(facts.finished[issue])
    if time == MISSING:
        return []
    if _by_field(facts, "work_completed_date", issue):
        return [_field(facts, "finished", "work_completed_date", issue)]
    status = facts.history.statuses.names[facts.status[issue]]
    begins = _done_since(facts, issue)
    if begins is not None and not _is_birth(facts, begins):
        return [_entry(facts, "finished", begins)]
    settled = time == facts.history.resolved[issue]
    return [_told("finished", time, "resolution_date" if settled else "creation", status)]


def _done_since(facts: DeliveryFacts, issue: int) -> int | None:
    """The entry with which the unbroken run of done statuses began that the issue is still in."""
    statuses, entered = facts.history.statuses, facts.history.statuses_entered
    begins = None
    for row in reversed(entries(facts, issue)):
        if statuses.category[entered.value[row]] != DONE:
            break
        begins = row
    return begins


def _is_birth(facts: DeliveryFacts, row: int) -> bool:
    """Whether a status entry is the creation of its issue."""
    issue = facts.history.statuses_entered.issue
    return row == 0 or bool(issue[row - 1] != issue[row])


def current_status(facts: DeliveryFacts, issue: int) -> list[Evidence]:
    """The status it is in now and since when."""
    known = entries(facts, issue)
    if known:
        return [_entry(facts, "status", known[-1])]
    name = facts.history.statuses.names[facts.history.current_status[issue]]
    return [] if facts.history.has_history[issue] else [_told("status", MISSING, "current_status", name)]


def flags(facts: DeliveryFacts, issue: int) -> list[Evidence]:
    """When it was flagged and unflagged between start and finish; that it began without a flag tells nothing."""
    changes = facts.history.flags
    first, last = np.searchsorted(changes.issue, [issue, issue + 1])
    since, until = facts.started[issue], facts.finished[issue]
    told = range(int(first) + (first < last and not changes.value[first]), int(last))
    inside = [row for row in told if since <= changes.time[row] <= until]
    return [
        _told("flagged" if changes.value[row] else "unflagged", int(changes.time[row]), "flag", "")
        for row in inside[:_SHOWN]
    ]


def lead_start(facts: DeliveryFacts, issue: int) -> list[Evidence]:
    """The first commit, or what stands in for it."""
    if _by_field(facts, "code_commit_date", issue):
        return [_field(facts, "committed", "code_commit_date", issue)]
    return started(facts, issue)


def deployed(facts: DeliveryFacts, issue: int) -> list[Evidence]:
    """The deployment that carried the issue, and its own date of reaching production where it has one."""
    deployments = facts.once(read_deployments)
    position = int(deployments.carrier[issue])
    if position < 0:
        return []
    own = _by_field(facts, "deployed_to_production_date", issue)
    dated = [_field(facts, "in production", "deployed_to_production_date", issue)] if own else []
    return [*dated, *deployment(facts, position)]


def deployment(facts: DeliveryFacts, position: int) -> list[Evidence]:
    deployments = facts.once(read_deployments)
    source = str(deployments.source) if deployments.source else ""
    return [_told("deployed", int(deployments.at[position]), source, deployments.labels[position])]


def failures(facts: DeliveryFacts, position: int) -> list[Evidence]:
    """All that says that a deployment failed: itself, a change in it, an incident put down to it."""
    history, deployments, incidents = facts.history, facts.once(read_deployments), facts.once(read_incidents)
    own = "deployment_successful" if deployments.issue[position] >= 0 else "event status"
    found = [_told("failed", int(deployments.at[position]), "field", own)] if deployments.failed[position] else []
    bad = np.flatnonzero((deployments.carrier == position) & history.roles["change_failure"])
    found += [_told("failed", MISSING, "field", f"change_failure of {history.labels[row]}") for row in bad.tolist()]
    for row in np.flatnonzero(incidents.deployment == position).tolist():
        by = CONFIDENCES[incidents.confidence[row]]
        found.append(_told("failed", int(incidents.detected[row]), by, history.labels[int(incidents.rows[row])]))
    return found[:_SHOWN]


def repairs(facts: DeliveryFacts, position: int) -> list[Evidence]:
    """Why a deployment counts as an unplanned fix: its name, else the defects and incidents that are all it carried."""
    history, deployments = facts.history, facts.once(read_deployments)
    if deployments.rework[position]:
        return [_told("unplanned fix", MISSING, "name", deployments.labels[position])]
    carried = np.flatnonzero(deployments.carrier == position)
    return [_told("carried a repair", MISSING, "carried", history.labels[row]) for row in carried[:_SHOWN].tolist()]


def detection(facts: DeliveryFacts, incident: int) -> list[Evidence]:
    """When an incident (by its position among the incidents) was noticed."""
    incidents = facts.once(read_incidents)
    issue = int(incidents.rows[incident])
    if _by_field(facts, "incident_detected_at", issue):
        return [_field(facts, "detected", "incident_detected_at", issue)]
    return [_told("detected", int(incidents.detected[incident]), "creation", "")]


def resolution(facts: DeliveryFacts, incident: int) -> list[Evidence]:
    incidents = facts.once(read_incidents)
    issue = int(incidents.rows[incident])
    if _by_field(facts, "incident_resolved_at", issue):
        return [_field(facts, "resolved", "incident_resolved_at", issue)]
    return [{**told, "what": "resolved"} for told in finished(facts, issue)]


def cause(facts: DeliveryFacts, incident: int) -> list[Evidence]:
    """The deployment that an incident is put down to and how surely; also that somebody said it was none."""
    incidents, deployments = facts.once(read_incidents), facts.once(read_deployments)
    confidence, position = int(incidents.confidence[incident]), int(incidents.deployment[incident])
    if confidence < 0:
        return []
    if position < 0:
        return [_told("put down to no deployment", MISSING, CONFIDENCES[confidence], "")]
    name = deployments.labels[position]
    return [_told("put down to", int(deployments.at[position]), CONFIDENCES[confidence], name)]


def exclusion(facts: DeliveryFacts, issue: int, reason: Reason) -> list[Evidence]:
    """What shows the reason for which an issue is out, where more than its dates shows it."""
    statuses, entered = facts.history.statuses, facts.history.statuses_entered
    if reason is Reason.CANCELLED:
        by_status = bool(statuses.cancelled[facts.status[issue]])
        return (
            current_status(facts, issue)
            if by_status
            else [_told("cancelled", _settled(facts, issue), "resolution", "")]
        )
    if reason is Reason.UNMAPPED_STATUS:
        strays = [row for row in entries(facts, issue) if statuses.category[entered.value[row]] == UNMAPPED]
        return [_entry(facts, "status", strays[0])] if strays else current_status(facts, issue)
    if reason in {Reason.NO_FINISH, Reason.NOT_IN_PROGRESS, Reason.NO_START}:
        return current_status(facts, issue)
    return []


def _settled(facts: DeliveryFacts, issue: int) -> int:
    changes = facts.history.resolutions
    first, last = np.searchsorted(changes.issue, [issue, issue + 1])
    past = [
        row for row in range(int(first), int(last)) if changes.time[row] <= facts.now and changes.value[row] == CANCELS
    ]
    return int(changes.time[past[-1]]) if past else int(facts.history.resolved[issue])


def _by_field(facts: DeliveryFacts, name: str, issue: int) -> bool:
    return MISSING < int(facts.history.dates[name][issue]) <= facts.now


def _field(facts: DeliveryFacts, what: str, name: str, issue: int) -> Evidence:
    field_id = facts.history.index.get_jira_field(name) or name
    return _told(what, int(facts.history.dates[name][issue]), "field", f"{field_id} ({name})")


def _entry(facts: DeliveryFacts, what: str, row: int) -> Evidence:
    entered = facts.history.statuses_entered
    origin = "creation" if _is_birth(facts, row) else "transition"
    return _told(what, int(entered.time[row]), origin, facts.history.statuses.names[entered.value[row]])


def _told(what: str, time: int, origin: str, detail: str) -> Evidence:
    return {"what": what, "at": at_text(time), "from": origin, "detail": detail}
