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
    return chart_place(ids.chart_source(metric_key), ids.chart(metric_key), graph_document(figure))


def chart_place(source: Any, place: Any, document: Any = None) -> Element:
    """Where the browser puts a chart as soon as the store named `source` holds one."""
    return html.Div([dcc.Store(id=source, data=document), html.Div(id=place)], className="chart", **aria(hidden="true"))


def graph_document(figure: dict[str, Any]) -> Any:
    """The chart as the browser wants it in the store."""
    return dcc.Graph(figure=figure, config=CONFIG, style={"height": f"{HEIGHT}px"}).to_plotly_json()
