"""Made-up durations with the rhythm of days and weeks, slow drifts and a heavy tail, the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from data.watch.histogram import Histogram
from data.watch.summary import Summary

MINUTES = 7 * 24 * 60
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rhythm:
    """One label's weeks: `peak` requests a minute in the busiest, a fiftieth of that at night, a seventh on weekends.

    Durations rise with the load. Minutes that follow each other are alike (`drift`, over some twenty minutes), weeks
    differ as a whole (`weeks_differ`), and one request in fifty takes ten times as long.
    """

    peak: float
    middle_ms: float = 80.0
    drift: float = 0.1
    weeks_differ: float = 0.05
    spread: float = 0.6
    tail: float = 0.02
    later_minutes: int = 0
    """By how much the rhythm is later than usual, as after the clocks were changed."""

    def rate(self) -> Floats:
        minute = np.arange(MINUTES) - self.later_minutes
        hour, day = minute / 60 % 24, minute // 1440 % 7
        busy = np.exp(-0.5 * ((hour - 10.5) / 2.0) ** 2) + 0.9 * np.exp(-0.5 * ((hour - 15) / 2.2) ** 2)
        rate: Floats = self.peak * (0.02 + 0.98 * busy / busy.max()) * np.where(day >= 5, 0.15, 1.0)
        return rate

    def week(self, dice: Generator, slower: Floats | None = None, share: float = 1.0) -> tuple[Any, Floats]:
        """Requests in each minute and their average; `slower` is the factor by minute, for that share of requests."""
        rate = self.rate()
        counts = dice.poisson(rate * np.exp(0.2 * dice.standard_normal(MINUTES)))
        level = np.log(self.middle_ms) + 0.4 * rate / self.peak + self.weeks_differ * dice.standard_normal()
        minute = np.repeat(np.arange(MINUTES), counts)
        took = np.exp((level + self.drift * wandering(dice, MINUTES, 20.0))[minute])
        took *= np.exp(self.spread * dice.standard_normal(len(minute)))
        took *= np.where(dice.random(len(minute)) < self.tail, 10.0, 1.0)
        if slower is not None:
            took *= np.where(dice.random(len(minute)) < share, slower[minute], 1.0)
        total = np.bincount(minute, weights=took, minlength=MINUTES)
        return counts, np.divide(total, counts, out=np.full(MINUTES, np.nan), where=counts > 0)


@dataclass(frozen=True)
class Days:
    """Seven days of requests: days and hours have ups and downs of their own, and some days an incident."""

    workday: float
    weekend: float
    days_differ: float = 0.1
    hours_differ: float = 0.15
    days_alike: float = 0.0
    incidents: float = 0.0

    def week(self, dice: Generator, factor: float = 1.0) -> list[Floats]:
        """The durations of each day."""
        own = self.days_differ * wandering(dice, 7, -1.0 / np.log(self.days_alike) if self.days_alike else 0.0)
        found = []
        for day in range(7):
            hours = dice.multinomial(dice.poisson(self.workday if day < 5 else self.weekend), [0.1] * 10)
            level = np.log(80.0 * factor) + own[day] + self.hours_differ * dice.standard_normal(10)
            took = np.exp(np.repeat(level, hours) + 0.6 * dice.standard_normal(hours.sum()))
            took *= np.where(dice.random(len(took)) < 0.03, 8.0, 1.0)
            found.append(took * (3.0 if dice.random() < self.incidents else 1.0))
        return found


def summary_of(durations: Floats) -> Summary:
    return Summary(
        count=len(durations),
        total_us=int(durations.sum() * 1000),
        max_us=int(durations.max(initial=0.0) * 1000),
        histogram=Histogram.of(durations),
    )


def wandering(dice: Generator, length: int, memory: float) -> Floats:
    """Noise of variance 1 whose values are alike over so many steps."""
    noise: Floats = dice.standard_normal(length)
    keeps = float(np.exp(-1.0 / memory)) if memory else 0.0
    fresh = np.sqrt(1.0 - keeps**2)
    for step in range(1, length):
        noise[step] = keeps * noise[step - 1] + fresh * noise[step]
    return noise
