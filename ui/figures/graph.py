"""The one place that makes a chart component, with everything that would talk to another host switched off."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from ui import ids
from ui.figures.drawing import HEIGHT
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
    """A place for a chart; the browser colours the chart and puts it there when the place comes into view."""
    graph = dcc.Graph(figure=figure, config=CONFIG, style={"height": f"{HEIGHT}px"})
    return html.Div(
        [
            dcc.Store(id=ids.chart_source(metric_key), data=graph.to_plotly_json()),
            html.Div(id=ids.chart(metric_key)),
        ],
        className="chart",
        **aria(hidden="true"),
    )
