"""What is staged is there after a kill, up to the last whole batch, and only for the reading it belongs to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.errors import StoreDamaged, StoreTaken
from data.issue_store.store import IssueStore
from data.storage.cache_entry import fingerprint

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
KEY = fingerprint("a question")
FULL = {"kind": "full"}
CHANGES = {"kind": "changes"}


def row(number, changed="a"):
    fields = {"updated": f"2026-01-01T{changed}", "summary": f"é \ud800 {number}"}
    return {"id": str(number), "key": f"A-{number}", "fields": fields, "changelog": {"histories": [number]}}


def store(folder, config="c", when=NOW):
    return IssueStore(folder, KEY, config, clock=lambda: when)


def rows_of(snapshot):
    return sorted(snapshot.rows(), key=lambda one: int(one["id"]))


def test_parts_of_an_issue_meet_whatever_their_order_and_the_later_wins(tmp_path):
    kept = store(tmp_path)
    staging = kept.stage(FULL)
    staging.append([{"id": "1", "changelog": {"histories": [1]}}], 1)
    staging.append([{"id": "1", "key": "A-1", "fields": None}, {"id": "2", "key": "A-2", "fields": {}}], 2)
    staging.append([{"id": "1", "key": "B-1"}], 3)
    assert (staging.ids(), staging.unfinished_ids(), staging.issues, staging.state) == ({"1", "2"}, {"2"}, 2, 3)
    snapshot = kept.commit(staging, {}, replace_all=True)
    assert rows_of(snapshot) == [
        {"id": "1", "key": "B-1", "fields": None, "changelog": {"histories": [1]}},
        {"id": "2", "key": "A-2", "fields": {}},
    ]


def test_a_history_without_its_issue_is_left_out_and_told(tmp_path, caplog):
    kept = store(tmp_path)
    staging = kept.stage(FULL)
    staging.append([row(1), {"id": "2", "changelog": {"histories": []}}], None)
    assert rows_of(kept.commit(staging, {}, replace_all=True)) == [row(1)]
    assert "left out" in caplog.text


def test_an_interrupted_reading_goes_on_after_its_last_batch(tmp_path):
    staging = store(tmp_path).stage(FULL)
    staging.append([row(1)], {"page": 1})
    staging.append([row(2)], {"page": 2})
    assert store(tmp_path).pending() == FULL
    again = store(tmp_path, when=NOW + timedelta(hours=1)).stage(dict(FULL))
    assert (again.ids(), again.state, again.started_at, again.purpose) == ({"1", "2"}, {"page": 2}, NOW, FULL)
    again.append([row(3)], {"page": 3})
    assert rows_of(store(tmp_path).commit(again, {}, replace_all=True)) == [row(1), row(2), row(3)]


def test_another_purpose_begins_anew(tmp_path):
    store(tmp_path).stage(FULL).append([row(1)], 1)
    again = store(tmp_path).stage(CHANGES)
    assert (again.ids(), again.state) == (set(), None)
    assert store(tmp_path).pending() == CHANGES


def test_another_configuration_begins_anew(tmp_path):
    store(tmp_path).stage(FULL).append([row(1)], 1)
    assert store(tmp_path, config="d").pending() is None
    assert store(tmp_path, config="d").stage(FULL).ids() == set()


def test_a_discarded_staging_area_is_gone(tmp_path):
    staging = store(tmp_path).stage(FULL)
    staging.append([row(1)], 1)
    staging.discard()
    assert store(tmp_path).pending() is None
    with pytest.raises(StoreTaken):
        staging.append([row(2)], 2)


def test_what_was_committed_is_not_staged_again(tmp_path, monkeypatch):
    """The process may be killed after the commit and before the staging area is gone."""
    kept = store(tmp_path)
    staging = kept.stage(FULL)
    staging.append([row(1)], 1)
    journal = staging.path.read_bytes()
    kept.commit(staging, {}, replace_all=True)
    staging.path.write_bytes(journal)
    assert kept.pending() is None
    assert kept.stage(FULL).ids() == set()


def test_a_second_writer_is_refused(tmp_path):
    one, other = store(tmp_path).stage(FULL), store(tmp_path).stage(FULL)
    one.append([row(1)], 1)
    with pytest.raises(StoreTaken):
        other.append([row(2)], 1)
    assert store(tmp_path).stage(FULL).ids() == {"1"}


def test_a_journal_cut_anywhere_holds_the_batches_before_the_cut(tmp_path):
    staging = store(tmp_path).stage(FULL)
    ends = [staging.path.stat().st_size]
    for number in range(3):
        staging.append([row(number)], number)
        ends.append(staging.path.stat().st_size)
    whole = staging.path.read_bytes()
    for length in range(ends[0], len(whole), 7):
        staging.path.write_bytes(whole[:length])
        again = store(tmp_path).stage(FULL)
        assert again.issues == sum(end <= length for end in ends[1:]), length
        again.append([row(7)], 7)
        assert store(tmp_path).stage(FULL).ids() == again.ids()


def test_a_journal_changed_anywhere_holds_only_what_is_before_the_change(tmp_path):
    staging = store(tmp_path).stage(FULL)
    for number in range(3):
        staging.append([row(number)], number)
    whole = staging.path.read_bytes()
    for place in range(0, len(whole), 11):
        staging.path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        found = store(tmp_path).stage(FULL)
        assert found.ids() in [set(), {"0"}, {"0", "1"}]


def test_a_row_without_an_id_is_refused(tmp_path):
    with pytest.raises(ValueError, match="id"):
        store(tmp_path).stage(FULL).append([{"key": "A-1"}], None)


def test_parts_that_come_far_apart_meet_too(tmp_path):
    kept, count = store(tmp_path), 600
    staging = kept.stage(FULL)
    for first in range(0, count, 10):
        wanted = range(first, first + 10)
        staging.append([{name: row(one)[name] for name in ("id", "key", "fields")} for one in wanted], first)
    assert len(staging.unfinished_ids()) == count
    for first in range(0, count, 200):
        wanted = range(count - first - 200, count - first)
        staging.append([{"id": str(one), "changelog": row(one)["changelog"]} for one in wanted], first)
    assert (staging.unfinished_ids(), staging.issues) == (set(), count)
    assert rows_of(kept.commit(store(tmp_path).stage(FULL), {}, replace_all=True)) == [row(one) for one in range(count)]


def test_a_staging_area_from_the_future_begins_anew(tmp_path):
    store(tmp_path, when=NOW + timedelta(days=1)).stage(FULL).append([row(1)], 1)
    assert store(tmp_path).stage(FULL).ids() == set()


def test_what_changes_on_disk_after_it_was_staged_is_not_committed(tmp_path):
    kept = store(tmp_path)
    staging = kept.stage(FULL)
    staging.append([row(1)], 1)
    whole = staging.path.read_bytes()
    staging.path.write_bytes(whole.replace(b"A-1", b"A-2"))
    with pytest.raises(StoreDamaged):
        kept.commit(staging, {}, replace_all=True)
    assert kept.snapshot() is None
