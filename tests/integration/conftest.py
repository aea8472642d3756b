"""Clients of a Jira whose answers are written down."""

from __future__ import annotations

import pytest

from data.jira_connection import connect
from tests.jira_sites import Waits, credentials
from tests.limiter_crowd import standing
from tests.scripted_jira import Script


@pytest.fixture
def waits():
    return Waits()


@pytest.fixture
def script(waits):
    return Script(waits)


@pytest.fixture
def url(script):
    with standing(script) as address:
        yield address


@pytest.fixture
def ask(url, waits):
    """A client at the scripted Jira; with `who` and a ledger, one of several of the same account."""
    made, known = [], {}

    def client(who="ann", ledger=None):
        known.setdefault(who, credentials(url))
        made.append(connect(known[who], clock=waits.clock, sleep=waits.sleep, ledger=ledger))
        return made[-1]

    yield client
    for one in made:
        one.close()
