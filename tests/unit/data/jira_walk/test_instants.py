"""A date said to Jira never means a later instant than the one that is meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.jira_walk.instants import not_after, zone_named
from tests.property.effort import effort

ZONES = ("UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Auckland", "America/St_Johns")
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
NEAR_CLOCK_CHANGES = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes, seconds=7),
    st.sampled_from([datetime(2025, 11, 2, 6, tzinfo=UTC), datetime(2025, 4, 5, 15, tzinfo=UTC)]),
    st.integers(-200, 200),
)


def readings(text, zone):
    naive = datetime.strptime(text, "%Y-%m-%d %H:%M")  # noqa: DTZ007 - the zone is the account's
    return [naive.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)]


@given(INSTANTS | NEAR_CLOCK_CHANGES, st.sampled_from(ZONES))
@effort(300)
def test_every_reading_is_at_most_the_instant_and_not_much_before(instant, zone):
    read = readings(not_after(instant, zone), zone)
    assert max(read) <= instant
    assert instant - min(read) <= timedelta(hours=3)


@given(INSTANTS, st.sampled_from(ZONES))
@effort(100)
def test_outside_a_repeated_hour_it_is_the_same_minute(instant, zone):
    local = instant.astimezone(ZoneInfo(zone))
    if local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset():
        assert readings(not_after(instant, zone), zone)[0] == instant.replace(second=0, microsecond=0)


@given(INSTANTS, st.sampled_from([*ZONES, "Pacific/Pago_Pago", "Pacific/Kiritimati"]))
@effort(100)
def test_an_unknown_zone_is_taken_for_the_one_in_which_nothing_is_lost(instant, real_zone):
    assert max(readings(not_after(instant, "Nowhere/Atlantis"), real_zone)) <= instant


@pytest.mark.parametrize("name", ["Nowhere/Atlantis", "", "../etc/passwd", "\x00", "UTC+25"])
def test_names_of_no_zone_are_known_as_such(name):
    assert zone_named(name) is None
