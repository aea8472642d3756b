"""The cumulative flow diagram: what piles up, by category or by status, with its legends and its table."""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import dcc, html

from data.analysis.cumulative_flow import CumulativeFlow
from ui import ids
from ui.components.block import Table, block, too_little
from ui.components.static import Static
from ui.figures.cumulative import BANDS, category_counts, category_figure, status_bands, status_figure
from ui.figures.graph import chart_place, graph_document
from ui.page import Element, aria
from ui.readings import count

_NAME = "cumulative"


def cumulative_block(flow: CumulativeFlow) -> Element:
    counts = category_counts(flow)
    left_out = [
        text
        for number, text in (
            (flow["cancelled"], f"{count(flow['cancelled'], 'cancelled item')}"),
            (flow["without_history"], f"{count(flow['without_history'], 'item')} without history"),
        )
        if number
    ]
    return block(
        "Is work piling up?",
        sentence=_cumulative_sentence(counts),
        body=_diagram(flow) if counts else too_little("No flow item existed in this period."),
        table=_cumulative_table(flow) if counts else None,
        definition=(
            "How many flow items were not started, in progress and finished, or in each status, at the end of each "
            "day in the team's zone, rebuilt from their history. In the diagram finished items count from the first "
            "day on, in the table all that are there. Statuses stand in the order in which items come to them. An item "
            "stands where its status is: one that was begun and put back is not started here, but counts in the flow "
            "load. A band that grows is work that arrives faster than it leaves."
            f"{' Left out: ' + ' and '.join(left_out) + '.' if left_out else ''}"
        ),
    )


def _cumulative_sentence(counts: dict[str, list[int]]) -> str:
    open_ = counts.get("indeterminate")
    if not open_:
        return ""
    first, last = open_[0], open_[-1]
    if first == last:
        return f"As many items are in progress as at the beginning of the period: {last:,}."
    change = f"{abs(last - first):,} {'more' if last > first else 'fewer'}"
    return f"{last:,} in progress, {change} than at the beginning of the period."


def _diagram(flow: CumulativeFlow) -> Element:
    """The diagram by category and by status, of which the browser shows the one that is chosen, with its legend."""
    diagrams = {"category": category_figure(flow), "status": status_figure(flow)}
    choices = [{"value": "category", "label": "By category"}, {"value": "status", "label": "By status"}]
    return html.Div(
        [
            dmc.SegmentedControl(
                id=ids.flow("choice", _NAME),
                data=choices,
                value="category",
                size="xs",
                persistence=True,
                **aria(label="Bands of the diagram"),
            ),
            html.Div(
                [_legend("category", _category_looks(flow)), _legend("status", _status_looks(flow))],
                id=ids.flow("legends", _NAME),
                className="flow-by-category",
            ),
            dcc.Store(
                id=ids.flow("diagrams", _NAME), data={name: graph_document(one) for name, one in diagrams.items()}
            ),
            chart_place(ids.flow("source", _NAME), ids.flow("place", _NAME)),
        ]
    )


def _category_looks(flow: CumulativeFlow) -> list[tuple[str, str]]:
    return [
        (f"band-{category}", f"{BANDS[category]}: {counts[-1]:,}")
        for category, counts in reversed(category_counts(flow).items())
    ]


def _status_looks(flow: CumulativeFlow) -> list[tuple[str, str]]:
    return [(band.look, f"{band.name}: {band.counts[-1]:,}") for band in status_bands(flow)]


def _legend(name: str, looks: Sequence[tuple[str, str]]) -> Element:
    """What each band is, and how many items are in it now; from the top down as in the diagram."""
    lines = [html.Li([html.Span(className=f"dot {look}", **aria(hidden="true")), text]) for look, text in looks]
    return Static(html.Ul(lines, className=f"share-legend flow-legend-{name}"))


def _cumulative_table(flow: CumulativeFlow) -> Table:
    names = list(flow["by_status"])
    rows = [(day, *(f"{flow['by_status'][name][place]:,}" for name in names)) for place, day in enumerate(flow["days"])]
    return Table("Items in each status at the end of the day", ("Day", *names), list(reversed(rows)))
