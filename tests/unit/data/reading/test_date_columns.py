"""Dates read in columns are those read one by one."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.performance_utils import microseconds, parse_instant
from data.reading.date_columns import UNREADABLE, parse_instants
from tests.property.effort import effort

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
USUAL = "2025-11-09T14:30:45.123+0000"


def one_by_one(values):
    return [UNREADABLE if (read := parse_instant(value)) is None else read for value in values]


def written(when: datetime, minutes: int) -> str:
    local = when.astimezone(timezone(timedelta(minutes=minutes)))
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"


@effort(150)
@given(
    st.lists(
        st.builds(
            written,
            st.integers(-30_000_000_000, 253_000_000_000).map(lambda second: EPOCH + timedelta(seconds=second)),
            st.integers(-14 * 60, 14 * 60),
        ),
        max_size=20,
    )
)
def test_what_jira_writes_is_read_to_the_millisecond_in_any_offset(texts):
    assert parse_instants(texts).tolist() == one_by_one(texts)


SIGNS = st.sampled_from("0123456789-T:.+Z ,é٣")
SPOILT = st.builds(lambda place, sign: USUAL[:place] + sign + USUAL[place + 1 :], st.integers(0, len(USUAL) - 1), SIGNS)
ANYTHING = SPOILT | st.text(SIGNS, max_size=30) | st.none() | st.booleans() | st.integers() | st.floats() | st.just([])


@effort(300)
@given(st.lists(ANYTHING | st.just(USUAL), max_size=12))
def test_anything_else_is_read_as_it_is_alone(values):
    assert parse_instants(values).tolist() == one_by_one(values)


@pytest.mark.parametrize("year", [1899, 1900, 1904, 1970, 2000, 2023, 2024, 2100])
def test_every_day_of_a_year_and_no_other(year):
    texts = [f"{year}-{month:02d}-{day:02d}T00:00:00.000+0000" for month in range(14) for day in range(33)]

    read = parse_instants(texts)

    assert read.tolist() == one_by_one(texts)
    assert (read != UNREADABLE).sum() == (date(year + 1, 1, 1) - date(year, 1, 1)).days


def test_nothing_is_nothing():
    assert parse_instants([]).dtype == np.int64
    assert parse_instants([USUAL])[0] == microseconds(datetime(2025, 11, 9, 14, 30, 45, 123000, tzinfo=UTC))
