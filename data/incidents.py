"""Incidents by an instant, and the deployment that each of them is put down to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.deployments import UNKNOWN_PROJECT, Deployments, read_deployments
from data.facts import DeliveryFacts
from data.history import MISSING, Flags, Pairs, Times
from data.model import DeploymentSource
from data.weeks import DAY, local_day

CONFIDENCES = ("linked", "version", "window")
"""How an incident was put down to a deployment, surest first."""


@dataclass(frozen=True, eq=False, slots=True)
class Incidents:
    """Incidents detected by now (`rows` of the history, in order); `malformed` ones have no detection time.

    `deployment` is the position among the deployments, or -1; `confidence` an index of `CONFIDENCES`, or -1.
    `seen` says whether any issue is an incident at all, `resolved` is `MISSING` while one is open.
    """

    rows: npt.NDArray[np.int64]
    malformed: npt.NDArray[np.int64]
    detected: Times
    resolved: Times
    cancelled: Flags
    deployment: npt.NDArray[np.int64]
    confidence: npt.NDArray[np.int64]


def read_incidents(facts: DeliveryFacts) -> Incidents:
    """Find the incidents and attribute each: by link, by affected version, then by the time window."""
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
    deployment, confidence = _attribute(facts, deployments, rows, detected)
    return Incidents(
        rows=rows,
        malformed=candidates[~known],
        detected=detected,
        resolved=resolved[rows],
        cancelled=facts.cancelled[rows],
        deployment=np.where(facts.cancelled[rows], -1, deployment),
        confidence=np.where(facts.cancelled[rows], -1, confidence),
    )


def _attribute(
    facts: DeliveryFacts, deployments: Deployments, rows: npt.NDArray[np.int64], detected: Times
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    linked = _latest_by_link(facts, deployments)[rows]
    versioned = _latest_by_version(facts, deployments)[rows]
    windowed = _latest_in_window(facts, deployments, rows, detected)
    choices = np.stack([linked, versioned, windowed])
    confidence = np.where((choices >= 0).any(axis=0), (choices >= 0).argmax(axis=0), -1)
    deployment = np.where(confidence >= 0, choices[np.maximum(confidence, 0), np.arange(len(rows))], -1)
    return deployment, confidence


def _latest_by_link(facts: DeliveryFacts, deployments: Deployments) -> npt.NDArray[np.int64]:
    """For every issue the latest deployment among those that a causing link names, directly or by a carried issue."""
    named = deployments.carrier.astype(np.int64)
    for position, deployment in enumerate(deployments.rows):
        if deployment.issue >= 0:
            named[deployment.issue] = position
    return _latest(facts, facts.history.causes, named)


def _latest_by_version(facts: DeliveryFacts, deployments: Deployments) -> npt.NDArray[np.int64]:
    of_version = np.full(len(facts.history.version_records), -1, dtype=np.int64)
    for position, deployment in enumerate(deployments.rows):
        of_version[list(deployment.versions)] = position
    return _latest(facts, facts.history.affects, of_version)


def _latest(facts: DeliveryFacts, pairs: Pairs, position_of: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    latest = np.full(len(facts.history), -1, dtype=np.int64)
    if len(pairs.issue):
        np.maximum.at(latest, pairs.issue, position_of[pairs.other])
    return latest


def _latest_in_window(
    facts: DeliveryFacts, deployments: Deployments, rows: npt.NDArray[np.int64], detected: Times
) -> npt.NDArray[np.int64]:
    """The last deployment of the same project before each detection; days, not instants, are compared for releases."""
    window = facts.history.rules.attribution_window_days
    at, since = deployments.at, detected
    if deployments.source is DeploymentSource.RELEASES:
        at, since = _days(at, facts), _days(detected, facts)
    project = np.array([row.project for row in deployments.rows], dtype=np.int64)
    found = np.full(len(rows), -1, dtype=np.int64)
    for number, row in enumerate(rows.tolist()):
        own = facts.history.project[row]
        same = np.flatnonzero((project == own) | (project == UNKNOWN_PROJECT) | (own == UNKNOWN_PROJECT))
        before = same[at[same] <= since[number]]
        if len(before) and (window is None or since[number] - at[before[-1]] <= window * DAY):
            found[number] = before[-1]
    return found


def _days(times: Times, facts: DeliveryFacts) -> Times:
    """The local dates of instants, as midnights on a scale where every day is 24 hours."""
    return np.array([local_day(time, facts.zone).toordinal() * DAY for time in times.tolist()], dtype=np.int64)
