"""The metrics against their reference on any number of histories: `python -m tests.property.differential`.

Every history is measured whole, every fourth through a filter too. What disagrees is printed with the seed that makes
it again.
"""
# ruff: noqa: T201, S311 - it prints what it finds; dice are no secrets

from __future__ import annotations

import argparse
import logging
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from random import Random
from typing import Any

from data.filters import Filters
from data.metric import read_facts
from data.metric_catalogue import METRICS
from tests.reference.catalogue import REFERENCES
from tests.reference.comparison import differences
from tests.reference.results import change_of
from tests.strategies import Case, case_of

AT_ONCE = 50
ISSUES = (0, 1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32)
ASKED = (
    Filters(project=frozenset({"EX"})),
    Filters(project=frozenset({"wy"}), issue_type=frozenset({"story", "bug"})),
    Filters(team=frozenset({"red"})),
    Filters(component=frozenset({"Billing"}), label=frozenset({"rollback", "outage"})),
    Filters(issue_type=frozenset({"incident", "epic"})),
)


def seeded(seed: int) -> tuple[Case, Filters | None]:
    """The history of a number and, for every fourth, what a reader asks of it."""
    dice = Random(seed)
    case = case_of(dice, [Random(dice.getrandbits(40)) for _ in range(dice.choice(ISSUES))])
    return case, dice.choice(ASKED) if seed % 4 == 0 else None


def disagreements(seed: int) -> list[str]:
    case, asked = seeded(seed)
    facts = case.read(read_facts)
    found = _compared(case, facts)
    if asked is not None:
        found += [f"{asked}: {one}" for one in _compared(case, facts.where(asked), filters=asked)]
    return [f"seed {seed}: {one}" for one in found]


def _compared(case: Case, facts: Any, **asked: Any) -> list[str]:
    found = []
    for metric in METRICS:
        expected = case.call(REFERENCES[metric.key], **asked)
        expected["change"] = change_of(expected, metric.better)
        found += [f"{metric.key} {one}" for one in differences(metric.measure(facts, case.days), expected)]
    return found


def several(seeds: range) -> list[str]:
    logging.disable(logging.CRITICAL)
    return [one for seed in seeds for one in disagreements(seed)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    last = asked.first + asked.histories
    parts = [range(begin, min(begin + AT_ONCE, last)) for begin in range(asked.first, last, AT_ONCE)]
    begun, count = time.perf_counter(), 0
    with ProcessPoolExecutor(asked.processes) as pool:
        for part, found in zip(parts, pool.map(several, parts), strict=True):
            count += len(found)
            print(*found, sep="\n", end="\n" if found else "", flush=True)
            if part.stop % 1000 < AT_ONCE:
                print(f"{part.stop - asked.first} histories, {time.perf_counter() - begun:.0f} s", flush=True)
    print(f"{asked.histories} histories: {count} disagreements")
    sys.exit(1 if count else 0)


if __name__ == "__main__":
    main()
