"""Deployments by an instant, from the source a team has, and the issues that each of them carried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.deployment_sources import READERS, Candidates, Offered
from data.facts import DeliveryFacts
from data.groups import Groups
from data.history import MISSING, Codes, Flags, Pairs, Times
from data.model import DeploymentSource
from data.reasons import COUNTS
from data.timeline import Chosen

LONGEST_NUMBER = 18
"""Digits that surely fit 64 bits."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Deployments(Offered):
    """The candidates of the source in use by now: first those that count, in order, then those left out.

    `count` of them count. `of_version` holds the latest position of each version, or -1. `carrier` holds for each
    issue the position of the earliest deployment that carried it, or -1; `carried_at` the instant it reached
    production.
    """

    source: DeploymentSource | None
    configured: bool
    count: int
    of_version: Codes
    carrier: Codes
    carried_at: Times
    carriable: Flags

    @property
    def source_name(self) -> str | None:
        return None if self.source is None else str(self.source)

    @property
    def precision(self) -> str | None:
        if self.source is None:
            return None
        return "day" if self.source is DeploymentSource.RELEASES else "instant"


def read_deployments(facts: DeliveryFacts) -> Deployments:
    """Try the sources in their order, or the one the team pinned, until one yields a deployment."""
    history = facts.history
    carriable = history.roles["carriable"] & facts.exists & ~facts.cancelled
    pinned = history.rules.deployment_source
    found, used = Candidates.none(), None
    for source in (pinned,) if pinned else DeploymentSource:
        tried = READERS[source](facts, carriable)
        if pinned or (tried.reason == COUNTS).any():
            found, used = tried, source
            break
    order, position = _in_order(found)
    count = int((found.reason == COUNTS).sum())
    at, carries = found.at[order], Pairs(found.carries.issue, position[found.carries.other])
    carrier = _earliest(carries, count, carriable)
    return Deployments(
        source=used,
        configured=_is_configured(facts),
        count=count,
        identities=[found.identities[place] for place in order.tolist()],
        labels=[found.labels[place] for place in order.tolist()],
        at=at,
        reason=found.reason[order],
        project=found.project[order],
        failed=found.failed[order],
        rework=found.rework[order],
        issue=found.issue[order],
        carries=carries,
        of_version=_latest_of(found, position, count, len(history.versions)),
        carrier=carrier,
        carried_at=_carried_at(facts, at, carrier),
        carriable=carriable,
    )


def _is_configured(facts: DeliveryFacts) -> bool:
    history = facts.history
    by_source = {
        DeploymentSource.DEPLOYMENT_ISSUES: history.index.get_jira_field("deployment_date") is not None,
        DeploymentSource.RELEASES: len(history.versions) > 0,
        DeploymentSource.STATUS_ENTRY: bool(history.rules.deployed_statuses),
        DeploymentSource.EVENTS: bool(history.events),
    }
    pinned = history.rules.deployment_source
    return by_source[pinned] if pinned else any(by_source.values())


def _in_order(found: Candidates) -> tuple[npt.NDArray[np.intp], Codes]:
    """The candidates by instant and identity, those left out last; and the new position of each."""
    names = found.identities
    length = np.fromiter(map(len, names), dtype=np.int64, count=len(names))
    rank = _ranks(names, length)
    order = np.lexsort((rank, length, np.where(found.reason == COUNTS, found.at, 0), found.reason))
    position = np.empty(len(names), dtype=np.int32)
    position[order] = np.arange(len(names), dtype=np.int32)
    return order, position


def _ranks(names: Sequence[str], lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Numbers in the order of equally long names; ids, which are nearly always plain numbers, are their own."""
    together = "".join(names)
    if together.isascii() and together.isdecimal() and lengths.min() > 0 and lengths.max() <= LONGEST_NUMBER:
        return np.fromiter(map(int, names), dtype=np.int64, count=len(names))
    rank = np.empty(len(names), dtype=np.int64)
    rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return rank


def _earliest(carries: Pairs, count: int, carriable: Flags) -> Codes:
    earliest = np.full(len(carriable), count, dtype=np.int32)
    np.minimum.at(earliest, carries.issue, carries.other)
    return np.where(carriable & (earliest < count), earliest, -1).astype(np.int32)


def _carried_at(facts: DeliveryFacts, at: Times, carrier: Codes) -> Times:
    own, told = facts.history.dates["deployed_to_production_date"], facts.filled("deployed_to_production_date")
    by_deployment = at[carrier] if len(at) else np.full(len(carrier), MISSING)
    return np.where(carrier < 0, MISSING, np.where(told, own, by_deployment))


def _latest_of(found: Candidates, position: Codes, count: int, versions: int) -> Codes:
    latest = np.full(versions, -1, dtype=np.int32)
    at = position[found.versions.other]
    np.maximum.at(latest, found.versions.issue[at < count], at[at < count])
    return latest


def _carried_issues(facts: DeliveryFacts) -> Groups:
    """The issues at hand that each deployment carries."""
    deployments = facts.once(read_deployments)
    return Groups.of(deployments.carries.issue, deployments.carries.other, len(deployments.labels))


def selected_deployments(facts: DeliveryFacts) -> Chosen | None:
    """The deployments that a view counts, None for all: those that are, or carry, an issue that it selects.

    One that carries no issue at hand goes by its project, where nothing but projects is asked for.
    """
    if facts.chosen is None:
        return None
    deployments, selected = facts.once(read_deployments), facts.selected
    counts = facts.once(_carried_issues).holding(selected)
    is_issue = deployments.issue >= 0
    counts[is_issue] |= selected[deployments.issue[is_issue]]
    if [facet for facet, _ in facts.filters.asked()] == ["project"]:
        empty = ~is_issue
        empty[deployments.carries.other] = False
        counts |= empty & np.isin(deployments.project, np.unique(facts.history.project[selected]))
    return Chosen(counts)
