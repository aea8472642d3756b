"""The button that opens the filters, the filters themselves, and the line that says which are on."""

from __future__ import annotations

from collections.abc import Mapping

import dash_mantine_components as dmc
from dash import html

from data.filters import FACETS
from data.history import Facet
from ui import ids
from ui.filter_choice import FACET_NAMES, Choice, in_address, offered
from ui.page import Element, aria


def filter_button() -> Element:
    """A native disclosure, so that it works by keyboard and says by itself whether it is open."""
    return html.Details(
        [
            html.Summary("Filter", id=ids.FILTER_BUTTON),
            html.Div("The filters come with the numbers.", id=ids.FILTER_CHOICES, className="filter-choices"),
        ],
        className="filters",
    )


def filter_choices(facets: Mapping[str, Facet], choice: Choice) -> Element:
    """One box for each facet that has more than one value."""
    boxes = [_box(facet, facets[facet], choice) for facet in FACETS if len(facets[facet].names) > 1]
    if not boxes:
        return html.P("All issues agree in project, type, team, component and label: there is nothing to filter by.")
    return [*boxes, _reset("panel")]


def _box(facet: str, values: Facet, choice: Choice) -> Element:
    names = offered(values)
    chosen = [name for name in choice.values.get(facet, ()) if name in names]
    return dmc.MultiSelect(
        id=ids.filter_box(in_address(facet)),
        label=FACET_NAMES[facet],
        data=[{"value": name, "label": name} for name in names],
        value=chosen,
        placeholder="" if chosen else "All",
        searchable=True,
        clearable=True,
        limit=100,
        size="sm",
        nothingFoundMessage="Nothing has this name.",
        comboboxProps={"withinPortal": False},
        withScrollArea=False,
        clearButtonProps={"aria-label": f"All of {FACET_NAMES[facet].lower()}"},
    )


def button_words(choice: Choice) -> str:
    return f"Filter ({choice.count})" if choice.count else "Filter"


def filter_line(choice: Choice, issues: int) -> Element:
    """What is looked at and how much that is; what the address asked for in vain."""
    lost = choice.unknown
    parts = []
    if choice.count:
        parts.append(html.Span([html.Strong("Only "), choice.words, f": {issues:,} of the issues."]))
    if lost:
        named = ", ".join(lost[:5]) + (" and more" if len(lost) > 5 else "")
        parts.append(html.Span(f"Left out of the filter, because no issue has it: {named}."))
    return html.Div([*parts, _reset("line")], className="filter-line") if parts else None


def filter_note(choice: Choice) -> Element:
    """Said where a number is explained."""
    if not choice.count:
        return None
    return html.P(
        [html.Strong("A filter is on: "), f"all of this is about {choice.words} only."], className="filter-note"
    )


def _reset(place: str) -> Element:
    return dmc.Button(
        "Reset all",
        id=ids.filter_reset(place),
        n_clicks=0,
        variant="subtle",
        size="compact-sm",
        **aria(label="Reset all filters"),
    )
