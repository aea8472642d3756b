"""A fetch is one record in the logs, however it ends."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from configuration.request_notes import current_request_id, request_noted
from data.errors import FetchCancelled, Unavailable
from data.sync.fetch_record import recorded

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def only_record(caplog):
    (record,) = [record for record in caplog.records if getattr(record, "event", "").startswith("fetch.")]
    return record


def test_what_was_noted_is_on_record(caplog):
    caplog.set_level(logging.INFO)
    with recorded("project = A", lambda: NOW) as record:
        record.data_volume_fetched, record.api_calls_made, record.rate_limit_delays = 10, 7, 2
    told = only_record(caplog)
    assert (told.event, told.error, told.cache_hit) == ("fetch.finished", None, False)
    assert (told.jql_query, told.data_volume_fetched, told.api_calls_made, told.rate_limit_delays) == (
        "project = A",
        10,
        7,
        2,
    )
    assert told.start_time == "2026-03-01T12:00:00Z"
    assert datetime.fromisoformat(told.end_time) >= NOW


def test_a_known_failure_is_told_with_jiras_name_for_it(caplog):
    failure = Unavailable("503")
    failure.trace_id = "trace-1"
    with pytest.raises(Unavailable), recorded("project = A", lambda: NOW):
        raise failure
    told = only_record(caplog)
    assert (told.levelno, told.event, told.error, told.jira_trace_id) == (
        logging.ERROR,
        "fetch.failed",
        str(failure),
        "trace-1",
    )


def test_a_fetch_that_somebody_stops_has_not_failed(caplog):
    caplog.set_level(logging.INFO)
    with pytest.raises(FetchCancelled), recorded("project = A", lambda: NOW):
        raise FetchCancelled
    told = only_record(caplog)
    assert (told.levelno, told.event, told.error) == (logging.INFO, "fetch.stopped", str(FetchCancelled()))


def test_an_unknown_failure_is_on_record_without_its_words(caplog):
    with pytest.raises(KeyError), recorded("project = A", lambda: NOW):
        raise KeyError("secret-looking")
    assert only_record(caplog).error == "the fetch ended unexpectedly"


def test_the_id_of_the_request_that_is_served_is_used_and_otherwise_one_of_its_own(caplog):
    caplog.set_level(logging.INFO)
    with request_noted("page-1"), recorded("a = 1", lambda: NOW):
        assert current_request_id.get() == "page-1"
    assert only_record(caplog).request_id == "page-1"
    caplog.clear()
    with recorded("a = 1", lambda: NOW):
        own = current_request_id.get()
    assert only_record(caplog).request_id == own != "page-1"
    assert current_request_id.get() is None
