"""Something stale stands in when there is nothing newer, for a week, and never for an account that Jira refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.errors import (
    AnonymousAccess,
    AuthenticationFailed,
    CaptchaRequired,
    PermissionDenied,
    RateLimited,
    Unavailable,
    Unreachable,
)
from data.storage.staleness import Kept, freshest, may_stand_in

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def kept(value="old", *, is_stale=True, **age):
    return Kept(value, timedelta(**age), is_stale)


def new():
    return Kept("new", timedelta())


def failing(error):
    def renew():
        raise error("today")

    return renew


def test_fresh_is_given_without_asking_for_more():
    fresh = kept(hours=1, is_stale=False)
    assert freshest(lambda: fresh, failing(Unavailable)) is fresh


@pytest.mark.parametrize("found", [None, kept(hours=30)])
def test_nothing_or_something_stale_is_renewed(found):
    assert freshest(lambda: found, new) == new()


@pytest.mark.parametrize("error", [Unavailable, Unreachable, RateLimited])
def test_stale_stands_in_for_a_week_and_says_why(error):
    given = freshest(lambda: kept(days=6), failing(error))
    assert (given.value, given.age, given.is_stale, type(given.error)) == ("old", timedelta(days=6), True, error)
    with pytest.raises(error):
        freshest(lambda: kept(days=8), failing(error))


@pytest.mark.parametrize("error", [AuthenticationFailed, CaptchaRequired, AnonymousAccess, PermissionDenied])
def test_whom_jira_refuses_sees_nothing_kept(error):
    assert not may_stand_in(timedelta(minutes=1), error("now"))
    with pytest.raises(error):
        freshest(lambda: kept(minutes=1), failing(error))


def test_without_anything_kept_the_error_is_the_answer():
    with pytest.raises(Unavailable):
        freshest(lambda: None, failing(Unavailable))


def test_an_unknown_failure_is_not_hidden_behind_something_stale():
    def renew():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        freshest(lambda: kept(hours=30), renew)


def test_with_somebody_to_renew_it_the_stale_one_comes_at_once():
    handed: list = []
    assert freshest(lambda: kept(hours=30), new, handed.append).value == "old"
    assert [work().value for work in handed] == ["new"]


@pytest.mark.parametrize("found", [None, kept(days=8)])
def test_what_may_not_stand_in_is_waited_for(found):
    handed: list = []
    assert freshest(lambda: found, new, handed.append).value == "new"
    assert handed == []
