"""What is kept stays whole under writers, readers, kills and damage; `tests.benchmarks.storage` goes on longer."""

from __future__ import annotations

import json
import os

import pytest

from tests.benchmarks import storage_damage, storage_kills
from tests.property.effort import FACTOR

SUBJECTS = pytest.mark.parametrize(("name", "write", "read"), storage_kills.SUBJECTS)
killing = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX")


@SUBJECTS
def test_readers_beside_writers_see_one_whole_state(tmp_path, name, write, read):
    verdict = storage_kills.beside(tmp_path / name, write, read, seconds=1.0 * FACTOR, writers=3, readers=3)
    assert verdict.bad == []
    assert verdict.writes > 2


@killing
@SUBJECTS
def test_a_killed_writer_leaves_the_old_state_or_the_new_one(tmp_path, name, write, read):
    verdict = storage_kills.killed(tmp_path / name, write, read, rounds=6 * FACTOR)
    assert verdict.bad == []
    assert verdict.writes > 0, "the kills did not come before anything was written"


@killing
def test_a_killed_reading_goes_on_from_its_last_batch(tmp_path):
    outcome = storage_kills.resumed(tmp_path, rounds=10 * FACTOR)
    assert outcome.lost == 0
    assert outcome.resumed > 0


@pytest.mark.parametrize("name", storage_damage.TRIALS)
def test_any_damage_is_noticed_raises_nothing_and_shows_nothing_of_others(tmp_path, name):
    verdict = storage_damage.TRIALS[name](tmp_path, 97 if FACTOR == 1 else 3)
    assert (verdict.detected, verdict.raised, verdict.foreign_rows) == (verdict.trials, 0, 0)
    assert verdict.trials > 200


def careless_write(folder, token):
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "file").open("w") as file:
        file.write(f"{token} " * 100_000)
        file.flush()
        file.write(f"{token}")


def careless_read(folder):
    tokens = (folder / "file").read_text().split(" ")
    return int(tokens[0]) if len(tokens) == 100_001 and len(set(tokens)) == 1 else "torn"


def torn(seen):
    return "torn" in seen


@killing
def test_the_counts_find_out_careless_files(tmp_path):
    """A count that could not fail would prove nothing."""
    careless = careless_write, careless_read
    beside = storage_kills.beside(tmp_path / "a", *careless, seconds=0.0, writers=2, readers=2, enough=torn)
    killed = storage_kills.killed(tmp_path / "b", *careless, rounds=6, enough=lambda verdict: verdict.bad)
    assert "torn" in beside.bad
    assert "torn" in killed.bad


def test_the_trials_find_out_a_trusting_reader(tmp_path):
    def read():
        try:
            return json.loads(path.read_text())["data"]
        except ValueError:
            return None

    path = tmp_path / "file.json"
    path.write_text('{"metadata":{},\n"data":[{"fields":{"token":"ours"}}]}')
    theirs = b'{"metadata":{},\n"data":[{"fields":{"token":"theirs"}}]}'
    verdict = storage_damage.damaged(storage_damage.Subject(path, read, theirs), tmp_path)
    assert verdict.detected < verdict.trials
    assert verdict.raised > 0
    assert verdict.foreign_rows > 0
