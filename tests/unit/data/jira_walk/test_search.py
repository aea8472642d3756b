"""A query keeps its meaning when its order is taken off and a bound is put on."""

from __future__ import annotations

import pytest

from data.jira_walk.search import EVERYTHING, bounded


@pytest.mark.parametrize(
    ("jql", "where"),
    [
        (None, EVERYTHING),
        ("", EVERYTHING),
        ("  \n", EVERYTHING),
        ("ORDER BY created", EVERYTHING),
        ("order   by\n created DESC", EVERYTHING),
        ("project = AB", "project = AB"),
        ("project = AB ORDER BY rank, key DESC", "project = AB"),
        ("project = AB\nOrder\tBy rank", "project = AB"),
        ('summary ~ "order by weight" order by key', 'summary ~ "order by weight"'),
        ("summary ~ 'order by weight'", "summary ~ 'order by weight'"),
        (r'summary ~ "say \"order by\" now" AND x = 1', r'summary ~ "say \"order by\" now" AND x = 1'),
        ("reorder_by = 1", "reorder_by = 1"),
        ('summary ~ "open', 'summary ~ "open'),
    ],
)
def test_the_restriction_is_kept_and_the_order_taken_off(jql, where):
    assert bounded(jql) == where
    assert bounded(bounded(jql)) == where
