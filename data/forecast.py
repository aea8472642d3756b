"""How many items by a date, and when a number of items is done: sampled from the team's own weeks, and held to them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict, cast

import numpy as np
import numpy.typing as npt

from data.facts import DeliveryFacts, facts_as_of
from data.flow_calculator import calculate_flow_velocity
from data.history import MISSING
from data.model import iso_utc
from data.sample import DatedSample
from data.weeks import instant, trend_weeks

Counts = npt.NDArray[np.int64]

TRIALS = 10_000
LEVELS = (50, 70, 85, 95)
SAMPLED_WEEKS = 26
FEWEST_WEEKS = 6
FEWEST_TESTS = 5
TESTED_WEEKS = 26
LONGEST_WEEKS = 520
_WEEK = timedelta(weeks=1)


class BackTest(TypedDict):
    """How often earlier forecasts of the same kind came true: `claimed` and `came_true` in percent.

    Each past week from which enough history lay behind and enough future before it was forecast with what was known
    then. The tests overlap, so their number says less than as many separate ones would.
    """

    claimed: int
    came_true: float | None
    tests: int
    weeks_ahead: int


class HowMany(TypedDict):
    """`at_least[level]`: so many items or more will be finished, in `level` percent of the trials."""

    enough: bool
    until: str
    weeks: float
    at_least: dict[str, int]
    sampled_weeks: list[int]
    trials: int
    seed: int
    back_test: BackTest


class WhenDone(TypedDict):
    """`by[level]`: all items are finished by then in `level` percent of the trials; None is later than ten years."""

    enough: bool
    items: int
    by: dict[str, str | None]
    weeks: dict[str, int | None]
    sampled_weeks: list[int]
    trials: int
    seed: int
    back_test: BackTest


@dataclass(frozen=True, eq=False, slots=True)
class Throughput:
    """Items finished in each complete ISO week, oldest first; the running week is left out.

    `edges` has one more entry than the others: where each week begins, and where the last one ends.
    """

    labels: list[str]
    counts: Counts
    edges: Counts


def weekly_throughput(facts: DeliveryFacts, weeks: int = SAMPLED_WEEKS) -> Throughput:
    """The last complete weeks, beginning with the first one in which anything was created.

    Weeks in which nothing was finished count as such: leaving them out would promise too much.
    """
    grid = trend_weeks(facts.as_of, 7 * weeks, facts.zone)
    timeline = cast(DatedSample, calculate_flow_velocity.sample(facts)).within(int(grid.edges[0]) - 1, facts.now)
    cuts = np.array(timeline.cuts(grid.edges, facts.now), dtype=np.int64)
    counts = (cuts[1:] - cuts[:-1])[:-1]
    created = facts.history.created[(facts.history.created != MISSING) & facts.selected]
    first = int(grid.of(created.min(keepdims=True))[0]) if len(created) else len(grid)
    begin = min(max(len(counts) - weeks, first, 0), len(counts))
    return Throughput(grid.labels[begin:-1], counts[begin:], grid.edges[begin:-1])


def how_many(facts: DeliveryFacts, until: datetime, *, seed: int = 1, trials: int = TRIALS) -> HowMany:
    """How many items will be finished between the report's date and `until`.

    Each trial draws one past week for every week to come. Of a week that counts only in part, each item falls into
    that part with the chance of its share.
    """
    weeks = (until - facts.as_of) / _WEEK
    if not 0 < weeks <= LONGEST_WEEKS:
        raise ValueError(f"until must lie after {iso_utc(facts.as_of)} and within {LONGEST_WEEKS} weeks of it")
    past = weekly_throughput(facts)
    enough = len(past.counts) >= FEWEST_WEEKS
    totals = sampled_totals(past.counts, weeks, seed=seed, trials=trials) if enough else None
    return {
        "enough": enough,
        "until": iso_utc(until),
        "weeks": weeks,
        "at_least": {} if totals is None else {str(level): reached_by(totals, level) for level in LEVELS},
        "sampled_weeks": past.counts.tolist(),
        "trials": trials,
        "seed": seed,
        "back_test": back_test(facts, max(1, round(weeks)), seed=seed),
    }


def when_done(facts: DeliveryFacts, items: int, *, seed: int = 1, trials: int = TRIALS) -> WhenDone:
    """By when so many more items will be finished, counted in whole weeks from the report's date."""
    if items < 1:
        raise ValueError(f"items must be 1 or more, not {items}")
    past = weekly_throughput(facts)
    enough = len(past.counts) >= FEWEST_WEEKS
    needed = weeks_needed(past.counts, items, seed=seed, trials=trials) if enough else np.zeros(0, dtype=np.int64)
    weeks = {str(level): _weeks_at(needed, level) for level in LEVELS} if enough else {}
    usual = weeks.get("85") or 4
    return {
        "enough": enough,
        "items": items,
        "by": {
            level: None if count is None else iso_utc(facts.as_of + count * _WEEK) for level, count in weeks.items()
        },
        "weeks": weeks,
        "sampled_weeks": past.counts.tolist(),
        "trials": trials,
        "seed": seed,
        "back_test": back_test(facts, min(usual, 12), seed=seed),
    }


def sampled_totals(counts: Counts, weeks: float, *, seed: int, trials: int = TRIALS) -> Counts:
    """Items finished in `weeks` weeks to come, once per trial, by weeks drawn with replacement."""
    dice, whole = np.random.default_rng(seed), int(weeks)
    totals = dice.choice(counts, size=(trials, whole)).sum(axis=1)
    share = weeks - whole
    if share > 0:
        totals = totals + dice.binomial(dice.choice(counts, size=trials), share)
    return np.asarray(totals, dtype=np.int64)


def weeks_needed(counts: Counts, items: int, *, seed: int, trials: int = TRIALS) -> Counts:
    """Whole weeks until so many items are finished, once per trial; `LONGEST_WEEKS + 1` where that is not enough."""
    dice = np.random.default_rng(seed)
    missing, needed = np.full(trials, items), np.full(trials, LONGEST_WEEKS + 1)
    open_trials = np.arange(trials)
    for week in range(1, LONGEST_WEEKS + 1):
        missing[open_trials] -= dice.choice(counts, size=len(open_trials))
        over = missing[open_trials] <= 0
        needed[open_trials[over]] = week
        open_trials = open_trials[~over]
        if not len(open_trials) or not counts.any():
            break
    return needed


def reached_by(totals: Counts, level: int) -> int:
    """The largest number that at least `level` percent of the trials reach."""
    ordered = np.sort(totals)[::-1]
    return int(ordered[math.ceil(len(ordered) * level / 100) - 1])


def _weeks_at(needed: Counts, level: int) -> int | None:
    weeks = int(np.sort(needed)[math.ceil(len(needed) * level / 100) - 1])
    return weeks if weeks <= LONGEST_WEEKS else None


def back_test(facts: DeliveryFacts, weeks_ahead: int, *, level: int = 85, seed: int = 1) -> BackTest:
    """Forecast "at least so many in `weeks_ahead` weeks" at the end of each of the last weeks, and look what came.

    What was known at a past instant is read from the history as of that instant, so that work which was reopened
    later had been finished then.
    """
    now = weekly_throughput(facts, TESTED_WEEKS + weeks_ahead)
    last = len(now.counts) - weeks_ahead
    kept = []
    for place in range(max(0, last - TESTED_WEEKS + 1), last + 1):
        then = facts_as_of(facts.history, instant(int(now.edges[place]))).where(facts.filters)
        known = weekly_throughput(then).counts
        if len(known) >= FEWEST_WEEKS:
            promised = reached_by(sampled_totals(known, weeks_ahead, seed=seed + place), level)
            kept.append(int(now.counts[place : place + weeks_ahead].sum()) >= promised)
    came_true = 100 * sum(kept) / len(kept) if len(kept) >= FEWEST_TESTS else None
    return {"claimed": level, "came_true": came_true, "tests": len(kept), "weeks_ahead": weeks_ahead}
