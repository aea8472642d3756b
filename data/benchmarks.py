"""Where a value stands beside other organisations: published figures, always with their source and year."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from data.metric import MetricResult
from data.model import ResultStatus

SOURCE = "DORA Quick Check 2025"
YEAR = 2025
ALL = "all"

_FILE = Path(__file__).with_name("dora_quick_check_2025.csv")
_COLUMNS = {
    "deployment_frequency": "deployfreq",
    "lead_time": "leadtime",
    "cfr": "changefailure",
    "mttr": "failurerecovery",
    "rework_rate": "rework",
}
_RATES = frozenset({"cfr", "rework_rate"})
_HOURS = {"month": 24 * 365.25 / 12, "week": 24 * 7.0, "day": 24.0, "hour": 1.0}
_SLOWEST_FIRST = (6 * _HOURS["month"], _HOURS["month"], _HOURS["week"], _HOURS["day"], _HOURS["hour"])
_RAREST_FIRST = (12 / (6 * 365.25), 12 / 365.25, 1 / 7, 1.0, 24.0)
_CLUSTERS_2024 = {"Elite": 0.05, "Medium": 0.10, "High": 0.20, "Low": 0.40}


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A value beside the mean of a group, both on the Quick Check's scale from 0 to 10, higher being better.

    `tier_2024` is the performance cluster of the 2024 report, the last one that had clusters.
    """

    source: str
    year: int
    group_name: str
    score: float
    mean: float
    std: float
    sentence: str
    tier_2024: str | None


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    name: str
    by: str


def benchmark(result: MetricResult, group: str = ALL) -> Benchmark | None:
    """The comparison for a DORA metric; None without a value, for a low sample, and for any other metric.

    An unknown group is a `KeyError`; `groups` lists the known ones.
    """
    key, value = result["key"], result["value"]
    if key not in _COLUMNS or result["status"] != ResultStatus.OK or not isinstance(value, float):
        return None
    name, mean, std = _distribution(_COLUMNS[key], group)
    score = _score(key, value)
    return Benchmark(SOURCE, YEAR, name, score, mean, std, _sentence(name, score, mean, std), _tier_2024(key, value))


def groups() -> list[Group]:
    """The industries and sizes to compare with; `all` comes first."""
    found = {row["group"]: Group(row["group"], row["group_name"], row["group_by"]) for row in reversed(_rows())}
    return sorted(found.values(), key=lambda group: (group.key != ALL, group.by, group.name))


@lru_cache(maxsize=1)
def _rows() -> list[dict[str, str]]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(_without_comments(lines)))


def _without_comments(lines: Iterator[str]) -> Iterator[str]:
    return (line for line in lines if not line.startswith("#"))


def _distribution(column: str, group: str) -> tuple[str, float, float]:
    """Group name, mean and standard deviation as a score; the file gives rates and one recovery table inverted."""
    for row in _rows():
        if row["group"] == group and row["metric"] == column:
            mean = float(row["mean"])
            is_rate = column in {"changefailure", "rework"}
            inverted = is_rate or (column == "failurerecovery" and row["group_by"] == "organization_size")
            return row["group_name"], 10 - mean if inverted else mean, float(row["std"])
    raise KeyError(f"no benchmark group {group!r}; there are {', '.join(known.key for known in groups())}")


def _score(key: str, value: float) -> float:
    """The Quick Check's own scale: six answer bands spread over 0 to 10, and a rate counted down from 10."""
    if key in _RATES:
        return 10 * (1 - value)
    if key == "deployment_frequency":
        return 2.0 * sum(value >= bound for bound in _RAREST_FIRST)
    return 2.0 * sum(value <= bound for bound in _SLOWEST_FIRST)


def _sentence(name: str, score: float, mean: float, std: float) -> str:
    distance = (score - mean) / std
    place = "about the same as" if abs(distance) < 0.5 else "above" if distance > 0 else "below"
    return f"{score:.1f} of 10, {place} the mean of {mean:.1f} ({name}, {SOURCE})"


def _tier_2024(key: str, value: float) -> str | None:
    if key == "deployment_frequency":
        return _first_band(value, (("Elite", 1.0), ("High", 1 / 7), ("Medium", 12 / 365.25)), rising=True)
    if key == "lead_time":
        bands = (("Elite", _HOURS["day"]), ("High", _HOURS["week"]), ("Medium", _HOURS["month"]))
        return _first_band(value, bands, rising=False)
    if key == "mttr":
        return _first_band(value, (("Elite", _HOURS["hour"]), ("High or Medium", _HOURS["day"])), rising=False)
    if key == "cfr":
        nearest = min(_CLUSTERS_2024, key=lambda tier: (abs(_CLUSTERS_2024[tier] - value), _CLUSTERS_2024[tier]))
        return f"nearest to {nearest}"
    return None


def _first_band(value: float, bands: tuple[tuple[str, float], ...], *, rising: bool) -> str:
    return next((tier for tier, bound in bands if (value > bound if rising else value < bound)), "Low")
