"""The grade of Sightline's health: its three parts, what each rests on, and what pulls it down."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from data.watch.documents import CachePart, ErrorsPart, Health, LatencyPart, Pull
from ui.components.block import folded
from ui.components.performance.section import hidden, nothing
from ui.operation_names import operation_name
from ui.page import Element, aria
from ui.performance_words import grade_tone
from ui.readings import count, decimal

SAID_FIRST = 5
FORMULA = (
    "Speed counts 40 %, the cache 30 %, errors 30 %. Speed by P95: 100 points under 100 ms, falling evenly to 70 at "
    "500 ms and to 30 at 1 s, and 30,000 divided by the milliseconds above that. Cache: the hit rate in per cent over "
    "the answers that can be kept; where there are none, the part is left out and the others count more. Errors: 100 "
    "less the share that failed, in per cent. A+ from 95, A from 90, B+ from 85, B from 80, C+ from 75, C from 70, "
    "D from 60, F below."
)


def health(score: Health) -> Element:
    if score["grade"] is None or score["total_score"] is None:
        return [
            html.P([html.Span("No grade", className="grade-none")]),
            nothing("Nothing was measured in this span. A grade needs something that was asked for."),
        ]
    parts = score["parts"]
    grade = html.Div(
        [
            html.P(score["grade"], className=f"grade tone-{grade_tone(score['grade'])}", **aria(hidden="true")),
            html.Div(
                [
                    html.P(
                        [
                            html.Span("Grade ", className="visually-hidden"),
                            html.Span(f"{score['grade']}, ", className="visually-hidden"),
                            html.Span(_points(score["total_score"]), className="value-number"),
                            html.Span(" of 100 points", className="value-unit"),
                        ]
                    ),
                    html.P(_summary(score), className="small"),
                ]
            ),
        ],
        className="grade-line",
    )
    return [
        grade,
        html.Ul(
            [_part("Speed", parts["latency"]), _part("Cache", parts["cache"]), _part("Errors", parts["errors"])],
            className="health-parts",
        ),
        _pulls_down(score["pulls_down"]),
        folded("How is the grade computed?", html.P(FORMULA, className="block-definition")),
    ]


def health_aloud(score: Health, firing: int) -> str:
    """What a screen reader is told when it changes, and nothing that changes with every look."""
    grade = "No grade" if score["grade"] is None else f"Grade {score['grade']}"
    alerts = {0: "no alert is firing", 1: "1 alert is firing"}.get(firing, f"{firing} alerts are firing")
    return f"{grade}, {alerts}."


def _summary(score: Health) -> str:
    few = ", which are few" if score["few"] else ""
    return f"from {count(score['requests'], 'answer')}{few}"


def _points(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _part(name: str, part: LatencyPart | CachePart | ErrorsPart | None) -> Element:
    if part is None:
        why = "Nothing that can be kept was asked for, so this part does not count."
        return html.Li([_part_head(name, "left out", ""), html.P(why, className="small")])
    points = part["points"]
    tone = "calm" if points >= 90 else "warn" if points >= 70 else "bad"
    bar = html.Div(
        html.Div(className=f"age-bar part-{tone}", style={"width": f"{points:.1f}%"}),
        className="age-track",
        **aria(hidden="true"),
    )
    weight = f"counts {part['weight'] * 100:.0f} %"
    return html.Li(
        [_part_head(name, f"{_points(points)} points", weight), bar, html.P(part["sentence"], className="small")]
    )


def _part_head(name: str, points: str, weight: str) -> Element:
    return html.P(
        [
            html.Span(name, className="part-name"),
            html.Span(f" {weight}", className="part-weight"),
            html.Span(f" {points}", className="age-text"),
        ],
        className="age-head",
    )


def _pulls_down(pulls: Sequence[Pull]) -> Element:
    if not pulls:
        return None
    rows = [
        html.Li(
            [
                html.Span(
                    [
                        html.Span(operation_name(pull["kind"], pull["route"]), className="operation-name"),
                        html.Span(f": {pull['sentence']}"),
                    ]
                ),
                html.Span([f"\N{MINUS SIGN}{decimal(pull['points_lost'])}", hidden(" points")], className="age-text"),
            ],
            className="pull",
        )
        for pull in pulls[:SAID_FIRST]
    ]
    return html.Div([html.H3("What pulls it down", className="watch-subtitle"), html.Ul(rows, className="pulls")])
