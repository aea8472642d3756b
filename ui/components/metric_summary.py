"""The parts that a metric's card and its panel share: headline, change, evidence, benchmark, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping

import dash_mantine_components as dmc
from dash import html

from data.metric import MetricResult
from ui import ids
from ui.components.benchmark import benchmark_line
from ui.components.shares import share_bar
from ui.page import Element, aria
from ui.readings import read
from ui.theme import VERDICT_COLOURS
from ui.wording import (
    KIND_NAMES,
    advice,
    change_words,
    interval_words,
    proxy_words,
    ratio_words,
    sample_words,
    status_words,
)

_ARROWS = {"up": "\N{UPWARDS ARROW}", "down": "\N{DOWNWARDS ARROW}", "level": "\N{RIGHTWARDS ARROW}"}
_VERDICTS = {
    ("better", True): "Better",
    ("worse", True): "Worse",
    ("better", False): "Perhaps better",
    ("worse", False): "Perhaps worse",
}


def heading(result: MetricResult, *, order: int, partial: bool = False) -> Element:
    """The metric's name, and a badge when its value is not simply a number or rests on a partial reading."""
    badge = ", ".join(filter(None, [status_words(result), "Partial data" if partial else None]))
    return dmc.Group(
        [
            dmc.Title(result["title"], order=order, className="metric-title"),
            dmc.Badge(badge, color="gray", variant="light", className="state-badge") if badge else None,
        ],
        justify="space-between",
        align="flex-start",
        wrap="nowrap",
        gap="xs",
    )


def headline(result: MetricResult) -> Element:
    """The value as large type, the kinds as a bar, or the reason there is no value: never a blank and never 0."""
    value = result["value"]
    if value is None:
        return _no_value(result)
    if isinstance(value, Mapping):
        return share_bar(value)
    reading = read(value, result["unit"])
    return html.P(
        [html.Span(reading.number, className="value-number"), " ", html.Span(reading.unit, className="value-unit")],
        className="value",
    )


def change_line(result: MetricResult) -> Element:
    words = change_words(result)
    if not words.sentence:
        return None
    judged = _VERDICTS.get((words.verdict, words.certain))
    colour = VERDICT_COLOURS[words.verdict] if words.certain else "gray"
    arrow = None if words.verdict == "none" and words.direction == "level" else _ARROWS[words.direction]
    return html.P(
        [
            html.Span(f"{arrow} ", **aria(hidden="true")) if arrow else None,
            html.Strong(f"{judged}: ") if judged else None,
            words.sentence[0].lower() + words.sentence[1:] if judged else words.sentence,
        ],
        className=f"change change-{colour}",
    )


def evidence(result: MetricResult) -> Element:
    """Sample, certainty, kinds and stand-ins, one short line each."""
    lines = [_sample_line(result), interval_words(result), _kinds_line(result), proxy_words(result)]
    if result["value"] is None:
        lines = [proxy_words(result)]
    return html.Ul([html.Li(line) for line in lines if line], className="evidence")


def foot(result: MetricResult, group: str) -> Element:
    compared = benchmark_line(result, group)
    return html.Div([compared, explain_button(result)], className="card-foot" if compared else "card-foot bare")


def explain_button(result: MetricResult) -> Element:
    """Every such button names its metric for those who hear it and not see where it stands."""
    return dmc.Button(
        "How is this computed?",
        id=ids.explain(result["key"]),
        n_clicks=0,
        variant="subtle",
        size="compact-sm",
        className="explain",
        **aria(label=f"How is this computed? {result['title']}", haspopup="dialog"),
    )


def _no_value(result: MetricResult) -> Element:
    words = advice(result)
    return html.Div(
        [html.P(words.missing, className="no-value"), html.P(words.next_step, className="no-value-step")],
        className="no-value-box",
    )


def _sample_line(result: MetricResult) -> str | None:
    if result["unit"] == "items":
        return None
    spelt = ratio_words(result)
    if spelt:
        return spelt
    if result["unit"] == "hours" and result["sample_size"] > 1:
        return f"Median of {sample_words(result)}"
    return f"From {sample_words(result)} in {result['period']['days']} days"


def _kinds_line(result: MetricResult) -> str | None:
    if result["unit"] != "items" or not result["by_kind"]:
        return None
    parts = (f"{KIND_NAMES.get(kind, kind)} {number:,.0f}" for kind, number in result["by_kind"].items() if number)
    return ", ".join(parts)
