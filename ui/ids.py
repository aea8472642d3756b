"""Every identifier that a layout gives and a callback names, once."""

from __future__ import annotations

from typing import Any

LOCATION = "location"
PERIOD = "period"
FILTERS = "filters"
FILTER_BUTTON = "filter-button"
FILTER_CHOICES = "filter-choices"
FILTER_SAID = "filter-said"
POLL = "poll"
POLL_ASKED = "poll-asked"
POLL_ANSWERED = "poll-answered"
CLOCK = "clock"
LOAD_STATE = "load-state"
LOAD_FAILURE = "load-failure"
SYNC_ORDER = "sync-order"
SYNC_DONE = "sync-done"
SYNC_FACTS = "sync-facts"
SYNC_LINE = "sync-line"
SYNC_WORDS = "sync-words"
SYNC_SAID = "sync-said"
SYNC_PANEL = "sync-panel"
SYNC_PROGRESS = "sync-progress"
STOP = "stop-reading"
STOP_AT_ONCE = "stop-at-once"
STOP_AT_ONCE_PLACE = "stop-at-once-place"
OWN_JOB = "own-job"
READ_NOW_PLACE = "read-now-place"
RECEIPT_DRAWER = "receipt-drawer"
RECEIPT_ASKED = "receipt-asked"
DATA_STATE = "data-state"
SCHEDULE = "schedule"
SCHEDULE_SAID = "schedule-said"
KEPT_SIZE = "kept-size"
DELETE_SAID = "delete-said"
RECEIPTS_FILTER = "receipts-filter"
RECEIPTS_TABLE = "receipts-table"
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
EXPLANATION_ASKED = "explanation-asked"
EXPLAINED = "explained"
KNOWN_DAY = "known-day"
KNOWN_NOW = "known-now"
KNOWN_SAID = "known-said"
WHY_KEY = "why-key"
WHY_ANSWER = "why-answer"
BENCHMARK = "benchmark"
BENCHMARK_SAID = "benchmark-said"
FORECAST_HOW_MANY = "forecast-how-many"
FORECAST_WHEN_DONE = "forecast-when-done"

RULES_FORM = "rules-form"
RULES_FORM_STAND = "rules-form-stand"
RULES_TRY = "rules-try"
RULES_TRIED = "rules-tried"
RULES_SAID = "rules-said"
RULES_COMPARED = "rules-compared"
RULES_SAVED = "rules-saved"
RULE_VERSIONS = "rule-versions"
INCIDENTS = "incidents-of-the-period"
CORRECTION = "correction"
CORRECTION_SUBJECT = "correction-subject"
CORRECTION_ASKED = "correction-asked"
CORRECTION_INCIDENT = "correction-incident"
CORRECTION_CAUSE = "correction-cause"
CORRECTION_WHO = "correction-who"
CORRECTION_WHY = "correction-why"
CORRECTION_BEFORE = "correction-before"
CORRECTION_SAVE = "correction-save"
CORRECTION_WITHDRAW = "correction-withdraw"
CORRECTION_WITHDRAW_PLACE = "correction-withdraw-place"
CORRECTION_REFUSED = "correction-refused"
CORRECTION_SAID = "correction-said"

# Everything on the page that watches Sightline itself begins alike, so that its own looks are not measured.
WATCH_SPAN = "watch-span"
WATCH_INTERVAL = "watch-interval"
WATCH_PAUSE = "watch-pause"
WATCH_LINE = "watch-line"
WATCH_TICK = "watch-tick"
WATCH_SLOW_TICK = "watch-slow-tick"
WATCH_ANSWERED = "watch-answered"
WATCH_ORDER = "watch-order"
WATCH_SAID = "watch-said"
WATCH_ROTATED = "watch-rotated"
WATCH_DRAWER = "watch-drawer"
WATCH_REFERENCE = "watch-reference"
WATCH_FIND = "watch-find"
WATCH_RECORDS = "watch-records"
WATCH_ASKED = "watch-asked"


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


def act(what: Any, place: Any) -> dict[str, Any]:
    """A button that does something: `now`, `anew` and `losses` read Jira, `delete` removes data, `rules` keeps them."""
    return {"type": "act", "what": what, "place": place}


def ask(what: Any) -> dict[str, Any]:
    """The button that asks whether something is meant, before it is done."""
    return {"type": "ask", "what": what}


def confirm(what: Any) -> dict[str, Any]:
    return {"type": "confirm", "what": what}


def leave(what: Any) -> dict[str, Any]:
    return {"type": "leave", "what": what}


def receipt(receipt_id: Any) -> dict[str, Any]:
    """The button that opens one receipt of the history."""
    return {"type": "receipt", "receipt": receipt_id}


def rule(name: Any) -> dict[str, Any]:
    """Where one rule of the team is chosen, to try it."""
    return {"type": "rule", "rule": name}


def correct(incident: Any) -> dict[str, Any]:
    """The button that opens the correction of one incident's cause."""
    return {"type": "correct", "incident": incident}


def effects_button(finding: Any) -> dict[str, Any]:
    """The button that asks how far a finding moves the numbers."""
    return {"type": "effects-button", "finding": finding}


def effects(finding: Any) -> dict[str, Any]:
    return {"type": "effects", "finding": finding}


def filter_box(facet: Any) -> dict[str, Any]:
    """Where the values of one facet are chosen."""
    return {"type": "filter-box", "facet": facet}


def benchmark_group(place: Any) -> dict[str, Any]:
    """Where it is chosen whom to compare with."""
    return {"type": "benchmark-group", "place": place}


def benchmark_line(metric_key: Any) -> dict[str, Any]:
    """What a card says of its benchmark."""
    return {"type": "benchmark-line", "metric": metric_key}


def flow(part: Any, diagram: Any) -> dict[str, Any]:
    """A part of a flow diagram: its `choice` of bands, its `diagrams`, `legends`, and `source` and `place` of one."""
    return {"type": f"flow-{part}", "diagram": diagram}


def forecast_choice(what: Any) -> dict[str, Any]:
    """Where the day (`until`) or the number of `items` of a forecast is chosen."""
    return {"type": "forecast-choice", "what": what}


def forecast_usual(what: Any) -> dict[str, Any]:
    """The store of what a forecast's choice is where nobody has chosen."""
    return {"type": "forecast-usual", "what": what}


def filter_reset(place: Any) -> dict[str, Any]:
    return {"type": "filter-reset", "place": place}


def watch_section(key: Any) -> str:
    """Where one section of the page that watches Sightline is put."""
    return f"watch-{key}"


def watch_chart() -> dict[str, Any]:
    return {"type": "watch-chart", "metric": "response-times"}


def watch_chart_source() -> dict[str, Any]:
    """The store whose chart the browser colours and draws again, in the same place, with every look."""
    return {"type": "watch-chart-source", "metric": "response-times"}


def watch_seen(part: Any) -> str:
    """The store that knows what the sections of one part of that page show."""
    return f"watch-seen-{part}"


def watch_sort(column: Any) -> dict[str, Any]:
    """The button that sorts by one column."""
    return {"type": "watch-sort", "column": column}


def watch_records(request_id: Any) -> dict[str, Any]:
    """The button that shows what was logged for one request."""
    return {"type": "watch-records", "request": request_id}
