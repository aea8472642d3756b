"""A metric as a card: its value now, where it is heading, how sure it is, and the way to its explanation."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html

from data.benchmarks import ALL
from data.metric import MetricResult
from ui.components.metric_summary import change_line, evidence, foot, heading, headline
from ui.components.trust import trust_mark
from ui.figures.sparkline import sparkline
from ui.figures.trend import chart_of
from ui.figures.weeks import trend_sentence
from ui.page import Element


def metric_card(result: MetricResult, *, partial: bool = False, group: str = ALL) -> Element:
    return dmc.Card(
        [
            heading(result, order=3, partial=partial),
            html.Div([html.Div(headline(result), className="card-value"), _spark(result)], className="card-head"),
            change_line(result),
            evidence(result),
            trust_mark(result["trust"]),
            foot(result, group),
        ],
        withBorder=True,
        padding="md",
        className="metric-card",
        **{"data-metric": result["key"]},
    )


def _spark(result: MetricResult) -> Element:
    picture = sparkline(result["trend"], chart_of(result)) if result["value"] is not None else None
    return html.Img(src=picture, alt=trend_sentence(result), className="sparkline") if picture else None
