"""Every named error explains itself to the person who can act, and shows nothing it should not."""

from __future__ import annotations

import secrets

import pytest

from configuration.redaction import forget_secret, remember_secret
from data import errors
from data.errors import JiraError, RateLimited, SightlineError, Unreachable

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SightlineError)]


@pytest.mark.parametrize("kind", KINDS)
def test_title_cause_and_next_step_are_sentences(kind):
    error = kind("it happened")
    assert error.title[0].isupper()
    assert not error.title.endswith(".")
    assert error.likely_cause.endswith((".", "?"))
    assert error.next_step.endswith((".", "?"))
    text = f"{error.title}: it happened. Likely cause: {error.likely_cause} What to do: {error.next_step}"
    assert str(error) == text
    assert str(kind()).startswith(f"{error.title}. Likely cause: ")


def test_no_two_kinds_share_a_title():
    assert len({kind.title for kind in KINDS}) == len(KINDS)


def test_a_cause_known_better_replaces_the_usual_one():
    error = Unreachable("x.", likely_cause="The cable.", next_step="Plug it in.")
    assert str(error) == "Jira cannot be reached: x. Likely cause: The cable. What to do: Plug it in."


def test_words_from_outside_are_bounded_and_harmless():
    error = JiraError("a\n\x1b[31mb\x00\u202e " + "x" * 5000)
    assert "\n" not in error.detail
    assert "\x1b" not in error.detail
    assert error.detail.startswith("a b")
    assert len(error.detail) == 500


def test_a_secret_in_the_words_from_outside_is_masked():
    value = secrets.token_hex(20)
    remember_secret(value)
    try:
        assert value not in str(JiraError(f"odd <{value}>", likely_cause=f"{value}.", next_step=f"{value}."))
    finally:
        forget_secret(value)


def test_a_rate_limit_says_how_long():
    assert RateLimited("x", retry_after=30.0).retry_after == 30.0
    assert RateLimited("x").retry_after is None
