"""What the sections about Sightline's own performance have in common: a card, a table, a mark, a download."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import html

from ui import ids
from ui.components.block import Table
from ui.components.static import Static
from ui.page import Element, aria
from ui.readings import count


def section(key: str, title: str, *, wide: bool = False, above: Element = None, beneath: Element = None) -> Element:
    """The place of one section before its numbers are there, and what stands in it whatever they are."""
    return html.Section(
        [
            dmc.Title(title, order=2, className="metric-title watch-title", id=f"{ids.watch_section(key)}-title"),
            above,
            html.Div(_shapes(), id=ids.watch_section(key), className="watch-body"),
            beneath,
        ],
        className="watch-card" + (" wide" if wide else ""),
        **aria(labelledby=f"{ids.watch_section(key)}-title"),
    )


def card_shapes() -> Element:
    """The four cards before their numbers are there."""
    return [html.Div(_shapes(), className="watch-card stat") for _ in range(4)]


def _shapes() -> Element:
    shapes = [dmc.Skeleton(height=14, width="55%"), dmc.Skeleton(height=14), dmc.Skeleton(height=14, width="80%")]
    return [html.Div(shapes, className="watch-skeleton", **aria(hidden="true")), hidden("Being measured")]


def hidden(text: str) -> Element:
    """Said to those who hear the page."""
    return html.Span(text, className="visually-hidden")


def nothing(sentence: str) -> Element:
    return html.P(sentence, className="watch-nothing")


def mark(word: str, tone: str) -> Element:
    """A verdict as a word with a sign of its own, so that colour is never alone."""
    return html.Span(word, className=f"verdict tone-{tone}")


def sparse(text: str, number: int, least: int) -> Element:
    """A value that rests on fewer than `least` requests is grey, and says so to those who do not see it."""
    if number >= least:
        return text
    return html.Span([text, hidden(f", from only {count(number, 'request')}")], className="few")


def named(words: str, technical: str) -> Element:
    """What a person calls it, and beneath it what the logs call it; what has no plain name is marked as such."""
    if words == technical:
        return html.Span([html.Code(technical), html.Span("no plain name", className="beneath")], className="operation")
    return html.Span([html.Span(words, className="operation-name"), html.Code(technical)], className="operation")


def watch_table(table: Table) -> Element:
    """A table without events, whose frame scrolls sideways where the window is narrow."""
    return Static(table_with_events(table))


def table_with_events(table: Table, *, kind: str = "") -> Element:
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in table.columns]))
    rows = [html.Tr([html.Th(row[0], scope="row"), *(html.Td(cell) for cell in row[1:])]) for row in table.rows]
    caption = html.Caption(table.caption, className="visually-hidden")
    return framed(
        html.Table([caption, head, html.Tbody(rows)], className=f"data-table watch-table {kind}"), table.caption
    )


def framed(table: Element, label: str) -> Element:
    return html.Div(table, className="table-scroll watch-scroll", tabIndex=0, role="region", **aria(label=label))


def downloads(table: str, what: str, **asked: int) -> Element:
    """The whole table as a file; `asked` is what its address takes."""
    query = urlencode(asked)
    return html.P(
        [
            html.Span("Download ", **aria(hidden="true")),
            *(
                html.A(
                    name,
                    href=f"/metrics/api/export/{table}.{kind}" + (f"?{query}" if query else ""),
                    download=f"sightline-{table}.{kind}",
                    **aria(label=f"Download {what} as {name}"),
                )
                for name, kind in (("CSV", "csv"), ("JSON", "json"))
            ),
        ],
        className="watch-downloads",
    )


def facts(pairs: Sequence[tuple[str, Element]]) -> Element:
    return html.Dl([part for name, said in pairs for part in (html.Dt(name), html.Dd(said))], className="facts")
