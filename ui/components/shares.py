"""A whole and its parts: the kinds of work as one stacked bar with its legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html

from data.model import FlowKind
from ui.page import Element, aria
from ui.readings import PER_CENT
from ui.wording import KIND_NAMES


def share_bar(shares: Mapping[str, float]) -> Element:
    """Kinds without any share are left out of bar and legend; the words carry everything the colours do."""
    parts = [(kind, shares[kind]) for kind in FlowKind if shares.get(kind, 0.0) > 0]
    spoken = ", ".join(f"{KIND_NAMES[kind]} {PER_CENT.of(share).text}" for kind, share in parts)
    return html.Div(
        [
            html.Div(
                [
                    html.Span(className=f"share kind-{kind}", style={"width": f"{share * 100:.2f}%"})
                    for kind, share in parts
                ],
                className="share-bar",
                role="img",
                **aria(label=spoken),
            ),
            legend([(kind, PER_CENT.of(share).text) for kind, share in parts]),
        ]
    )


def legend(entries: Sequence[tuple[FlowKind, str | None]]) -> Element:
    """Each kind with its colour, and its reading where there is one."""
    return html.Ul(
        [
            html.Li(
                [
                    html.Span(className=f"dot kind-{kind}", **aria(hidden="true")),
                    html.Span(KIND_NAMES[kind]),
                    html.Strong(text) if text else None,
                ]
            )
            for kind, text in entries
        ],
        className="share-legend",
    )
