"""The parts of the page about the work itself: flow times, time in status, what blocks, balance."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from data.analysis.cycle_times import CycleTimes
from data.analysis.littles_law import Balance
from data.analysis.work_time import BlockedTime, StatusTime, TimeInStatus
from data.filters import Filters
from ui.components.block import Table, bar_width, block, folded, table_of, too_little
from ui.components.issue_list import issue_link
from ui.figures.cycle_times import MOST_DOTS, bin_names, filled_range, histogram_figure, scatter_figure
from ui.figures.graph import chart
from ui.filter_choice import Choice
from ui.page import Element, Sources, aria
from ui.readings import PER_CENT, count, decimal, read

_CATEGORY_NAMES = {"new": "Not started", "indeterminate": "In progress", "done": "Done", "unmapped": "Not mapped"}
_KIND_WORDS = {"flag": "Flagged", "blocked": "Blocked status", "waiting": "Waiting status"}


def cycle_times_block(times: CycleTimes) -> Element:
    total = len(times["keys"])
    first, last = filled_range(times)
    sentence = ""
    if total:
        middle, most = (read(times["percentiles"][line], "hours").text for line in ("50", "85"))
        sentence = f"Half of {count(total, 'item')} took up to {middle}, 85 of 100 up to {most}."
    if total > MOST_DOTS:
        sentence += f" The {MOST_DOTS:,} slowest are drawn."
    rows = [(name, f"{number:,}") for name, number in zip(bin_names(times), times["bins"], strict=True)][first:last]
    return block(
        "How long did finished work take?",
        sentence=sentence,
        body=html.Div(
            [chart("cycle-times", scatter_figure(times)), chart("cycle-times-spread", histogram_figure(times))],
            className="two-charts",
        )
        if total
        else too_little("No item with a known start was finished in this period."),
        table=Table("Finished items by the time they took", ("Time", "Items"), rows) if total else None,
        definition=(
            "Each dot is a flow item, placed at the day it was finished and the time from its start to its finish, on "
            "a scale on which each step is ten times the one below. The lines are the times within which 50, 85 and 95 "
            "of 100 items were finished. The bars count the items by time, each bar about twice as long as the one "
            "before."
        ),
    )


def time_in_status_block(times: TimeInStatus) -> Element:
    parts = [
        ("Finished in the period", times["finished"], times["finished_items"]),
        ("In progress now", times["in_progress"], times["in_progress_items"]),
    ]
    shown = [(title, rows, items) for title, rows, items in parts if rows]
    return block(
        "Where does the time go?",
        sentence=_longest_stay(times["finished"] or times["in_progress"]),
        body=html.Div([_stays(*part) for part in shown], className="two-charts")
        if shown
        else too_little("No item with a history was finished or is in progress."),
        definition=(
            "Hours that flow items spent in each status between their start and their finish, or now. Statuses of "
            "several workflows that have the same name and meaning are one."
        ),
    )


def _longest_stay(rows: Sequence[StatusTime]) -> str:
    return (
        f"{PER_CENT.of(round(rows[0]['share'], 2)).text} of the time was spent in “{rows[0]['status']}”."
        if rows
        else ""
    )


def _stays(title: str, rows: Sequence[StatusTime], items: int) -> Element:
    bars = [
        html.Li(
            [
                html.Div(
                    [
                        html.Span(row["status"], className="bar-name"),
                        html.Span(
                            f"{PER_CENT.of(row['share']).text}, usually {read(row['median_hours'], 'hours').text}",
                            className="age-text",
                        ),
                    ],
                    className="age-head",
                ),
                html.Div(
                    html.Span(
                        className=f"age-bar band-{row['category']}",
                        style={"width": bar_width(row["share"], rows[0]["share"])},
                    ),
                    className="age-track",
                    **aria(hidden="true"),
                ),
            ]
        )
        for row in rows
    ]
    cells = [
        (
            row["status"],
            _CATEGORY_NAMES[row["category"]],
            read(row["hours"], "hours").text,
            PER_CENT.of(row["share"]).text,
            f"{row['items']:,}",
            read(row["median_hours"], "hours").text,
        )
        for row in rows
    ]
    columns = ("Status", "Means", "Time in all", "Share", "Items", "Usually")
    return html.Div(
        [
            html.H3(f"{title}: {count(items, 'item')}", className="bars-title"),
            html.Ul(bars, className="ages"),
            folded("Show as a table", table_of(Table(title, columns, cells))),
        ]
    )


def blocked_block(rows: Sequence[BlockedTime], sources: Sources) -> Element:
    cells = [
        (
            "Flag in Jira" if row["kind"] == "flag" else row["reason"],
            _KIND_WORDS[row["kind"]],
            read(row["hours"], "hours").text,
            f"{row['items']:,}",
            html.Span([issue_link(row["longest"], sources.site_url), f" ({read(row['longest_hours'], 'hours').text})"]),
        )
        for row in rows
    ]
    columns = ("Reason", "Kind", "Time in all", "Items", "Longest")
    return block(
        "What does work wait for?",
        body=table_of(Table("Time in which items stood still", columns, cells))
        if cells
        else too_little("No item was flagged or stood in a status that the team calls blocked or waiting."),
        definition=(
            "Hours in which flow items finished in the period, or in progress now, were flagged, or stood in a status "
            "that the team's rules call blocked or waiting, between their start and their finish. Time that is both "
            "counts under each reason: a row says what its removal would free."
        ),
    )


def _debt_words(debt: float | None) -> str:
    if debt is None:
        return "not known"
    return f"{read(debt, 'hours').text} an item" if debt > 0 else "none"


def balance_block(balance: Balance) -> Element:
    average, implied = balance["average_hours"], balance["implied_hours"]
    lines = [
        ("In progress on average", f"{decimal(balance['average_load'])} items"),
        ("Started", f"{decimal(balance['started_per_day'] * 7)} a week"),
        ("Finished", f"{decimal(balance['finished_per_day'] * 7)} a week"),
        ("Average time of finished items", "not known" if average is None else read(average, "hours").text),
        ("By load and throughput it would be", "not known" if implied is None else read(implied, "hours").text),
        ("Flow debt", _debt_words(balance["debt_hours"])),
    ]
    return block(
        "Is the process steady?",
        sentence=balance["sentence"],
        body=html.Dl([part for name, text in lines for part in (html.Dt(name), html.Dd(text))], className="facts"),
        definition=(
            "Little's law: in a steady process the average number of items in progress is the number finished per day "
            "times the average days each takes. Where the time implied by load and throughput is a quarter longer than "
            "that of the finished items, work in progress is ageing; the difference is called flow debt. Elapsed time, "
            "over the period."
        ),
    )


def issues_download(filters: Filters) -> Element:
    """Every issue with its dates and hours, of the part of the work that is looked at."""
    query = Choice({facet: tuple(sorted(values)) for facet, values in filters.asked()}).query
    words, address = (
        ("Download these issues", f"/issues.csv?{query}") if query else ("Download all issues", "/issues.csv")
    )
    return html.P(html.A(f"{words} as CSV", href=address, download=""), className="downloads")
