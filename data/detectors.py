"""Which issues and deployments speak against the numbers: each function finds one sort of trouble in the columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from data.deployments import read_deployments
from data.entries import past_of
from data.facts import DeliveryFacts
from data.history import KINDS, MISSING, UNRESOLVED
from data.incidents import read_incidents
from data.model import DEFAULT_STATUS_NAMES, DeploymentSource, FlowKind
from data.reading.statuses import CATEGORIES, DONE, INDETERMINATE, NEW, UNMAPPED
from data.reading.versions import NO_DAY
from data.weeks import local_day, local_days

Rows = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

RESOLVED_FROM = 0.1
"""The share of done work that must have a resolution before its lack says anything of the rest."""


def _nobody(facts: DeliveryFacts) -> Flags:
    return np.zeros(len(facts.history), dtype=np.bool_)


def _items(facts: DeliveryFacts) -> Flags:
    """Flow items that exist and were not cancelled: those a flow metric would count."""
    items: Flags = facts.exists & facts.history.roles["flow_item"] & ~facts.cancelled
    return items


def history_missing(facts: DeliveryFacts) -> Rows:
    return np.flatnonzero(facts.exists & ~facts.history.has_history)


def history_cut(facts: DeliveryFacts) -> Rows:
    """Jira said that there is more, or the last change does not lead to the status that the issue is in."""
    history, entered = facts.history, facts.history.statuses_entered
    cut = _nobody(facts)
    cut[history.cut_histories] = True
    last = np.flatnonzero(np.append(entered.issue[1:] != entered.issue[:-1], [True])[: len(entered.issue)])
    ends, issue = entered.value[last], entered.issue[last]
    names = np.array([name.casefold() for name in history.statuses.names], dtype=np.str_)
    ids = np.array(history.statuses.ids, dtype=np.str_)
    current = history.current_status[issue]
    same_id = (ids[ends] == ids[current]) & (ids[ends] != "") if len(ids) else np.zeros(0, dtype=np.bool_)
    elsewhere = ~same_id & (names[ends] != names[current]) if len(ids) else same_id
    cut[issue[elsewhere]] = True
    return np.flatnonzero(cut & facts.exists)


def unmapped_status(facts: DeliveryFacts) -> Rows:
    return np.flatnonzero(_items(facts) & facts.unmapped_status)


def unmapped_type(facts: DeliveryFacts) -> Rows:
    return np.flatnonzero(_items(facts) & (facts.history.kind == KINDS.index(FlowKind.UNMAPPED)))


def done_without_start(facts: DeliveryFacts) -> Rows:
    unknown = (facts.finished != MISSING) & (facts.started == MISSING) & facts.history.has_history
    return np.flatnonzero(_items(facts) & unknown)


def _moves(facts: DeliveryFacts) -> tuple[Rows, npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """The rows of all status changes by now, with the category before and after."""
    entered, category = facts.history.statuses_entered, facts.history.statuses.category
    follows = np.append([False], entered.issue[1:] == entered.issue[:-1])[: len(entered.issue)]
    rows = np.flatnonzero(follows & (entered.time <= facts.now))
    return rows, category[entered.value[rows - 1]], category[entered.value[rows]]


def reopened(facts: DeliveryFacts) -> Rows:
    """It left a done status again, whatever came then."""
    rows, before, after = facts.once(_moves)
    found = _nobody(facts)
    found[facts.history.statuses_entered.issue[rows[(before == DONE) & (after != DONE)]]] = True
    return np.flatnonzero(found & _items(facts))


def moved_backwards(facts: DeliveryFacts) -> Rows:
    """It went from work in progress back to what is still to do."""
    rows, before, after = facts.once(_moves)
    found = _nobody(facts)
    found[facts.history.statuses_entered.issue[rows[(before == INDETERMINATE) & (after == NEW)]]] = True
    return np.flatnonzero(found & _items(facts))


def created_in_progress(facts: DeliveryFacts) -> Rows:
    """The status it was created in is not one of what is still to do."""
    history, entered = facts.history, facts.history.statuses_entered
    births = np.flatnonzero(np.append([True], entered.issue[1:] != entered.issue[:-1])[: len(entered.issue)])
    category = history.statuses.category[entered.value[births]]
    found = _nobody(facts)
    found[entered.issue[births][(category == INDETERMINATE) | (category == DONE)]] = True
    return np.flatnonzero(found & _items(facts))


def conflicting_statuses(facts: DeliveryFacts) -> npt.NDArray[np.int8]:
    """For each status the category that its name suggests where Jira's is another and the team has not placed it."""
    statuses = facts.history.statuses
    named = [DEFAULT_STATUS_NAMES.get(name.strip().casefold()) for name in statuses.names]
    meant = np.array([UNMAPPED if told is None else CATEGORIES.index(told) for told in named], dtype=np.int8)
    clear = (meant != UNMAPPED) & (statuses.category != UNMAPPED) & (statuses.category == statuses.listed)
    return np.where(clear & (meant != statuses.category), meant, UNMAPPED).astype(np.int8)


def status_conflict(facts: DeliveryFacts) -> Rows:
    """It has been in a status whose name says one thing and whose category another."""
    history, entered = facts.history, facts.history.statuses_entered
    odd = conflicting_statuses(facts) != UNMAPPED
    found = _nobody(facts)
    found[entered.issue[odd[entered.value] & (entered.time <= facts.now)]] = True
    found |= ~history.has_history & odd[history.current_status] if len(history) else found
    return np.flatnonzero(found & facts.exists)


def resolution_conflict(facts: DeliveryFacts) -> Rows:
    """It has a resolution date but is in no done status."""
    resolved = facts.history.resolved
    decided = (resolved != MISSING) & (resolved <= facts.now)
    return np.flatnonzero(_items(facts) & decided & ~facts.done & ~facts.unmapped_status)


def done_without_resolution(facts: DeliveryFacts) -> Rows:
    """It is in a done status and has no resolution, although done work of its project and type has one.

    Many workflows set none, and then it means nothing: each project and type is judged by its own done work.
    """
    done = np.flatnonzero(_items(facts) & facts.done)
    alike = np.unique(_kinds_of_work(facts)[done], return_inverse=True)[1]
    resolved = _has_resolution(facts)[done]
    share = np.bincount(alike, weights=resolved) / np.maximum(1, np.bincount(alike))
    return done[~resolved & (share[alike] >= RESOLVED_FROM)]


def _has_resolution(facts: DeliveryFacts) -> Flags:
    """By now, as the history of resolutions tells it, else the present one and its date.

    Without any history the status is the present one too, and whether it was resolved by now is not asked.
    """
    history = facts.history
    resolved: Flags = (history.resolution != UNRESOLVED) | (history.resolved != MISSING)
    resolved &= (history.resolved <= facts.now) | ~history.has_history
    changes = past_of(history.resolutions, facts.now)
    resolved[changes.issue] = changes.value != UNRESOLVED
    return resolved


def _kinds_of_work(facts: DeliveryFacts) -> npt.NDArray[np.int64]:
    """A number for each issue that those of one project and type share."""
    history, types = facts.history, facts.history.facets["issue_type"]
    kinds = history.project.astype(np.int64) * (len(types.names) + 1)
    kinds[types.values.issue] += types.values.other + 1
    return kinds


def unreleased_versions(facts: DeliveryFacts) -> Flags:
    versions = facts.history.versions
    return versions.is_release & ~versions.released


def done_in_unreleased_version(facts: DeliveryFacts) -> Rows:
    """Its work is done, but every version that it goes out with is still not marked as released."""
    history, fixes = facts.history, facts.history.fixes
    if facts.once(read_deployments).source not in {None, DeploymentSource.RELEASES}:
        return np.zeros(0, dtype=np.intp)
    waits, out = _nobody(facts), _nobody(facts)
    pending = unreleased_versions(facts)[fixes.other]
    waits[fixes.issue[pending]] = True
    out[fixes.issue[~pending]] = True
    finished = (facts.finished != MISSING) & history.roles["work_item"] & facts.exists & ~facts.cancelled
    return np.flatnonzero(waits & ~out & finished)


def release_before_work(facts: DeliveryFacts) -> Rows:
    """It is in a version whose release day lies before the day on which it was created."""
    history, fixes, versions = facts.history, facts.history.fixes, facts.history.versions
    pairs = np.flatnonzero(facts.exists[fixes.issue])
    issue, day = fixes.issue[pairs], versions.day[fixes.other[pairs]]
    shipped = (versions.released & versions.is_release)[fixes.other[pairs]] & (day != NO_DAY)
    early = shipped & (day < local_days(history.created[issue], facts.zone)) if len(issue) else shipped
    found = _nobody(facts)
    found[issue[early]] = True
    return np.flatnonzero(found & history.roles["carriable"])


def future_releases(facts: DeliveryFacts) -> Rows:
    """Versions that are marked as released on a day that has not come."""
    versions, today = facts.history.versions, local_day(facts.now, facts.zone).toordinal()
    return np.flatnonzero(versions.released & versions.is_release & (versions.day > today))


def odd_versions(facts: DeliveryFacts) -> Rows:
    """Versions that are released and dated like any other, but for a name that looks like no release."""
    versions, today = facts.history.versions, local_day(facts.now, facts.zone).toordinal()
    dated = (versions.day != NO_DAY) & (versions.day <= today)
    return np.flatnonzero(versions.released & dated & ~versions.is_release)


def incidents_unattributed(facts: DeliveryFacts) -> Rows:
    incidents = facts.once(read_incidents)
    loose = (incidents.deployment < 0) & (incidents.confidence < 0) & ~incidents.cancelled
    return np.asarray(incidents.rows[loose], dtype=np.intp)


def empty_deployments(facts: DeliveryFacts) -> Rows:
    """Deployments, by position, to which no issue belongs."""
    deployments = facts.once(read_deployments)
    carried = np.bincount(deployments.carrier[deployments.carrier >= 0], minlength=deployments.count)
    return np.flatnonzero(carried[: deployments.count] == 0)


def duplicate_key(facts: DeliveryFacts) -> Rows:
    """Issues that share their key with another id."""
    labels = list(facts.history.labels)
    if len(set(labels)) == len(labels):
        return np.zeros(0, dtype=np.intp)
    seen: dict[str, list[int]] = {}
    for row, label in enumerate(labels):
        seen.setdefault(label, []).append(row)
    return np.array(sorted(row for rows in seen.values() if len(rows) > 1 for row in rows), dtype=np.intp)


def flag_never_cleared(facts: DeliveryFacts) -> Rows:
    """It is finished and the flag is still up."""
    changes = facts.history.flags
    past = np.flatnonzero(changes.time <= facts.now)
    raised = _nobody(facts)
    raised[changes.issue[past]] = changes.value[past] != 0
    return np.flatnonzero(raised & (facts.finished != MISSING) & _items(facts))


def no_team(facts: DeliveryFacts) -> Rows:
    """The field of the team is mapped and empty."""
    if facts.history.index.get_jira_field("team") is None:
        return np.zeros(0, dtype=np.intp)
    teamless = _items(facts)
    teamless[facts.history.facets["team"].values.issue] = False
    return np.flatnonzero(teamless)


def clock_skew(facts: DeliveryFacts) -> Rows:
    """Something happened to it before it was created."""
    history, entered = facts.history, facts.history.statuses_entered
    rows, _, _ = facts.once(_moves)
    early = _nobody(facts)
    created = history.created[entered.issue[rows]]
    early[entered.issue[rows[(created != MISSING) & (entered.time[rows] < created)]]] = True
    early |= (history.resolved != MISSING) & (history.resolved < history.created)
    return np.flatnonzero(early & facts.exists)
