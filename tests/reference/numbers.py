"""Medians, percentiles and intervals by scipy and by counting, for comparison with the product's own arithmetic."""

from __future__ import annotations

import math
import statistics

import numpy as np
from scipy import stats

Z = 1.959963984540054


def headline(values: list[float], percent: float) -> float | None:
    """The median, unless the team has chosen another percentile."""
    if not values:
        return None
    if percent == 50:
        return float(statistics.median(values))
    return float(np.percentile(values, percent, method="linear"))


def percentiles(values: list[float]) -> dict[str, float]:
    if not values:
        return {}
    return {f"p{share}": float(np.percentile(values, share, method="linear")) for share in (50, 75, 85, 95)}


def headline_interval(values: list[float], percent: float) -> list[float] | None:
    """x(k) and x(u), with the largest k and the smallest u that leave at most 2.5 % on their side."""
    ordered = sorted(values)
    count = len(ordered)
    low = [k for k in range(1, count + 1) if stats.binom.cdf(k - 1, count, percent / 100) <= 0.025]
    high = [u for u in range(1, count + 1) if stats.binom.sf(u - 1, count, percent / 100) <= 0.025]
    return [ordered[max(low) - 1], ordered[min(high) - 1]] if low and high else None


def poisson_interval(count: int, exposure: float = 1.0) -> list[float]:
    low = float(stats.chi2.ppf(0.025, 2 * count)) / 2 if count else 0.0
    high = float(stats.chi2.ppf(0.975, 2 * count + 2)) / 2
    return [low / exposure, high / exposure]


def wilson_interval(hits: int, trials: int) -> list[float] | None:
    if trials == 0:
        return None
    found = stats.binomtest(hits, trials).proportion_ci(confidence_level=0.95, method="wilson")
    return [float(found.low), float(found.high)]


def ratio_of_sums_interval(parts: list[float], wholes: list[float]) -> list[float] | None:
    count, whole = len(wholes), math.fsum(wholes)
    if count < 2 or whole == 0:
        return None
    ratio = math.fsum(parts) / whole
    squares = math.fsum((part - ratio * own) ** 2 for part, own in zip(parts, wholes, strict=True))
    reach = Z * math.sqrt(count / (count - 1) * squares) / whole
    return [max(0.0, ratio - reach), min(1.0, ratio + reach)]
