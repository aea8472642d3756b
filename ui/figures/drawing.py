"""What all charts have in common: frame, axes and hover, their colours still names that the browser replaces."""

from __future__ import annotations

from typing import Any

Figure = dict[str, Any]
HEIGHT = 260
ACCENT, HOLLOW, BAND, GRID, TEXT = (f"var(--chart-{role})" for role in ("accent", "hollow", "band", "grid", "text"))
CLEAR = "rgba(0,0,0,0)"
PANEL = "var(--panel)"
"""What charts are drawn on."""
HOVER_BACKGROUND, HOVER_TEXT = "var(--chart-hover-background)", "var(--chart-hover-text)"


def plain_layout(*, xaxis: Figure, yaxis: Figure, **more: Any) -> Figure:
    return {
        "height": HEIGHT,
        "margin": {"l": 48, "r": 8, "t": 8, "b": 34},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"color": TEXT, "size": 12, "family": "inherit"},
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": HOVER_BACKGROUND, "font": {"color": HOVER_TEXT}, "bordercolor": GRID},
        "xaxis": {"showgrid": False, "linecolor": GRID, "fixedrange": True, "tickangle": 0} | xaxis,
        "yaxis": {"rangemode": "tozero", "gridcolor": GRID, "zeroline": False, "nticks": 5, "fixedrange": True} | yaxis,
        **more,
    }


def axis_title(text: str) -> Figure:
    return {"text": text, "standoff": 6, "font": {"size": 11}}


def level_line(value: float, *, dash: str = "dash") -> Figure:
    """A level across the whole chart."""
    line = {"color": TEXT, "width": 1, "dash": dash}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": value, "y1": value, "line": line}


def level_name(value: float, text: str) -> Figure:
    return {
        "xref": "paper",
        "x": 1,
        "y": value,
        "text": text,
        "showarrow": False,
        "xanchor": "right",
        "yanchor": "bottom",
        "font": {"size": 11, "color": TEXT},
    }
