"""Options that point the tests at things this project does not contain, and how hypothesis searches."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# By default always the same examples, so that a red run is a changed product, and no verdict on a slow machine.
settings.register_profile("sightline", deadline=None, database=None, derandomize="SIGHTLINE_THOROUGH" not in os.environ)
settings.load_profile("sightline")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("sightline")
    group.addoption(
        "--jira-openapi", type=Path, help="Atlassian's OpenAPI document of Jira Cloud, to check our requests"
    )
    group.addoption("--real-jira", type=Path, help="folder of real Jira data, to compute the metrics of")


@pytest.fixture(scope="session")
def jira_openapi(pytestconfig: pytest.Config) -> Path:
    """Atlassian's own document; tests that need it are skipped without the option."""
    return _given(pytestconfig, "--jira-openapi")


@pytest.fixture(scope="session")
def real_jira(pytestconfig: pytest.Config) -> Path:
    """A folder of real Jira data; tests that need it are skipped without the option."""
    return _given(pytestconfig, "--real-jira")


def _given(config: pytest.Config, option: str) -> Path:
    path = config.getoption(option)
    if path is None:
        pytest.skip(f"needs {option}=PATH")
    if not path.exists():
        pytest.fail(f"{option} names {path}, which does not exist")
    return Path(path)
