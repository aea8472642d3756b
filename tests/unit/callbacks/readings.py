"""Readings built by hand, a source over a simulated Jira with a clock that is turned, and a callback's event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dash._callback_context import context_value
from dash._utils import AttributeDict

from callbacks.team import Reading, TeamLoader
from callbacks.team_columns import columns_of
from callbacks.team_source import Source
from configuration.settings import Settings
from data.demo.clock import VirtualClock
from data.jira_connection import connect
from data.jira_simple import TeamData
from data.model import TeamRules
from data.performance_utils import FieldMappingIndex
from tests.builders import at, issue, statuses
from tests.jira_sites import credentials

FETCHED = datetime(2026, 1, 31, 12, tzinfo=UTC)


def data(issues: list[Any] | None = None, **facts: Any) -> TeamData:
    common: dict[str, Any] = {
        "issues": [issue("AB-1", at("2026-01-05 09:00"))] if issues is None else issues,
        "versions": [],
        "statuses": statuses(),
        "fields": [],
        "site_url": "https://jira.example.com",
        "account_name": "Ann",
        "account_timezone": "UTC",
        "flavour": "cloud",
        "jql": "project = AB",
        "fetched_at": FETCHED,
    }
    return TeamData(**common | facts)


def reading_of(found: TeamData, rules: TeamRules) -> Reading:
    """A reading of these issues, with no field mapped."""
    return Reading(found, rules, {}, columns_of(found.issues, found, rules, FieldMappingIndex({})))


def measured(
    issues: list[Any] | None = None, *, version: str = "1", rules: TeamRules | None = None, **facts: Any
) -> TeamLoader:
    """A loader that has measured these issues."""
    reading = reading_of(data(issues, **facts), rules or TeamRules())
    loader = TeamLoader(lambda: version, lambda: reading, as_of=None, first_period=30)
    loader.current()
    return loader


def source_of(url: str, folder: Path, clock: VirtualClock, *, token: str | None = None, **settings: Any) -> Source:
    """A source whose clock is turned by hand, and whose waits turn it instead of waiting."""
    who = credentials(url, token=token)
    plain = Settings(jira=who, cache_dir=folder / "cache", app_settings_path=folder / "app_settings.json", **settings)
    return Source(
        plain,
        clock=clock,
        connect=lambda who: connect(who, sleep=clock.sleep, clock=lambda: clock().timestamp()),
    )


@contextmanager
def triggered(prop_id: str, value: Any = 1) -> Iterator[None]:
    """What a callback sees as the event that set it off; also collects what it sets beside its outputs."""
    event = {"prop_id": prop_id, "value": value}
    token = context_value.set(AttributeDict(triggered_inputs=[event], updated_props={}, cookies={}))
    try:
        yield
    finally:
        context_value.reset(token)
