"""Which data the page shows: the line about its source and age, and the banner of the demo team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import dash_mantine_components as dmc
from dash import html

from ui.page import Element
from ui.readings import count


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What the page says about its data; `site` is a host name, `timezone` the team's."""

    issues: int
    skipped: int
    site: str
    fetched_at: datetime
    as_of: datetime
    timezone: str


def data_line(facts: DataFacts, *, now: datetime) -> Element:
    parts = [
        f"{count(facts.issues, 'issue')} read {age_words(now - facts.fetched_at)} from {facts.site}",
        f"as of {instant_words(facts.as_of, facts.timezone)}",
    ]
    if facts.skipped:
        parts.append(f"{count(facts.skipped, 'record')} could not be read")
    return ", ".join(parts)


def demo_banner() -> Element:
    return dmc.Alert(
        [
            html.Span("This team and its issues are made up. To see your own, set "),
            html.Code("JIRA_URL"),
            ", ",
            html.Code("JIRA_EMAIL"),
            " and ",
            html.Code("JIRA_TOKEN"),
            html.Span(" in the environment and start Sightline again."),
        ],
        title="Demo data",
        color="indigo",
        variant="light",
        className="demo-banner",
    )


def age_words(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 90:
        return f"{count(minutes, 'minute')} ago"
    hours = round(minutes / 60)
    return f"{count(hours, 'hour')} ago" if hours < 48 else f"{count(hours // 24, 'day')} ago"


def instant_words(instant: datetime, timezone: str) -> str:
    local = instant.astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%b %Y, %H:%M} ({timezone})"
