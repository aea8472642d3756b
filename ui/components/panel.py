"""A metric at full width: its summary beside its whole trend, and the same trend as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import dash_mantine_components as dmc
from dash import html

from data.analysis.process_behaviour import Signal
from data.benchmarks import ALL
from data.configuration_history import DefinitionChange
from data.metric import MetricResult, TrendPoint
from data.model import FlowKind
from ui.components.benchmark import benchmark_bar
from ui.components.block import Table, folded, table_of
from ui.components.metric_summary import change_line, evidence, foot, heading, headline
from ui.components.shares import legend
from ui.components.trust import trust_mark
from ui.figures.graph import chart
from ui.figures.trend import behaviour, changes_shown, kinds_shown, signalled, trend_figure
from ui.figures.weeks import day_name, known_values, trend_scale, trend_sentence, week_monday, week_text
from ui.page import Element
from ui.readings import PER_CENT
from ui.rule_words import change_sentence
from ui.wording import KIND_NAMES

MOST_SIGNALS = 3

_PointReader = Callable[[TrendPoint], list[str]]


def panels(
    results: Mapping[str, MetricResult],
    *,
    partial: bool = False,
    changes: Sequence[DefinitionChange] = (),
    group: str = ALL,
) -> Element:
    shares = next((result["trend"] for result in results.values() if result["unit"] == "share"), [])
    shown = [*results.values()]
    drawn = [metric_panel(result, shares, partial=partial, changes=changes, group=group) for result in shown]
    return html.Div([benchmark_bar(shown, group), *drawn], className="panels")


def metric_panel(
    result: MetricResult,
    shares: Sequence[TrendPoint] = (),
    *,
    partial: bool = False,
    changes: Sequence[DefinitionChange] = (),
    group: str = ALL,
) -> Element:
    """`shares` are the weeks of the family's shares by kind, over the same items as its stacked counts."""
    return dmc.Card(
        html.Div(
            [
                html.Div(
                    [
                        heading(result, order=2, partial=partial),
                        headline(result),
                        change_line(result),
                        evidence(result),
                        trust_mark(result["trust"]),
                        foot(result, group),
                    ],
                    className="panel-summary",
                ),
                html.Div(_trend(result, shares, changes), className="panel-trend"),
            ],
            className="panel",
        ),
        withBorder=True,
        padding="md",
        className="metric-panel",
        **{"data-metric": result["key"]},
    )


def _trend(result: MetricResult, shares: Sequence[TrendPoint], changes: Sequence[DefinitionChange]) -> list[Element]:
    has_shares = any(isinstance(point["value"], Mapping) for point in result["trend"])
    if not has_shares and not known_values(result["trend"]):
        return [html.P("No week has a value yet, so there is no trend to draw.", className="no-trend")]
    figure = trend_figure(result, shares, changes)
    kinds = kinds_shown(figure)
    return [
        html.Figure(
            [
                legend([(kind, None) for kind in kinds]) if kinds else None,
                chart(result["key"], figure),
                html.Figcaption(trend_sentence(result), className="visually-hidden"),
            ],
            className="trend",
        ),
        _signals(result),
        _changes(changes_shown(result, changes)),
        html.Details(
            [html.Summary("Show as a table"), _table(result)],
            className="as-table",
        ),
    ]


def _changes(changes: Sequence[DefinitionChange]) -> Element:
    """What the dashed lines mean, the latest first."""
    if not changes:
        return None
    lines = [
        html.Li(
            [
                html.Strong(f"{day_name(date.fromisoformat(change['at'][:10]))}: "),
                " ".join(change_sentence(one) for one in change["changes"]),
            ]
        )
        for change in reversed(changes)
    ]
    said = "A dashed line is a day on which the team's rules changed. All weeks are measured by the rules of today."
    return html.Div(
        [
            html.P(said, className="small"),
            html.Ul(lines[:MOST_SIGNALS], className="plain-list"),
            *_earlier(lines[MOST_SIGNALS:], "plain-list"),
        ],
        className="rule-changes",
    )


def _signals(result: MetricResult) -> Element:
    """What in the trend is more than noise, the latest first; quiet when nothing is."""
    found = behaviour(result)["signals"]
    if not found:
        return None
    lines = [
        html.Li([html.Strong(_weeks_name(result["trend"], signal)), f": {signal['sentence']}"])
        for signal in reversed(found)
    ]
    return html.Div(
        [html.Ul(lines[:MOST_SIGNALS], className="signals"), *_earlier(lines[MOST_SIGNALS:], "signals")],
        className="signals-box",
    )


def _earlier(lines: list[Element], class_name: str) -> list[Element]:
    return [folded(f"{len(lines)} earlier", html.Ul(lines, className=class_name))] if lines else []


def _weeks_name(trend: Sequence[TrendPoint], signal: Signal) -> str:
    first, last = (day_name(week_monday(trend[signal[end]]["week"])) for end in ("first", "last"))
    return f"Week of {first}" if first == last else f"Weeks of {first} to {last}"


def _table(result: MetricResult) -> Element:
    columns, read_point = _columns(result)
    marked = signalled(result)
    names = ("Week from", *columns, *(["Signal"] if marked else []), "Counted")
    rows = [
        [
            _week_name(point),
            *read_point(point),
            *(["yes" if place in marked else ""] if marked else []),
            f"{point['sample_size']:,}",
        ]
        for place, point in reversed([*enumerate(result["trend"])])
    ]
    return table_of(Table(f"{result['title']} by week", names, rows))


def _columns(result: MetricResult) -> tuple[tuple[str, ...], _PointReader]:
    kinds = [
        kind
        for kind in FlowKind
        if any(isinstance(p["value"], Mapping) and p["value"].get(kind) for p in result["trend"])
    ]
    if kinds:
        return tuple(KIND_NAMES[kind] for kind in kinds), lambda point: _share_texts(point, kinds)
    scale = trend_scale(result)

    def one_value(point: TrendPoint) -> list[str]:
        value = point["value"]
        return [week_text(float(value), result["unit"], scale) if isinstance(value, float | int) else "no value"]

    return ("Value",), one_value


def _share_texts(point: TrendPoint, kinds: list[FlowKind]) -> list[str]:
    value = point["value"]
    if not isinstance(value, Mapping):
        return ["no value"] * len(kinds)
    return [PER_CENT.of(value.get(kind, 0.0)).text for kind in kinds]


def _week_name(point: TrendPoint) -> str:
    name = day_name(week_monday(point["week"]))
    return f"{name} (running)" if point["partial"] else name
