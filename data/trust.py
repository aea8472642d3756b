"""How far a value may be trusted: a score, a level, and the reasons in words, from what the findings touch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from data.data_quality import CHECKS, find, rows_of
from data.facts import DeliveryFacts
from data.figures import LOW_SAMPLE_BELOW
from data.history import MISSING
from data.incidents import CONFIDENCES, read_incidents
from data.model import Period, Reason
from data.performance_utils import microseconds
from data.reasons import COUNTS, reason_code
from data.sample import DatedSample, Sample
from data.words import counted, share

HIGH_FROM, LIMITED_FROM = 85, 60
STAND_IN_AT_MOST, FEW_AT_MOST = 80, 40

_DOUBTFUL = (Reason.NO_START, Reason.NO_HISTORY, Reason.UNMAPPED_STATUS, Reason.NEGATIVE_SPAN, Reason.UNATTRIBUTED)
"""Reasons that leave out what, were more known, might well count."""

_DEPLOYMENT_KEYS = frozenset({"deployment_frequency", "cfr", "rework_rate"})
_BLAMING_KEYS = frozenset({"cfr", "mttr"})
_STAND_INS: Mapping[str, str] = MappingProxyType(
    {
        "start of work": "The start of work stands in for the first commit.",
        "current status": "The current status stands in for a history that Jira did not deliver.",
    }
)

Flags = npt.NDArray[np.bool_]


class Trust(TypedDict):
    """`level` is high, limited or low, or none where there is no value; `score` runs from 0 to 100.

    The score is the share of what the number rests on, or would rest on were more known, that no warning touches;
    few items or a stand-in lower it further. `because` tells the reasons, gravest first.
    """

    level: str
    score: int | None
    because: list[str]


def trust_in(
    metric_key: str, facts: DeliveryFacts, *, period: Period, sample: Sample, figures: Mapping[str, Any]
) -> Trust:
    """The trust in a measured value; `figures` are its numbers."""
    if figures["value"] is None:
        return {"level": "none", "score": None, "because": ["There is no value to trust or to doubt."]}
    limits = [*_weak_samples(figures), *_doubts(metric_key, facts, period, sample)]
    if metric_key in _BLAMING_KEYS:
        limits += _guesses(facts, period)
    score = min([100, *(limit for limit, _ in limits)])
    told = [reason for _, reason in sorted(limits, key=lambda limit: limit[0])]
    return {"level": _level(score), "score": score, "because": told or ["Nothing that was read speaks against it."]}


def _level(score: int) -> str:
    return "high" if score >= HIGH_FROM else "limited" if score >= LIMITED_FROM else "low"


Limit = tuple[int, str]
"""What the score may be at most, and why."""


def _weak_samples(figures: Mapping[str, Any]) -> Iterator[Limit]:
    size, proxy = figures["sample_size"], figures["proxy"]
    if size < LOW_SAMPLE_BELOW:
        yield FEW_AT_MOST, f"It rests on only {counted(size, 'item')}."
    if proxy is not None:
        yield STAND_IN_AT_MOST, _STAND_INS.get(proxy, f"The {proxy} stands in for the real thing.")


def _doubts(metric_key: str, facts: DeliveryFacts, period: Period, sample: Sample) -> Iterator[Limit]:
    here, left_out = _population(facts, period, sample)
    touched, codes = left_out.copy(), []
    for finding in find(metric_key, facts):
        if finding["severity"] == "warning":
            mask = _touched(metric_key, facts, finding["code"], len(here)) & here
            codes += [(int(mask.sum()), finding["code"])] if mask.any() else []
            touched |= mask
    total, doubtful = int(here.sum()), int((touched & here).sum())
    if doubtful:
        worst = max(codes, default=(0, ""))[1]
        why = f", most of all: {CHECKS[worst].code.replace('_', ' ')}" if worst else ""
        part = (
            f"{doubtful:,} of the {total:,} candidates that it rests on are in doubt ({share(doubtful / total)}){why}."
        )
        yield min(99, round(100 * (1 - doubtful / total))), part


def _population(facts: DeliveryFacts, period: Period, sample: Sample) -> tuple[Flags, Flags]:
    """What the value rests on: what counts, and what is left out only because too little is known of it."""
    doubtful = [reason_code(reason) for reason in _DOUBTFUL]
    if isinstance(sample, DatedSample):
        placing = sample.placing
        codes = np.where(placing.before == COUNTS, placing.after, placing.before)
        within = (placing.at > microseconds(period.start)) & (placing.at <= microseconds(period.end))
    else:
        codes = sample.before
        within = (codes == COUNTS) | ((facts.started != MISSING) & (facts.finished == MISSING))
    if sample.chosen is not None:
        within &= sample.chosen.flags
    left_out = within & np.isin(codes, doubtful)
    return within & (codes == COUNTS) | left_out, left_out


def _touched(metric_key: str, facts: DeliveryFacts, code: str, size: int) -> Flags:
    """Which of a metric's candidates a finding is about."""
    check, touched = CHECKS[code], np.zeros(size, dtype=np.bool_)
    rows = rows_of(check, facts)
    if check.kind == "issue" and metric_key == "mttr":
        touched[:] = np.isin(facts.once(read_incidents).rows, rows)
    elif check.kind == ("deployment" if metric_key in _DEPLOYMENT_KEYS else "issue"):
        touched[rows] = True
    return touched


def _guesses(facts: DeliveryFacts, period: Period) -> Iterator[Limit]:
    """Attributions that rest on the order of events alone, and incidents that might blame a deployment but do not."""
    incidents = facts.once(read_incidents)
    noticed = (incidents.detected > microseconds(period.start)) & (incidents.detected <= microseconds(period.end))
    ours = noticed & facts.selected[incidents.rows] & ~incidents.cancelled
    blaming, loose = ours & (incidents.deployment >= 0), ours & (incidents.confidence < 0)
    guessed = int((blaming & (incidents.confidence == CONFIDENCES.index("window"))).sum())
    if guessed > blaming.sum() / 2:
        total = counted(int(blaming.sum()), "incident")
        yield (
            STAND_IN_AT_MOST,
            f"{guessed:,} of {total} are put down to the deployment before them, for want of a link.",
        )
    if loose.sum() > ours.sum() / 2:
        yield LIMITED_FROM, f"{int(loose.sum()):,} of {counted(int(ours.sum()), 'incident')} blame no deployment."
