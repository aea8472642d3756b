"""What stands where numbers would."""

from tests.unit.ui.reading import of_kind, with_class, words
from ui.components.states import (
    Failure,
    empty_project,
    failure_panel,
    nothing_kept,
    partial_mark,
    reading_stopped,
    skeleton,
)


def test_a_failure_says_what_why_and_what_to_do():
    panel = failure_panel(Failure("It broke", "This happened.", "That is why.", "Do this.", reference="abc123"))

    for part in ("It broke", "This happened.", "Likely cause: That is why.", "What to do: Do this.", "abc123"):
        assert part in words(panel)


def test_a_failure_without_details_has_no_empty_lines():
    assert "What happened" not in words(failure_panel(Failure("It broke", "", "Why.", "Do this.")))


def test_an_empty_project_quotes_the_query_as_text():
    panel = empty_project("project = <b>AB</b>", "")

    assert words(of_kind(panel, "Code")) == "project = <b>AB</b>"
    assert "this account" in words(panel)


def test_shapes_that_wait_for_numbers_are_silent():
    waiting = skeleton(5)

    assert len(with_class(waiting, "skeleton-card")) == 5
    assert getattr(waiting, "aria-hidden") == "true"
    assert words(waiting) == ""


def test_where_reading_again_may_help_a_button_offers_it():
    failure = Failure("It broke", "", "Why.", "Do this.")

    assert not of_kind(failure_panel(failure), "Button")
    assert words(of_kind(failure_panel(failure, offer="Try again"), "Button")) == "Try again"
    for panel in (reading_stopped("After 40 issues."), nothing_kept()):
        (button,) = of_kind(panel, "Button")
        assert button.id["what"] == "now"


def test_a_failure_can_say_what_holds_meanwhile():
    assert "Older numbers" in words(failure_panel(Failure("It broke", "", "", "Do."), after="Older numbers are below."))


def test_partial_numbers_are_marked_with_what_is_missing():
    assert "3 issues missing" in words(partial_mark("3 issues missing"))
