"""Where the reading stands, as the page hears it."""

import secrets
from datetime import UTC, datetime

import pytest
from dash import no_update
from flask import Flask

from callbacks.dashboard import PENDING_MILLISECONDS, RESTING_MILLISECONDS, data_facts, starter, watcher
from callbacks.keeper import Keeper
from callbacks.team import TeamLoader
from callbacks.team_source import Source
from configuration.settings import Settings
from data.demo.clock import VirtualClock
from data.demo.faults import Faults
from data.jira_simple import receipts
from data.sync.receipt import keep_receipt
from data.sync.status import RunningStatus, holding, sync_status
from data.sync.team_fetch import FetchProgress
from tests.jira_sites import few_issues, serving
from tests.unit.callbacks.readings import measured, source_of, triggered
from tests.unit.ui.reading import words
from tests.unit.ui.receipts import receipt
from ui import ids
from ui.components.progress import BESIDE_NUMBERS, HIDDEN, INSTEAD_OF_NUMBERS
from ui.layout import POLL_MILLISECONDS

NOW = datetime(2026, 1, 2, 9, tzinfo=UTC)
STATE, FACTS, NOTICE, LINE, READ_NOW, PANEL, PROGRESS, SAID, STOP_AT_ONCE, INTERVAL = range(10)
SECOND_TAB = (None, None)


class Quiet(Keeper):
    """A keeper whose turns the test makes; visits start no thread."""

    def visit(self):
        self._visited = self.source.clock()


@pytest.fixture
def desk(tmp_path):
    """A dashboard's keeper over a simulated Jira, and that Jira."""
    with serving(few_issues(), "cloud") as (jira, url):
        source = source_of(url, tmp_path, VirtualClock(NOW), token=secrets.token_hex(20))
        yield Quiet(source, TeamLoader(source.version, source.reading, as_of=None, first_period=30)), jira


def watch(keeper, *, by=ids.POLL, seen=SECOND_TAB, order=None, done=None):
    with triggered(f"{by}.n"):
        return watcher(keeper)(1, order, 0, done, *seen)


def test_an_answer_says_to_which_question_it_is(desk):
    keeper, _ = desk
    with triggered(f"{ids.POLL_ASKED}.data"):
        assert watcher(keeper)(7, None, 0, None, None, None)[-1] == 7


def test_before_anything_is_read_the_page_says_that_reading_begins(desk):
    answer = watch(desk[0])

    assert answer[STATE]["phase"] == "loading"
    assert answer[PANEL] == INSTEAD_OF_NUMBERS
    assert words(answer[PROGRESS])
    assert answer[NOTICE] is None
    assert answer[READ_NOW] == "nothing"
    assert answer[INTERVAL] == POLL_MILLISECONDS


def test_when_ready_the_page_rests_and_names_its_data(desk):
    keeper, _ = desk
    watch(keeper)
    keeper._keep()
    answer = watch(keeper)

    assert answer[STATE]["phase"] == "ready"
    assert answer[PANEL] == HIDDEN
    assert answer[FACTS]["tone"] == "good"
    assert "issues from 127.0.0.1" in words(answer[LINE])
    assert answer[READ_NOW] == ""
    assert answer[INTERVAL] == RESTING_MILLISECONDS


def test_what_the_page_has_seen_does_not_wake_it_again(desk):
    keeper, _ = desk
    watch(keeper)
    keeper._keep()
    first = watch(keeper)
    again = watch(keeper, seen=(first[STATE], first[FACTS]))

    assert {again[part] for part in (STATE, FACTS, NOTICE, LINE, READ_NOW)} == {no_update}


def test_numbers_that_another_process_has_measured_are_not_taken_back(desk):
    """A tab polls several server processes in turn, and they do not measure at the same instant."""
    keeper, _ = desk
    watch(keeper)
    keeper._keep()
    behind = watch(keeper)[STATE]
    keeper.source.clock.sleep(60)
    keeper.source.synchronise("page")
    ahead = {"phase": "ready", "version": keeper.source.version()}

    assert ahead != behind
    assert watch(keeper, seen=(ahead, None))[STATE] is no_update
    assert keeper._wake.is_set()


def test_a_failure_is_shown_with_a_way_to_try_again(desk):
    keeper, jira = desk
    jira.faults = Faults.named("unauthorized")
    watch(keeper)
    keeper._keep()
    answer = watch(keeper)

    assert answer[STATE]["phase"] == "failed"
    assert "Try again" in words(answer[NOTICE])
    assert answer[FACTS]["tone"] == "bad"
    assert answer[INTERVAL] == RESTING_MILLISECONDS


def test_every_tab_sees_the_progress_of_a_reading_that_another_process_makes_and_any_may_stop_it(desk):
    keeper, _ = desk
    watch(keeper)
    keeper._keep()
    request = keeper.source.request()
    with holding(request):
        running = RunningStatus(request, "7", "page", keeper.source.clock)
        running.begin()
        running.tell(FetchProgress("issues", 300, 1200, 3, 4, 12.0, "Jira asked for a pause"))
        for _ in range(2):
            answer = watch(keeper)
            assert answer[PANEL] == BESIDE_NUMBERS
            assert answer[FACTS]["tone"] == "busy"
            assert "300 of about 1,200" in words(answer[PROGRESS])
            assert "Waiting 12 s because Jira asks us to slow down" in words(answer[PROGRESS])
            assert answer[STOP_AT_ONCE] == "nothing"
        answer = watch(keeper, by=ids.STOP)

        assert running.is_to_stop()
        assert "Stopping" in words(answer[PROGRESS])
        assert answer[STOP_AT_ONCE] == ""
        running.end()


def test_a_reading_whose_process_died_is_told_as_broken_off(desk):
    keeper, _ = desk
    request = keeper.source.request()
    with holding(request):
        RunningStatus(request, "7", "page", keeper.source.clock).begin()
    answer = watch(keeper)

    assert not sync_status(request).running
    assert answer[STATE]["phase"] == "failed"
    assert receipts(request)[0].verdict == "interrupted"


def test_an_order_shows_at_once_that_reading_begins_until_it_is_done_or_long_past(desk):
    keeper, _ = desk
    watch(keeper)
    keeper._keep()
    now = keeper.source.clock().timestamp() * 1000
    order = {"what": "now", "nonce": "a", "at": now}

    assert watch(keeper, order=order)[PANEL] == BESIDE_NUMBERS
    assert watch(keeper, order=order, done={"nonce": "a"})[PANEL] == HIDDEN
    assert watch(keeper, order={**order, "at": now - PENDING_MILLISECONDS})[PANEL] == HIDDEN


def test_the_end_of_a_reading_is_said_aloud(desk):
    keeper, _ = desk
    watch(keeper)
    keeper._keep()
    keep_receipt(keeper.source.request(), receipt("complete", id="9"))

    assert watch(keeper)[SAID].startswith("Complete: 1,234 issues")


@pytest.mark.parametrize(("path", "begun"), [("/", True), ("/dora", True), ("/health", False), ("/assets/a.js", False)])
def test_the_reading_begins_when_a_page_is_asked_for_and_not_at_a_probe(desk, path, begun):
    keeper, _ = desk
    before = keeper._visited
    with Flask("test").test_request_context(path):
        starter(keeper, {"/", "/dora"})()

    assert (keeper._visited != before) is begun


def test_what_the_page_says_of_its_data_is_what_was_read():
    facts = data_facts(measured().team(), Source(Settings()))

    assert (facts.issues, facts.skipped, facts.site) == (1, 0, "the demo team")
    assert facts.as_of == datetime(2026, 1, 31, 12, tzinfo=UTC)
