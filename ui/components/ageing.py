"""Work in progress as a list of ages, each bar against the times within which finished work was done."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from data.analysis.ageing import Ageing, AgeingItem
from ui.components.block import Table, bar_width, block, folded, table_of, too_little
from ui.components.issue_list import issue_link
from ui.components.static import Static
from ui.page import Element, Sources, aria
from ui.readings import PER_CENT, count, read

FIRST_ITEMS = 20
MOST_ITEMS = 500
WIDEST = 4
"""So many times the last mark a bar can show; what is older fills it, or the marks would stick together."""


def ageing_block(ageing: Ageing, sources: Sources) -> Element:
    items, marks = ageing["items"], ageing["marks"]
    if not items:
        body = too_little("Nothing is in progress.")
    else:
        longest = max(marks["95"], min(items[0]["age_hours"], WIDEST * marks["95"])) if marks else items[0]["age_hours"]
        rows = [_ageing_row(item, marks, longest, sources) for item in items[:MOST_ITEMS]]
        rest = rows[FIRST_ITEMS:]
        body = html.Div(
            [
                _listed(rows[:FIRST_ITEMS]),
                folded(f"Show {len(rest):,} more", _listed(rest)) if rest else None,
                html.P(f"The {MOST_ITEMS} oldest of {len(items):,} are listed.", className="small")
                if len(items) > MOST_ITEMS
                else None,
            ]
        )
    return block(
        "How old is the work in progress?",
        sentence=_ageing_sentence(ageing),
        body=body,
        table=_ageing_table(ageing),
        definition=(
            "The age of every flow item that was started and is not finished, at the date of this report. The marks "
            "are the times that 50, 85 and 95 of 100 items took at most that were finished in the period. The "
            "chance to be finished within some days is that of items that had reached the same age; items still open "
            "count as not finished up to the age they have (Kaplan and Meier)."
        ),
    )


def _listed(rows: Sequence[Element]) -> Element:
    return Static(html.Ul(rows, className="ages"))


def chances_block(ageing: Ageing) -> Element:
    table = _ageing_table(ageing)
    return block(
        "Which of the items in progress will be done soon?",
        body=table_of(table) if table else too_little("Nothing is in progress."),
        definition=(
            "The chance to be finished within some days, given the age that an item has reached: the share of items "
            "that got as old and were finished within so many more days, over those finished in the period. Items "
            "still open count as not finished up to the age they have (Kaplan and Meier). It is not known where "
            "fewer than five items got as old, or where the team counts working hours."
        ),
    )


def _ageing_sentence(ageing: Ageing) -> str:
    items, marks = ageing["items"], ageing["marks"]
    if not items:
        return ""
    if not marks:
        return (
            f"{count(len(items), 'item')} in progress. Fewer than five items with a known start were finished in the "
            "period, so there is nothing to hold their age against."
        )
    old = sum(1 for item in items if item["beyond"] is not None and item["beyond"] >= 85)
    mark = read(marks["85"], "hours").text
    share = f"{old:,} of {count(len(items), 'item')} in progress {'is' if old == 1 else 'are'}"
    return f"{share} older than {mark}, within which 85 of 100 were finished."


def _ageing_row(item: AgeingItem, marks: dict[str, float], longest: float, sources: Sources) -> Element:
    summary = sources.summaries.get(item["key"])
    tone = "bad" if (item["beyond"] or 0) >= 85 else "warn" if item["beyond"] else "calm"
    return html.Li(
        [
            html.Div(
                [
                    issue_link(item["key"], sources.site_url),
                    html.Span(summary, className="issue-summary") if summary else None,
                    html.Span(f"{read(item['age_hours'], 'hours').text}{_beyond_words(item)}", className="age-text"),
                ],
                className="age-head",
            ),
            html.Div(
                [
                    html.Span(
                        className=f"age-bar age-{tone}",
                        style={"width": bar_width(min(item["age_hours"], longest), longest)},
                    ),
                    *(
                        html.Span(className="age-mark", style={"left": bar_width(hours, longest)})
                        for hours in marks.values()
                    ),
                ],
                className="age-track",
                **aria(hidden="true"),
            ),
        ]
    )


def _beyond_words(item: AgeingItem) -> str:
    return f", older than {item['beyond']} of 100" if item["beyond"] else ""


def _ageing_table(ageing: Ageing) -> Table | None:
    if not ageing["items"]:
        return None
    ahead = list(ageing["items"][0]["chance"])
    return Table(
        "Work in progress by age",
        ("Item", "Status", "Age", "Older than", *(f"Done in {days} days" for days in ahead)),
        [
            (
                item["key"],
                item["status"],
                read(item["age_hours"], "hours").text,
                f"{item['beyond']} of 100" if item["beyond"] else "-",
                *(chance_text(item["chance"][days]) for days in ahead),
            )
            for item in ageing["items"][:MOST_ITEMS]
        ],
    )


def chance_text(chance: float | None) -> str:
    return "not known" if chance is None else PER_CENT.of(round(chance, 2)).text
