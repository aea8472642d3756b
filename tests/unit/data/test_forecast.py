"""Forecasts draw from the team's own weeks, say how often they came true, and say nothing from too little."""

from collections import Counter
from datetime import timedelta
from itertools import product

import numpy as np
import pytest

from data.filters import Filters
from data.forecast import (
    LONGEST_WEEKS,
    back_test,
    how_many,
    reached_by,
    sampled_totals,
    weekly_throughput,
    weeks_needed,
    when_done,
)
from data.metric import read_facts
from data.model import TeamRules
from tests.builders import at, issue, statuses

NOW = at("2026-01-14 12:00")
"""A Wednesday."""


def finished(number, when, **more):
    return issue(
        f"EX-{number}",
        when - timedelta(days=3),
        moves=[(when - timedelta(days=1), "In Progress"), (when, "Done")],
        **more,
    )


def team(*per_week, until=NOW, **more):
    """So many items finished on the Thursday of each past week, the last one being the week before `until`."""
    monday = (until - timedelta(days=until.weekday())).replace(hour=0)
    numbers = iter(range(1, 10_000))
    issues = []
    for weeks_ago, count in enumerate(reversed(per_week), start=1):
        thursday = monday - timedelta(weeks=weeks_ago) + timedelta(days=3, hours=9)
        issues += [finished(next(numbers), thursday, **more) for _ in range(count)]
    return issues


def facts(issues, *, as_of=NOW, rules=None):
    return read_facts(issues, {}, as_of=as_of, rules=rules or TeamRules(), statuses=statuses())


def test_throughput_counts_whole_weeks_and_idle_ones():
    past = weekly_throughput(facts([*team(3, 0, 2, 0), finished(9999, NOW - timedelta(hours=5))]))
    assert past.counts.tolist() == [3, 0, 2, 0]
    assert past.labels == ["2025-W51", "2025-W52", "2026-W01", "2026-W02"]
    assert len(past.edges) == 5


def test_weeks_before_the_first_issue_are_no_idle_weeks():
    assert len(weekly_throughput(facts(team(1, 1))).counts) == 2


def test_only_so_many_weeks_are_looked_at():
    assert weekly_throughput(facts(team(*range(1, 41)))).counts.tolist() == list(range(15, 41))


def test_totals_follow_the_exact_distribution():
    """Two weeks drawn from three have nine equally likely pairs."""
    counts = np.array([0, 1, 5])
    exact = Counter(a + b for a, b in product(counts.tolist(), repeat=2))
    totals = Counter(sampled_totals(counts, 2, seed=3, trials=90_000).tolist())
    assert set(totals) == set(exact)
    for total, ways in exact.items():
        assert totals[total] / 90_000 == pytest.approx(ways / 9, abs=0.006)


def test_part_of_a_week_holds_its_share_of_items():
    totals = sampled_totals(np.array([4]), 1.25, seed=1, trials=40_000)
    assert set(totals.tolist()) <= {4, 5, 6, 7, 8}
    assert totals.mean() == pytest.approx(5.0, abs=0.02)


def test_weeks_needed_follow_the_exact_distribution():
    """One item from weeks of which half are idle takes a geometric time."""
    needed = Counter(weeks_needed(np.array([0, 1]), 1, seed=5, trials=80_000).tolist())
    for week in (1, 2, 3, 4):
        assert needed[week] / 80_000 == pytest.approx(0.5**week, abs=0.006)


def test_a_team_that_finishes_nothing_is_never_done():
    assert set(weeks_needed(np.array([0, 0, 0]), 1, seed=1, trials=50).tolist()) == {LONGEST_WEEKS + 1}
    assert when_done(facts(team(*[1] * 3, *[0] * 26)), 5)["by"] == dict.fromkeys(("50", "70", "85", "95"))


def test_a_level_is_what_that_share_of_the_trials_reaches():
    totals = np.arange(1, 101)
    assert (reached_by(totals, 85), reached_by(totals, 50), reached_by(totals, 95)) == (16, 51, 6)
    assert sum(totals >= reached_by(totals, 85)) == 85


def test_more_certainty_promises_less():
    promised = how_many(facts(team(2, 7, 4, 0, 5, 3, 6, 1)), NOW + timedelta(weeks=4))["at_least"]
    assert promised["50"] > promised["70"] > promised["85"] > promised["95"] > 0


def test_a_steady_team_is_forecast_without_doubt():
    forecast = how_many(facts(team(*[3] * 10)), NOW + timedelta(weeks=4))
    assert set(forecast["at_least"].values()) == {12}
    done = when_done(facts(team(*[3] * 10)), 10)
    assert set(done["weeks"].values()) == {4}
    assert done["by"]["85"] == "2026-02-11T12:00:00Z"


def test_the_same_seed_gives_the_same_forecast():
    known = facts(team(2, 7, 4, 0, 5, 3, 6, 1))
    until = NOW + timedelta(days=17)
    assert how_many(known, until, seed=4) == how_many(known, until, seed=4)
    assert when_done(known, 40, seed=4) == when_done(known, 40, seed=4)


def test_five_weeks_are_too_little_to_forecast_from():
    forecast = how_many(facts(team(3, 3, 3, 3, 3)), NOW + timedelta(weeks=4))
    assert (forecast["enough"], forecast["at_least"]) == (False, {})
    assert forecast["back_test"]["came_true"] is None
    assert when_done(facts(team(3, 3, 3, 3, 3)), 5)["by"] == {}


def test_a_steady_team_keeps_every_promise():
    tested = back_test(facts(team(*[3] * 40)), 4)
    assert (tested["came_true"], tested["tests"]) == (100.0, 26)


def test_a_team_that_slows_down_breaks_them():
    """Twenty weeks of five, then twenty of one: what was promised from the good weeks did not come."""
    tested = back_test(facts(team(*[5] * 20, *[1] * 20)), 4)
    assert tested["came_true"] is not None
    assert tested["came_true"] < 60


def test_the_back_test_knows_only_what_was_known_then():
    """Half of what was finished each week was reopened today: promises made from the whole of it did not come true."""
    issues = team(*[4] * 30)
    for number, record in enumerate(team(*[4] * 30), start=1):
        reopened = (NOW - timedelta(hours=2), "Reopened")
        moves = [
            (at(h["created"][:16].replace("T", " ")), h["items"][0]["toString"])
            for h in record["changelog"]["histories"]
        ]
        issues.append(issue(f"RE-{number}", moves[0][0], moves=[*moves, reopened]))
    assert weekly_throughput(facts(issues)).counts.tolist() == [4] * 26
    assert back_test(facts(issues), 2)["came_true"] == 0


def test_a_filter_forecasts_from_its_own_items():
    bugs = [
        record | {"id": f"9{record['id']}", "key": f"B-{record['key']}"} for record in team(*[5] * 10, issue_type="Bug")
    ]
    view = facts([*team(*[3] * 10), *bugs]).where(Filters(issue_type=frozenset({"Bug"})))
    assert weekly_throughput(view).counts.tolist() == [5] * 10
    assert set(how_many(view, NOW + timedelta(weeks=2))["at_least"].values()) == {10}


@pytest.mark.parametrize("until", [NOW, NOW - timedelta(days=1), NOW + timedelta(weeks=LONGEST_WEEKS, days=1)])
def test_a_date_that_cannot_be_forecast_is_refused(until):
    with pytest.raises(ValueError, match="until must lie after"):
        how_many(facts(team(*[3] * 10)), until)


def test_no_items_are_refused():
    with pytest.raises(ValueError, match="1 or more"):
        when_done(facts(team(*[3] * 10)), 0)
