"""The parts of the page Data."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from configuration.settings import SCHEDULES
from tests.unit.ui.reading import of_kind, words
from tests.unit.ui.receipts import ENDED, receipt
from ui.components.data_page import (
    ALL_VERDICTS,
    DataState,
    confirmation,
    data_state,
    headline,
    history_table,
    schedule_choice,
    schedule_said,
    storage_words,
    verdict_filter,
)
from ui.sync_words import SyncNews

STATE = DataState(
    news=SyncNews(receipt(), ENDED, running=False),
    site="jira.example.com",
    query="project = <b>AB</b>",
    issues=1234,
    timezone="Europe/Berlin",
    next_attempt=datetime(2026, 3, 6, 15, 30, tzinfo=UTC),
)


def of(verdict, **facts):
    return replace(STATE, news=SyncNews(receipt(verdict, **facts), ENDED, running=False))


def test_the_state_names_source_query_age_and_what_comes_next():
    shown = words(data_state(STATE))

    for part in ("jira.example.com", "project = <b>AB</b>", "read 5 Mar 2026, 16:30", "1,234", "complete"):
        assert part in shown
    assert "at the first visit after 6 Mar 2026, 16:30 (Europe/Berlin)" in shown
    assert "at the first visit" not in words(data_state(replace(STATE, schedule=60)))
    assert "none" in words(data_state(replace(STATE, next_attempt=None)))


def test_every_state_has_a_sentence_of_its_own():
    states = [STATE, *(of(verdict) for verdict in ("partial", "failed", "cancelled", "interrupted"))]
    states.append(replace(STATE, news=SyncNews(None, None, running=False)))
    states.append(replace(STATE, news=SyncNews(receipt(), ENDED, running=True)))
    states.append(replace(STATE, deleted=True))

    assert len({headline(state) for state in states}) == len(states)


def test_a_removal_that_was_held_back_can_be_confirmed_here():
    shown = data_state(of("partial", held_back=400))

    assert "400 issues" in words(shown)
    assert [button.id for button in of_kind(shown, "Button")] == [{"type": "ask", "what": "losses"}]
    assert not of_kind(data_state(STATE), "Button")


def test_the_schedules_offered_are_those_that_settings_take():
    assert tuple(int(choice.value) for choice in of_kind(schedule_choice(), "Radio")) == SCHEDULES
    assert len({schedule_said(minutes) for minutes in SCHEDULES}) == len(SCHEDULES)


@pytest.mark.parametrize(("size", "text"), [(512, "1 kB"), (90_000, "90 kB"), (2_900_000, "2.9 MB")])
def test_what_is_kept_is_told_by_size_and_place(size, text):
    assert f"{text} of issues and readings are kept in cache." in words(storage_words(size, "cache")).replace(" .", ".")


def test_readings_can_be_looked_through_by_their_end():
    history = [receipt(), receipt("failed", id="2"), receipt("failed", id="3", ended_at=ENDED - timedelta(days=1))]

    assert len(of_kind(history_table(history, ALL_VERDICTS, "UTC"), "Button")) == 3
    assert len(of_kind(history_table(history, "failed", "UTC"), "Button")) == 2
    assert "no such readings" in words(history_table(history, "partial", "UTC"))
    assert {choice["value"] for choice in verdict_filter().data} >= {ALL_VERDICTS, "interrupted"}


def test_nothing_is_done_before_it_is_confirmed():
    dialog = confirmation("delete", "Delete?", "All of it.", "Delete")

    assert dialog.opened is False
    assert [button.id["type"] for button in of_kind(dialog, "Button")] == ["leave", "act"]
