"""What happens when the file of measurements is in trouble: recording goes on, and nobody feels it."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from data.watch.measurement import Kind
from data.watch.store import MetricsStore, StoreUnavailable
from tests.property.effort import FACTOR
from tests.watching import NOON, filled_store, measured


@pytest.fixture
def path(tmp_path):
    return tmp_path / "performance" / "metrics.db"


@pytest.fixture
def store(path):
    opened = MetricsStore(path, clock=lambda: NOON)
    yield opened
    opened.close()


def counted(store):
    return store.summary(since=NOON - timedelta(days=1), until=NOON + timedelta(days=1)).count


def kept_aside(path):
    return [found for found in (path.parent / "set-aside").glob("*") if found.name.endswith(path.name)]


def events(caplog):
    return [record.event for record in caplog.records]


def fill_with_noise(path):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(os.urandom(20_000))


def make_empty(path):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"")


def make_foreign(path):
    path.parent.mkdir(exist_ok=True)
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()


def make_newer(path):
    filled_store(path, days=0.01).close()
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 999")
    newer.close()


def drop_a_table(path):
    filled_store(path, days=0.01).close()
    with sqlite3.connect(path) as poorer:
        poorer.execute("DROP TABLE blocks")
    poorer.close()


@pytest.mark.parametrize("spoil", [fill_with_noise, make_empty, make_foreign, make_newer, drop_a_table])
def test_a_file_that_cannot_be_used_is_set_aside_and_recording_begins_anew(path, store, spoil, caplog):
    spoil(path)
    before = path.read_bytes()

    store.write([measured()])

    assert counted(store) == 1
    assert [one.read_bytes() for one in kept_aside(path)] == [before]
    assert events(caplog) == ["watch.store_set_aside"]


@pytest.mark.parametrize("spoil", [fill_with_noise, make_empty])
def test_a_file_that_is_damaged_while_it_is_in_use_is_set_aside_by_whoever_meets_it(path, store, spoil):
    """One process may have all it needs in memory; the next one that opens the file does not."""
    store.write([measured()])
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    spoil(path)
    newcomer = MetricsStore(path, clock=lambda: NOON)

    newcomer.write([measured(ms=7)])
    store.write([measured(ms=8)])

    assert kept_aside(path)
    assert counted(store) == counted(newcomer) == 2
    assert {one.duration_ms for one in store.recent(limit=9)} == {7, 8}
    newcomer.close()


def test_sums_that_do_not_hold_what_they_should_are_damage_too(path, caplog):
    store = filled_store(path, days=0.3)
    store.compact()
    store._database.write(lambda connection: connection.execute("UPDATE blocks SET cells = zeroblob(40)"))

    assert store.summary(since=NOON - timedelta(days=1), until=NOON).count == 0
    store.write([measured()])

    assert counted(store) == 1
    assert "watch.store_set_aside" in events(caplog)
    store.close()


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """The bytes of a file with something in every table."""
    store = filled_store(tmp_path_factory.mktemp("sound") / "metrics.db", days=0.15, per_minute=1)
    store.put_document("alerts", {"seen": [1, 2]})
    store.close()
    return store.path.read_bytes()


@pytest.mark.parametrize("seed", range(12 * FACTOR))
def test_whatever_bytes_are_spoiled_reading_never_fails_and_recording_goes_on(path, store, sound, seed):
    random, spoiled = Random(seed), bytearray(sound)  # noqa: S311 - the same spoiling for the same seed
    for _ in range(random.choice([1, 30, 300])):
        spoiled[random.randrange(len(spoiled))] = random.randrange(256)
    path.parent.mkdir()
    path.write_bytes(spoiled[: random.choice([len(spoiled), random.randrange(len(spoiled))])])
    span = {"since": NOON - timedelta(days=3), "until": NOON + timedelta(days=1), "kinds": tuple(Kind)}

    store.summary(**span)
    store.by_label(**span)
    for step in (timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)):
        store.over_time(**span, step=step)
    store.recent(limit=9999, kinds=tuple(Kind))
    store.totals()
    store.storage()
    store.document("alerts")
    store.write([measured(label=f"/after-{seed}"), measured()])

    assert store.summary(**span, label=f"/after-{seed}").count == 1


def test_only_the_newest_damaged_files_are_kept(path, store):
    for _ in range(5):
        fill_with_noise(path)
        store.write([measured()])
        store.close()

    assert len(kept_aside(path)) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="a file in use cannot be deleted there")
@pytest.mark.parametrize("with_logs", [True, False])
def test_a_file_that_is_deleted_while_in_use_is_replaced_by_another(path, store, with_logs, caplog):
    other = MetricsStore(path, clock=lambda: NOON)
    store.write([measured()])
    assert (counted(store), counted(other)) == (1, 1)
    for part in ("", "-wal", "-shm") if with_logs else ("",):
        Path(f"{path}{part}").unlink()

    store.write([measured(), measured()])
    other.close()  # the old file's connections end, and must not take the new one's log along

    assert (counted(store), counted(MetricsStore(path, clock=lambda: NOON))) == (2, 2)
    assert events(caplog)[0] == "watch.store_lost"


@pytest.mark.skipif(sys.platform == "win32", reason="a file in use cannot be deleted there")
def test_a_log_that_is_deleted_while_in_use_is_noticed_and_costs_nothing_of_what_one_process_wrote(path, store):
    store.write([measured()])
    assert counted(store) == 1
    for part in ("-wal", "-shm"):
        Path(f"{path}{part}").unlink()

    store.write([measured()])
    newcomer = MetricsStore(path, clock=lambda: NOON)

    assert (counted(newcomer), counted(store)) == (2, 2)
    newcomer.close()


def test_while_another_process_holds_the_file_writing_says_so_and_reading_goes_on(path, store, monkeypatch):
    monkeypatch.setattr(store._database._writing, "busy_seconds", 0.01)
    store.write([measured()])
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailable, match="locked"):
        store.write([measured()])
    assert counted(store) == 1
    blocker.execute("ROLLBACK")
    blocker.close()
    store.write([measured()])

    assert counted(store) == 2


def test_what_fails_in_the_middle_leaves_nothing_behind(store):
    store.write([measured()])

    with pytest.raises(ZeroDivisionError):
        store.change_document("alerts", lambda _: 1 // 0)
    with pytest.raises(TypeError):
        store.write([measured(), measured(label=["no", "name"])])

    assert counted(store) == 1


def test_a_folder_that_cannot_be_made_is_no_data_and_a_clear_error(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way", "utf-8")
    store = MetricsStore(tmp_path / "file" / "metrics.db", clock=lambda: NOON)

    assert (counted(store), store.recent(limit=5), store.totals(), store.document("x")) == (0, [], {}, None)
    assert store.storage().readable is False
    with pytest.raises(StoreUnavailable, match="cannot be stored"):
        store.write([measured()])
    assert events(caplog) == ["watch.store_unreadable"], "told once"


@contextmanager
def without_privileges():
    """Permissions hold for everybody but the superuser."""
    am_superuser = os.geteuid() == 0
    if am_superuser:
        os.seteuid(65534)
    try:
        yield
    finally:
        if am_superuser:
            os.seteuid(0)


@pytest.fixture
def open_folder():
    """Unlike `tmp_path`, one that everybody may look into."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        Path(folder).chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such permission there")
@pytest.mark.parametrize("folder_too", [False, True])
def test_what_may_only_be_read_is_still_shown(open_folder, folder_too):
    path = open_folder / "metrics.db"
    filled_store(path, days=0.02, per_minute=2.0).close()
    before = MetricsStore(path, clock=lambda: NOON)
    expected = counted(before)
    before.close()
    path.chmod(0o444)
    open_folder.chmod(0o555 if folder_too else 0o777)
    store = MetricsStore(path, clock=lambda: NOON)

    with without_privileges():
        shown = counted(store)
        with pytest.raises(StoreUnavailable):
            store.write([measured()])
        store.close()

    assert shown == expected > 0
