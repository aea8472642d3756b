"""What measuring costs, as ratios within one run: `python -m tests.benchmarks.metrics [--short] [--json PATH]`.

Times are those of the processor, so that other work beside disturbs them least; the best of several runs counts. The
short form takes half a minute: it leaves out the million issues and most of the reference's loops, every other figure
has the size that its goal names. It fails only where a figure is far beyond its goal.
"""
# ruff: noqa: T201 - it prints what it measures

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import orjson
import psutil

from data.facts import DeliveryFacts, facts_as_of
from data.filters import Filters
from data.history import DeliveryHistory, read_history
from data.history_columns import from_document, to_document
from data.metric_catalogue import METRICS
from data.model import TeamRules, WorkingCalendar
from data.performance_utils import FieldMappingIndex, parse_jira_date, threshold_verdict
from data.reading.date_columns import parse_instants
from data.storage.cache_entry import created, encoded, seal, unseal
from tests.benchmarks import pandas_peer
from tests.benchmarks.histories import INDEX, NOW, RULES, TEAMS, Plan, as_history, as_raw, plan
from tests.benchmarks.slow_readers import read_by_the_reference, read_objects, written_objects
from tests.builders import jira_text, statuses
from tests.reference.catalogue import REFERENCES
from tests.reference.world import read_world

DAYS = 365
"""A period whose trend has 53 weeks."""

FAR_BEYOND = 2.0


@dataclass
class Figure:
    """One figure beside its goal; `least` says whether it should be at least or at most that."""

    what: str
    value: float
    goal: float
    unit: str
    least: bool
    told: str = ""

    @property
    def reached(self) -> float:
        """1 at the goal, more beyond it, less short of it."""
        return self.value / self.goal if self.least else self.goal / max(self.value, 1e-12)

    def line(self) -> str:
        goal = f"{'>=' if self.least else '<='} {self.goal:g}"
        mark = "ok" if self.reached >= 1 else "missed" if self.reached * FAR_BEYOND >= 1 else "FAR BEYOND"
        return f"{self.what:66} {goal:>9} {self.value:10.3g} {self.unit:6} {mark:10} {self.told}"


def seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Processor time of the fastest run."""
    best = []
    for _ in range(repeats):
        begun = time.process_time()
        work()
        best.append(time.process_time() - begun)
    return min(best)


def measured(facts: DeliveryFacts, days: int = DAYS) -> dict[str, Any]:
    """All ten: headline, previous period, weeks, and for each candidate whether and why not it counts."""
    results = {metric.key: metric.gauge(facts, days) for metric in METRICS}
    for result in results.values():
        result.reasons()
    return results


def numbers(facts: DeliveryFacts) -> dict[str, Any]:
    """All ten without who is in and out, which is worked out when somebody looks."""
    return {metric.key: metric.gauge(facts, DAYS) for metric in METRICS}


def from_open(history: DeliveryHistory) -> dict[str, Any]:
    return measured(facts_as_of(history, NOW))


def columns_of(history: DeliveryHistory) -> list[Any]:
    """The columns that the ten metrics need."""
    events = (history.statuses_entered, history.resolutions, history.flags)
    pairs = (history.fixes, history.causes, history.affects)
    columns = [column for part in events for column in (part.issue, part.time, part.value)]
    columns += [column for pair in pairs for column in (pair.issue, pair.other)]
    columns += [history.created, history.resolved, history.current_status, history.kind, history.project]
    return [*columns, history.has_history, history.resolution, *history.roles.values()]


def reading(history: DeliveryHistory) -> float:
    columns = columns_of(history)
    return seconds(lambda: [np.add.reduce(column) for column in columns], 15)


def against_reference(size: int) -> Iterator[Figure]:
    """The loops at a small size, less their reading; they grow at least in step with the issues."""
    team = plan(size)
    raw, versions = list(as_raw(team)), team.versions
    extras = {"as_of": NOW, "rules": RULES, "versions": versions, "statuses": statuses()}
    alone = seconds(lambda: read_world(raw, INDEX.as_dict(), DAYS, **extras), 1) * len(REFERENCES)
    loops = seconds(lambda: [asked(raw, INDEX.as_dict(), DAYS, **extras) for asked in REFERENCES.values()], 1) - alone
    ten_thousand = as_history(plan(10_000))
    own = seconds(lambda: from_open(ten_thousand))
    told = f"loops {loops:.1f} s at {size:,}; {own * 1e3:.1f} ms at 10,000"
    yield Figure("ten metrics at 10,000: reference loops / ours", loops * 10_000 / size / own, 300, "x", True, told)


def against_pandas(history: DeliveryHistory, goal: float) -> Iterator[Figure]:
    frames = pandas_peer.as_frames(history)
    differing = pandas_peer.differences(frames, from_open(history), DAYS)
    if differing:
        raise AssertionError(f"pandas and the metrics disagree: {differing[:3]}")
    own, peer = seconds(lambda: from_open(history)), seconds(lambda: pandas_peer.measure(frames, DAYS), 3)
    told = f"{peer * 1e3:.0f} ms / {own * 1e3:.0f} ms, the same results"
    yield Figure(f"ten metrics at {len(history):,}: pandas group-bys / ours", peer / own, goal, "x", True, told)
    read = reading(history)
    told = f"{read * 1e3:.2f} ms to read {sum(column.nbytes for column in columns_of(history)) / 1e6:.1f} MB"
    yield Figure(f"ten metrics at {len(history):,} / reading the columns once", own / read, 60, "x", False, told)


def scaling(small: int, large: int) -> Iterator[Figure]:
    history = as_history(plan(large))
    least, most = (seconds(lambda own=own: from_open(own), 3) for own in (as_history(plan(small)), history))
    told = f"{least * 1e3:.0f} ms and {most * 1e3:.0f} ms"
    goal = 1.2 * large / small
    yield Figure(f"ten metrics: time at {large:,} / at {small:,}", most / least, goal, "x", False, told)
    yield from filtering(history, 150 if large >= 10**6 else 25)


def memory(history: DeliveryHistory) -> Iterator[Figure]:
    tracemalloc.start()
    from_open(history)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    own = sum(column.nbytes for column in columns_of(history))
    told = f"{peak / 1e6:.0f} MB beside {own / 1e6:.0f} MB"
    yield Figure(f"peak extra memory at {len(history):,} / the columns", peak / own, 3, "x", False, told)


def filtering(history: DeliveryHistory, goal: float) -> Iterator[Figure]:
    """One after another, changes of filter on facts that are there."""
    facts, dice = facts_as_of(history, NOW), Random(5)  # noqa: S311 - no secret
    measured(facts)
    took, by_the_clock = [], []
    for _ in range(40):
        asked = Filters(team=frozenset({f"Team {dice.randrange(TEAMS)}" for _ in range(dice.choice([1, 1, 2, 5]))}))
        if dice.random() < 0.5:
            asked = Filters(issue_type=frozenset(dice.sample(["Story", "Bug", "Chore", "Incident"], 2)))
        begun = time.perf_counter()
        took.append(seconds(lambda asked=asked: numbers(facts.where(asked)), 1))
        by_the_clock.append(time.perf_counter() - begun)
    whole = seconds(lambda: from_open(history), 3)
    ninetyfifth, waited = (float(np.percentile(times, 95)) * 1e3 for times in (took, by_the_clock))
    told = (
        f"median {np.median(took) * 1e3:.1f} ms; by the clock {waited:.0f} ms; a whole measurement {whole * 1e3:.0f} ms"
    )
    yield Figure(f"one filter change at {len(history):,}, all ten, p95", ninetyfifth, goal, "ms", False, told)


def derived_cache(team: Plan, history: DeliveryHistory, goal: float) -> Iterator[Figure]:
    written, objects = encoded(to_document(history)), written_objects(team)
    if json.loads(written.content)["count"] != len(history):
        raise AssertionError("the standard library reads another document")
    kept = seal(created(NOW, "0" * 32, "", "columns"), written).text
    own = seconds(lambda: from_document(unseal(kept).data, RULES, INDEX), 15)
    peer = seconds(lambda: read_objects(objects), 1)
    told = f"{peer * 1e3:.0f} ms / {own * 1e3:.1f} ms, with the proof that no byte is damaged"
    yield Figure(f"opening {len(history):,}: one JSON object an issue / columns", peer / own, goal, "x", True, told)
    raw = sum(column.nbytes for column in columns_of(history))
    told = f"{len(written.content) / 1e6:.1f} MB with labels, links and facets; {raw / 1e6:.1f} MB needed for the ten"
    yield Figure(
        f"bytes of that document at {len(history):,} / the columns", len(written.content) / raw, 1.5, "x", False, told
    )


_COLD = """
import logging, orjson, pathlib, sys
logging.disable(logging.CRITICAL)
from data.facts import facts_as_of
from data.history_columns import from_document
from data.metric_catalogue import METRICS
from data.model import TeamRules
from data.performance_utils import FieldMappingIndex
from datetime import datetime, UTC
rules = TeamRules(waiting_statuses=frozenset({"Waiting"}), blocked_statuses=frozenset({"Blocked"}))
document = orjson.loads(pathlib.Path(sys.argv[1]).read_bytes())
facts = facts_as_of(from_document(document, rules, FieldMappingIndex({})), datetime(2025, 11, 10, tzinfo=UTC))
print([metric.gauge(facts, 365).figures["value"] for metric in METRICS])
"""


def cold(history: DeliveryHistory) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "columns.json")
        path.write_bytes(orjson.dumps(to_document(history)))
        took = []
        for _ in range(3):
            before = os.times()
            subprocess.run([sys.executable, "-c", _COLD, str(path)], check=True, stdout=subprocess.DEVNULL)
            after = os.times()
            took.append(after.children_user + after.children_system - before.children_user - before.children_system)
    yield Figure(f"cold process to ten numbers at {len(history):,}", min(took), 1.0, "s", False, "processor time")


def raw_reading(size: int, goal: float) -> Iterator[Figure]:
    team = plan(size)
    raw, versions = list(as_raw(team)), team.versions
    own = seconds(lambda: read_history(raw, INDEX, RULES, versions=versions, statuses=statuses()), 3)
    peer = seconds(lambda: read_by_the_reference(raw, versions), 1)
    told = f"{peer / size * 1e6:.0f} us / {own / size * 1e6:.0f} us an issue"
    yield Figure(f"raw JSON to a history at {size:,}: reference reader / ours", peer / own, goal, "x", True, told)


def look_ups() -> Iterator[Figure]:
    dates = [jira_text(NOW - timedelta(seconds=97 * number)) for number in range(50_000)]

    def one_by_one() -> None:
        for date in dates:
            parse_jira_date(date)

    def uncached() -> None:
        parse_jira_date.cache_clear()
        one_by_one()

    first, again, column = seconds(uncached, 3), seconds(one_by_one, 3), seconds(lambda: parse_instants(dates))
    yield Figure("a remembered date is faster than a new one by", 100 * (1 - again / first), 80, "%", True)
    told = f"{first / len(dates) * 1e9:.0f} ns / {column / len(dates) * 1e9:.0f} ns a date"
    yield Figure("dates: parse_jira_date in a loop / the column parser", first / column, 5, "x", True, told)
    mappings = {f"logical_{number}": f"customfield_{number}" for number in range(1000)}
    index = FieldMappingIndex(mappings)
    wanted = list(mappings.values())[::7]
    scan = seconds(lambda: [next(name for name, own in mappings.items() if own == field) for field in wanted])
    found = seconds(lambda: [index.get_logical_name(field) for field in wanted])
    yield Figure("the field index is faster than a scan of 1,000 mappings by", 100 * (1 - found / scan), 95, "%", True)


def calendars(team: Plan) -> Iterator[Figure]:
    rules = TeamRules(waiting_statuses=RULES.waiting_statuses, timezone="Europe/Berlin")
    plain = as_history(team, rules)
    working = as_history(team, TeamRules(**{**vars_of(rules), "working_calendar": WorkingCalendar()}))
    own, peer = seconds(lambda: from_open(plain), 3), seconds(lambda: from_open(working), 3)
    told = f"{peer * 1e3:.0f} ms / {own * 1e3:.0f} ms"
    yield Figure(f"ten metrics at {team.size:,}: working hours / elapsed hours", peer / own, 3, "x", False, told)


def vars_of(rules: TeamRules) -> dict[str, Any]:
    return {name: getattr(rules, name) for name in TeamRules.__slots__}


def old_promises() -> Iterator[Figure]:
    """From raw JSON to all ten whole documents, against the seconds once promised."""
    for size in (1000, 5000):
        team = plan(size)
        raw, versions = list(as_raw(team)), team.versions

        def whole(raw: list[Any] = raw, versions: list[Any] = versions) -> None:
            history = read_history(raw, INDEX, RULES, versions=versions, statuses=statuses())
            [metric.measure(facts_as_of(history, NOW), DAYS) for metric in METRICS]

        took, history = seconds(whole, 1), as_history(team)
        promised = float(threshold_verdict(took, size)["target_duration_seconds"])
        verdict = threshold_verdict(took, size)["threshold_status"]
        ten = seconds(lambda history=history: from_open(history))
        told = f"{verdict}: {took:.2f} s from raw JSON to documents; {ten * 1e3:.1f} ms from an open history"
        yield Figure(f"{size:,} issues: promised {promised:.0f} s / ten metrics", promised / ten, 100, "x", True, told)


def figures(*, short: bool) -> Iterator[Figure]:
    team = plan(100_000)
    history = as_history(team)
    yield from against_reference(50 if short else 300)
    yield from against_pandas(history, 2.5)
    yield from memory(history)
    yield from filtering(history, 25)
    yield from derived_cache(team, history, 40)
    yield from cold(history)
    yield from raw_reading(10_000, 5)
    yield from look_ups()
    yield from calendars(team)
    yield from old_promises()
    if not short:
        yield from scaling(100_000, 1_000_000)


def _load() -> str:
    """How busy the machine is with other work: that slows the processor down too, mostly by its memory."""
    processes = psutil.getloadavg()[0]
    return f"{processes:.1f} processes want {os.cpu_count()} processors"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    found = []
    print(f"All times are those of the processor, unless a line says otherwise. {_load()}.", flush=True)
    for figure in figures(short=asked.short):
        print(figure.line(), flush=True)
        found.append(figure)
    print(f"{_load()} at the end.")
    if asked.json:
        asked.json.write_bytes(orjson.dumps([asdict(figure) for figure in found], option=orjson.OPT_INDENT_2))
    sys.exit(1 if any(figure.reached * FAR_BEYOND < 1 for figure in found) else 0)


if __name__ == "__main__":
    main()
