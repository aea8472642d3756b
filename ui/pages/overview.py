"""All ten metrics at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dash_mantine_components as dmc
from dash import html

from data.benchmarks import ALL
from data.configuration_history import DefinitionChange
from data.metric import MetricResult
from ui.components.card import metric_card
from ui.page import Element, Page

FAMILY_NAMES = {"dora": "Delivery (DORA)", "flow": "Flow"}


def overview_body(
    results: Mapping[str, MetricResult],
    *,
    partial: bool = False,
    changes: Sequence[DefinitionChange] = (),  # noqa: ARG001 - sparklines are too small for marks
    group: str = ALL,
) -> Element:
    families = [
        _family(
            family,
            [metric_card(each, partial=partial, group=group) for each in results.values() if each["family"] == family],
        )
        for family in FAMILY_NAMES
    ]
    return html.Div(families, className="families")


def _family(family: str, cards: list[Element]) -> Element:
    return html.Section(
        [dmc.Title(FAMILY_NAMES[family], order=2, className="family-title"), html.Div(cards, className="card-column")]
    )


OVERVIEW = Page(
    key="overview",
    path="/",
    name="Overview",
    title="Overview",
    intro="How fast and how safely the team delivers, and how its work flows.",
    families=("dora", "flow"),
    body=overview_body,
)
