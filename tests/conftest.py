"""Options that point the tests at things this project does not contain, and how hypothesis searches."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from configuration.settings import Settings

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


@pytest.fixture(autouse=True)
def keepers_end_with_their_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The threads of dashboards that a test has started would go on reading, and logging, during the tests after it."""
    module = sys.modules.get("callbacks.keeper")
    if module is None:
        yield
        return
    made: list[Any] = []
    begin = module.Keeper.__init__

    def remember(keeper: Any, *given: Any, **named: Any) -> None:
        begin(keeper, *given, **named)
        made.append(keeper)

    monkeypatch.setattr(module.Keeper, "__init__", remember)
    yield
    for keeper in made:
        keeper.end(0)


@pytest.fixture(scope="session", autouse=True)
def logs_of_tests_are_nobodys(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Applications that are made without a folder for logs would write what they measure into the person's own."""
    defaults = Settings.__init__.__kwdefaults__
    defaults["log_dir"] = tmp_path_factory.mktemp("logs")
    if (listening := sys.modules.get("data.watch.log_events")) is not None:
        listening.stop_listening()  # to the application that importing app has made


@pytest.fixture(autouse=True)
def measuring_ends_with_its_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A recorder has a thread, and hears of everything that is logged after its test as well."""
    module, made = sys.modules.get("data.watch.recorder"), []
    if module is None:
        yield
        return
    begin = module.Recorder.__init__

    def remember(recorder: Any, *given: Any, **named: Any) -> None:
        begin(recorder, *given, **named)
        made.append(recorder)

    monkeypatch.setattr(module.Recorder, "__init__", remember)
    yield
    if (listening := sys.modules.get("data.watch.log_events")) is not None:
        listening.stop_listening()
    for recorder in made:
        recorder.close()


@pytest.fixture(autouse=True)
def watchmen_end_with_their_test(monkeypatch: pytest.MonkeyPatch, measuring_ends_with_its_test: None) -> Iterator[None]:
    """They would go on looking at measurements that are gone."""
    module, made = sys.modules.get("callbacks.watchman"), []
    if module is None:
        yield
        return
    begin = module.Watchman.__init__

    def remember(watchman: Any, *given: Any, **named: Any) -> None:
        begin(watchman, *given, **named)
        made.append(watchman)

    monkeypatch.setattr(module.Watchman, "__init__", remember)
    yield
    for watchman in made:
        watchman.close()


def _given(config: pytest.Config, option: str) -> Path:
    path = config.getoption(option)
    if path is None:
        pytest.skip(f"needs {option}=PATH")
    if not path.exists():
        pytest.fail(f"{option} names {path}, which does not exist")
    return Path(path)
