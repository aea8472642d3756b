"""Findings: what the numbers cannot see, with the issues concerned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from data.facts import DeliveryFacts
from data.history import KINDS
from data.incidents import read_incidents
from data.model import FlowKind
from data.statuses import UNMAPPED


class Finding(TypedDict):
    """A stable code, `info` or `warning`, a sentence, and the issues concerned."""

    code: str
    severity: str
    count: int
    message: str
    keys: list[str]


_NEED_HISTORY = {"flow_time", "flow_efficiency", "flow_load", "lead_time"}
_NEED_KINDS = {"flow_velocity", "flow_distribution"}
_NEED_INCIDENTS = {"cfr", "mttr"}


def find(metric_key: str, facts: DeliveryFacts) -> list[Finding]:
    """The findings that bear on one metric, gravest first."""
    found = [finding for finding in facts.once(_all_findings) if _concerns(finding["code"], metric_key)]
    return sorted(found, key=lambda finding: (finding["severity"] != "warning", finding["code"]))


def _concerns(code: str, metric_key: str) -> bool:
    concerned = {
        "history_missing": _NEED_HISTORY,
        "unmapped_status": _NEED_HISTORY | _NEED_KINDS,
        "unmapped_type": _NEED_KINDS,
        "incidents_unattributed": _NEED_INCIDENTS,
    }
    return metric_key in concerned.get(code, {metric_key})


def _all_findings(facts: DeliveryFacts) -> list[Finding]:
    return [finding for finding in _findings(facts) if finding["count"]]


def _findings(facts: DeliveryFacts) -> Iterator[Finding]:
    history = facts.history
    malformed = len(history.malformed)
    yield {
        "code": "malformed_issue",
        "severity": "warning",
        "count": malformed,
        "message": f"{_issues(malformed)} came from Jira incomplete and could not be read.",
        "keys": list(history.malformed),
    }
    silent = np.flatnonzero(facts.exists & ~history.has_history)
    share = round(100 * len(silent) / max(1, int(facts.exists.sum())))
    yield _finding(
        facts,
        "history_missing",
        silent,
        f"Jira delivered no status history for {_issues(len(silent))} ({share} %), so their start is unknown.",
    )
    stray = np.flatnonzero(facts.exists & facts.unmapped_status & history.roles["flow_item"])
    names = ", ".join(sorted({history.statuses.names[code] for code in _unmapped_codes(facts)})[:5])
    yield _finding(
        facts,
        "unmapped_status",
        stray,
        f"{_issues(len(stray))} have been in a status that belongs to no category ({names}). Map it to count them.",
    )
    kindless = np.flatnonzero(
        facts.exists & history.roles["flow_item"] & (history.kind == KINDS.index(FlowKind.UNMAPPED))
    )
    yield _finding(
        facts,
        "unmapped_type",
        kindless,
        f"{_issues(len(kindless))} are of a type that is mapped to no kind of work; they count as unmapped.",
    )
    incidents = facts.once(read_incidents)
    loose = incidents.rows[(incidents.deployment < 0) & ~incidents.cancelled]
    yield _finding(
        facts,
        "incidents_unattributed",
        loose,
        f"{_issues(len(loose), 'incident')} could not be put down to a deployment, so they blame none.",
    )


def _finding(facts: DeliveryFacts, code: str, rows: npt.NDArray[np.int64], message: str) -> Finding:
    keys = [facts.history.labels[row] for row in rows]
    return {"code": code, "severity": "warning", "count": len(keys), "message": message, "keys": keys}


def _unmapped_codes(facts: DeliveryFacts) -> set[int]:
    """The unmapped statuses that issues have really been in."""
    history = facts.history
    met = np.concatenate([history.statuses_entered.value, history.current_status[~history.has_history]])
    return {int(code) for code in np.unique(met) if history.statuses.category[code] == UNMAPPED}


def _issues(count: int, noun: str = "issue") -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
