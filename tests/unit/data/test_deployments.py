"""The order of deployments made at the same instant."""

import pytest

from data.deployments import read_deployments
from data.metric import read_facts
from tests.builders import at, version

NOW = at("2025-03-31 12:00")


@pytest.mark.parametrize(
    "identities",
    [["9", "10", "100"], ["B", "a", "09", "10", "100"], ["7", "x" * 5, "y" * 5], [f"{10**19 + 1}", f"{10**19 + 2}"]],
    ids=["numbers by their size", "others by length, then by letter", "both", "numbers too long for a column"],
)
def test_at_one_instant_shorter_ids_come_first_and_equally_long_ones_in_their_order(identities):
    versions = [version(f"of {name}", released="2025-03-10") | {"id": name} for name in reversed(identities)]

    found = read_deployments(read_facts([], {}, as_of=NOW, versions=versions))

    assert found.identities == identities
