"""A reader of the store sees one finished reading, whole, or none; whoever is interrupted goes on where they were."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.errors import StoreDamaged, StoreUnwritable
from data.issue_store.segments import SEGMENT_ROWS
from data.issue_store.store import IssueStore
from data.storage.cache_entry import fingerprint

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
KEY = fingerprint("a question")
FULL = {"kind": "full"}
CHANGES = {"kind": "changes"}


def row(number, changed="a", **more):
    fields = {"updated": f"2026-01-01T{changed}", "summary": f"é \ud800 {number}"}
    return {"id": str(number), "key": f"A-{number}", "fields": fields, "changelog": {"histories": [number]}} | more


def store(folder, config="c", when=NOW, key=KEY):
    return IssueStore(folder, key, config, clock=lambda: when)


def filled(folder, count=3, **options):
    return committed(store(folder, **options), [row(number) for number in range(count)])


def committed(into, rows, *, facts=None, replace_all=True, deleted=()):
    staging = into.stage(FULL if replace_all else CHANGES)
    staging.append(rows, None)
    into.commit(staging, facts or {}, replace_all=replace_all, deleted=deleted)
    return into


def rows_of(snapshot):
    return sorted(snapshot.rows(), key=lambda one: int(one["id"]))


def segments(folder):
    return sorted((folder / KEY).glob("*.json"))


def test_nothing_is_kept_before_the_first_commit(tmp_path):
    empty = store(tmp_path)
    assert (empty.snapshot(), empty.version(), empty.pending()) == (None, None, None)


def test_what_was_committed_is_read_by_any_other(tmp_path):
    rows = [row(number) for number in range(SEGMENT_ROWS + 5)]
    committed(store(tmp_path), rows, facts={"watermark": "x"})
    snapshot = store(tmp_path).snapshot()
    assert rows_of(snapshot) == rows
    assert (snapshot.facts, snapshot.issue_count) == ({"watermark": "x"}, len(rows))
    assert snapshot.keys() == {str(number): f"A-{number}" for number in range(len(rows))}
    assert set(snapshot.updated().values()) == {"2026-01-01Ta"}
    assert len(segments(tmp_path)) == 2


def test_an_empty_reading_is_a_reading(tmp_path):
    committed(store(tmp_path), [], facts={"nothing": True})
    snapshot = store(tmp_path).snapshot()
    assert (rows_of(snapshot), snapshot.issue_count, snapshot.facts) == ([], 0, {"nothing": True})


def test_changes_are_added_to_what_was_there_member_by_member(tmp_path):
    kept = filled(tmp_path, 6)
    newer = row(1, "b")
    only_fields = {name: value for name, value in row(2, "b").items() if name != "changelog"}
    committed(kept, [newer, only_fields, row(9)], replace_all=False, deleted=["3", "unknown"])
    found = {one["id"]: one for one in kept.snapshot().rows()}
    assert found == {
        "0": row(0),
        "1": newer,
        "2": only_fields | {"changelog": row(2)["changelog"]},
        "4": row(4),
        "5": row(5),
        "9": row(9),
    }
    assert kept.snapshot().issue_count == len(kept.snapshot().keys()) == len(found)
    assert kept.snapshot().updated()["1"] == "2026-01-01Tb"


def test_a_deleted_issue_may_come_back(tmp_path):
    kept = filled(tmp_path)
    committed(kept, [row(5)], replace_all=False, deleted=["1"])
    assert set(kept.snapshot().keys()) == {"0", "2", "5"}
    committed(kept, [{"id": "1", "key": "B-1", "fields": {}}], replace_all=False)
    assert {one["id"]: one for one in kept.snapshot().rows()}["1"] == {"id": "1", "key": "B-1", "fields": {}}


def test_a_full_reading_replaces_everything(tmp_path):
    kept = filled(tmp_path)
    committed(kept, [row(7)])
    assert rows_of(kept.snapshot()) == [row(7)]


def test_any_sequence_of_changes_leaves_what_a_dictionary_would_hold(tmp_path):
    kept, expected, sizes = filled(tmp_path, 300), {str(number): row(number) for number in range(300)}, []
    for turn in range(40):
        changed = [row((turn * 37 + step * 11) % 330, f"{turn:02d}") for step in range(30)]
        deleted = [str((turn * 53 + step * 7) % 330) for step in range(5)]
        changed = list({one["id"]: one for one in changed}.values())
        expected |= {one["id"]: one for one in changed}
        for gone in deleted:
            expected.pop(gone, None)
        committed(kept, changed, replace_all=False, deleted=deleted)
        snapshot = store(tmp_path).snapshot()
        assert {one["id"]: one for one in snapshot.rows()} == expected
        assert snapshot.issue_count == len(expected)
        sizes.append(sum(segment.size for segment in snapshot.layout.segments))
    whole = sum(len(json.dumps(one)) for one in expected.values())
    assert max(sizes) < 5 * whole, "what is dead is cleared away"
    assert len(kept.snapshot().layout.segments) < 20


def test_every_commit_has_a_version_of_its_own(tmp_path):
    kept, other = filled(tmp_path), store(tmp_path)
    seen = {kept.version(), other.version()}
    assert seen == {kept.snapshot().version}
    for _ in range(3):
        committed(kept, [], replace_all=False)
        assert other.version() == kept.snapshot().version
        seen.add(other.version())
    assert len(seen) == 4


def test_changes_need_something_to_be_added_to(tmp_path):
    staging = store(tmp_path).stage(CHANGES)
    with pytest.raises(StoreDamaged, match="nothing"):
        store(tmp_path).commit(staging, {}, replace_all=False)


@pytest.mark.parametrize("which", ["manifest", "segment"])
def test_a_changed_byte_or_a_cut_anywhere_leaves_nothing_to_read_and_raises_nothing(tmp_path, which):
    kept = filled(tmp_path)
    path = tmp_path / f"{KEY}.json" if which == "manifest" else segments(tmp_path)[0]
    manifest, whole = (tmp_path / f"{KEY}.json").read_bytes(), path.read_bytes()
    for place in range(0, len(whole), 5):
        for damaged in (whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :], whole[:place]):
            (tmp_path / f"{KEY}.json").write_bytes(manifest)
            path.write_bytes(damaged)
            assert kept.snapshot() is None, place
    assert len(list((tmp_path / "quarantine").iterdir())) == 5


def test_a_lost_segment_leaves_nothing_to_read(tmp_path):
    kept = filled(tmp_path)
    segments(tmp_path)[0].unlink()
    assert (kept.snapshot(), kept.version()) == (None, None)


def test_a_segment_damaged_while_it_is_read_is_an_error_and_not_fewer_issues(tmp_path):
    kept = filled(tmp_path, SEGMENT_ROWS + 3)
    rows = kept.snapshot().rows()
    next(rows)
    for path in segments(tmp_path):
        path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(StoreDamaged, match="lost"):
        list(rows)
    assert kept.snapshot() is None


def test_files_of_another_account_are_never_read_as_ours(tmp_path):
    other = fingerprint("another question")
    filled(tmp_path)
    committed(store(tmp_path, key=other), [row(77)])
    ours, theirs = segments(tmp_path)[0], next((tmp_path / other).glob("*.json"))
    content = ours.read_bytes()
    ours.write_bytes(theirs.read_bytes())
    assert store(tmp_path).snapshot() is None
    ours.write_bytes(content)
    (tmp_path / f"{KEY}.json").write_bytes((tmp_path / f"{other}.json").read_bytes())
    assert store(tmp_path).snapshot() is None
    assert store(tmp_path, key=other).snapshot() is not None


def test_what_another_configuration_kept_is_left_alone(tmp_path):
    filled(tmp_path)
    assert store(tmp_path, config="other").snapshot() is None
    assert store(tmp_path).snapshot() is not None


def test_a_store_dated_in_the_future_is_not_believed(tmp_path):
    filled(tmp_path, when=NOW + timedelta(hours=1))
    assert store(tmp_path).snapshot() is None


def test_a_reader_keeps_its_segments_for_a_while_and_no_longer(tmp_path):
    kept = filled(tmp_path)
    rows = kept.snapshot().rows()
    old = segments(tmp_path)
    later = store(tmp_path, when=NOW + timedelta(minutes=5))
    committed(later, [row(8)])
    assert len(list(rows)) == 3
    committed(store(tmp_path, when=NOW + timedelta(minutes=25)), [row(9)])
    for path in old:
        os.utime(path, (0, 0))
    committed(store(tmp_path, when=NOW + timedelta(minutes=26)), [row(9)])
    assert not set(old) & set(segments(tmp_path))


def test_what_killed_runs_left_behind_is_removed(tmp_path):
    kept = filled(tmp_path)
    rest = [tmp_path / KEY / "0123.json", tmp_path / KEY / ".x.tmp"]
    for path in rest:
        path.write_bytes(b"{}")
        os.utime(path, (0, 0))
    committed(kept, [], replace_all=False)
    assert not any(path.exists() for path in rest)


def test_a_disk_that_takes_nothing_is_a_named_error_and_the_old_state_stays(tmp_path, monkeypatch):
    kept = filled(tmp_path)
    staging = kept.stage(CHANGES)
    staging.append([row(8)], 1)

    def full(number):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreUnwritable, match="No space"):
            staging.append([row(9)], 2)
        with pytest.raises(StoreUnwritable, match="No space"):
            kept.commit(staging, {}, replace_all=False)
    assert len(rows_of(kept.snapshot())) == 3
    again = kept.stage(CHANGES)
    assert (again.ids(), again.state) == ({"8"}, 1)
    assert len(rows_of(kept.commit(again, {}, replace_all=False))) == 4


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_only_the_owner_may_read_anything_of_it(tmp_path):
    folder = tmp_path / "new" / "cache"
    kept = filled(folder)
    kept.stage(CHANGES).append([row(1)], 1)
    for path in [tmp_path / "new", folder, *folder.rglob("*")]:
        if path.name != ".lock":
            assert path.stat().st_mode & 0o077 == 0, path


def test_what_changes_on_disk_after_it_was_verified_is_not_copied_into_a_new_segment(tmp_path):
    kept = filled(tmp_path, 4)
    path = segments(tmp_path)[0]
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert kept.snapshot() is not None
    path.write_bytes(path.read_bytes().replace(b'"histories":[0]', b'"histories":[7]'))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    staging = kept.stage(CHANGES)
    staging.append([row(1), row(2), row(3)], None)
    with pytest.raises(StoreDamaged, match="changed"):
        kept.commit(staging, {}, replace_all=False)


@pytest.mark.parametrize("which", ["manifest", "segment"])
def test_a_file_that_cannot_be_opened_for_a_moment_costs_nothing_for_good(tmp_path, monkeypatch, which):
    filled(tmp_path)
    unlucky, opened = tmp_path if which == "manifest" else tmp_path / KEY, Path.open

    def busy(self, *arguments):
        if self.parent == unlucky:
            raise OSError(24, "Too many open files")
        return opened(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", busy)
        assert store(tmp_path).snapshot() is None
    assert store(tmp_path).snapshot() is not None
