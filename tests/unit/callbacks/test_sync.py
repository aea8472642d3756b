"""The events about readings: receipts, the page Data, the schedule, deleting what is kept."""

import secrets
from datetime import UTC, datetime

import pytest
from dash.exceptions import PreventUpdate

from callbacks.keeper import Keeper
from callbacks.sync import data_page_filler, deleter, receipt_opener, scheduler
from callbacks.team import TeamLoader
from data.demo.clock import VirtualClock
from data.errors import SettingsInvalid
from data.jira_simple import receipts
from data.sync.status import RunningStatus, holding
from tests.jira_sites import few_issues, serving
from tests.unit.callbacks.readings import source_of
from tests.unit.ui.reading import of_kind, words
from ui import ids
from ui.components.data_page import ALL_VERDICTS

NOW = datetime(2026, 1, 2, 9, tzinfo=UTC)


@pytest.fixture
def keeper(tmp_path):
    """A team that has been read once."""
    with serving(few_issues(), "cloud") as (_, url):
        source = source_of(url, tmp_path, VirtualClock(NOW), token=secrets.token_hex(20))
        kept = Keeper(source, TeamLoader(source.version, source.reading, as_of=None, first_period=30))
        source.synchronise("first visit")
        kept.loader.current()
        yield kept


def test_the_line_opens_the_last_receipt_and_a_row_its_own(keeper):
    keeper.source.clock.sleep(3600)
    keeper.source.synchronise("page")
    first = receipts(keeper.source.request())[1]
    opened, body = receipt_opener(keeper)({"button": ids.SYNC_LINE, "number": 1})
    assert opened is True
    assert "from the page" in words(body)

    _, body = receipt_opener(keeper)({"button": ids.receipt(first.id), "number": 2})
    assert "by itself, at the first visit" in words(body)


def test_a_new_page_opens_no_receipt(keeper):
    with pytest.raises(PreventUpdate):
        receipt_opener(keeper)(None)


def test_the_page_tells_state_size_and_history(keeper):
    state, size, history = data_page_filler(keeper)(None, ALL_VERDICTS)

    assert "The data is complete." in words(state)
    assert "MB" in words(size) or "kB" in words(size)
    assert len(of_kind(history, "Button")) == 1
    assert "no such readings" in words(data_page_filler(keeper)(None, "failed")[2])


def test_the_schedule_is_shown_as_it_is_kept_and_kept_as_it_is_chosen(keeper):
    schedule = scheduler(keeper)
    assert schedule(None)[0] == "0"
    _, said = schedule("60")

    assert "every hour" in said
    assert schedule(None)[0] == "60"
    assert keeper._wake.is_set()


@pytest.mark.parametrize("sent", ["7", "-1", "99999999"])
def test_a_schedule_that_no_page_offers_is_refused(keeper, sent):
    with pytest.raises(SettingsInvalid):
        scheduler(keeper)(sent)
    assert keeper.schedule() == 0


def test_deleting_removes_what_is_kept_and_the_numbers(keeper):
    assert deleter(keeper)(1) == "Deleted."

    assert keeper.source.version() is None
    assert keeper.loader.team() is None
    assert data_page_filler(keeper)(None, ALL_VERDICTS)
    assert receipts(keeper.source.request()) == []


def test_nothing_is_deleted_under_a_reading_that_is_on(keeper):
    request = keeper.source.request()
    with holding(request):
        running = RunningStatus(request, "7", "page", keeper.source.clock)
        running.begin()
        said = deleter(keeper)(1)
        running.end()

    assert "Stop that first" in said
    assert keeper.source.version() is not None


def test_a_dialog_that_just_appeared_deletes_nothing(keeper):
    with pytest.raises(PreventUpdate):
        deleter(keeper)(0)
