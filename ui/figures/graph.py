"""The one place that makes a chart component, with everything that would talk to another host switched off."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from ui import ids
from ui.figures.trend import HEIGHT
from ui.page import Element, aria

CONFIG: Any = {
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "displaylogo": False,
    "displayModeBar": False,
    "responsive": True,
    "showTips": False,
}


def chart(metric_key: str, figure: dict[str, Any]) -> Element:
    """A chart whose figure the browser colours for its scheme before it is drawn."""
    return html.Div(
        [
            dcc.Store(id=ids.chart_source(metric_key), data=figure),
            dcc.Graph(id=ids.chart(metric_key), config=CONFIG, style={"height": f"{HEIGHT}px"}),
        ],
        className="chart",
        **aria(hidden="true"),
    )
