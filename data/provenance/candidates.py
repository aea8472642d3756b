"""A metric's candidates over one period: which count, why the others do not, and what each of them brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from data.deployments import read_deployments
from data.facts import DeliveryFacts
from data.history import KINDS, MISSING
from data.incidents import read_incidents
from data.metric import Measurement
from data.model import Reason
from data.provenance import evidence
from data.provenance.evidence import Evidence
from data.reasons import COUNTS, REASONS, ReasonCodes

Contribution = dict[str, float | str]
Witness = Callable[[DeliveryFacts, int], list[Evidence]]


@dataclass(frozen=True, eq=False, slots=True)
class Candidates:
    """The candidates of one metric; `subjects` are issues, incidents or deployments by their position in the facts.

    `labels`, `codes`, `subjects` and `in_numerator` are aligned. `more` are further labels that are left out, of
    records from which nothing else can be read.
    """

    kind: str
    labels: Sequence[str]
    codes: ReasonCodes
    subjects: npt.NDArray[np.intp]
    in_numerator: npt.NDArray[np.bool_]
    more: list[tuple[str, Reason]]

    def __len__(self) -> int:
        return len(self.codes) + len(self.more)

    def label(self, position: int) -> str:
        return self.labels[position] if position < len(self.codes) else self.more[position - len(self.codes)][0]

    def reason(self, position: int) -> Reason | None:
        """Why a candidate does not count, None for one that does."""
        if position >= len(self.codes):
            return self.more[position - len(self.codes)][1]
        code = int(self.codes[position])
        return None if code == COUNTS else REASONS[code]

    def counts(self) -> dict[str, int]:
        """How many are out for each reason, and under `included` how many are in."""
        found = {str(reason): int((self.codes == code).sum()) for code, reason in enumerate(REASONS)}
        for _, reason in self.more:
            found[str(reason)] += 1
        return {"included": int((self.codes == COUNTS).sum()), **{name: size for name, size in found.items() if size}}


_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "deployment_frequency": "deployment",
        "cfr": "deployment",
        "rework_rate": "deployment",
        "mttr": "incident",
    }
)


def candidates_of(measurement: Measurement) -> Candidates:
    """The candidates as the measurement parted them."""
    sample, labels = measurement.sample, measurement.labels
    subjects = np.arange(len(labels)) if sample.chosen is None else sample.chosen.rows
    return Candidates(
        kind=_KINDS.get(measurement.metric.key, "issue"),
        labels=labels,
        codes=measurement.reasons(),
        subjects=subjects.astype(np.intp),
        in_numerator=np.isin(subjects, measurement.figures["numerator_items"]),
        more=[(label, reason) for reason, left_out in sample.also_excluded.items() for label in left_out],
    )


def evidence_of(metric_key: str, facts: DeliveryFacts, subject: int, reason: Reason | None) -> list[Evidence]:
    """All that shows why a candidate counts as it does, or for what reason it does not."""
    found = [told for witness in _WITNESSES.get(metric_key, _ISSUE) for told in witness(facts, subject)]
    if reason is None or _KINDS.get(metric_key) == "deployment":
        return found
    issue = int(facts.once(read_incidents).rows[subject]) if metric_key == "mttr" else subject
    return found + [told for told in evidence.exclusion(facts, issue, reason) if told not in found]


_ISSUE: tuple[Witness, ...] = (evidence.started, evidence.finished)
_WITNESSES: Mapping[str, tuple[Witness, ...]] = MappingProxyType(
    {
        "deployment_frequency": (evidence.deployment,),
        "lead_time": (evidence.lead_start, evidence.deployed),
        "cfr": (evidence.deployment, evidence.failures),
        "mttr": (evidence.detection, evidence.resolution, evidence.cause),
        "rework_rate": (evidence.deployment, evidence.repairs),
        "flow_velocity": (evidence.finished,),
        "flow_time": _ISSUE,
        "flow_efficiency": (*_ISSUE, evidence.flags),
        "flow_load": (evidence.started, evidence.current_status),
        "flow_distribution": (evidence.finished,),
    }
)


def contributions(metric_key: str, facts: DeliveryFacts, subjects: npt.NDArray[np.intp]) -> list[Contribution]:
    """What each of some counting candidates adds to the number: hours for a duration, one for a count, its kind."""
    columns = _CONTRIBUTIONS.get(metric_key, _one_item)(facts, subjects)
    return [{name: _plain(column[place]) for name, column in columns.items()} for place in range(len(subjects))]


Columns = dict[str, Any]


def _plain(value: Any) -> float | str:
    return str(value) if isinstance(value, str) else float(value)


def _one_item(facts: DeliveryFacts, issues: npt.NDArray[np.intp]) -> Columns:
    return {"items": np.ones(len(issues)), "kind": [str(KINDS[code]) for code in facts.history.kind[issues]]}


def _deployments(_facts: DeliveryFacts, positions: npt.NDArray[np.intp]) -> Columns:
    return {"deployments": np.ones(len(positions))}


def lead_starts(facts: DeliveryFacts) -> npt.NDArray[np.int64]:
    """For every issue the instant from which its lead time runs."""
    return np.where(facts.filled("code_commit_date"), facts.history.dates["code_commit_date"], facts.started)


def _lead_hours(facts: DeliveryFacts, issues: npt.NDArray[np.intp]) -> Columns:
    ends = facts.once(read_deployments).carried_at[issues]
    return {"hours": _hours(facts, lead_starts(facts)[issues], ends)}


def _recovery_hours(facts: DeliveryFacts, positions: npt.NDArray[np.intp]) -> Columns:
    incidents = facts.once(read_incidents)
    return {"hours": _hours(facts, incidents.detected[positions], incidents.resolved[positions])}


def _flow_hours(facts: DeliveryFacts, issues: npt.NDArray[np.intp]) -> Columns:
    hours = _hours(facts, facts.started[issues], facts.finished[issues])
    return {"hours": hours, "kind": [str(KINDS[code]) for code in facts.history.kind[issues]]}


def _active_hours(facts: DeliveryFacts, issues: npt.NDArray[np.intp]) -> Columns:
    return {"active_hours": facts.active_hours[issues], **_flow_hours(facts, issues)}


def _ages(facts: DeliveryFacts, issues: npt.NDArray[np.intp]) -> Columns:
    ages = _hours(facts, facts.started[issues], np.full(len(issues), facts.now))
    return {**_one_item(facts, issues), "age_hours": ages}


def _hours(facts: DeliveryFacts, start: npt.NDArray[np.int64], end: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Hours from start to end; 0 where either is missing."""
    known, hours = (start != MISSING) & (end != MISSING), np.zeros(len(start))
    hours[known] = facts.hours_between(start[known], end[known])
    return hours


_CONTRIBUTIONS: Mapping[str, Callable[[DeliveryFacts, npt.NDArray[np.intp]], Columns]] = MappingProxyType(
    {
        **dict.fromkeys(("deployment_frequency", "cfr", "rework_rate"), _deployments),
        "lead_time": _lead_hours,
        "mttr": _recovery_hours,
        "flow_time": _flow_hours,
        "flow_efficiency": _active_hours,
        "flow_load": _ages,
    }
)
