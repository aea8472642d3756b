"""What is packed is unpacked the same; what was not packed here is refused."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.watch.cells import Cells
from data.watch.packing import UnreadableError, packed, unpacked
from data.watch.summary import Summary
from tests.property.effort import effort
from tests.watching import NOON, measured

ORIGIN = 600
MEASURED = st.builds(
    lambda minute, **facts: (minute, measured(**facts)),
    st.integers(ORIGIN, ORIGIN + 59),
    ms=st.floats(0, 1e9),
    status=st.sampled_from([0, 200, 404, 429, 503]),
    cache_hit=st.sampled_from([None, True, False]),
    waited_ms=st.floats(0, 1e6),
)


def cells_of(pairs):
    minutes = [minute for minute, _ in pairs]
    return Cells.of([3] * len(pairs), minutes, [one for _, one in pairs]).summed()


@effort(80)
@given(st.lists(MEASURED, min_size=1, max_size=40))
def test_packing_loses_nothing(pairs):
    cells = cells_of(pairs)

    again = unpacked(packed(cells, ORIGIN), 3, ORIGIN)

    for column in ("series", "start", "figures", "cell", "bucket", "amount"):
        assert np.array_equal(getattr(again, column), getattr(cells, column)), column


@effort(30)
@given(st.lists(MEASURED, max_size=30), st.lists(MEASURED, min_size=1, max_size=30))
def test_adding_up_in_columns_is_adding_up_one_by_one(some, more):
    cells = Cells.joined([cells_of(some), cells_of(more)]).summed()

    expected = {minute: Summary.of(one for at, one in [*some, *more] if at == minute) for minute, _ in [*some, *more]}
    assert dict(zip(cells.start.tolist(), cells.summaries(), strict=True)) == expected


@effort(80)
@given(st.data())
def test_what_is_not_as_it_was_written_is_refused_or_at_least_no_trouble(data):
    body = bytearray(
        zlib.decompress(packed(cells_of([(ORIGIN, measured(NOON, ms=5)), (ORIGIN + 7, measured())]), ORIGIN))
    )
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(0, len(body)))

    for spoiled in (bytes(body), bytes(body[:cut])):
        try:
            assert len(unpacked(zlib.compress(spoiled), 3, ORIGIN))
        except UnreadableError:
            continue


@pytest.mark.parametrize(
    "blob", [b"", b"x", zlib.compress(b""), zlib.compress(bytes(13)), zlib.compress(b"\xff" * 500)]
)
def test_foreign_bytes_are_refused(blob):
    with pytest.raises(UnreadableError):
        unpacked(blob, 3, ORIGIN)
