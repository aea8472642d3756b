"""The slowest of what Sightline was asked for, in the order that a person chooses, and what the cache spares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from data.watch.documents import CacheEffectiveness, CacheRow, CacheTotals
from ui import ids
from ui.components.block import Table
from ui.components.performance.cards import severity_mark
from ui.components.performance.section import downloads, framed, mark, named, nothing, sparse, watch_table
from ui.components.static import Static
from ui.operation_names import operation_name
from ui.page import Element, aria
from ui.performance_words import (
    EFFECTIVENESS_TONES,
    EFFECTIVENESS_WORDS,
    FEW_FOR_P95,
    FEW_FOR_P99,
    milliseconds,
    per_cent,
    span_words,
)
from ui.readings import count

SHOWN = 12
_UP, _DOWN = "ascending", "descending"
_SEVERITY_ORDER = ("good", "warning", "slow", "critical")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """By which column the routes are sorted, and whether all of them are shown."""

    column: str = "p95_ms"
    falling: bool = True
    every: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """`key` sorts, `cell` shows; texts are first sorted upwards, numbers downwards."""

    name: str
    key: Callable[[Row], Any]
    cell: Callable[[Row], Element]
    of_text: bool = False


def _name(row: Row) -> str:
    return operation_name(row["kind"], row["route"])


COLUMNS: Mapping[str, Column] = {
    "route": Column(
        "What was asked for",
        lambda row: _name(row).casefold(),
        lambda row: named(_name(row), row["route"]),
        of_text=True,
    ),
    "requests": Column("Requests", lambda row: row["requests"], lambda row: f"{row['requests']:,}"),
    "avg_ms": Column("Average", lambda row: row["avg_ms"], lambda row: milliseconds(row["avg_ms"])),
    "p50_ms": Column("P50", lambda row: row["p50_ms"], lambda row: milliseconds(row["p50_ms"])),
    "p95_ms": Column(
        "P95",
        lambda row: row["p95_ms"],
        lambda row: sparse(milliseconds(row["p95_ms"]), row["requests"], FEW_FOR_P95),
    ),
    "p99_ms": Column(
        "P99",
        lambda row: row["p99_ms"],
        lambda row: sparse(milliseconds(row["p99_ms"]), row["requests"], FEW_FOR_P99),
    ),
    "cache_hit_rate": Column(
        "Cache hits", lambda row: row["cache_hit_rate"], lambda row: per_cent(row["cache_hit_rate"])
    ),
    "errors": Column("Failed", lambda row: row["errors"], lambda row: f"{row['errors']:,}"),
    "severity": Column(
        "Verdict",
        lambda row: (_SEVERITY_ORDER.index(row["severity"]), row["p95_ms"]),
        lambda row: severity_mark(row["severity"]),
    ),
}


def read_order(stored: Any) -> Order:
    """What the page remembers of the order; whatever else a browser may send counts as the usual one."""
    if not isinstance(stored, Mapping) or stored.get("column") not in COLUMNS:
        return Order()
    return Order(str(stored["column"]), bool(stored.get("falling")), bool(stored.get("every")))


def in_order(rows: Sequence[Row], order: Order) -> list[Row]:
    """Rows without a value come last, whichever way is up."""
    key = COLUMNS[order.column].key
    known = [row for row in rows if key(row) is not None]
    return sorted(known, key=key, reverse=order.falling) + [row for row in rows if key(row) is None]


def routes(rows: Sequence[Row], order: Order, days: int) -> Element:
    if not rows:
        return [nothing(f"Nothing was asked for in {span_words(days)}.")]
    ordered = in_order(rows, order)
    shown = ordered if order.every else ordered[:SHOWN]
    caption = html.Caption("What was asked for; the buttons in the head sort", className="visually-hidden")
    head = html.Thead(html.Tr([_head(key, column, order) for key, column in COLUMNS.items()]))
    body = html.Tbody([_row(row) for row in shown])
    table = html.Table([caption, head, Static(body)], className="data-table watch-table routes")
    grey = "Grey: from few requests, under 20 for P95 and under 100 for P99."
    return [
        framed(table, "The slowest of what was asked for"),
        html.Div([_more(len(rows), order), html.P(grey, className="small")], className="watch-foot"),
        downloads("slow-routes", "what was asked for", days=days),
    ]


def _head(key: str, column: Column, order: Order) -> Element:
    chosen = key == order.column
    arrow = (
        "\N{BLACK DOWN-POINTING SMALL TRIANGLE}" if order.falling else "\N{BLACK UP-POINTING SMALL TRIANGLE}"
    ) * chosen
    button = html.Button(
        [column.name, html.Span(arrow, className="arrow", **aria(hidden="true"))],
        id=ids.watch_sort(key),
        n_clicks=0,
        type="button",
        className="sort",
    )
    return html.Th(button, scope="col", **(aria(sort=_DOWN if order.falling else _UP) if chosen else {}))


def _row(row: Row) -> Element:
    name, *cells = [column.cell(row) for column in COLUMNS.values()]
    return html.Tr(
        [html.Th(name, scope="row"), *(html.Td(cell) for cell in cells)], key=f"{row['kind']} {row['route']}"
    )


def _more(total: int, order: Order) -> Element:
    if total <= SHOWN:
        return None
    return html.Button(
        f"Show the first {SHOWN}" if order.every else f"Show all {total}",
        id=ids.watch_sort("every"),
        n_clicks=0,
        type="button",
        className="quiet-button",
    )


def cache(found: CacheEffectiveness, days: int) -> Element:
    overall = found["overall"]
    asked = overall["hits"] + overall["misses"]
    if not asked:
        return [nothing(f"In {span_words(days)} nothing was asked for that can be kept.")]
    effect = overall["effectiveness"]
    keeping = [row for row in found["routes"] if row["hits"] + row["misses"]]
    kept = sorted(keeping, key=lambda row: -row["misses"])[:SHOWN]
    return [
        html.P(
            [
                mark(EFFECTIVENESS_WORDS[effect], EFFECTIVENESS_TONES[effect]),
                f": {per_cent(overall['hit_rate'])} of {count(asked, 'answer')} that can be kept came from the cache.",
            ],
            className="block-sentence",
        ),
        _share(overall),
        watch_table(Table("Cache hits by what was asked for", _CACHE_NAMES, [_cache_row(row) for row in kept])),
        downloads("cache-effectiveness", "the cache's effectiveness", days=days),
    ]


_CACHE_NAMES = ("What was asked for", "Hits", "Misses", "Hit rate", "Verdict")


def _share(overall: CacheTotals) -> Element:
    shares = (
        ("hits", "From the cache", overall["hits"]),
        ("misses", "Made anew", overall["misses"]),
        ("apart", "Cannot be kept", overall["not_cacheable"]),
    )
    bar = [html.Span(className=f"share cache-{key}", style={"flex": str(number)}) for key, _, number in shares]
    legend = [html.Li([html.Span(className=f"dot cache-{key}"), f"{name}: {number:,}"]) for key, name, number in shares]
    return html.Div(
        [html.Div(bar, className="share-bar", **aria(hidden="true")), html.Ul(legend, className="share-legend")]
    )


def _cache_row(row: CacheRow) -> list[Element]:
    effect = row["effectiveness"]
    return [
        named(operation_name(row["kind"], row["route"]), row["route"]),
        f"{row['hits']:,}",
        f"{row['misses']:,}",
        per_cent(row["hit_rate"]),
        mark(EFFECTIVENESS_WORDS[effect], EFFECTIVENESS_TONES[effect]),
    ]
