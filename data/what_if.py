"""What another rule would do to the numbers: old and new side by side, and which candidates it moves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict, cast

import numpy as np
import numpy.typing as npt

from data.config_version import RuleChange, config_version, plain, rule_changes
from data.deployments import read_deployments
from data.facts import DeliveryFacts, facts_as_of
from data.incidents import read_incidents
from data.metric import Measurement, Metric
from data.model import TeamRules
from data.other_rules import Reader, history_under
from data.provenance.candidates import Candidates, candidates_of, contributions
from data.provenance.explain import tell
from data.reasons import COUNTS

SHOWN = 100
"""How many of the moved candidates are told one by one."""

_COMPARED = ("value", "status", "sample_size", "interval", "percentiles", "by_kind", "proxy", "source", "trend")
_UNLOOKED = "It is not looked at at all."


class Side(TypedDict):
    """What a metric reads under one of the two rules."""

    value: float | dict[str, float] | None
    status: str
    sample_size: int
    interval: list[float] | dict[str, list[float]] | None
    percentiles: dict[str, float]
    by_kind: dict[str, float]
    proxy: str | None
    source: str | None
    trend: list[Any]


class Moved(TypedDict):
    """A candidate that counts under one rule only; `reason` is why it does not under the other, None if it is none."""

    key: str
    reason: str | None
    reason_sentence: str
    now: str


class Shifted(TypedDict):
    """A candidate that counts under both, but with another contribution, such as other hours."""

    key: str
    before: dict[str, float | str]
    after: dict[str, float | str]


class Difference(TypedDict):
    """One metric before and after; the lists hold the first `SHOWN`, the counts all."""

    metric: str
    title: str
    unit: str
    before: Side
    after: Side
    moved_in: list[Moved]
    moved_in_count: int
    moved_out: list[Moved]
    moved_out_count: int
    shifted: list[Shifted]
    shifted_count: int


class WhatIf(TypedDict):
    """`metrics` holds only those that the change touches, by key."""

    rules: list[RuleChange]
    config_version_before: str
    config_version_after: str
    metrics: dict[str, Difference]


def compare(
    facts: DeliveryFacts,
    changed_rules: TeamRules,
    days: int,
    *,
    metrics: Iterable[Metric],
    read_again: Reader | None = None,
) -> WhatIf:
    """Measure under the rules of the facts and under the changed ones; nothing is saved.

    `read_again` reads the same issues under other rules; it is needed for those that decide what is read from an
    issue, `other_rules.READ_AGAIN`, and a `ValueError` says so where it is missing.
    """
    history = facts.history
    other = history_under(history, changed_rules, read_again)
    others = facts_as_of(other, facts.as_of).where(facts.filters)
    pairs = [(_Reading(declared.gauge(facts, days)), _Reading(declared.gauge(others, days))) for declared in metrics]
    return {
        "rules": rule_changes(plain(history.rules), plain(changed_rules)),
        "config_version_before": config_version(history.rules, history.index),
        "config_version_after": config_version(changed_rules, other.index),
        "metrics": {before.key: difference for before, after in pairs if (difference := _difference(before, after))},
    }


class _Reading:
    """One measurement with its candidates, each under a name that it has under both rules."""

    def __init__(self, measurement: Measurement) -> None:
        self.measurement = measurement
        self.key = measurement.metric.key
        self.found = candidates_of(measurement)
        self.names = _names(measurement.facts, self.found)
        self.included = np.flatnonzero(self.found.codes == COUNTS)

    def side(self) -> Side:
        return cast(Side, {name: self.measurement.figures[name] for name in _COMPARED})

    def positions(self, names: npt.NDArray[Any]) -> dict[Any, int]:
        """Where the named candidates are; those that are none here are left out."""
        rows = np.flatnonzero(np.isin(self.names, names))
        return dict(zip(self.names[rows].tolist(), rows.tolist(), strict=True))

    def brought(self, names: list[Any]) -> list[dict[str, float | str]]:
        at = self.positions(np.array(names, dtype=self.names.dtype))
        rows = np.array([at[name] for name in names], dtype=np.intp)
        told = contributions(self.key, self.measurement.facts, self.found.subjects[rows])
        above = self.found.in_numerator[rows].tolist()
        return [{**part, "in_numerator": float(hit)} for part, hit in zip(told, above, strict=True)]


def _names(facts: DeliveryFacts, found: Candidates) -> npt.NDArray[Any]:
    """Issues, and incidents, by their row, which no rule changes; deployments by their own id."""
    if found.kind == "issue":
        return found.subjects
    if found.kind == "incident":
        return np.asarray(facts.once(read_incidents).rows)[found.subjects]
    identities = facts.once(read_deployments).identities
    return np.array([identities[position] for position in found.subjects.tolist()], dtype=np.str_)


def _difference(before: _Reading, after: _Reading) -> Difference | None:
    was, now = before.names[before.included], after.names[after.included]
    left, come = np.setdiff1d(was, now), np.setdiff1d(now, was)
    shifted = _shifted(before, after, np.intersect1d(was, now))
    sides = before.side(), after.side()
    if not (len(left) or len(come) or shifted) and sides[0] == sides[1]:
        return None
    declared = before.measurement.metric
    return {
        "metric": declared.key,
        "title": declared.title,
        "unit": declared.unit,
        "before": sides[0],
        "after": sides[1],
        "moved_in": _moved(come, within=after, without=before, now=after),
        "moved_in_count": len(come),
        "moved_out": _moved(left, within=before, without=after, now=after),
        "moved_out_count": len(left),
        "shifted": shifted[:SHOWN],
        "shifted_count": len(shifted),
    }


def _moved(names: npt.NDArray[Any], *, within: _Reading, without: _Reading, now: _Reading) -> list[Moved]:
    """The candidates that count in one reading and not in the other, with what is said of each now."""
    names = names[:SHOWN]
    here, there, last = within.positions(names), without.positions(names), now.positions(names)
    told: list[Moved] = []
    for name in names.tolist():
        label = within.found.label(here[name])
        reason = without.found.reason(there[name]) if name in there else None
        sentence = (
            tell(now.measurement, now.found, last[name]) if name in last else f"{label} is not looked at any more."
        )
        told.append(
            {
                "key": label,
                "reason": None if reason is None else str(reason),
                "reason_sentence": _UNLOOKED if reason is None else reason.sentence,
                "now": sentence,
            }
        )
    return told


def _shifted(before: _Reading, after: _Reading, names: npt.NDArray[Any]) -> list[Shifted]:
    """Those that count in both readings with something else, the largest changes of hours first."""
    both = names.tolist()
    at = before.positions(names)
    pairs = zip(both, before.brought(both), after.brought(both), strict=True)
    found: list[Shifted] = [
        {"key": before.found.label(at[name]), "before": old, "after": new} for name, old, new in pairs if old != new
    ]
    return sorted(found, key=_size, reverse=True)


def _size(shift: Shifted) -> float:
    old, new = shift["before"].get("hours", 0.0), shift["after"].get("hours", 0.0)
    return abs(float(new) - float(old))
