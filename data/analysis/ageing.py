"""Work in progress by age, beside how long finished work took."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from data.analysis.survival import Survival
from data.analysis.work_time import finished_in, standing_now
from data.facts import DeliveryFacts
from data.statistics import ordered_percentile

MARKS = (50, 85, 95)
FEWEST_FINISHED = 5
DAYS_AHEAD = (7, 14, 28)


class AgeingItem(TypedDict):
    """`beyond` is the highest of the marks that the age has passed, None below all; `chance` is by days from now.

    A chance is None where too few items ever got as old, or the team counts working hours.
    """

    key: str
    age_hours: float
    status: str
    beyond: int | None
    chance: dict[str, float | None]


class Ageing(TypedDict):
    """`marks` are percentiles in hours of the items finished in the period; empty where fewer than five were."""

    marks: dict[str, float]
    finished_items: int
    items: list[AgeingItem]


def ageing(facts: DeliveryFacts, days: int) -> Ageing:
    """Every flow item in progress with its age, oldest first, against those finished in the last `days` days."""
    done, rows = finished_in(facts, days), standing_now(facts)
    took = np.sort(facts.hours_between(facts.started[done], facts.finished[done]))
    ages = facts.hours_between(facts.started[rows], np.full(len(rows), facts.now))
    enough = len(took) >= FEWEST_FINISHED
    marks = {str(mark): ordered_percentile(took, mark) for mark in MARKS} if enough else {}
    beyond = np.sum([ages > hours for hours in marks.values()], axis=0) if marks else np.zeros(len(rows), dtype=int)
    survival = Survival.of(took, ages)
    elapsed = facts.history.rules.working_calendar is None
    chances = {
        str(ahead): survival.chance_within(ages, np.full(len(ages), 24.0 * ahead))
        if elapsed
        else np.full(len(ages), np.nan)
        for ahead in DAYS_AHEAD
    }
    names = facts.history.statuses.names
    items = [
        AgeingItem(
            key=facts.history.labels[row],
            age_hours=float(ages[place]),
            status=names[int(facts.status[row])],
            beyond=MARKS[int(beyond[place]) - 1] if beyond[place] else None,
            chance={ahead: None if np.isnan(own[place]) else float(own[place]) for ahead, own in chances.items()},
        )
        for place, row in enumerate(rows.tolist())
    ]
    items.sort(key=lambda item: (-item["age_hours"], item["key"]))
    return {"marks": marks, "finished_items": len(done), "items": items}
