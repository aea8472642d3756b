"""Options for what this project does not contain, how hypothesis searches, no hurry, and nothing left running."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import multiprocess
import pytest
from hypothesis import HealthCheck, settings

from configuration.settings import Settings
from tests.patience import PATIENCE_SECONDS
from tests.unhurried import give_nothing_up_early

give_nothing_up_early()

# By default always the same examples, so that a red run is a changed product, and no verdict on a slow machine.
settings.register_profile(
    "sightline",
    deadline=None,
    database=None,
    derandomize="SIGHTLINE_THOROUGH" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
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


@pytest.fixture(scope="session", autouse=True)
def files_of_tests_are_nobodys(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Applications that are told of no folders would read a person's own settings, and write among their own files."""
    folder, defaults = tmp_path_factory.mktemp("own"), Settings.__init__.__kwdefaults__
    defaults["log_dir"], defaults["cache_dir"] = folder / "logs", folder / "cache"
    defaults["app_settings_path"] = Settings.app_settings_path = folder / "app_settings.json"
    if (listening := sys.modules.get("data.watch.log_events")) is not None:
        listening.stop_listening()  # to the application that importing app has made


@pytest.fixture(autouse=True)
def jobs_know_what_their_test_knows() -> None:
    """Importing app says that jobs are to be started anew, with the environment's settings instead of a test's."""
    if "fork" in multiprocess.get_all_start_methods():
        multiprocess.set_start_method("fork", force=True)


@pytest.fixture(autouse=True)
def threads_end_with_their_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """They would go on reading, measuring and logging during the tests after it; recorders hear of it all, so last."""
    keepers, watchmen, recorders = (
        _made_in_this_test(monkeypatch, *one)
        for one in (
            ("callbacks.keeper", "Keeper"),
            ("callbacks.watchman", "Watchman"),
            ("data.watch.recorder", "Recorder"),
        )
    )
    yield
    for keeper in keepers:
        keeper.end(PATIENCE_SECONDS)
    for watchman in watchmen:
        watchman.close()
    if (listening := sys.modules.get("data.watch.log_events")) is not None:
        listening.stop_listening()
    for recorder in recorders:
        recorder.close()


def _made_in_this_test(monkeypatch: pytest.MonkeyPatch, module: str, name: str) -> list[Any]:
    """Every object of this class from now on; none where nobody has asked for the module."""
    made: list[Any] = []
    if module not in sys.modules:
        return made
    kind = getattr(sys.modules[module], name)
    begin = kind.__init__

    def remember(one: Any, *given: Any, **named: Any) -> None:
        begin(one, *given, **named)
        made.append(one)

    monkeypatch.setattr(kind, "__init__", remember)
    return made


def _given(config: pytest.Config, option: str) -> Path:
    path = config.getoption(option)
    if path is None:
        pytest.skip(f"needs {option}=PATH")
    if not path.exists():
        pytest.fail(f"{option} names {path}, which does not exist")
    return Path(path)
