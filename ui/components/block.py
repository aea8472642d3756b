"""A titled part of a page: a sentence that sums it up, a picture, its table, and how it is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dash_mantine_components as dmc
from dash import html

from ui.components.static import Static
from ui.page import Element, aria


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts or elements without events; the first column names the row."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Element]]


def block(
    title: str, *, definition: str, sentence: Element = None, body: Element = None, table: Table | None = None
) -> Element:
    return dmc.Card(
        [
            dmc.Title(title, order=2, className="metric-title block-title"),
            html.P(sentence, className="block-sentence") if sentence else None,
            body,
            folded("Show as a table", table_of(table)) if table else None,
            folded("How is this computed?", html.P(definition, className="block-definition")),
        ],
        withBorder=True,
        padding="md",
        className="metric-panel block",
    )


def card(title: str, parts: Sequence[Element]) -> Element:
    """A titled part of a page that its own events fill."""
    return dmc.Card(
        [dmc.Title(title, order=2, className="family-title"), *parts],
        withBorder=True,
        padding="md",
        className="data-section",
    )


def folded(title: str, body: Element) -> Element:
    return html.Details([html.Summary(title), body], className="as-table")


def table_of(table: Table) -> Element:
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in table.columns]))
    rows = [html.Tr([html.Th(row[0], scope="row"), *(html.Td(cell) for cell in row[1:])]) for row in table.rows]
    return Static(
        html.Div(
            html.Table([html.Caption(table.caption), head, html.Tbody(rows)], className="data-table"),
            className="table-scroll",
            tabIndex=0,
            role="region",
            **aria(label=table.caption),
        )
    )


def too_little(sentence: str) -> Element:
    """Says why there is nothing to draw, in the place of the picture."""
    return html.P(sentence, className="no-trend")


def refused(sentence: str) -> Element:
    """Says why something that was chosen or written is not done."""
    return html.Span(sentence, className="refusal")


def bar_width(part: float, whole: float) -> str:
    """A bar's share of its track, for a style."""
    return f"{100 * part / whole:.2f}%" if whole > 0 else "0%"
