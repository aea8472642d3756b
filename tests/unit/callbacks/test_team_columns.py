"""A team's history comes from the columns that are kept, in other processes too, else from the issues."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from callbacks.team import Team, TeamLoader
from callbacks.team_source import Source
from configuration.settings import Settings
from data.cache_manager import save_cache
from data.demo.team_workflow import DEMO_TEAM_RULES
from data.issue_store.snapshot import Snapshot
from data.metric_catalogue import METRICS
from data.storage.cache_entry import Entry, read_entry

AS_OF = datetime(2026, 3, 5, 15, 30, tzinfo=UTC)
ROOT = Path(__file__).parents[3]

OTHER_PROCESS = """
import json, sys
from data.issue_store.snapshot import Snapshot
Snapshot.rows = None  # whoever opens an issue fails
from tests.unit.callbacks.test_team_columns import numbers, source_in
print(json.dumps(numbers(source_in(sys.argv[1]))))
"""


def source_in(folder: str | Path) -> Source:
    return Source(Settings(as_of=AS_OF, cache_dir=Path(folder)))


def numbers(source: Source) -> dict[str, Any]:
    """The ten numbers with their weeks, made of the columns and not of results that are kept."""
    team = TeamLoader(source.version, source.reading, as_of=AS_OF, first_period=90).current()
    assert isinstance(team, Team)
    found = {metric.key: metric.gauge(team.facts, 90).figures for metric in METRICS}
    return {key: {name: figures[name] for name in ("value", "interval", "trend")} for key, figures in found.items()}


@pytest.fixture(scope="module")
def first_reading(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("first")
    assert source_in(folder).synchronise("test") is not None
    assert source_in(folder).reading() is not None
    return folder


@pytest.fixture
def kept(first_reading: Path, tmp_path: Path) -> Path:
    """What the first process left."""
    return Path(shutil.copytree(first_reading, tmp_path / "kept"))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The versions whose issues somebody opened."""
    found: list[str] = []
    rows = Snapshot.rows

    def counted(self: Snapshot) -> Any:
        found.append(self.version)
        return rows(self)

    monkeypatch.setattr(Snapshot, "rows", counted)
    return found


def columns_in(folder: Path) -> tuple[Path, Entry]:
    entries = [(path, entry) for path in folder.glob("*.json") if (entry := read_entry(path, folder)) is not None]
    (found,) = [(path, entry) for path, entry in entries if isinstance(entry.data, dict) and "columns" in entry.data]
    return found


def test_a_second_process_opens_the_columns_and_has_the_same_ten_numbers(kept):
    command = [sys.executable, "-W", "error", "-c", OTHER_PROCESS, str(kept)]

    told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)

    assert json.loads(told.stdout.splitlines()[-1]) == numbers(source_in(kept))


def test_while_nothing_changes_the_issues_are_not_opened(kept, opened):
    reading = source_in(kept).reading()

    assert opened == []
    assert reading.data.issues == []
    assert reading.data.issue_count >= len(reading.columns.history) > 1000
    assert len(reading.columns.summaries) > 1000


@pytest.mark.parametrize(
    ("change", "times"),
    [({"waiting_statuses": frozenset({"code review"})}, 0), ({"include_subtasks": True}, 1)],
    ids=["told anew of the same columns", "decides what is read"],
)
def test_only_a_rule_that_decides_what_is_read_needs_the_issues(kept, opened, change, times):
    changed = replace(DEMO_TEAM_RULES, **change)

    with patch("callbacks.team_source.DEMO_TEAM_RULES", changed):
        first, again = (numbers(source_in(kept)) for _ in range(2))
        told = source_in(kept).reading().columns.history.rules

    assert first == again
    assert told == changed
    assert len(opened) == times


def test_damaged_columns_are_read_anew(kept, opened):
    expected, (path, _) = numbers(source_in(kept)), columns_in(kept)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)

    assert numbers(source_in(kept)) == expected
    assert numbers(source_in(kept)) == expected
    assert len(opened) == 1


def test_columns_of_a_shape_that_another_version_wrote_are_read_anew_and_told_of(kept, opened, caplog):
    expected, (path, entry) = numbers(source_in(kept)), columns_in(kept)
    older = entry.data | {"columns": entry.data["columns"] | {"schema": 0}}
    metadata = entry.metadata
    save_cache(path.stem, older, metadata["config_hash"], kept, question=metadata["question"], kind=metadata["kind"])

    with caplog.at_level(logging.WARNING, logger="callbacks.team_columns"):
        assert numbers(source_in(kept)) == expected

    warned = [record.event for record in caplog.records if record.levelno >= logging.WARNING]
    assert warned == ["team.columns_unusable"]
    assert len(opened) == 1


def test_without_columns_and_issues_there_is_no_reading(kept, opened, caplog):
    columns_in(kept)[0].unlink()
    for segment in kept.glob("*/*.json"):
        segment.unlink()

    with caplog.at_level(logging.WARNING):
        assert source_in(kept).reading() is None
