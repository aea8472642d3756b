"""What is to come: how many items by a day, and when a number of items is done."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from dash import html

from data.analysis.ageing import ageing
from ui.components.ageing import chances_block
from ui.components.forecast import MOST_ITEMS, date_choice, how_many_block, items_choice, when_done_block
from ui.page import Element, View, ViewPage

WEEKS_AHEAD = 4
LONGEST_AHEAD = timedelta(days=730)


def forecast_body(view: View) -> Element:
    """The choices begin four weeks ahead, and with as many items as are in progress, unless the address has others."""
    facts = view.facts
    today = facts.as_of.astimezone(ZoneInfo(facts.history.rules.timezone)).date()
    standing = ageing(facts, view.days)
    usual = max(1, len(standing["items"]))
    return html.Div(
        [
            how_many_block(_date_choice(today, view.asked.get("until", ""))),
            when_done_block(items_choice(_number(view.asked.get("items", "")) or usual, usual)),
            chances_block(standing),
        ],
        className="panels",
    )


def _date_choice(today: date, asked: str) -> Element:
    """Days are ISO text, whose order is that of time."""
    usual, earliest, latest = (
        (today + ahead).isoformat() for ahead in (timedelta(weeks=WEEKS_AHEAD), timedelta(days=1), LONGEST_AHEAD)
    )
    return date_choice(
        asked if _is_day(asked) and earliest <= asked <= latest else usual, usual, earliest=earliest, latest=latest
    )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _number(text: str) -> int | None:
    plain = text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_ITEMS))
    return int(text) if plain and 1 <= int(text) <= MOST_ITEMS else None


FORECAST = ViewPage(
    key="forecast",
    path="/forecast",
    name="Forecast",
    title="Forecast",
    intro="What the team's own weeks say about the weeks to come, and how often that came true before.",
    body=forecast_body,
)
