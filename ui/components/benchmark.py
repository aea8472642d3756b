"""Where a value stands beside other organisations: whom to compare with, and the words, with source and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dash_mantine_components as dmc
from dash import html

from data.benchmarks import ALL, SOURCE, benchmark, groups
from data.metric import MetricResult
from ui import ids
from ui.page import Element

_GROUPED = (("industry", "Industry"), ("organization_size", "Size of the organisation"))


def group_of(chosen: object) -> str:
    """The group that is meant, all organisations where it is none; a browser can send anything."""
    return chosen if isinstance(chosen, str) and chosen in {known.key for known in groups()} else ALL


def benchmark_choice(group: str, place: str) -> Element:
    """Whom to compare with; what is chosen in one place is chosen in all, and remembered by the browser."""
    offered = [
        {"group": title, "items": [{"value": known.key, "label": known.name} for known in groups() if known.by == by]}
        for by, title in _GROUPED
    ]
    return dmc.Select(
        id=ids.benchmark_group(place),
        label="Compare with",
        data=offered,
        value=group,
        allowDeselect=False,
        searchable=True,
        size="sm",
        className="forecast-choice",
    )


def benchmark_bar(results: Sequence[MetricResult], group: str) -> Element:
    """Stands over a page whose values are compared; nothing where none of them can be."""
    if not any(benchmark(result) for result in results):
        return None
    told = f"Benchmarks say how organisations answered in the {SOURCE}, on its scale from 0 to 10."
    return html.Div([benchmark_choice(group, "page"), html.P(told, className="small")], className="benchmark-bar")


def benchmark_line(result: MetricResult, group: str) -> Element:
    """One line on a card; its words follow the choice."""
    words = benchmark_sentence(result, group)
    return html.P(words, id=ids.benchmark_line(result["key"]), className="benchmark") if words else None


def benchmark_sentence(result: MetricResult, group: str) -> str:
    found = benchmark(result, group)
    return f"Benchmark: {found.sentence}" if found else ""


def benchmark_words(result: MetricResult, group: str) -> Element:
    found = benchmark(result, group)
    if found is None:
        return None
    tier = f"In the clusters of the 2024 report, the last that had any: {found.tier_2024}." if found.tier_2024 else None
    return [html.P(found.sentence), html.P(tier, className="small") if tier else None]


def benchmark_section(result: MetricResult, group: str) -> Element:
    if benchmark(result) is None:
        return None
    said = html.Div(benchmark_words(result, group), id=ids.BENCHMARK_SAID, role="status")
    return [benchmark_choice(group, "explanation"), said]


def lines_of(results: Mapping[str, MetricResult], keys: Sequence[str], group: str) -> list[str]:
    """The lines of the cards that are shown, in their order."""
    return [benchmark_sentence(results[key], group) if key in results else "" for key in keys]
