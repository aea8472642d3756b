"""Lists of issues behind a number: searchable, extended on request, each key a link to the team's own Jira."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import dash_mantine_components as dmc
from dash import html

from ui import ids
from ui.components.static import Static
from ui.issue_keys import is_issue_key
from ui.page import Element, Sources, aria
from ui.readings import count

FIRST = 50
STEP = 100


Told = Callable[[Sequence[str]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Listing:
    """What one list holds; `are_issues` is false for releases and the like, which have no page of their own.

    `told` gives the sentence about each of some keys: what it rests on, or why it is left out.
    """

    keys: Sequence[str]
    are_issues: bool = True
    notes: Mapping[str, str] = field(default_factory=dict)
    told: Told = field(default=lambda _keys: {})


def issue_group(group: str, listing: Listing, sources: Sources) -> Element:
    """The list of one group with its search box; small groups need neither box nor button."""
    hidden = None if len(listing.keys) > FIRST else {"display": "none"}
    return html.Div(
        [
            dmc.TextInput(
                id=ids.issue_search(group),
                placeholder="Find by key or words",
                value="",
                debounce=250,
                size="sm",
                style=hidden,
                className="issue-search",
                **aria(label="Find in this list"),
            ),
            html.Div(issue_rows(listing, sources, search="", limit=FIRST), id=ids.issue_list(group)),
            dmc.Button(
                "Show more",
                id=ids.issue_more(group),
                n_clicks=0,
                variant="default",
                size="compact-sm",
                style=hidden,
            ),
        ],
        className="issue-group",
    )


def issue_rows(listing: Listing, sources: Sources, *, search: str, limit: int) -> Element:
    """The first `limit` of the keys that the search finds, and in words how many there are."""
    wanted = search.strip().casefold()
    found = [key for key in listing.keys if wanted in f"{key} {sources.summaries.get(key, '')}".casefold()]
    shown = found[:limit]
    if not found:
        nothing = f"None of {count(len(listing.keys), 'entry', 'entries')} matches the search."
        return html.P(nothing, className="list-count", role="status")
    total = f"{len(found):,} of {len(listing.keys):,} found" if wanted else f"{len(listing.keys):,} in all"
    note = html.P(f"{total}, {len(shown):,} shown", role="status") if len(shown) < len(listing.keys) else None
    told = listing.told(shown)
    rows = html.Ul([_row(key, listing, sources, told.get(key)) for key in shown], className="issues")
    return html.Div([note, Static(rows)], className="list-count")


def browse_url(site_url: str | None, key: str) -> str | None:
    """The address of an issue on the team's Jira; None unless both the site and the key can make a safe one."""
    if site_url is None or not is_issue_key(key):
        return None
    if urlsplit(site_url).scheme not in {"https", "http"}:
        return None
    return f"{site_url.rstrip('/')}/browse/{quote(key)}"


def issue_link(key: str, site_url: str | None) -> Element:
    """The key, linked to the team's own Jira where that is safe."""
    address = browse_url(site_url, key)
    if address is None:
        return html.Span(key, className="issue-key")
    return html.A(key, href=address, target="_blank", rel="noopener noreferrer")


def _row(key: str, listing: Listing, sources: Sources, told: str | None) -> Element:
    label = issue_link(key, sources.site_url if listing.are_issues else None)
    summary = sources.summaries.get(key) if listing.are_issues else None
    note = listing.notes.get(key)
    return html.Li(
        [
            label,
            html.Span(summary, className="issue-summary") if summary else None,
            html.Span(note, className="issue-note") if note else None,
            html.Span(_without_name(told, key), className="issue-told") if told else None,
        ]
    )


def _without_name(sentence: str, key: str) -> str:
    """The sentence begins with the key, which the row shows already."""
    rest = sentence.removeprefix(f"{key} ")
    return rest[:1].upper() + rest[1:]
