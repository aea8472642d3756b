"""Readings built by hand, the end of a loader's thread, and the event that set a callback off."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from dash._callback_context import context_value
from dash._utils import AttributeDict

from callbacks.team import State, TeamLoader
from data.jira_simple import TeamData
from tests.builders import at, issue, statuses

FETCHED = datetime(2026, 1, 31, 12, tzinfo=UTC)


def data(issues: list[Any] | None = None) -> TeamData:
    return TeamData(
        issues=[issue("AB-1", at("2026-01-05 09:00"))] if issues is None else issues,
        versions=[],
        statuses=statuses(),
        fields=[],
        site_url="https://jira.example.com",
        account_name="Ann",
        account_timezone="UTC",
        flavour="cloud",
        jql="project = AB",
        fetched_at=FETCHED,
    )


def ended(loader: TeamLoader) -> State:
    """The loader's state once its thread is through."""
    loader.state()
    for thread in threading.enumerate():
        if thread.name == "team-reading":
            thread.join(timeout=10)
    return loader.state()


@contextmanager
def triggered(prop_id: str, value: Any = 1) -> Iterator[None]:
    """What a callback sees as the event that set it off; also collects what it sets beside its outputs."""
    event = {"prop_id": prop_id, "value": value}
    token = context_value.set(AttributeDict(triggered_inputs=[event], updated_props={}, cookies={}))
    try:
        yield
    finally:
        context_value.reset(token)
