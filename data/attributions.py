"""Each incident of a period with the deployment that it is put down to, and the deployments it could be put down to."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from data.deployments import read_deployments
from data.facts import DeliveryFacts
from data.history import MISSING
from data.incidents import CONFIDENCES, read_incidents
from data.model import Period, iso_utc
from data.performance_utils import microseconds
from data.weeks import DAY, instant

NONE = "none"
"""How sure it is that an incident belongs to a deployment when it belongs to none."""


class Attribution(TypedDict):
    """`confidence` is one of `CONFIDENCES`, or `none`; by hand an incident can also belong to no deployment."""

    incident: str
    detected_at: str
    resolved_at: str | None
    deployment: str | None
    confidence: str


class Choice(TypedDict):
    """A deployment as a correction names it, and as a person does."""

    name: str
    label: str
    at: str


def attributions(facts: DeliveryFacts, days: int) -> list[Attribution]:
    """The incidents that were detected or resolved in the period and not cancelled, the latest detected first."""
    period, found = Period(end=facts.as_of, days=days), facts.once(read_incidents)
    labels, deployments = facts.history.labels, facts.once(read_deployments)
    start, end = microseconds(period.start), microseconds(period.end)
    touched = ((found.detected > start) & (found.detected <= end)) | (
        (found.resolved > start) & (found.resolved <= end)
    )
    rows = np.flatnonzero(touched & ~found.cancelled & facts.selected[found.rows])
    latest = rows[np.argsort(-found.detected[rows], kind="stable")]
    return [
        {
            "incident": labels[int(found.rows[row])],
            "detected_at": iso_utc(instant(found.detected[row])),
            "resolved_at": None if found.resolved[row] == MISSING else iso_utc(instant(found.resolved[row])),
            "deployment": deployments.labels[found.deployment[row]] if found.deployment[row] >= 0 else None,
            "confidence": CONFIDENCES[found.confidence[row]] if found.confidence[row] >= 0 else NONE,
        }
        for row in latest.tolist()
    ]


def possible_causes(facts: DeliveryFacts, incident: str, *, most: int = 100) -> list[Choice]:
    """The last deployments up to a day after the incident was detected, the latest first; none for no incident.

    The day is for releases, whose instant is the end of theirs.
    """
    found, deployments = facts.once(read_incidents), facts.once(read_deployments)
    at = np.flatnonzero(found.rows == facts.history.references.get(incident, -1))
    if not len(at):
        return []
    reached = int(np.searchsorted(deployments.at[: deployments.count], found.detected[at[0]] + DAY, side="right"))
    return [_choice(facts, position) for position in range(reached - 1, max(-1, reached - 1 - most), -1)]


def _choice(facts: DeliveryFacts, position: int) -> Choice:
    deployments = facts.once(read_deployments)
    issue = int(deployments.issue[position])
    return {
        "name": facts.history.labels[issue] if issue >= 0 else deployments.identities[position],
        "label": deployments.labels[position],
        "at": iso_utc(instant(deployments.at[position])),
    }
