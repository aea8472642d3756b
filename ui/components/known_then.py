"""A number as it was known on an earlier day: the choice of the day, and what has changed in it since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import dash_mantine_components as dmc
from dash import html

from data.metric import MetricResult
from ui import ids
from ui.components.block import folded
from ui.components.issue_list import FIRST, Listing, issue_rows
from ui.page import Element, Sources
from ui.readings import count, read

HIDDEN: dict[str, str] = {"display": "none"}
REBUILT = (
    "Rebuilt from the history of each issue. Versions, links, labels and types are those of today, "
    "and so are the team's rules."
)


def day_name(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def known_choice(latest: date) -> Element:
    """Where the day is chosen; `latest` is the last day that is over."""
    return html.Div(
        [
            dmc.DateInput(
                id=ids.KNOWN_DAY,
                label="As it was known at the end of",
                placeholder="now",
                value=None,
                maxDate=latest.isoformat(),
                valueFormat="D MMM YYYY",
                clearable=True,
                clearButtonProps={"aria-label": "Clear the day"},
                size="sm",
                className="known-day",
            ),
            dmc.Button("Back to now", id=ids.KNOWN_NOW, n_clicks=0, variant="default", size="sm", style=HIDDEN),
            html.Div(id=ids.KNOWN_SAID, role="status", className="known-said"),
        ],
        className="known",
    )


def known_note(day: date, then: MetricResult, now: MetricResult, sources: Sources) -> Element:
    """Says that this is an earlier state, and by which items it differs from today's."""
    over = "" if then["key"] == "flow_load" else f", each over the {count(then['period']['days'], 'day')} before"
    came, went = (_only_in(one, other) for one, other in ((now, then), (then, now)))
    return html.Div(
        [
            html.P(
                [html.Strong("An earlier state: "), f"all below is as it was known at the end of {day_name(day)}."],
                className="filter-note",
            ),
            html.P(
                f"Then {_value(then)}, now {_value(now)}{over}. {_moved(came, went, then)}",
                className="known-since",
            ),
            _listed("Came in since", came, now, sources),
            _listed("Went out since", went, then, sources),
            html.P(REBUILT, className="small"),
        ],
        className="known-note",
    )


def _only_in(result: MetricResult, other: MetricResult) -> list[str]:
    known = set(other["included"])
    return [key for key in result["included"] if key not in known]


def _value(result: MetricResult) -> str:
    value, items = result["value"], f"{len(result['included']):,} counted"
    if value is None:
        return f"no value ({items})"
    if isinstance(value, Mapping):
        return items
    told = read(value, result["unit"]).text
    return told if result["unit"] == "items" else f"{told} ({items})"


def _moved(came: Sequence[str], went: Sequence[str], then: MetricResult) -> str:
    if not came and not went:
        return "The same are counted."
    noun = then["item_kind"].removesuffix("s")
    return f"Since then {count(len(came), noun)} came in and {len(went):,} went out."


def _listed(title: str, keys: Sequence[str], result: MetricResult, sources: Sources) -> Element:
    if not keys:
        return None
    rows = issue_rows(Listing(keys, result["item_kind"] == "issues"), sources, search="", limit=FIRST)
    return folded(f"{title}: {len(keys):,}", rows)
