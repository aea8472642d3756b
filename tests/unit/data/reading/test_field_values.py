"""Single field values in the shapes that Jira sends them."""

import pytest

from data.reading.field_values import is_filled, matches, says_no, says_yes, texts


@pytest.mark.parametrize("value", [None, "", "  ", []])
def test_nothing_is_not_filled_and_says_neither_yes_nor_no(value):
    assert not is_filled(value)
    assert not says_yes(value)
    assert not says_no(value)


@pytest.mark.parametrize(
    "value", [False, 0, 0.0, "No", " FALSE ", {"value": "no"}, [{"value": "Failed"}], {"name": "None"}]
)
def test_every_shape_of_no(value):
    assert says_no(value)
    assert not says_yes(value)


@pytest.mark.parametrize(
    "value", [True, 1, "Yes", {"value": "Passed"}, [{"value": "no"}, {"value": "yes"}], {"id": "3"}]
)
def test_every_shape_of_yes(value):
    assert says_yes(value)
    assert not says_no(value)


def test_a_list_matches_by_any_of_its_elements():
    assert matches([{"value": "Staging"}, {"name": "PROD"}], {"prod"})
    assert list(texts([{"value": "A"}, "b", None, 3])) == ["a", "b", "3"]
