"""What is to come: how many items by a day, and when a number of items is done."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from dash import html

from data.analysis.ageing import ageing
from ui.components.ageing import chances_block
from ui.components.forecast import date_choice, how_many_block, items_choice, when_done_block
from ui.page import Element, View, ViewPage

WEEKS_AHEAD = 4
LONGEST_AHEAD = timedelta(days=730)


def forecast_body(view: View) -> Element:
    """The choices begin four weeks ahead, and with as many items as are in progress."""
    facts = view.facts
    today = facts.as_of.astimezone(ZoneInfo(facts.history.rules.timezone)).date()
    standing = ageing(facts, view.days)
    chosen = (today + timedelta(weeks=WEEKS_AHEAD)).isoformat()
    limits = (today + timedelta(days=1)).isoformat(), (today + LONGEST_AHEAD).isoformat()
    return html.Div(
        [
            how_many_block(date_choice(chosen, *limits)),
            when_done_block(items_choice(max(1, len(standing["items"])))),
            chances_block(standing),
        ],
        className="panels",
    )


FORECAST = ViewPage(
    key="forecast",
    path="/forecast",
    name="Forecast",
    title="Forecast",
    intro="What the team's own weeks say about the weeks to come, and how often that came true before.",
    body=forecast_body,
)
