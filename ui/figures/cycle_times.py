"""Flow times one by one and by how many took about as long, as plain figures."""

from __future__ import annotations

from math import log10

from data.analysis.cycle_times import CycleTimes
from ui.figures.drawing import ACCENT, HOLLOW, Figure, axis_title, level_line, level_name, plain_layout
from ui.issue_keys import is_issue_key
from ui.readings import read, scale_for

MOST_DOTS = 2_000
_TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_FLOOR_HOURS = 0.25
"""A logarithmic axis has no zero; what took less is drawn here."""


def scatter_figure(times: CycleTimes) -> Figure:
    """A dot per finished item on a logarithmic axis, with the lines under which 50, 85 and 95 of 100 stayed.

    Of very many items only the slowest are drawn, which the page says.
    """
    scale = scale_for("hours", times["percentiles"].get("85", 0.0))
    rows = drawn_rows(times)
    levels = {line: max(hours, _FLOOR_HOURS) / scale.divisor for line, hours in times["percentiles"].items()}
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "x": [times["finished"][row] for row in rows],
                "y": [max(times["hours"][row], _FLOOR_HOURS) / scale.divisor for row in rows],
                "customdata": [_dot_text(times, row) for row in rows],
                "hovertemplate": "%{customdata}<extra></extra>",
                "marker": {"color": ACCENT, "size": 6, "opacity": 0.65},
            }
        ],
        "layout": plain_layout(
            xaxis={"type": "date", "nticks": 6, "tickformat": "%-d %b"},
            yaxis={"type": "log", "title": axis_title(scale.many), "rangemode": "normal", "tickvals": list(_TICKS)},
            shapes=[level_line(level) for level in levels.values()],
            annotations=[level_name(log10(level), f"{line} %") for line, level in levels.items()],
        ),
    }


def drawn_rows(times: CycleTimes) -> list[int]:
    """All items, or of very many the slowest ones."""
    rows = range(len(times["hours"]))
    if len(rows) <= MOST_DOTS:
        return list(rows)
    return sorted(sorted(rows, key=lambda row: -times["hours"][row])[:MOST_DOTS])


def _dot_text(times: CycleTimes, row: int) -> str:
    """Only a key that is a key enters the figure, whose texts can interpret markup."""
    key = times["keys"][row]
    took = read(times["hours"][row], "hours").text
    return f"{key}: {took}" if is_issue_key(key) else took


def histogram_figure(times: CycleTimes) -> Figure:
    names = bin_names(times)
    first, last = filled_range(times)
    ticks = [name.removeprefix("under ").replace("hours", "h").replace("days", "d") for name in names]
    return {
        "data": [
            {
                "type": "bar",
                "x": names[first:last],
                "y": times["bins"][first:last],
                "hovertemplate": "%{x}: %{y}<extra></extra>",
                "marker": {"color": HOLLOW, "line": {"color": ACCENT, "width": 1.5}},
            }
        ],
        "layout": plain_layout(
            xaxis={"type": "category", "tickvals": names[first:last], "ticktext": ticks[first:last]},
            yaxis={"title": axis_title("items")},
            bargap=0.08,
        ),
    }


def bin_names(times: CycleTimes) -> list[str]:
    edges = times["bin_edges"]
    names = [f"under {read(edge, 'hours').text}" for edge in edges[1:]]
    return [*names, f"{read(edges[-1], 'hours').text} or more"]


def filled_range(times: CycleTimes) -> tuple[int, int]:
    """From the first bin that holds something to behind the last."""
    filled = [place for place, count in enumerate(times["bins"]) if count]
    return (filled[0], filled[-1] + 1) if filled else (0, 0)
