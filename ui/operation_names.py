"""What a person would call the things that are timed: an address, an event of a page, a job, a call to Jira."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from data.metric_catalogue import METRICS
from ui import ids

ADDRESSES: Mapping[str, str] = MappingProxyType(
    {
        "/_dash-layout": "Fetching the frame of the pages",
        "/_dash-dependencies": "Fetching the list of the pages' events",
        "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": "Fetching the pages' scripts",
        "/_dash-update-component": "An event of a page",
        "/_favicon.ico": "Fetching the sign in the tab",
        "/_reload-hash": "Looking for a newer program",
        "/assets/<path:filename>": "Fetching styles and pictures",
        "/static/<path:filename>": "Fetching a file",
        "/health": "A probe: is it alive?",
        "/ready": "A probe: is it ready?",
        "/metrics/prometheus": "Measurements for Prometheus",
        "/metrics/api/export/<table>.<kind>": "Downloading measurements",
        "/metrics/api/rotate": "Deleting old measurements",
        "/metrics/api/": "Measurements that do not exist",
        "/metrics/api/<path:rest>": "Measurements that do not exist",
        "/provenance/<key>.<kind>": "Downloading the evidence of a number",
        "/issues.csv": "Downloading the issues",
        "__404__": "Addresses that do not exist",
        "__other__": "Everything else together",
    }
)

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        ids.LOAD_STATE: "Looking where the reading stands",
        ids.PAGE_BODY: "Drawing a page",
        ids.DRAWER: "Explaining a number",
        ids.EXPLAINED: "Explaining a number as it was known earlier",
        ids.EXPLAINED: "Explaining a number at an earlier day",
        "issue-list": "Finding issues in a list",
        ids.WHY_ANSWER: "Answering why an issue counts",
        ids.BENCHMARK_SAID: "Comparing with a benchmark",
        "benchmark-line": "Comparing every card with a benchmark",
        ids.FILTER_CHOICES: "Offering filters",
        ids.FILTER_SAID: "Telling what is filtered",
        ids.FORECAST_HOW_MANY: "Forecasting how many items",
        ids.FORECAST_WHEN_DONE: "Forecasting when it is done",
        "effects": "Weighing a finding about the data",
        ids.SYNC_DONE: "Reading Jira on demand",
        ids.RECEIPT_DRAWER: "Opening a receipt",
        ids.DATA_STATE: "Filling the page Data",
        ids.SCHEDULE: "Choosing the schedule",
        ids.DELETE_SAID: "Deleting what is kept",
        ids.RULES_FORM: "Offering the rules to try",
        ids.RULES_TRIED: "Trying other rules",
        ids.RULES_COMPARED: "Comparing two sets of rules",
        ids.RULES_SAVED: "Keeping the rules",
        ids.INCIDENTS: "Listing incidents",
        ids.CORRECTION: "Opening a correction",
        ids.CORRECTION_SAID: "Keeping a correction",
        ids.STOP_AT_ONCE: "Stopping a reading at once",
        "_pages_content": "Changing to another page",
    }
)

POLLED = " (poll)"
"""Ends the label of a browser's question whether work in the background is done."""
_API = re.compile(r"/metrics/api\b")
_PAGE = re.compile(r"/(?:[a-z-]+(?:/[a-z-]+)*)?")
_TITLES = {declared.key: declared.title for declared in METRICS}
_OUTPUT = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def operation_name(kind: str, label: str) -> str:
    """The words for a label; one that has none, as from an older version, is the label itself."""
    if label in ADDRESSES:
        return ADDRESSES[label]
    match kind:
        case "callback":
            return _event_name(label)
        case "calculation":
            return _TITLES.get(label, _spelled(label))
        case "job":
            return _spelled(label)
        case "request":
            return _address_name(label)
    return label


def _event_name(label: str) -> str:
    """The first of the outputs that has a name: an event is known by what it fills first."""
    known = next((EVENTS[word] for word in _OUTPUT.findall(label) if word in EVENTS), None)
    if known is None:
        return label
    return f"{known}: is it done?" if label.endswith(POLLED) else known


def _address_name(label: str) -> str:
    if _API.match(label):
        return f"Measurements: {_spelled(label.rpartition('/')[2]).lower()}"
    if not _PAGE.fullmatch(label):
        return label
    return f"Opening the page {_spelled(label.rpartition('/')[2])}" if label != "/" else "Opening the first page"


def _spelled(name: str) -> str:
    words = re.sub(r"[_.\-]+", " ", re.sub(r"[<>]", "", name)).strip()
    return words[:1].upper() + words[1:] if words else name
