"""The demo team, made once for all tests, and ways to read its issues."""

import pytest

from data.demo.team import demo_site
from tests.unit.data.demo.sites import TEAM_END


@pytest.fixture(scope="session")
def site():
    """The default team, whose world ends at `TEAM_END`."""
    return demo_site(as_of=TEAM_END)
