"""How likely an item in progress is to be finished within a time, given the age that it has already reached."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Hours = npt.NDArray[np.float64]

FEWEST_OLDER = 5
"""Below so many items that got as old, nothing is said."""


@dataclass(frozen=True, eq=False, slots=True)
class Survival:
    """The share of items still unfinished at each age (Kaplan and Meier 1958).

    Items that are not finished yet count as unfinished up to the age they have; leaving them out would make work look
    faster than it is. `ages` are the rising ages at which items were finished, `unfinished` the share that gets older
    than each.
    """

    ages: Hours
    unfinished: Hours
    observed: Hours

    @classmethod
    def of(cls, finished: Hours, standing: Hours) -> Survival:
        """From the flow times of finished items and the ages of those in progress, in hours of the team's clock."""
        observed = np.sort(np.concatenate([finished, standing]))
        ages, deaths = np.unique(finished, return_counts=True)
        at_risk = len(observed) - np.searchsorted(observed, ages, side="left")
        unfinished: Hours = np.cumprod(1 - deaths / at_risk, dtype=np.float64)
        return cls(ages, unfinished, observed)

    def share_older(self, ages: Hours) -> Hours:
        """The share of items that are still unfinished once they have reached an age."""
        steps = np.concatenate([[1.0], self.unfinished])
        found: Hours = steps[np.searchsorted(self.ages, ages, side="right")]
        return found

    def chance_within(self, ages: Hours, hours: Hours) -> Hours:
        """For items of these ages the chance to be finished within so many more hours; NaN where it cannot be told."""
        older = len(self.observed) - np.searchsorted(self.observed, ages, side="right")
        now, then = self.share_older(ages), self.share_older(ages + hours)
        told = (older >= FEWEST_OLDER) & (now > 0)
        return np.where(told, 1 - then / np.where(now > 0, now, 1.0), np.nan)
