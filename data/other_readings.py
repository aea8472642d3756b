"""For each finding the history as it would read otherwise: without what is in doubt, or with the doubt resolved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from data import detectors
from data.data_quality import CHECKS, rows_of
from data.deployments import read_deployments
from data.detectors import Rows
from data.facts import DeliveryFacts, facts_as_of
from data.history import MISSING, DeliveryHistory, Events
from data.model import DeploymentSource
from data.reading.statuses import DONE, INDETERMINATE, NEW, UNMAPPED, statuses_under
from data.weeks import local_day

Times = npt.NDArray[np.int64]
Change = Callable[[DeliveryFacts, Rows], DeliveryHistory]


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way of reading the rows of a finding, and the words for it after "if"."""

    words: str
    change: Change


def read_otherwise(code: str, facts: DeliveryFacts) -> DeliveryFacts | None:
    """The facts under the other reading of a finding; None where there is none, because nothing more can be known."""
    reading = OTHER_READINGS.get(code)
    if reading is None:
        return None
    history = reading.change(facts, rows_of(CHECKS[code], facts))
    return facts_as_of(history, facts.as_of).where(facts.filters)


def _without(facts: DeliveryFacts, rows: Rows) -> DeliveryHistory:
    """The issues play no part: they are no work, no incident and no deployment."""
    keep = np.ones(len(facts.history), dtype=np.bool_)
    keep[rows] = False
    roles = {name: flags & keep for name, flags in facts.history.roles.items()}
    return replace(facts.history, roles=roles)


def _without_copies(facts: DeliveryFacts, rows: Rows) -> DeliveryHistory:
    """Of issues with one key only the one with the last id stays."""
    last = {facts.history.labels[row]: row for row in rows.tolist()}
    return _without(facts, np.array([row for row in rows.tolist() if row not in last.values()], dtype=np.intp))


def _dated(facts: DeliveryFacts, name: str, rows: Rows, times: Times) -> DeliveryHistory:
    column = facts.history.dates[name].copy()
    column[rows] = times
    return replace(facts.history, dates={**facts.history.dates, name: column})


def _started_when_created(facts: DeliveryFacts, rows: Rows) -> DeliveryHistory:
    return _dated(facts, "work_started_date", rows, facts.history.created[rows])


def _shipped_when_finished(facts: DeliveryFacts, rows: Rows) -> DeliveryHistory:
    return _dated(facts, "deployed_to_production_date", rows, facts.finished[rows])


def _finished_at_first(facts: DeliveryFacts, rows: Rows) -> DeliveryHistory:
    """Done work ended when it was done for the first time; work that is under way again is left as it is."""
    entered, category = facts.history.statuses_entered, facts.history.statuses.category
    done = np.flatnonzero((category[entered.value] == DONE) & (entered.time <= facts.now))[::-1]
    first = np.full(len(facts.history), MISSING)
    first[entered.issue[done]] = entered.time[done]
    ended = rows[(facts.finished[rows] != MISSING) & (first[rows] != MISSING)]
    return _dated(facts, "work_completed_date", ended, first[ended])


def _started_at_last(facts: DeliveryFacts, rows: Rows) -> DeliveryHistory:
    """Work began anew with the first start after it was last put back."""
    entered, statuses = facts.history.statuses_entered, facts.history.statuses
    past = entered.time <= facts.now
    back = np.full(len(facts.history), -1, dtype=np.int64)
    put_back = np.flatnonzero(past & (statuses.category[entered.value] == NEW))
    back[entered.issue[put_back]] = put_back
    starts = np.flatnonzero(past & statuses.starts[entered.value])
    starts = starts[starts > back[entered.issue[starts]]][::-1]
    again = np.full(len(facts.history), MISSING)
    again[entered.issue[starts]] = entered.time[starts]
    begun = rows[again[rows] != MISSING]
    return _dated(facts, "work_started_date", begun, again[begun])


def _unmapped_in_progress(facts: DeliveryFacts, rows: Rows) -> DeliveryHistory:  # noqa: ARG001 - one signature
    statuses, rules = facts.history.statuses, facts.history.rules
    known = np.where(statuses.category == UNMAPPED, INDETERMINATE, statuses.listed).astype(np.int8)
    return replace(facts.history, statuses=statuses_under(rules, statuses.ids, statuses.names, known))


def _statuses_by_name(facts: DeliveryFacts, rows: Rows) -> DeliveryHistory:  # noqa: ARG001 - one signature
    statuses, meant = facts.history.statuses, detectors.conflicting_statuses(facts)
    known = np.where(meant != UNMAPPED, meant, statuses.listed).astype(np.int8)
    return replace(facts.history, statuses=statuses_under(facts.history.rules, statuses.ids, statuses.names, known))


def _done_when_resolved(facts: DeliveryFacts, rows: Rows) -> DeliveryHistory:
    """A last entry into a done status, with the resolution, is added to the history of each issue."""
    history, entered = facts.history, facts.history.statuses_entered
    known = np.flatnonzero(history.statuses.category == DONE)
    rows = rows[history.has_history[rows]]
    if not len(known):
        return _without(facts, rows)
    ends = np.searchsorted(entered.issue, rows, side="right")
    times = np.maximum(history.resolved[rows], entered.time[ends - 1])
    added = Events(
        np.insert(entered.issue, ends, rows).astype(np.int32),
        np.insert(entered.time, ends, times),
        np.insert(entered.value, ends, known[0]).astype(np.int32),
    )
    return replace(history, statuses_entered=added)


def _open_until_resolved(facts: DeliveryFacts, rows: Rows) -> DeliveryHistory:
    """Each is still in the status that it was in before it was done; what was never in any other is left out."""
    entered, category = facts.history.statuses_entered, facts.history.statuses.category
    past, ended = entered.time <= facts.now, category[entered.value] == DONE
    last_open = np.full(len(facts.history), -1, dtype=np.intp)
    begun = np.flatnonzero(past & ~ended)
    last_open[entered.issue[begun]] = begun
    found = np.zeros(len(facts.history), dtype=np.bool_)
    found[rows[last_open[rows] >= 0]] = True
    keep = ~(found[entered.issue] & past & (np.arange(len(ended)) > last_open[entered.issue]))
    opened = Events(entered.issue[keep], entered.time[keep], entered.value[keep])
    return replace(_without(facts, rows[last_open[rows] < 0]), statuses_entered=opened)


def _without_flags(facts: DeliveryFacts, rows: Rows) -> DeliveryHistory:
    flags = facts.history.flags
    keep = ~np.isin(flags.issue, rows)
    return replace(facts.history, flags=Events(flags.issue[keep], flags.time[keep], flags.value[keep]))


def _released(facts: DeliveryFacts, versions: Rows) -> DeliveryHistory:
    """The versions went out on the day of the report."""
    known = facts.history.versions
    released, day = known.released.copy(), known.day.copy()
    released[versions], day[versions] = True, local_day(facts.now, facts.zone).toordinal()
    return replace(facts.history, versions=replace(known, released=released, day=day))


def _released_with_work(facts: DeliveryFacts, rows: Rows) -> DeliveryHistory:
    fixes = facts.history.fixes
    pending = detectors.unreleased_versions(facts)[fixes.other] & np.isin(fixes.issue, rows)
    return _released(facts, np.unique(fixes.other[pending]).astype(np.intp))


def _named_releases(facts: DeliveryFacts, versions: Rows) -> DeliveryHistory:
    known = facts.history.versions
    releases = known.is_release.copy()
    releases[versions] = True
    return replace(facts.history, versions=replace(known, is_release=releases))


def _blamed_without_limit(facts: DeliveryFacts, rows: Rows) -> DeliveryHistory:  # noqa: ARG001 - one signature
    return replace(facts.history, rules=replace(facts.history.rules, attribution_window_days=None))


def _without_deployments(facts: DeliveryFacts, positions: Rows) -> DeliveryHistory:
    history, deployments = facts.history, facts.once(read_deployments)
    if deployments.source is DeploymentSource.RELEASES:
        released = history.versions.released.copy()
        released[np.isin(deployments.of_version, positions)] = False
        return replace(history, versions=replace(history.versions, released=released))
    if deployments.source is DeploymentSource.DEPLOYMENT_ISSUES:
        return _without(facts, deployments.issue[positions].astype(np.intp))
    gone = {deployments.identities[position] for position in positions.tolist()}
    return replace(
        history, events=[event for event in history.events if str(event.get("id") or "").strip() not in gone]
    )


OTHER_READINGS: Mapping[str, Reading] = MappingProxyType(
    {
        "history_missing": Reading("work on them began when they were created", _started_when_created),
        "history_cut": Reading("they were left out", _without),
        "duplicate_key": Reading("only the one with the last id were counted", _without_copies),
        "clock_skew": Reading("they were left out", _without),
        "unmapped_status": Reading("the status meant that work is in progress", _unmapped_in_progress),
        "unmapped_type": Reading("they were left out", _without),
        "status_conflict": Reading("the name of the status were followed", _statuses_by_name),
        "resolution_conflict": Reading("they were done when they were resolved", _done_when_resolved),
        "done_without_resolution": Reading("they were not done before they have a resolution", _open_until_resolved),
        "done_without_start": Reading("work on them began when they were created", _started_when_created),
        "created_in_progress": Reading("they were left out", _without),
        "reopened": Reading("they were finished when they were first done", _finished_at_first),
        "moved_backwards": Reading("work began with the last start after that", _started_at_last),
        "flag_never_cleared": Reading("their flags were ignored", _without_flags),
        "no_team": Reading("they were left out", _without),
        "done_in_unreleased_version": Reading("their versions were released now", _released_with_work),
        "release_before_work": Reading("they reached production when they were finished", _shipped_when_finished),
        "release_in_future": Reading("they were released now", _released),
        "version_is_no_release": Reading("they were releases", _named_releases),
        "incidents_unattributed": Reading(
            "the last deployment were to blame however long ago it was", _blamed_without_limit
        ),
        "deployment_without_change": Reading("they were left out", _without_deployments),
    }
)
"""What the finding's issues, versions or deployments would be read as; unreadable records have no other reading."""
