"""The parts of the page Data: where the kept data stands, what can be done with it, what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import html

from data.sync.receipt import SyncReceipt
from ui import ids
from ui.components.receipt import receipts_table, verdict_mark
from ui.page import Element, aria
from ui.readings import count
from ui.sync_words import SCHEDULE_WORDS, VERDICT_WORDS, SyncNews
from ui.theme import PRIMARY
from ui.times import instant_words

ALL_VERDICTS = "all"
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class DataState:
    """What the page says first; `query` is empty without one of the team's own.

    `next_attempt` is when Jira is read by itself again, None when it is not; `schedule` 0 waits for somebody to look.
    """

    news: SyncNews
    site: str
    query: str
    issues: int | None
    timezone: str
    next_attempt: datetime | None
    schedule: int = 0
    deleted: bool = False


def data_state(state: DataState) -> Element:
    news = state.news
    last = news.last
    query = html.Code(state.query) if state.query else "everything that the account may see"
    facts: list[tuple[str, Any]] = [("Source", state.site), ("Query", query)]
    if news.synced_at is not None:
        facts.append(("Numbers on the pages", f"read {instant_words(news.synced_at, state.timezone)}"))
    if state.issues is not None:
        facts.append(("Issues kept", f"{state.issues:,}"))
    if last is not None:
        facts.append(("Last reading", [verdict_mark(last.verdict), f" {instant_words(last.ended_at, state.timezone)}"]))
    facts.append(("Next reading by itself", _next_words(state)))
    return html.Div(
        [
            html.P(headline(state), className="state-sentence"),
            html.Dl([part for name, said in facts for part in (html.Dt(name), html.Dd(said))], className="facts"),
            _held_back(last) if last is not None and last.held_back else None,
        ]
    )


def headline(state: DataState) -> str:
    news, last = state.news, state.news.last
    if news.running:
        return "Jira is being read now."
    if state.deleted:
        return "What was kept here has been deleted. Nothing is read until somebody asks for it."
    if last is None and news.synced_at is None:
        return "Jira has not been read yet."
    if last is None or last.verdict == "complete":
        return "The data is complete." if not news.partial else "The data is partial."
    return {
        "partial": "The last reading was partial: some issues are missing or could not be confirmed.",
        "failed": "The last reading failed. What was kept before is still shown.",
        "cancelled": "The last reading was stopped. What was kept before is still shown.",
        "interrupted": "The last reading broke off. What was kept before is still shown.",
    }[last.verdict]


def storage_words(size: int, folder: str) -> Element:
    amount = f"{size / MEGABYTE:,.1f} MB" if size >= MEGABYTE / 10 else f"{size / 1000:,.0f} kB"
    return html.P([f"{amount} of issues and readings are kept in ", html.Code(folder), "."])


def schedule_choice() -> Element:
    return dmc.RadioGroup(
        dmc.Group(
            [dmc.Radio(words, value=str(minutes)) for minutes, words in SCHEDULE_WORDS.items()], gap="md", mt="xs"
        ),
        id=ids.SCHEDULE,
        label="Read Jira by itself",
        description="While Sightline runs, also when no page is open. The choice is kept on this machine.",
        deselectable=False,
    )


def schedule_said(minutes: int) -> str:
    if minutes == 0:
        return "Saved: Jira is read when somebody asks, and when the numbers are older than a day."
    return f"Saved: Jira is read {SCHEDULE_WORDS[minutes].lower()}."


def verdict_filter() -> Element:
    choices = [{"value": ALL_VERDICTS, "label": "All"}]
    choices += [{"value": verdict, "label": word.capitalize()} for verdict, word in VERDICT_WORDS.items()]
    return dmc.Select(
        id=ids.RECEIPTS_FILTER,
        label="Show readings that ended",
        data=choices,
        value=ALL_VERDICTS,
        allowDeselect=False,
        w=240,
        mb="sm",
    )


def history_table(receipts: Sequence[SyncReceipt], verdict: str, timezone: str) -> Element:
    shown = [receipt for receipt in receipts if verdict in {ALL_VERDICTS, receipt.verdict}]
    return receipts_table(shown, timezone)


def asking_button(what: str, label: str) -> Element:
    return dmc.Button(label, id=ids.ask(what), n_clicks=0, variant="default", size="sm", **aria(haspopup="dialog"))


def confirmation(what: str, title: str, text: str, label: str) -> Element:
    """The dialog that asks before something is done that takes long or cannot be undone."""
    return dmc.Modal(
        [
            html.P(text),
            dmc.Group(
                [
                    dmc.Button("Leave it", id=ids.leave(what), n_clicks=0, variant="default"),
                    dmc.Button(
                        label,
                        id=ids.act(what, "dialog"),
                        n_clicks=0,
                        color="red.9" if what == "delete" else f"{PRIMARY}.8",
                    ),
                ],
                justify="flex-end",
                mt="lg",
            ),
        ],
        id=ids.confirm(what),
        title=title,
        opened=False,
        centered=True,
        closeButtonProps={"aria-label": "Close without doing it"},
    )


def _next_words(state: DataState) -> str:
    if state.news.running:
        return "one is on"
    if state.next_attempt is None:
        return "none; use the button or a schedule"
    when = instant_words(state.next_attempt, state.timezone)
    return when if state.schedule else f"at the first visit after {when}"


def _held_back(last: SyncReceipt) -> Element:
    return dmc.Alert(
        [
            html.P(
                f"{count(last.held_back, 'issue')} that were kept are not found in Jira any more. That is more than "
                "usual, so they are still counted until somebody says that they are really gone."
            ),
            html.P(
                [
                    html.Strong("What to do: "),
                    "look in Jira with the same account. If they were deleted or moved away on purpose, confirm it.",
                ]
            ),
            asking_button("losses", "They are really gone"),
        ],
        title="Many issues seem to be gone",
        color="yellow",
        variant="light",
        className="failure",
    )
