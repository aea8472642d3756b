"""Instants without a clock of one's own are aware, and the logs write them to the millisecond in UTC."""

from datetime import UTC, datetime, timedelta, timezone

from configuration.clock import log_timestamp, utc_now


def test_now_is_an_instant_of_utc():
    before, now, after = datetime.now(UTC), utc_now(), datetime.now(UTC)

    assert now.tzinfo is UTC
    assert before <= now <= after


def test_a_timestamp_is_in_utc_to_the_millisecond_whatever_the_zone():
    written = datetime(2026, 3, 1, 1, 30, 0, 123_999, tzinfo=timezone(timedelta(hours=2)))

    assert log_timestamp(written) == "2026-02-28T23:30:00.123Z"
    assert log_timestamp(datetime(2026, 3, 1, tzinfo=UTC)) == "2026-03-01T00:00:00.000Z"
