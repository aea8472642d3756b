"""All ten metrics at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dash_mantine_components as dmc
from dash import html

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
) -> Element:
    return html.Div([_family(family, results, partial=partial) for family in FAMILY_NAMES], className="families")


def _family(family: str, results: Mapping[str, MetricResult], *, partial: bool) -> Element:
    cards = [metric_card(result, partial=partial) for result in results.values() if result["family"] == family]
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
