"""The cumulative flow diagram as a plain figure, by category or by single statuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from types import MappingProxyType

import numpy as np

from data.analysis.cumulative_flow import Band, CumulativeFlow
from ui.figures.drawing import PANEL, TEXT, Figure, axis_title, plain_layout

BANDS: Mapping[str, str] = MappingProxyType(
    {"done": "Finished in the period", "indeterminate": "In progress", "new": "Not started", "unmapped": "Not mapped"}
)
"""From the bottom up: what has left at the bottom, what may come at the top."""

MOST_BANDS = 12
HUES = ("a", "b", "c", "d", "e", "f")
"""Neighbours among them differ in lightness too, and a second round is hatched: colour alone tells no band."""
LONGEST_NAME = 40
OTHERS = "Other statuses"


@dataclass(frozen=True, slots=True)
class StatusBand:
    """One band of the diagram by statuses; `hue` is one of `HUES`, or `other`."""

    name: str
    hue: str
    counts: Sequence[int]
    is_hatched: bool = False

    @property
    def look(self) -> str:
        return f"flow-{self.hue} hatched" if self.is_hatched else f"flow-{self.hue}"


def category_counts(flow: CumulativeFlow) -> dict[str, list[int]]:
    """Counts by category, from the bottom up; finished work counts from the first day on."""
    found = {}
    for category in BANDS:
        own = [band["counts"] for band in flow["bands"] if band["category"] == category]
        if own:
            found[category] = _sum(own)
    return found


def status_bands(flow: CumulativeFlow) -> list[StatusBand]:
    """The statuses in the order of the workflow, after those of no category; all but the fullest of many are one."""
    bands = sorted((band for band in flow["bands"] if any(band["counts"])), key=_is_mapped)
    kept = bands
    if len(bands) > MOST_BANDS:
        fullest = sorted(range(len(bands)), key=lambda place: -max(bands[place]["counts"]))[: MOST_BANDS - 1]
        kept = [bands[place] for place in sorted(fullest)]
    drawn = [
        StatusBand(_name(band, flow["bands"]), HUES[place % len(HUES)], band["counts"], is_hatched=place >= len(HUES))
        for place, band in enumerate(kept)
    ]
    others = [band["counts"] for band in bands if not any(band is one for one in kept)]
    return [*([StatusBand(OTHERS, "other", _sum(others))] if others else []), *drawn]


def _sum(counts: Iterable[Sequence[int]]) -> list[int]:
    total: list[int] = np.sum(list(counts), axis=0).tolist()
    return total


def _is_mapped(band: Band) -> bool:
    return band["category"] != "unmapped"


def _name(band: Band, bands: Sequence[Band]) -> str:
    """With its meaning where another status has the same name and means something else."""
    name = band["status"]
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}\N{HORIZONTAL ELLIPSIS}"
    is_alone = sum(one["status"] == name for one in bands) == 1
    return short if is_alone else f"{short} ({BANDS[band['category']].lower()})"


def category_figure(flow: CumulativeFlow) -> Figure:
    traces = [
        _trace(flow, BANDS[category], counts)
        | {"line": {"color": f"var(--band-{category})", "width": 1}, "fillcolor": f"var(--band-{category}-fill)"}
        for category, counts in category_counts(flow).items()
    ]
    return _figure(traces)


def status_figure(flow: CumulativeFlow) -> Figure:
    """Each band ends in a line, so that neighbours are told apart whatever their colours."""
    traces = []
    for band in reversed(status_bands(flow)):
        colour = f"var(--flow-{band.hue})"
        hatch = {"shape": "/", "bgcolor": colour, "fgcolor": PANEL, "size": 7, "solidity": 0.3}
        traces.append(
            _trace(flow, escape(band.name), band.counts)
            | {"line": {"color": TEXT, "width": 0.75}, "fillcolor": colour}
            | ({"fillpattern": hatch} if band.is_hatched else {})
        )
    return _figure(traces)


def _trace(flow: CumulativeFlow, name: str, counts: Sequence[int]) -> Figure:
    """`name` may be a team's own words, which the chart would take for markup unless they are escaped."""
    return {
        "type": "scatter",
        "mode": "lines",
        "stackgroup": "items",
        "name": name,
        "x": flow["days"],
        "y": counts,
        "hovertemplate": "%{fullData.name}: %{y}<extra></extra>",
    }


def _figure(traces: list[Figure]) -> Figure:
    return {
        "data": traces,
        "layout": plain_layout(
            xaxis={"type": "date", "nticks": 6, "tickformat": "%-d %b", "hoverformat": "%-d %b %Y"},
            yaxis={"title": axis_title("items")},
            hovermode="x unified",
        ),
    }
