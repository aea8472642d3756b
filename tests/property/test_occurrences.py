"""What the property tests and the comparison with the reference draw contains what the definitions name."""

from __future__ import annotations

from tests.property.occurrences import count


def test_every_situation_that_the_definitions_name_occurs_among_the_histories_drawn():
    found = count(range(1, 301))
    assert [name for name, number in found.items() if not number] == []
