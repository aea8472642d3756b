"""How far the reading is, as the page hears it."""

from datetime import UTC, datetime

import pytest
from dash import no_update
from flask import Flask

from callbacks.dashboard import RESTING_MILLISECONDS, data_facts, starter, watcher
from callbacks.team import Reading, TeamLoader
from configuration.settings import Settings
from data.errors import NotJira
from data.model import TeamRules
from tests.unit.callbacks.readings import data, ended, triggered
from tests.unit.ui.reading import words
from ui import ids
from ui.layout import POLL_MILLISECONDS

STATE, NOTE, FAILURE, BUTTON, LINE, INTERVAL, AGAIN = range(7)


def loader_of(read):
    return TeamLoader(read, as_of=None, first_period=30)


def ready():
    return loader_of(lambda _report: Reading(data(), TeamRules(timezone="Europe/Berlin"), {}))


def failing(_report):
    raise NotJira("A login page came.")


def watch(loader, seen=None, by=ids.LOAD_POLL):
    with triggered(f"{by}.n"):
        return watcher(loader, Settings())(1, 0, 0, seen)


def test_the_first_poll_starts_the_reading_and_says_so():
    answer = watch(ready())

    assert answer[STATE]["phase"] == "loading"
    assert words(answer[NOTE])
    assert answer[FAILURE] is None
    assert answer[BUTTON] == {"display": "none"}
    assert answer[INTERVAL] == POLL_MILLISECONDS


def test_when_ready_the_page_rests_and_dates_its_data():
    loader = ready()
    ended(loader)
    answer = watch(loader)

    assert answer[STATE]["phase"] == "ready"
    assert answer[NOTE] is None
    assert "from the demo team, as of 31 Jan 2026, 13:00 (Europe/Berlin)" in answer[LINE]
    assert answer[INTERVAL] == RESTING_MILLISECONDS


def test_a_state_the_page_has_seen_does_not_wake_it_again():
    loader = ready()
    ended(loader)
    first = watch(loader)[STATE]

    assert watch(loader, first)[STATE] is no_update


def test_a_failure_is_shown_with_a_way_to_try_again():
    loader = loader_of(failing)
    ended(loader)
    answer = watch(loader)

    assert answer[STATE]["phase"] == "failed"
    assert NotJira.title in words(answer[FAILURE])
    assert "A login page came." in words(answer[FAILURE])
    assert answer[BUTTON] != {"display": "none"}


def test_newer_data_can_be_asked_for_once_there_are_numbers():
    loader = ready()
    ended(loader)

    assert watch(loader)[AGAIN] != {"display": "none"}
    answer = watch(loader, by=ids.READ_AGAIN)
    assert answer[STATE]["phase"] == "loading"
    assert answer[AGAIN] == {"display": "none"}
    ended(loader)


def test_only_the_button_tries_again():
    loader = loader_of(failing)
    ended(loader)

    assert watch(loader)[STATE]["phase"] == "failed"
    assert watch(loader, by=ids.TRY_AGAIN)[STATE]["phase"] == "loading"
    ended(loader)


@pytest.mark.parametrize(("path", "begun"), [("/", True), ("/dora", True), ("/health", False), ("/assets/a.js", False)])
def test_the_reading_begins_when_a_page_is_asked_for_and_not_at_a_probe(path, begun):
    loader = ready()
    with Flask("test").test_request_context(path):
        starter(loader, {"/", "/dora"})()

    assert (loader._state is not None) is begun
    if begun:
        ended(loader)


def test_what_the_page_says_of_its_data_is_what_was_read():
    facts = data_facts(ended(ready()), Settings())

    assert (facts.issues, facts.skipped, facts.site) == (1, 0, "the demo team")
    assert facts.as_of == datetime(2026, 1, 31, 12, tzinfo=UTC)
