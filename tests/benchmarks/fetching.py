"""The figures of fetching, each beside its goal: `python -m tests.benchmarks.fetching [what] [--json FILE]`."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.broken_clients import MISTAKES
from tests.benchmarks.fetch_day import day
from tests.benchmarks.fetch_memory import memory
from tests.benchmarks.fetch_speed import speed
from tests.benchmarks.fetch_stampede import stampede
from tests.benchmarks.fetch_worlds import run_worlds

Lines = list[tuple[str, str, str, bool]]
"""What was measured, its goal, what was reached, and whether that is enough."""


def _line(what: str, goal: str, reached: object, *, good: bool) -> tuple[str, str, str, bool]:
    return what, goal, f"{reached:,.2f}" if isinstance(reached, float) else str(reached), good


def completeness(folder: Path, options: argparse.Namespace) -> tuple[dict[str, Any], Lines]:
    tally = run_worlds(options.syncs, folder, first_seed=options.seed)
    zeros = {name: getattr(tally, name) for name in ("missing", "doubled", "foreign", "wrong", "unclear", "lost")}
    lines = [_line(f"{name} over {tally.syncs} syncs", "0", count, good=count == 0) for name, count in zeros.items()]
    lines.append(_line("requests before a Retry-After had ended", "0", tally.early, good=tally.early == 0))
    lines.append(_line("different faults met", "33 and more", len(tally.faults), good=len(tally.faults) >= 33))
    told = {name: dict(value) if isinstance(value, Counter) else value for name, value in vars(tally).items()}
    for fault, manner in MISTAKES:
        client = getattr(manner.adapter, "__name__", "")
        caught = getattr(run_worlds(20, folder / client, manner=manner), fault)
        lines.append(_line(f"the broken client {client}: {fault}", "more than 0", caught, good=caught > 0))
        told[client] = caught
    return told, lines


def fast(folder: Path, options: argparse.Namespace) -> tuple[dict[str, Any], Lines]:
    told, lines = {}, []
    for flavour in ("cloud", "datacenter"):
        one = speed(folder, options.issues, flavour=flavour)
        told[flavour] = one
        where = f"{options.issues:,} issues, {flavour}"
        lines += [
            _line(
                f"{where}: seconds over the floor of {one['floor']:.2f} s",
                "<= 1.15",
                one["ratio"],
                good=one["ratio"] <= 1.15,
            ),
            _line(f"{where}: seconds", "-", one["seconds"], good=True),
            _line(
                f"{where}: requests (most of one kind in ten seconds)",
                "<= 100",
                f"{one['requests']} ({one['worst_window']})",
                good=one["worst_window"] <= 100,
            ),
            _line(
                f"{where}: times faster than one by one ({one['one_by_one_seconds']:.1f} s)",
                "-",
                one["times_faster"],
                good=True,
            ),
        ]
    return told, lines


def small(folder: Path, options: argparse.Namespace) -> tuple[dict[str, Any], Lines]:
    told, lines = {}, []
    for flavour in options.flavours:
        one = memory(folder, flavour)
        told[flavour] = one
        for how in ("traced", "resident"):
            peaks = " / ".join(f"{peak['peak']:.1f} MB" for peak in one[how].values())
            ratio = one[f"{how}_ratio"]
            what = f"{flavour}: {how} peak at 5,000 / 20,000 issues ({peaks}), ratio"
            lines.append(_line(what, "<= 1.20", ratio, good=ratio <= 1.2))
    return told, lines


def one_day(folder: Path, options: argparse.Namespace) -> tuple[dict[str, Any], Lines]:
    told, lines = {}, []
    for latency in (0.15, 0.0):
        one = day(folder, options.issues, latency)
        told[str(latency)] = one
        where = f"{options.issues:,} issues, {latency * 1000:.0f} ms"
        lines += [
            _line(
                f"{where}: cache hits of {one['askings']} askings",
                ">= 0.90",
                one["hit_rate"],
                good=one["hit_rate"] >= 0.9,
            ),
            _line(
                f"{where}: share of an uncached client's requests",
                "<= 0.10",
                one["share_of_requests"],
                good=one["share_of_requests"] <= 0.1,
            ),
            _line(
                f"{where}: increment times faster ({one['increment_seconds']:.2f} of {one['full_seconds']:.2f} s)",
                ">= 20",
                one["times_faster"],
                good=one["times_faster"] >= 20,
            ),
        ]
    return told, lines


def herd(folder: Path, _options: argparse.Namespace) -> tuple[dict[str, Any], Lines]:
    told = stampede(folder)
    late = told["slowest_seconds"] - told["alone_seconds"]
    return told, [
        _line(f"{told['callers']} callers: fetches", "1", told["fetches"], good=told["fetches"] == 1),
        _line(
            "requests (those of one fetch)",
            f"{told['requests_of_one_fetch']}",
            told["requests"],
            good=told["requests"] == told["requests_of_one_fetch"],
        ),
        _line("callers without the answer", "0", len(told["errors"]), good=not told["errors"]),
        _line("the last one later than one fetch alone, s", "-", late, good=True),
    ]


PARTS: dict[str, Callable[[Path, argparse.Namespace], tuple[dict[str, Any], Lines]]] = {
    "completeness": completeness,
    "speed": fast,
    "memory": small,
    "day": one_day,
    "stampede": herd,
}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.fetching", description=__doc__)
    parser.add_argument("what", nargs="?", default="all", choices=(*PARTS, "all"))
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write all that was measured")
    parser.add_argument("--syncs", type=int, default=1_000, help="how many syncs completeness makes")
    parser.add_argument("--seed", type=int, default=0, help="the first world of completeness")
    parser.add_argument("--issues", type=int, default=10_000, help="how many issues speed and day read")
    parser.add_argument("--flavours", nargs="+", default=["cloud", "datacenter"], help="which memory looks at")
    options = parser.parse_args(argv)
    logging.getLogger().addHandler(logging.NullHandler())
    told, good = {}, True
    with tempfile.TemporaryDirectory(prefix="fetching") as folder:
        for name in PARTS if options.what == "all" else [options.what]:
            started = time.perf_counter()
            told[name], lines = PARTS[name](Path(folder), options)
            sys.stdout.write(f"{name} ({time.perf_counter() - started:.0f} s)\n")
            for what, goal, reached, enough in lines:
                sys.stdout.write(f"  {'ok  ' if enough else 'MISS'} {what}: {reached} (goal {goal})\n")
                good = good and enough
            for complaint in told[name].get("complaints", ()):
                sys.stdout.write(f"       {complaint}\n")
            sys.stdout.flush()
    if options.json:
        options.json.write_text(json.dumps(told, indent=1, default=str), encoding="utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
