"""What is kept stays within bounds, and what is in use stays."""

from __future__ import annotations

import os
import time

import pytest
from filelock import FileLock

from data.cache_manager import generate_cache_key, load_cache_with_validation, save_cache
from data.issue_store.store import IssueStore
from data.storage.bounds import BOUNDS, Bounds, delete_everything_kept, keep_within, kept_size
from data.storage.cache_entry import fingerprint

DAY = 86_400


def entry(folder, jql, days=30, *, unused=0.0, size=100):
    key = generate_cache_key(jql, {}, days)
    path = save_cache(key, ["x" * size], "c", folder, question={"jql_query": jql})
    age(path, unused)
    return path


def age(path, seconds):
    then = time.time() - seconds
    os.utime(path, (then, then))


def store(folder, name, *, unused=0.0):
    key = fingerprint(name)
    kept = IssueStore(folder, key, "c", question={"jql_query": name})
    staging = kept.stage({})
    staging.append([{"id": "1", "key": "A-1", "fields": {"text": "x" * 1000}}], None)
    kept.commit(staging, {}, replace_all=True)
    age(folder / f"{key}.json", unused)
    return key


def names(folder):
    return {path.name for path in folder.glob("*.json")}


def test_within_the_bounds_nothing_is_removed(tmp_path):
    for days in range(5):
        entry(tmp_path, "a", days)
    assert keep_within(tmp_path, Bounds(entries=5)) == 0
    assert len(names(tmp_path)) == 5


def test_what_was_not_used_for_longest_goes_first(tmp_path):
    paths = [entry(tmp_path, "a", days, unused=100 - days) for days in range(10)]
    assert keep_within(tmp_path, Bounds(entries=5, after=1)) == 5
    assert names(tmp_path) == {path.name for path in paths[5:]}


def test_reading_is_using(tmp_path):
    paths = [entry(tmp_path, "a", days, unused=100 - days) for days in range(3)]
    assert load_cache_with_validation(paths[0].stem, "c", cache_dir=tmp_path)[0]
    keep_within(tmp_path, Bounds(entries=1, after=1))
    assert names(tmp_path) == {paths[0].name}


def test_the_bytes_count_too(tmp_path):
    for days in range(10):
        entry(tmp_path, "a", days, unused=100 - days, size=10_000)
    keep_within(tmp_path, Bounds(size=45_000, after=1))
    assert len(names(tmp_path)) == 4
    assert kept_size(tmp_path) <= 45_000


def test_the_newest_answer_to_a_query_outlives_older_ones_to_another(tmp_path):
    rare = entry(tmp_path, "rare", unused=1000)
    for days in range(5):
        entry(tmp_path, "often", days, unused=10 - days)
    keep_within(tmp_path, Bounds(entries=2, after=1))
    assert rare.exists()
    assert len(names(tmp_path)) == 2
    for number in range(5):
        entry(tmp_path, f"other {number}")
    keep_within(tmp_path, Bounds(entries=5, after=1))
    assert not rare.exists(), "the bound holds in any case"


def test_what_was_just_saved_stays(tmp_path):
    path = entry(tmp_path, "a", unused=1000)
    entry(tmp_path, "b")
    keep_within(tmp_path, Bounds(entries=1, after=1), just_saved=path.stem)
    assert names(tmp_path) == {path.name}


def test_a_month_unused_is_long_enough_unless_it_is_all_there_is_for_its_query(tmp_path):
    old, older = entry(tmp_path, "a", 1), entry(tmp_path, "a", 2)
    age(old, 40 * DAY)
    age(older, 50 * DAY)
    assert keep_within(tmp_path) == 1
    assert names(tmp_path) == {old.name}
    assert not older.exists()


def test_ten_thousand_entries_never_take_more_than_the_bound_and_one(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: None)
    most = 0
    for number in range(450):
        entry(tmp_path, f"query {number}")
        most = max(most, len(names(tmp_path)))
    assert most <= BOUNDS.entries + 1


def test_a_store_in_use_stays_and_one_that_is_not_goes_with_all_its_files(tmp_path):
    used, unused = store(tmp_path, "used"), store(tmp_path, "unused", unused=2 * 3600)
    keep_within(tmp_path, Bounds(size=1))
    assert names(tmp_path) == {f"{used}.json"}
    assert not (tmp_path / unused).exists()


def test_a_store_that_somebody_writes_to_stays(tmp_path):
    key = store(tmp_path, "old", unused=2 * 3600)
    with FileLock(tmp_path / key / ".lock"):
        assert keep_within(tmp_path, Bounds(size=1)) == 0
    assert keep_within(tmp_path, Bounds(size=1)) == 1


def test_a_staging_area_that_nobody_goes_on_with_is_removed_in_the_end(tmp_path):
    key = fingerprint("abandoned")
    IssueStore(tmp_path, key, "c").stage({})
    keep_within(tmp_path, Bounds(unused_seconds=10 * DAY))
    assert (tmp_path / key).exists()
    for path in [*(tmp_path / key).iterdir(), tmp_path / key]:
        age(path, 40 * DAY)
    entry(tmp_path, "another")
    keep_within(tmp_path, Bounds(size=1))
    assert not (tmp_path / key).exists()


def test_what_killed_runs_left_is_swept_up(tmp_path):
    (tmp_path / "locks").mkdir()
    for name, unused in ((".a.tmp", 2 * 3600), (".b.tmp", 60), ("locks/a.lock", 2 * DAY), ("locks/b.lock", 60)):
        (tmp_path / name).touch()
        age(tmp_path / name, unused)
    entry(tmp_path, "a")
    assert {path.name for path in tmp_path.rglob("*.*") if path.suffix != ".json"} == {".b.tmp", "b.lock"}


def test_files_of_others_are_left_alone(tmp_path):
    others = [tmp_path / name for name in ("jobs/cache.db", "sync/x.lock", "notes.txt", ".gitkeep", "settings.json")]
    for path in others:
        path.parent.mkdir(exist_ok=True)
        path.touch()
        age(path, 400 * DAY)
    entry(tmp_path, "a")
    keep_within(tmp_path, Bounds(size=1, entries=0))
    assert all(path.exists() for path in others)


def test_all_that_is_kept_is_counted_and_can_be_deleted(tmp_path):
    assert (kept_size(tmp_path / "none"), delete_everything_kept(tmp_path / "none")) == (0, 0)
    entry(tmp_path, "a")
    store(tmp_path, "b")
    for name in ("sync/x.json", "quarantine/y", "jobs/cache.db", "locks/z.lock", f".{'0' * 32}.x.tmp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * 5000)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    others = [path for path in files if path.parent.name in {"jobs", "locks"}]
    assert kept_size(tmp_path) == sum(path.stat().st_size for path in set(files) - set(others))
    assert delete_everything_kept(tmp_path) == 0
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == set(others)


def test_what_cannot_be_deleted_is_told(tmp_path, monkeypatch):
    path = entry(tmp_path, "a")
    size = path.stat().st_size

    def refuse(self, missing_ok=False):
        raise PermissionError(13, "in use")

    monkeypatch.setattr(type(path), "unlink", refuse)
    assert delete_everything_kept(tmp_path) == size


@pytest.mark.parametrize("content", [b"", b"\x00", b'{"metadata":[],\n', b'{"metadata":' + b"[" * 9000 + b"\n"])
def test_a_damaged_entry_does_not_stop_the_clearing(tmp_path, content):
    path = tmp_path / f"{fingerprint('damaged')}.json"
    path.write_bytes(content)
    age(path, 40 * DAY)
    entry(tmp_path, "a", unused=5)
    keep_within(tmp_path, Bounds(entries=1, after=1))
    assert len(names(tmp_path)) == 1


def test_files_of_others_in_the_same_folder_are_neither_counted_nor_deleted(tmp_path):
    (tmp_path / "app_settings.json").write_text("{}")
    assert kept_size(tmp_path) == 0
    delete_everything_kept(tmp_path)
    assert (tmp_path / "app_settings.json").exists()
