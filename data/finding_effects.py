"""How far each finding could move each number: the value as it is, and as it would be under the other reading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict

from data.data_quality import Finding
from data.facts import DeliveryFacts
from data.metric import Metric
from data.other_readings import OTHER_READINGS, read_otherwise

Value = float | dict[str, float] | None


class Effect(TypedDict):
    """One number with the finding read as it is, and read otherwise."""

    value_now: Value
    value_if: Value
    sample_now: int
    sample_if: int


class FindingEffects(TypedDict):
    """A finding and what it could do; `reading` completes "if …", empty where nothing else can be read from it.

    `effects` holds every metric asked for by its key, also those that do not move; empty without another reading.
    """

    finding: Finding
    reading: str
    effects: dict[str, Effect]


def effects_of(finding: Finding, facts: DeliveryFacts, days: int, metrics: Iterable[Metric]) -> FindingEffects:
    """Measure the metrics as the finding reads and under its other reading: as many measurements again."""
    other = read_otherwise(finding["code"], facts)
    if other is None:
        return {"finding": finding, "reading": "", "effects": {}}
    effects = {declared.key: _effect(declared, facts, other, days) for declared in metrics}
    return {"finding": finding, "reading": OTHER_READINGS[finding["code"]].words, "effects": effects}


def _effect(declared: Metric, facts: DeliveryFacts, other: DeliveryFacts, days: int) -> Effect:
    now, otherwise = _figures(declared, facts, days), _figures(declared, other, days)
    return {
        "value_now": now["value"],
        "value_if": otherwise["value"],
        "sample_now": now["sample_size"],
        "sample_if": otherwise["sample_size"],
    }


def _figures(declared: Metric, facts: DeliveryFacts, days: int) -> Any:
    return declared.gauge(facts, days).figures
