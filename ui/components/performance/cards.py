"""The four numbers one looks at first: how much is asked, how fast it is answered, from where, and what is slowest."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from data.watch.documents import Overview, SlowestRoute
from ui.components.performance.section import mark, named, sparse
from ui.operation_names import operation_name
from ui.page import Element
from ui.performance_words import (
    FEW_FOR_P95,
    FEW_FOR_P99,
    NOTHING,
    SEVERITY_TONES,
    SEVERITY_WORDS,
    milliseconds,
    often_words,
    per_cent,
    span_words,
)
from ui.readings import count


def cards(overview: Overview, days: int) -> Element:
    return [_requests(overview, days), _speed(overview), _cache(overview), _slowest(overview["slowest_route"])]


def severity_mark(severity: str | None) -> Element:
    return mark(SEVERITY_WORDS[severity], SEVERITY_TONES[severity]) if severity is not None else None


def _card(title: str, number: Element, lines: Sequence[Element]) -> Element:
    return html.Div(
        [
            html.H3(title, className="stat-title"),
            html.P(number, className="value"),
            *(html.P(line, className="small") for line in lines if line),
        ],
        className="watch-card stat",
    )


def _big(text: str, unit: str = "") -> Element:
    number, _, own = text.partition("\N{NO-BREAK SPACE}")
    said = " ".join(part for part in (own, unit) if part)
    return [
        html.Span(number, className="value-number"),
        html.Span(f" {said}", className="value-unit") if said else None,
    ]


def _requests(overview: Overview, days: int) -> Element:
    total = overview["total_requests"]
    if not total:
        return _card("Requests", _big("0"), [f"Nothing was asked for in {span_words(days)}."])
    kinds = count(overview["total_routes"], "kind", "kinds")
    failed = count(overview["errors"], "failure") if overview["errors"] else "none failed"
    share = f" ({per_cent(overview['error_rate'])})" if overview["errors"] else ""
    return _card(
        "Requests",
        _big(f"{total:,}"),
        [f"{often_words(overview['requests_per_minute'])}, of {kinds}", f"{failed}{share}"],
    )


def _speed(overview: Overview) -> Element:
    total = overview["total_requests"]
    if not total:
        return _card("Time to answer", _big(NOTHING), ["Unknown, as nothing was answered."])
    p95, p99 = overview["p95_ms"], overview["p99_ms"]
    pair = [
        html.Span([*_big(milliseconds(overview["avg_response_time_ms"]), "on average")], className="pair"),
        html.Span([*_big(milliseconds(p95), "P95")], className="pair" + (" few" if total < FEW_FOR_P95 else "")),
    ]
    rest = [
        f"half within {milliseconds(overview['p50_ms'])}, P99 ",
        sparse(milliseconds(p99), total, FEW_FOR_P99),
        f", longest {milliseconds(overview['max_ms'])}",
    ]
    return _card("Time to answer", pair, [rest])


def _cache(overview: Overview) -> Element:
    asked = overview["cacheable_requests"]
    if not asked:
        return _card("Cache hit rate", _big(NOTHING), ["Nothing was asked for that can be kept."])
    return _card(
        "Cache hit rate", _big(per_cent(overview["cache_hit_rate"])), [f"of {count(asked, 'answer')} that can be kept"]
    )


def _slowest(slowest: SlowestRoute | None) -> Element:
    if slowest is None:
        return _card("Slowest", _big(NOTHING), ["Nothing was answered."])
    name = named(operation_name(slowest["kind"], slowest["route"]), slowest["route"])
    number = html.Span(_big(milliseconds(slowest["p95_ms"]), "P95"), className="few" if slowest["few"] else None)
    return _card("Slowest", number, [severity_mark(slowest["severity"]), name])
