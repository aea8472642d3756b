"""What stands where numbers would."""

import pytest

from tests.unit.ui.reading import of_kind, with_class, words
from ui.components.states import Failure, empty_project, failure_panel, loading_note, skeleton


@pytest.mark.parametrize(
    ("stage", "issues", "expected", "text"),
    [
        ("connecting", 0, None, "Connecting to Jira"),
        ("issues", 300, 1200, "Reading issues: 300 of about 1,200"),
        ("issues", 300, None, "Reading issues: 300 issues so far"),
        ("histories", 1200, None, "Reading the history of 1,200 issues"),
        ("versions", 1200, None, "Reading versions and statuses"),
        ("measuring", 1200, None, "Measuring 1,200 issues"),
    ],
)
def test_each_stage_of_reading_has_its_words(stage, issues, expected, text):
    assert words(loading_note(stage, issues, expected)) == text


def test_progress_is_drawn_only_when_its_end_is_known_and_never_passes_it():
    assert not of_kind(loading_note("issues", 300, None), "Progress")
    (bar,) = of_kind(loading_note("issues", 1500, 1200), "Progress")
    assert bar.value == 100
    assert getattr(bar, "aria-label")


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
