"""Alarms that are true and false, and weeks that differ or do not: `python -m tests.benchmarks.anomalies`.

Goals stand beside what was reached. The traffic is made up, with the rhythm of days and weeks (tests/rhythm.py); what
judges it is the product's own code. `--seed NUMBER` makes other traffic, `--short` a tenth of it.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import stats

from data.watch.anomalies import FEWEST, WEEKS, AnomalyWatch, Floats, alarming, usual_of
from data.watch.measurement import Kind
from data.watch.store import MetricsStore
from data.watch.summary import LabelKey
from data.watch.week_comparison import LEVEL, difference, more_than_noise, week_comparison
from tests.rhythm import MINUTES, Days, Rhythm, summary_of
from tests.watching import NOON, measured

LASTS = 20
HOURS = [slice(first, first + 60) for first in range(0, MINUTES, 60)]
Weeks = Sequence[tuple[NDArray[np.int64], Floats]]


def told(what: str, goal: str, reached: str) -> None:
    sys.stdout.write(f"{what:<74} goal {goal:<10} reached {reached}\n")
    sys.stdout.flush()


def alarms_of(past: Weeks, now: tuple[NDArray[np.int64], Floats]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Minute by minute whether it was an alarm, and whether it could have been judged at all."""
    counts, averages = now
    scores = np.full(MINUTES, np.nan)
    for hour in HOURS:
        usual = usual_of([values[hour][number[hour] >= FEWEST] for number, values in past])
        if usual is not None:
            lively = counts[hour] >= FEWEST
            scores[hour] = np.where(lively, usual.score(np.where(lively, averages[hour], 1.0)), np.nan)
    return alarming(scores), ~np.isnan(scores)


def false_alarms(rhythm: Rhythm, dice: Generator, labels: int, *, now: Rhythm | None = None, weeks: int = WEEKS) -> str:
    starts = judged = 0
    for _ in range(labels):
        past = [rhythm.week(dice) for _ in range(weeks)]
        alarms, known = alarms_of(past, (now or rhythm).week(dice))
        starts += int((alarms[1:] & ~alarms[:-1]).sum())
        judged += int(known.sum())
    return f"{starts / labels:.2f}  ({starts} in {labels} label-weeks, {judged:,} minutes judged)"


def detection(rhythm: Rhythm, dice: Generator, labels: int, *, slower: float, share: float) -> str:
    found: list[int] = []
    spells = 0
    for _ in range(labels):
        lively = np.flatnonzero(rhythm.rate() >= 1.5 * FEWEST)
        starts = np.unique(dice.choice(lively, 40) // 60 * 60 + 20)
        factor = np.ones(MINUTES)
        for start in starts:
            factor[start : start + LASTS] = slower
        alarms, _ = alarms_of([rhythm.week(dice) for _ in range(WEEKS)], rhythm.week(dice, factor, share))
        spells += len(starts)
        found += [int(alarms[s : s + LASTS].argmax()) + 1 for s in starts if alarms[s : s + LASTS].any()]
    median = f", after {np.median(found):.0f} minutes" if found else ""
    return f"{100 * len(found) / spells:.1f} %{median}  ({spells} spells of {LASTS} minutes)"


def about_anomalies(dice: Generator, labels: int) -> None:
    for peak in (20, 60, 300):
        rhythm = Rhythm(peak)
        told(f"{peak}/min at the peak: false alarms of a label in a week", "<= 0.1", false_alarms(rhythm, dice, labels))
        for slower, share, words, goal in (
            (2.0, 1.0, "everything twice as slow", ""),
            (3.0, 1.0, "everything three times as slow", ">= 95 %"),
            (10.0, 0.2, "every fifth ten times as slow", ">= 85 %"),
        ):
            reached = detection(rhythm, dice, max(1, labels // 5), slower=slower, share=share)
            told(f"{peak}/min at the peak: found, {words}", goal, reached)
    rhythm = Rhythm(60)
    told("60/min, only three weeks known: false alarms", "<= 0.2", false_alarms(rhythm, dice, labels, weeks=3))
    uneven = replace(rhythm, weeks_differ=0.15)
    told("60/min, weeks three times as different: false alarms", "", false_alarms(uneven, dice, labels))
    late = replace(rhythm, later_minutes=60)
    told(
        "60/min, the week after the clocks were changed: false alarms", "", false_alarms(rhythm, dice, labels, now=late)
    )
    told("3/min at the peak, never enough to tell: false alarms", "0", false_alarms(Rhythm(3), dice, labels))


def verdicts(days: Days, dice: Generator, trials: int, factor: float = 1.0) -> list[bool | None]:
    found = []
    for _ in range(trials):
        before, after = days.week(dice), days.week(dice, factor)
        one = difference([(summary_of(b), summary_of(a)) for b, a in zip(before, after, strict=True)])
        found.append(None if one is None else one.p_value <= LEVEL)
    return found


def share_of(found: Sequence[bool | None]) -> str:
    decided = [one for one in found if one is not None]
    error = 1.96 * float(np.sqrt(np.mean(decided) * (1 - np.mean(decided)) / len(decided))) if decided else 0.0
    undecided = len(found) - len(decided)
    rest = f", {undecided} undecided" if undecided else ""
    return f"{100 * np.mean(decided):.1f} % ± {100 * error:.1f}  ({len(found)} pairs of weeks{rest})"


def by_requests(days: Days, dice: Generator, trials: int) -> tuple[list[bool], list[bool]]:
    """What tests over requests say of weeks between which nothing has changed."""
    ranks, medians = [], []
    for _ in range(trials):
        before, after = np.concatenate(days.week(dice)), np.concatenate(days.week(dice))
        ranks.append(bool(stats.mannwhitneyu(before, after).pvalue <= LEVEL))
        medians.append(bool(stats.median_test(before, after).pvalue <= LEVEL))
    return ranks, medians


def about_weeks(dice: Generator, trials: int) -> None:
    usual = Days(2000, 200)
    for days, words, goal in (
        (usual, "2000 requests a workday, 200 on others", "2-8 %"),
        (Days(2000, 30), "2000 a workday, 30 on others", "2-8 %"),
        (Days(200, 5), "200 a workday, hardly any on others", "2-8 %"),
        (Days(60, 30), "60 a workday, 30 on others", "2-8 %"),
        (replace(usual, days_differ=0.0, hours_differ=0.0), "days and hours all alike", "2-8 %"),
        (replace(usual, incidents=0.07), "an incident on every fourteenth day", "<= 8 %"),
        (replace(usual, days_alike=0.4), "a day is like the day before (correlation 0.4)", ""),
    ):
        told(f"nothing changed, {words}: “more than noise”", goal, share_of(verdicts(days, dice, trials)))
    ranks, medians = by_requests(usual, dice, max(20, trials // 10))
    told("the same weeks by Mann and Whitney's test over requests", "", share_of(ranks))
    told("the same weeks by Mood's median test over requests", "", share_of(medians))
    for factor in (1.2, 1.5, 2.0):
        told(f"{factor:g} times as slow: “more than noise”", "", share_of(verdicts(usual, dice, trials // 2, factor)))
    told("30 routes, none changed: looks at which any is told", "<= 8 %", share_of(any_route(dice, trials)))


def any_route(dice: Generator, trials: int) -> list[bool | None]:
    """From chances as even as the test gives them."""
    keys = [LabelKey(Kind.REQUEST, str(number), "GET") for number in range(30)]
    return [bool(more_than_noise(dict(zip(keys, dice.random(30).tolist(), strict=True)))) for _ in range(10 * trials)]


def about_cost(folder: Path, labels: int = 30) -> None:
    """Through the store: eight weeks of one hour of the day, thirty labels, a look at every minute of the hour."""
    store = MetricsStore(folder / "metrics.db", clock=lambda: NOON + timedelta(hours=2))
    dice = np.random.default_rng(1)
    for week in range(-WEEKS, 1):
        for minute in range(60):
            at = NOON + timedelta(weeks=week, minutes=minute)
            slower = 5.0 if week == 0 and minute >= 30 else 1.0
            store.write(
                [
                    measured(at, kind=Kind.CALLBACK, label=f"label-{label}", ms=float(ms))
                    for label in range(labels)
                    for ms in np.exp(4 + 0.4 * dice.standard_normal(12)) * (slower if label == 0 else 1.0)
                ]
            )
    store.compact()
    watch, found, took = AnomalyWatch(store), [], []
    for minute in range(1, 61):
        started = time.perf_counter()
        found += watch.look(NOON + timedelta(minutes=minute, seconds=10))
        took.append(1000 * (time.perf_counter() - started))
    told(f"{labels} labels through the store: what was found", "label-0", ", ".join(one["label"] for one in found))
    told("  the first look at an hour, ms", "", f"{took[0]:.0f}")
    told("  any other look, ms, median and longest", "", f"{np.median(took[1:]):.0f}, {max(took[1:]):.0f}")
    took = []
    for _ in range(5):
        started = time.perf_counter()
        week_comparison(store, NOON + timedelta(hours=2))
        took.append(1000 * (time.perf_counter() - started))
    told("  this week against last, ms, median", "<= 100", f"{np.median(took):.0f}")
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--short", action="store_true")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    dice = np.random.default_rng(given.seed)
    about_anomalies(dice, 3 if given.short else 24)
    about_weeks(dice, 100 if given.short else 1000)
    with tempfile.TemporaryDirectory() as folder:
        about_cost(Path(folder))


if __name__ == "__main__":
    main()
