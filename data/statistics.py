"""Medians, percentiles and 95 % intervals, each without assumptions about the shape of the data."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""

TAIL = 0.025

Values = npt.NDArray[np.float64]


def percentile(values: Values, percent: float) -> float:
    """Linear interpolation between order statistics; `values` must not be empty."""
    return float(np.percentile(values, percent))


def ordered_percentile(ordered: Values, percent: float) -> float:
    """The same of values that are sorted already."""
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    share = place - below
    return high - (high - low) * (1 - share) if share >= 0.5 else low + (high - low) * share


def stretch_percentiles(values: Values, bounds: list[int], percent: float) -> list[float | None]:
    """The percentile of each of consecutive stretches, None of an empty one; sorts the values in their place."""
    for first, last in pairwise(bounds):
        values[first:last].sort()
    begins, sizes = np.array(bounds[:-1]), np.diff(bounds)
    filled = sizes > 0
    place = np.maximum(sizes - 1, 0) * percent / 100
    below = place.astype(np.intp)
    share, at = (place - below)[filled], (begins + below)[filled]
    low, high = values[at], values[np.minimum(at + 1, (begins + sizes)[filled] - 1)]
    between = np.where(share >= 0.5, high - (high - low) * (1 - share), low + (high - low) * share)
    found = iter(between.tolist())
    return [next(found) if is_filled else None for is_filled in filled.tolist()]


def quantile_interval(ordered: Values, percent: float) -> list[float] | None:
    """Order statistics that hold the quantile with at least 95 %; None where the sample is too small for any."""
    low, high = _ranks(len(ordered), percent)
    if low < 0 or high >= len(ordered):
        return None
    return [float(ordered[low]), float(ordered[high])]


@lru_cache(maxsize=4096)
def _ranks(count: int, percent: float) -> tuple[int, int]:
    """Positions of the order statistics below and above which the quantile lies with at most 2.5 % each.

    With B ~ Bin(count, percent): the largest k - 1 with P(B <= k - 1) <= 2.5 % and the smallest u - 1 with
    P(B >= u) <= 2.5 %; -1 or `count` where there is none.
    """
    share = percent / 100
    middle, reach = count * share, _reach(count * share * (1 - share))
    hits = np.arange(max(0, math.floor(middle - reach)), min(count, math.ceil(middle + reach)) + 1)
    factorials = _log_factorials(count)
    logs = factorials[count] - factorials[hits] - factorials[count - hits]
    chances = np.exp(logs + hits * math.log(share) + (count - hits) * math.log1p(-share))
    below = int((np.cumsum(chances) <= TAIL).sum())
    above = int((np.cumsum(chances[::-1]) <= TAIL).sum())
    return int(hits[0]) + below - 1, int(hits[-1]) - above


def _reach(variance: float) -> float:
    """How far from the mean of a count there may be anything left worth adding: the chance beyond is under 1e-28."""
    return 40 + 15 * math.sqrt(variance)


def wilson_interval(hits: float, count: float) -> list[float] | None:
    """Wilson's score interval of a proportion (Wilson 1927)."""
    if count <= 0:
        return None
    share = hits / count
    centre = share + Z * Z / (2 * count)
    spread = Z * math.sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    scale = 1 + Z * Z / count
    return [max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)]


@lru_cache(maxsize=4096)
def _poisson_bounds(count: int) -> tuple[float, float]:
    low = 0.0 if count == 0 else _poisson_mean(count - 1, 1 - TAIL, _normal_guess(count, -Z))
    return low, _poisson_mean(count, TAIL, _normal_guess(count + 1, Z))


def _normal_guess(count: int, deviations: float) -> float:
    """The mean at which a count lies so many standard deviations off, nearly (Wilson and Hilferty 1931)."""
    return float(count * (1 - 1 / (9 * count) + deviations / (3 * math.sqrt(count))) ** 3)


def _poisson_mean(count: int, chance: float, mean: float) -> float:
    """The mean with which at most `count` has this chance, by Newton's steps from a near guess, while they shrink."""
    last = math.inf
    while True:
        at_most, exactly = _poisson_chances(count, mean)
        step = (at_most - chance) / exactly
        if abs(step) >= abs(last) or mean + step == mean:
            return mean
        mean, last = mean + step, step


def poisson_interval(count: int) -> list[float]:
    """The exact (Garwood 1936) interval of a Poisson mean, given one count."""
    return list(_poisson_bounds(count))


def _poisson_chances(count: int, mean: float) -> tuple[float, float]:
    """The chances of at most, and of exactly, `count`."""
    terms = np.arange(max(0, math.floor(count - _reach(count))), count + 1)
    chances = np.exp(terms * math.log(mean) - mean - _log_factorials(count)[terms[0] :])
    return float(chances.sum()), float(chances[-1])


def _log_factorials(count: int) -> Values:
    """The logarithms of 0! to `count`!."""
    return _log_factorial_table(max(10, count.bit_length()))[: count + 1]


@lru_cache(maxsize=32)
def _log_factorial_table(bits: int) -> Values:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, 1 << bits, dtype=np.float64)))])


def ratio_interval(parts: Values, wholes: Values) -> list[float] | None:
    """The interval of sum(parts) / sum(wholes) by the linearised error of a ratio (Cochran 1977, section 2.11)."""
    count, total = len(wholes), float(wholes.sum())
    if count < 2 or total <= 0:
        return None
    ratio = float(parts.sum()) / total
    error = math.sqrt(count / (count - 1) * float(((parts - ratio * wholes) ** 2).sum())) / total
    return [max(0.0, ratio - Z * error), min(1.0, ratio + Z * error)]
