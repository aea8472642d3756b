"""Forecasts in words and bars, each with what became of earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import dash_mantine_components as dmc
from dash import dcc, html

from data.forecast import FEWEST_TESTS, FEWEST_WEEKS, BackTest, HowMany, WhenDone
from ui import ids
from ui.components.block import bar_width, block, too_little
from ui.page import Element, aria
from ui.readings import count, decimal
from ui.times import day_words

MOST_ITEMS = 10_000
LEVEL_WORDS = {"50": "as likely as not", "70": "likely", "85": "very likely", "95": "almost certain"}


def date_choice(chosen: str, usual: str, *, earliest: str, latest: str) -> Element:
    box = dmc.DateInput(
        id=ids.forecast_choice("until"),
        label="By this day",
        value=chosen,
        minDate=earliest,
        maxDate=latest,
        valueFormat="D MMM YYYY",
        size="sm",
        className="forecast-choice",
    )
    return html.Div([box, dcc.Store(id=ids.forecast_usual("until"), data=usual)])


def items_choice(chosen: int, usual: int) -> Element:
    box = dmc.NumberInput(
        id=ids.forecast_choice("items"),
        label="So many items",
        value=chosen,
        min=1,
        max=MOST_ITEMS,
        allowDecimal=False,
        size="sm",
        debounce=400,
        className="forecast-choice",
    )
    return html.Div([box, dcc.Store(id=ids.forecast_usual("items"), data=usual)])


def how_many_block(choice: Element) -> Element:
    return block(
        "How many items will be finished?",
        body=_asked(choice, ids.FORECAST_HOW_MANY),
        definition=(
            "Each of 10,000 trials draws, for every week to come, one of the team's own complete weeks of the last "
            "half year, and adds up what was finished in them. Of a week that counts only in part, each item falls "
            "into it with the chance of its share. A level of 85 % is the number that 85 of 100 trials reach. Weeks in "
            "which nothing was finished are drawn as well."
        ),
    )


def when_done_block(choice: Element) -> Element:
    return block(
        "When will they be done?",
        body=_asked(choice, ids.FORECAST_WHEN_DONE),
        definition=(
            "The same trials, week after week, until so many items are finished. It forecasts how fast the team "
            "finishes items of any kind and size, as it did in the weeks that are drawn from; it does not look into "
            "the items themselves."
        ),
    )


def _asked(choice: Element, answer: str) -> Element:
    return html.Div([choice, html.Div(id=answer, **aria(live="polite"))])


def how_many_words(forecast: HowMany, timezone: str) -> Element:
    if not forecast["enough"]:
        return _too_few_weeks(len(forecast["sampled_weeks"]))
    reached = forecast["at_least"]
    by = _day(forecast["until"], timezone)
    rows = {level: (f"{number:,} or more", number / max(1, *reached.values())) for level, number in reached.items()}
    return html.Div(
        [
            html.P(f"{reached['85']:,} or more by {by}, very likely.", className="forecast-sentence"),
            _levels(rows),
            _back_test(forecast["back_test"]),
            _drawn_from(forecast),
        ]
    )


def when_done_words(forecast: WhenDone, timezone: str) -> Element:
    if not forecast["enough"]:
        return _too_few_weeks(len(forecast["sampled_weeks"]))
    latest = max((weeks for weeks in forecast["weeks"].values() if weeks is not None), default=1)
    rows = {
        level: (
            "later than in ten years" if until is None else f"by {_day(until, timezone)}",
            (forecast["weeks"][level] or latest) / latest,
        )
        for level, until in forecast["by"].items()
    }
    sentence = rows["85"][0]
    return html.Div(
        [
            html.P(
                f"{count(forecast['items'], 'item')} {sentence}, very likely.",
                className="forecast-sentence",
            ),
            _levels(rows),
            _back_test(forecast["back_test"]),
            _drawn_from(forecast),
        ]
    )


def _day(text: str, timezone: str) -> str:
    return day_words(datetime.fromisoformat(text), timezone)


def _levels(rows: Mapping[str, tuple[str, float]]) -> Element:
    return html.Ul(
        [
            html.Li(
                [
                    html.Div(
                        [
                            html.Span(text, className="bar-name"),
                            html.Span(f"{level} %, {LEVEL_WORDS[level]}", className="age-text"),
                        ],
                        className="age-head",
                    ),
                    html.Div(
                        html.Span(className="age-bar age-calm", style={"width": bar_width(share, 1.0)}),
                        className="age-track",
                        **aria(hidden="true"),
                    ),
                ]
            )
            for level, (text, share) in rows.items()
        ],
        className="ages",
    )


def _back_test(tested: BackTest) -> Element:
    ahead = count(tested["weeks_ahead"], "week")
    if tested["came_true"] is None:
        text = (
            f"How often such forecasts came true cannot be told: fewer than {FEWEST_TESTS} past weeks have enough "
            f"history before them and {ahead} after them."
        )
    else:
        text = (
            f"Put to the test: forecasts at {tested['claimed']} % over {ahead} came true "
            f"{decimal(tested['came_true'])} % of the time, made from each of {count(tested['tests'], 'past week')} "
            "with what was known then."
        )
    return html.P(text, className="forecast-tested")


def _drawn_from(forecast: HowMany | WhenDone) -> Element:
    weeks = ", ".join(f"{number:,}" for number in forecast["sampled_weeks"])
    text = (
        f"Drawn from the items finished in {count(len(forecast['sampled_weeks']), 'complete week')}, oldest first: "
        f"{weeks}. {forecast['trials']:,} trials, seed {forecast['seed']}."
    )
    return html.P(text, className="small")


def _too_few_weeks(weeks: int) -> Element:
    return too_little(
        f"There {'is' if weeks == 1 else 'are'} {count(weeks, 'complete week')} to draw from, and a forecast needs "
        f"{FEWEST_WEEKS}. Nothing is guessed from less."
    )
