"""Incidents by an instant, and the deployment that each of them is put down to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.deployments import Deployments, read_deployments
from data.facts import DeliveryFacts
from data.history import MISSING, Codes, Flags, Pairs, Times
from data.model import DeploymentSource, IncidentPopulation
from data.reading.versions import UNKNOWN_PROJECT
from data.weeks import DAY, local_days

CONFIDENCES = ("manual", "linked", "version", "window")
"""How an incident was put down to a deployment, surest first."""

MANUAL = CONFIDENCES.index("manual")

_UNTOUCHED = -2


@dataclass(frozen=True, eq=False, slots=True)
class Incidents:
    """Incidents detected by now (`rows` of the history, in order); `malformed` ones have no detection time.

    `deployment` is the position among the deployments, or -1; `confidence` an index of `CONFIDENCES`, or -1. An
    incident that somebody put down to no deployment has -1 and the confidence `manual`. `unknown_overrides` are the
    incidents, as written, of corrections that name something which is not there; those are not followed.
    `seen` says whether any issue is an incident at all, `resolved` is `MISSING` while one is open.
    """

    rows: npt.NDArray[np.int64]
    malformed: npt.NDArray[np.int64]
    detected: Times
    resolved: Times
    cancelled: Flags
    deployment: npt.NDArray[np.int64]
    confidence: npt.NDArray[np.int64]
    unknown_overrides: list[str]


def read_incidents(facts: DeliveryFacts) -> Incidents:
    """Find the incidents and attribute each: by hand, by link, by affected version, then by the time window."""
    deployments = facts.once(read_deployments)
    history = facts.history
    candidates = np.flatnonzero(history.roles["incident"])
    detected = np.where(facts.filled("incident_detected_at"), history.dates["incident_detected_at"], history.created)[
        candidates
    ]
    known = detected != MISSING
    by_now = known & (detected <= facts.now)
    rows, detected = candidates[by_now], detected[by_now]
    resolved = np.where(facts.filled("incident_resolved_at"), history.dates["incident_resolved_at"], facts.finished)
    corrected, unknown_overrides = _by_hand(facts, deployments)
    deployment, confidence = _attribute(facts, deployments, rows, detected)
    manual = corrected[rows] != _UNTOUCHED
    deployment = np.where(manual, corrected[rows], deployment)
    confidence = np.where(manual, MANUAL, confidence)
    return Incidents(
        rows=rows,
        malformed=candidates[~known],
        detected=detected,
        resolved=resolved[rows],
        cancelled=facts.cancelled[rows],
        deployment=np.where(facts.cancelled[rows], -1, deployment),
        confidence=np.where(facts.cancelled[rows], -1, confidence),
        unknown_overrides=unknown_overrides,
    )


def _by_hand(facts: DeliveryFacts, deployments: Deployments) -> tuple[npt.NDArray[np.int64], list[str]]:
    """For every issue the deployment that a correction names, -1 for none at all, `_UNTOUCHED` without a correction."""
    history, unknown = facts.history, []
    corrected = np.full(len(history), _UNTOUCHED, dtype=np.int64)
    named = deployment_names(facts, deployments) if history.rules.attribution_overrides else {}
    for incident, cause in sorted(history.rules.attribution_overrides.items()):
        row = history.references.get(incident, history.former_keys.get(incident, -1))
        if row < 0 or not history.roles["incident"][row] or (cause is not None and cause not in named):
            unknown.append(incident)
        else:
            corrected[row] = -1 if cause is None else named[cause]
    return corrected, unknown


def deployment_names(facts: DeliveryFacts, deployments: Deployments) -> dict[str, int]:
    """What a person may call a deployment: its id, an issue's key, else its name, of namesakes the latest."""
    called = {**facts.history.former_keys, **facts.history.references}
    issues = deployments.issue[: deployments.count].tolist()
    by_issue = {row: position for position, row in enumerate(issues) if row >= 0}
    names, identities = deployments.labels[: deployments.count], deployments.identities[: deployments.count]
    return (
        {name: position for position, name in enumerate(names)}
        | {identity: position for position, identity in enumerate(identities) if issues[position] < 0}
        | {name: by_issue[row] for name, row in called.items() if row in by_issue}
    )


def _attribute(
    facts: DeliveryFacts, deployments: Deployments, rows: npt.NDArray[np.int64], detected: Times
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    linked = _latest_by_link(facts, deployments)[rows]
    versioned = _latest(facts, facts.history.affects, deployments.of_version)[rows]
    ways = [linked, versioned]
    if facts.history.rules.incident_population is not IncidentPopulation.NAMED:
        ways.append(_latest_in_window(facts, deployments, rows, detected))
    choices = np.stack(ways)
    found = (choices >= 0).any(axis=0)
    way = (choices >= 0).argmax(axis=0)
    deployment = np.where(found, choices[way, np.arange(len(rows))], -1)
    confidence = np.where(found, way + CONFIDENCES.index("linked"), -1)
    return deployment, confidence


def _latest_by_link(facts: DeliveryFacts, deployments: Deployments) -> npt.NDArray[np.int64]:
    """For every issue the latest deployment among those that a causing link names, directly or by a carried issue."""
    named = deployments.carrier.copy()
    own = np.flatnonzero(deployments.issue[: deployments.count] >= 0)
    named[deployments.issue[own]] = own
    return _latest(facts, facts.history.causes, named)


def _latest(facts: DeliveryFacts, pairs: Pairs, position_of: Codes) -> npt.NDArray[np.int64]:
    latest = np.full(len(facts.history), -1, dtype=np.int64)
    if len(pairs.issue):
        np.maximum.at(latest, pairs.issue, position_of[pairs.other])
    return latest


def _latest_in_window(
    facts: DeliveryFacts, deployments: Deployments, rows: npt.NDArray[np.int64], detected: Times
) -> npt.NDArray[np.int64]:
    """The last deployment of the same project before each detection; days, not instants, are compared for releases."""
    window = facts.history.rules.attribution_window_days
    at, since = deployments.at[: deployments.count], detected
    if deployments.source is DeploymentSource.RELEASES:
        at, since = local_days(at, facts.zone) * DAY, local_days(detected, facts.zone) * DAY
    reached = np.searchsorted(at, since, side="right")
    own = facts.history.project[rows]
    project = deployments.project[: deployments.count]
    anywhere = np.full(len(rows), UNKNOWN_PROJECT)
    found = np.maximum(_last_of(project, own, reached), _last_of(project, anywhere, reached))
    found = np.where(own == UNKNOWN_PROJECT, reached - 1, found)
    if window is None or not len(at):
        return found
    return np.where((found >= 0) & (since - at[np.maximum(found, 0)] <= window * DAY), found, -1)


def _last_of(project: Codes, wanted: npt.NDArray[np.integer], reached: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
    """The last position before `reached` whose project is the wanted one, or -1."""
    order = np.argsort(project, kind="stable")
    places = len(project) + 1
    keys = project[order].astype(np.int64) * places + order
    before = np.searchsorted(keys, wanted.astype(np.int64) * places + reached, side="left") - 1
    if not len(order):
        return np.full(len(wanted), -1, dtype=np.int64)
    at = order[np.maximum(before, 0)]
    return np.where((before >= 0) & (project[at] == wanted), at, -1)
