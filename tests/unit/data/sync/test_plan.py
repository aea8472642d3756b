"""What a sync asks for, decided from what is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.sync.facts import KeptFacts
from data.sync.plan import (
    SWEEP_ALWAYS_BELOW,
    first_day,
    is_suspicious,
    is_too_old,
    make_plan,
    overlap,
    span_missing,
    spanned,
    sweep_is_due,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def kept(**facts):
    told = {"jql": "project = A", "flavour": "cloud", "account_id": "1", "account_name": "Ann", "asked": ["status"]}
    told |= {"account_timezone": "UTC", "site_url": "https://jira.example.com", "synced_at": NOW, "watermark": NOW}
    return KeptFacts(**told | facts)


def plan(facts, wanted_from=None, *, lacking=(), same_account=True, full=False):
    made = make_plan(facts, wanted_from, lacking=list(lacking), same_account=same_account, full=full)
    return made.kind, made.covers_from


def test_the_kind_follows_from_what_is_kept():
    assert plan(None) == ("full", None)
    assert plan(None, "2025-01-01") == ("full", "2025-01-01")
    assert plan(kept()) == ("increment", None)
    assert plan(kept(), full=True) == ("full", None)
    assert plan(kept(), lacking=["customfield_1"]) == ("full", None)
    assert plan(kept(), same_account=False) == ("full", None)
    assert plan(kept(watermark=None)) == ("full", None)


def test_a_span_only_grows():
    half = kept(covers_from="2025-06-01")
    assert plan(half, "2025-06-01") == plan(half, "2025-09-01") == ("increment", "2025-06-01")
    assert plan(half, "2025-03-01") == ("extension", "2025-03-01")
    assert plan(half, None) == ("extension", None)
    assert plan(kept(), "2025-03-01") == ("increment", None)
    assert plan(half, "2025-09-01", lacking=["x"]) == ("full", "2025-06-01")
    assert plan(half, "2025-09-01", full=True) == ("full", "2025-09-01")


def test_the_first_day_is_one_of_the_accounts_calendar():
    night = datetime(2026, 3, 1, 2, tzinfo=UTC)
    assert first_day(30, night, "Europe/Berlin") == "2026-01-30"
    assert first_day(30, night, "America/New_York") == "2026-01-29"
    assert first_day(30, night, "Nowhere/Known") == "2026-01-30"
    assert first_day(None, night, "UTC") is None


def test_the_span_is_put_around_the_query_as_a_whole():
    assert spanned("a = 1 OR b = 2", None) == "a = 1 OR b = 2"
    assert (
        spanned("a = 1 OR b = 2", "2025-06-01")
        == '(a = 1 OR b = 2) AND (updated >= "2025-06-01" OR statusCategory != Done)'
    )
    missing = span_missing("a = 1 OR b = 2", "2025-06-01", "2025-01-01")
    assert missing.startswith("(a = 1 OR b = 2) AND statusCategory = Done")
    assert 'updated < "2025-06-03"' in missing
    assert 'updated >= "2025-01-01"' in missing
    assert "updated >=" not in span_missing("a = 1", "2025-06-01", None)


@pytest.mark.parametrize(
    ("timezone", "watermark", "minutes"),
    [
        ("UTC", datetime(2025, 10, 26, 1, tzinfo=UTC), 5),
        ("Europe/Berlin", datetime(2025, 10, 26, 1, tzinfo=UTC), 65),
        ("Europe/Berlin", datetime(2025, 10, 26, 3, 30, tzinfo=UTC), 65),
        ("Europe/Berlin", datetime(2025, 10, 26, 5, tzinfo=UTC), 5),
        ("Europe/Berlin", datetime(2025, 3, 30, 1, tzinfo=UTC), 5),
        ("Australia/Lord_Howe", datetime(2025, 4, 5, 15, tzinfo=UTC), 65),
        ("Nowhere/Known", datetime(2025, 10, 26, 1, tzinfo=UTC), 5),
    ],
)
def test_the_overlap_is_longer_where_clocks_go_back(timezone, watermark, minutes):
    assert overlap(watermark, timezone) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("facts", "issues", "agree", "due"),
    [
        ({}, 100, None, True),
        ({"swept_at": NOW}, 100, None, True),
        ({"swept_at": NOW}, SWEEP_ALWAYS_BELOW + 1, None, False),
        ({}, SWEEP_ALWAYS_BELOW + 1, None, True),
        ({"swept_at": NOW}, 100, True, False),
        ({"swept_at": NOW}, 100, False, True),
        ({"swept_at": NOW - timedelta(days=1)}, 100, True, True),
        ({"swept_at": NOW + timedelta(days=1)}, 100, True, True),
    ],
)
def test_ids_are_listed_where_it_is_cheap_or_counts_disagree_or_once_a_day(facts, issues, agree, due):
    assert sweep_is_due(kept(**facts), issues, counts_agree=agree, now=NOW) is due


def keys(project, count, start=0):
    return {str(start + number): f"{project}-{number}" for number in range(count)}


def test_losing_a_fifth_or_a_whole_project_or_everything_is_suspicious():
    all_kept = keys("A", 100) | keys("B", 3, start=500)
    assert not is_suspicious({}, all_kept)
    assert not is_suspicious(keys("A", 20), all_kept)
    assert is_suspicious(keys("A", 21), all_kept)
    assert is_suspicious(keys("B", 3, start=500), all_kept)
    assert not is_suspicious(keys("B", 2, start=500), all_kept)
    assert is_suspicious(keys("A", 1), keys("A", 1))
    assert not is_suspicious(keys("A", 2), keys("A", 5)), "two of five may well have been deleted"


def test_an_unfinished_reading_is_not_gone_on_with_after_days_or_from_the_future():
    assert not is_too_old(NOW - timedelta(days=5), NOW)
    assert is_too_old(NOW - timedelta(days=6), NOW)
    assert is_too_old(NOW + timedelta(days=6), NOW)
