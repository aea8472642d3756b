"""What takes unusually long just now, measured against the same hour of the week in the weeks before."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from data.model import iso_utc
from data.watch.alert_values import SETTLING
from data.watch.measurement import Kind
from data.watch.store import MetricsStore
from data.watch.summary import LabelKey, Summary

logger = logging.getLogger(__name__)

KINDS = (Kind.REQUEST, Kind.CALLBACK, Kind.JIRA)
DOCUMENT = "anomalies"
WEEKS = 8
FEWEST_WEEKS = 3
FEWEST_MINUTES = 15
"""In one of those hours, that had traffic enough."""
FEWEST = 10
"""Fewer in a minute say nothing about it."""
THRESHOLD = 4.0
WITHIN, ENOUGH = 5, 3
LEAST_SPREAD = 0.1
UNNOTICED_MS = 20.0
"""Added to every duration before its logarithm is taken, so that no difference of a few milliseconds counts."""
KEPT = timedelta(days=7)
_MINUTE, _HOUR, _WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(weeks=1)
_LONGEST_LOOK = 15
_NEAR = WITHIN * _MINUTE

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Anomaly(TypedDict):
    """`at` is the first unusual minute, `until` the end of the last; value and score are of the worst one."""

    label: str
    kind: str
    method: str
    at: str
    until: str
    value_ms: float
    usual_ms: float
    score: float
    sentence: str


@dataclass(frozen=True)
class Usual:
    """How long something takes at one hour of the week: the median of its minutes and their spread, as logarithms."""

    level: float
    spread: float
    weeks: int

    @property
    def ms(self) -> float:
        return math.exp(self.level) - UNNOTICED_MS

    def score(self, average_ms: Floats) -> Floats:
        """How many spreads each minute's average lies above the usual."""
        scores: Floats = (_levels(average_ms) - self.level) / self.spread
        return scores


def usual_of(weeks: Sequence[Floats]) -> Usual | None:
    """From the averages of the minutes of one hour, week by week; None where too little was going on.

    The spread is the median deviation scaled to a standard deviation, and never less than a tenth of the duration.
    """
    lively = [minutes for minutes in weeks if len(minutes) >= FEWEST_MINUTES]
    if len(lively) < FEWEST_WEEKS:
        return None
    levels = _levels(np.concatenate(lively))
    level = float(np.median(levels))
    spread = 1.4826 * float(np.median(np.abs(levels - level)))
    return Usual(level, max(spread, LEAST_SPREAD), len(lively))


def alarming(scores: Floats) -> Bools:
    """Which minutes are unusual, and so are at least three of the five that end with them; unknown ones never are."""
    high = np.nan_to_num(scores, nan=-np.inf) > THRESHOLD
    counted = np.concatenate((np.zeros(WITHIN, dtype=np.int64), high.cumsum()))
    recent = counted[WITHIN:] - counted[:-WITHIN]
    alarms: Bools = high & (recent >= ENOUGH)
    return alarms


def anomalies(store: MetricsStore, now: datetime) -> list[Anomaly]:
    """What was unusual in the last seven days, the newest first."""
    since = iso_utc(now - KEPT)
    return [one for one in _kept(store.document(DOCUMENT))["found"] if one["until"] > since]


class AnomalyWatch:
    """Looks at the minutes that have passed since the last look; what is usual is read once for every hour."""

    def __init__(self, store: MetricsStore) -> None:
        self._store = store
        self._usual: dict[datetime, dict[LabelKey, Usual]] = {}

    def look(self, now: datetime) -> list[Anomaly]:
        """The anomalies as they stand after a look; those that were not known before are returned."""
        until = _floor(now - SETTLING, _MINUTE)
        before = _kept(self._store.document(DOCUMENT))
        looked = datetime.fromisoformat(before["looked"]) if before["looked"] else until - _MINUTE
        since = max(looked, until - _LONGEST_LOOK * _MINUTE)
        if since >= until:
            return []
        found = [one for one in before["found"] if one["until"] > iso_utc(now - KEPT)]
        new = []
        for one in self._alarms(since, until):
            if not _continues(found, one):
                found.insert(0, one)
                new.append(one)
        self._store.put_document(DOCUMENT, {"looked": iso_utc(until), "found": found})
        for one in new:
            facts = {"label": one["label"], "kind": one["kind"], "value_ms": one["value_ms"], "score": one["score"]}
            logger.warning("Something takes unusually long", extra={"event": "anomalies.found", **facts})
        return new

    def _alarms(self, since: datetime, until: datetime) -> Iterable[Anomaly]:
        first = since - (WITHIN - 1) * _MINUTE
        minutes = round((until - first) / _MINUTE)
        series = self._store.by_label_over_time(since=first, until=until, step=_MINUTE, kinds=KINDS)
        for key, steps in series.items():
            scores, values = np.full(minutes, np.nan), np.full(minutes, np.nan)
            for at, summary in steps:
                usual = self._usual_at(at).get(key) if first <= at < until else None
                if usual is not None and summary.count >= FEWEST:
                    place = round((at - first) / _MINUTE)
                    values[place] = summary.average_ms
                    scores[place] = usual.score(values[place : place + 1])[0]
            for place in np.flatnonzero(alarming(scores)).tolist():
                if place >= WITHIN - 1:
                    at = first + place * _MINUTE
                    yield _anomaly(key, at, float(values[place]), (self._usual_at(at)[key], float(scores[place])))

    def _usual_at(self, at: datetime) -> dict[LabelKey, Usual]:
        hour = _floor(at, _HOUR)
        if hour not in self._usual:
            self._usual = {kept: usual for kept, usual in self._usual.items() if hour - kept <= _HOUR}
            self._usual[hour] = _usual_by_label(self._store, hour)
        return self._usual[hour]


def _usual_by_label(store: MetricsStore, hour: datetime) -> dict[LabelKey, Usual]:
    weeks: dict[LabelKey, list[Floats]] = {}
    for week in range(1, WEEKS + 1):
        since = hour - week * _WEEK
        found = store.by_label_over_time(since=since, until=since + _HOUR, step=_MINUTE, kinds=KINDS)
        for key, steps in found.items():
            weeks.setdefault(key, []).append(_averages(summary for at, summary in steps if at < since + _HOUR))
    usual = {key: usual_of(minutes) for key, minutes in weeks.items()}
    return {key: one for key, one in usual.items() if one is not None}


def _averages(summaries: Iterable[Summary]) -> Floats:
    """Of the minutes with traffic enough to tell."""
    return np.array([one.total_ms / one.count for one in summaries if one.count >= FEWEST], dtype=np.float64)


def _levels(average_ms: Floats) -> Floats:
    levels: Floats = np.log(average_ms + UNNOTICED_MS)
    return levels


def _anomaly(key: LabelKey, at: datetime, value_ms: float, against: tuple[Usual, float]) -> Anomaly:
    usual, score = against
    return {
        "label": key.label,
        "kind": key.kind,
        "method": key.method,
        "at": iso_utc(at),
        "until": iso_utc(at + _MINUTE),
        "value_ms": round(value_ms, 1),
        "usual_ms": round(usual.ms, 1),
        "score": round(score, 1),
        "sentence": f"{value_ms:,.0f} ms on average in a minute, where {usual.ms:,.0f} ms are usual at this hour "
        f"of the week ({usual.weeks} weeks).",
    }


def _continues(found: list[Anomaly], new: Anomaly) -> bool:
    """Whether it is one that is known and not over yet, which then goes on."""
    for place, old in enumerate(found):
        gap = datetime.fromisoformat(new["at"]) - datetime.fromisoformat(old["until"])
        if (old["label"], old["kind"], old["method"]) == (new["label"], new["kind"], new["method"]) and gap <= _NEAR:
            worse = new if new["score"] > old["score"] else old
            found[place] = worse | {"at": old["at"], "until": max(old["until"], new["until"])}
            return True
    return False


def _kept(document: Any) -> dict[str, Any]:
    if isinstance(document, dict) and document.keys() == {"looked", "found"}:
        return document
    return {"looked": None, "found": []}


def _floor(at: datetime, span: timedelta) -> datetime:
    return datetime.fromtimestamp(at.timestamp() // span.total_seconds() * span.total_seconds(), at.tzinfo)
