"""Items by group, against loops over pairs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from data.groups import Groups

ITEMS, GROUPS = 12, 7
PAIRS = st.lists(st.tuples(st.integers(0, ITEMS - 1), st.integers(0, GROUPS - 1)), max_size=40)


def grouped(pairs: list[tuple[int, int]]) -> Groups:
    columns = np.array(pairs, dtype=np.int32).reshape(-1, 2)
    return Groups.of(columns[:, 0], columns[:, 1], GROUPS)


@given(PAIRS, st.sets(st.integers(0, GROUPS - 1)))
def test_the_items_of_some_groups_are_those_that_any_pair_names(pairs, wanted):
    found = grouped(pairs).in_any(np.array(sorted(wanted), dtype=np.intp), ITEMS)

    assert set(np.flatnonzero(found).tolist()) == {item for item, group in pairs if group in wanted}


@given(PAIRS, st.sets(st.integers(0, ITEMS - 1)))
def test_a_group_holds_a_marked_item_when_any_pair_says_so(pairs, marked):
    flags = np.isin(np.arange(ITEMS), sorted(marked))

    found = grouped(pairs).holding(flags)

    assert set(np.flatnonzero(found).tolist()) == {group for item, group in pairs if item in marked}


def test_more_groups_than_a_short_number_counts_are_told_apart():
    many = np.arange(70_000, dtype=np.int32)

    groups = Groups.of(many, many[::-1].copy(), 70_000)

    assert groups.in_any(np.array([69_999, 1]), 70_000).nonzero()[0].tolist() == [0, 69_998]
