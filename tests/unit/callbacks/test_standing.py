"""What every tab and process makes of what is on disk: the phase, the notice, what comes next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callbacks.standing import Standing, notice, notice_signature
from callbacks.team import TeamLoader
from data.jira_simple import SyncStatus
from data.model import TeamRules
from tests.unit.callbacks.readings import FETCHED, data, reading_of
from tests.unit.ui.reading import of_kind, words
from tests.unit.ui.receipts import cause, receipt
from ui.components.states import Failure

NOW = datetime(2026, 1, 31, 15, tzinfo=UTC)
NOTHING = Standing(
    team=None,
    version=None,
    status=SyncStatus(),
    history=[],
    next_attempt=None,
    problem=None,
    deleted=False,
    measuring=False,
    now=NOW,
)


def team(verdict="complete"):
    reading = reading_of(data(verdict=verdict), TeamRules(timezone="Europe/Berlin"))
    return TeamLoader(lambda: "1", lambda: reading, as_of=None, first_period=30).current()


@pytest.mark.parametrize(
    ("facts", "phase"),
    [
        ({}, "loading"),
        ({"status": SyncStatus(running=True)}, "loading"),
        ({"measuring": True}, "loading"),
        ({"version": "1"}, "loading"),
        ({"history": [receipt("failed")]}, "failed"),
        ({"history": [receipt("failed")], "status": SyncStatus(running=True)}, "loading"),
        ({"history": [receipt("cancelled")]}, "failed"),
        ({"history": [receipt("interrupted")]}, "failed"),
        ({"problem": Failure("t", "h", "l", "n")}, "failed"),
        ({"version": "1", "problem": Failure("t", "h", "l", "n")}, "failed"),
        ({"deleted": True}, "idle"),
    ],
)
def test_without_numbers_a_page_is_told_why(facts, phase):
    assert replace(NOTHING, **facts).phase == phase


@pytest.mark.parametrize("verdict", ["complete", "partial", "failed", "cancelled", "interrupted"])
def test_numbers_stay_whatever_becomes_of_later_readings(verdict):
    assert replace(NOTHING, team=team(), history=[receipt(verdict)]).phase == "ready"


def test_all_well_needs_no_notice():
    assert notice(replace(NOTHING, team=team(), history=[receipt("complete")])) is None


def test_a_failure_says_what_holds_meanwhile_and_when_jira_is_tried_again():
    state = replace(
        NOTHING,
        team=team(),
        history=[receipt("failed", cause=cause())],
        next_attempt=NOW + timedelta(seconds=30),
    )
    shown = words(notice(state))

    for part in ("Jira cannot be reached", "the last reading, 3 hours ago", "at 16:00:30 (Europe/Berlin)"):
        assert part in shown
    assert words(of_kind(notice(state), "Button")) == "Try again"


def test_refused_credentials_promise_no_further_try():
    shown = words(notice(replace(NOTHING, history=[receipt("failed", cause=cause())])))

    assert "by itself" not in shown


def test_a_stopped_first_reading_says_what_was_kept_and_offers_to_go_on():
    stopped = receipt("cancelled", next_step="What has been read so far (4,300 issues) is safe.")
    shown = words(notice(replace(NOTHING, history=[stopped])))

    assert "4,300 issues" in shown
    assert "Go on reading" in shown


def test_a_reading_that_is_on_takes_the_notice_of_the_last_one_away():
    state = replace(NOTHING, team=team(), history=[receipt("failed", cause=cause())], status=SyncStatus(running=True))

    assert notice(state) is None


def test_numbers_that_rest_on_a_partial_reading_say_so_also_while_a_later_one_has_been_stopped():
    gaps = receipt("partial", missing=3, issues=100)
    for history in ([gaps], [receipt("cancelled"), gaps]):
        shown = words(notice(replace(NOTHING, team=team("partial"), history=history)))
        assert "partial reading" in shown
        assert "3 issues missing" in shown


def test_what_was_deleted_on_request_is_said_with_a_way_back():
    assert "Read Jira" in words(notice(replace(NOTHING, deleted=True)))


def test_the_same_notice_is_recognised_and_another_one_too():
    failed = replace(NOTHING, team=team(), history=[receipt("failed", cause=cause())])

    assert notice_signature(failed) == notice_signature(replace(failed, now=NOW + timedelta(minutes=1)))
    assert notice_signature(failed) != notice_signature(replace(failed, history=[receipt("complete", id="2")]))


def test_the_times_are_the_teams_and_numbers_know_when_they_were_read():
    state = replace(NOTHING, team=team("partial"))

    assert state.timezone == "Europe/Berlin"
    assert state.news.synced_at == FETCHED
    assert state.news.partial
