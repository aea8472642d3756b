"""Every identifier that a layout gives and a callback names, once."""

from __future__ import annotations

from typing import Any

LOCATION = "location"
PERIOD = "period"
LOAD_POLL = "load-poll"
LOAD_STATE = "load-state"
LOAD_NOTE = "load-note"
LOAD_FAILURE = "load-failure"
TRY_AGAIN = "try-again"
READ_AGAIN = "read-again"
DEMO_BANNER = "demo-banner"
DATA_LINE = "data-line"
NOTICE = "notice"
SHELL = "shell"
BURGER = "burger"
COLOUR_SCHEME = "colour-scheme"
PAGE_KEY = "page-key"
PAGE_BODY = "page-body"
PAGE_DRAWN = "page-drawn"
DRAWER = "explanation"
DRAWER_SUBJECT = "explanation-subject"


def nav_link(page_key: Any) -> dict[str, Any]:
    return {"type": "nav-link", "page": page_key}


def explain(metric_key: Any) -> dict[str, Any]:
    """The button that opens the explanation of one metric."""
    return {"type": "explain", "metric": metric_key}


def chart(metric_key: Any) -> dict[str, Any]:
    return {"type": "chart", "metric": metric_key}


def chart_source(metric_key: Any) -> dict[str, Any]:
    """The store that holds a chart's figure before the browser has coloured it."""
    return {"type": "chart-source", "metric": metric_key}


def issue_search(group: Any) -> dict[str, Any]:
    return {"type": "issue-search", "group": group}


def issue_more(group: Any) -> dict[str, Any]:
    return {"type": "issue-more", "group": group}


def issue_list(group: Any) -> dict[str, Any]:
    return {"type": "issue-list", "group": group}
