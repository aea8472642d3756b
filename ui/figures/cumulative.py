"""The cumulative flow diagram as a plain figure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from data.analysis.cumulative_flow import CumulativeFlow
from ui.figures.drawing import Figure, axis_title, plain_layout

BANDS: Mapping[str, str] = MappingProxyType(
    {"done": "Finished in the period", "indeterminate": "In progress", "new": "Not started", "unmapped": "Not mapped"}
)
"""From the bottom up: what has left at the bottom, what may come at the top."""


def shown_counts(flow: CumulativeFlow) -> dict[str, list[int]]:
    """Counts by band; finished work counts from the first day on, or all the past would tower over the present."""
    counts = {band: flow["by_category"][band] for band in BANDS if band in flow["by_category"]}
    if "done" in counts:
        before = counts["done"][0]
        counts["done"] = [max(0, count - before) for count in counts["done"]]
    return counts


def cumulative_figure(flow: CumulativeFlow) -> Figure:
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "stackgroup": "items",
                "name": BANDS[band],
                "x": flow["days"],
                "y": counts,
                "line": {"color": f"var(--band-{band})", "width": 1},
                "fillcolor": f"var(--band-{band}-fill)",
                "hovertemplate": f"{BANDS[band]}: %{{y}}<extra></extra>",
            }
            for band, counts in shown_counts(flow).items()
        ],
        "layout": plain_layout(
            xaxis={"type": "date", "nticks": 6, "tickformat": "%-d %b", "hoverformat": "%-d %b %Y"},
            yaxis={"title": axis_title("items")},
            hovermode="x unified",
        ),
    }
