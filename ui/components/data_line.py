"""Which data the page shows: the line about its source and age, and the banner of the demo team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import dash_mantine_components as dmc
from dash import html

from ui.page import Element
from ui.readings import count
from ui.times import instant_words


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What the page says about its data; `site` is a host name, `timezone` the team's."""

    issues: int
    skipped: int
    site: str
    as_of: datetime
    timezone: str


def data_line(facts: DataFacts) -> str:
    parts = [
        f"{count(facts.issues, 'issue')} from {facts.site}",
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
