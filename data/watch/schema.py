"""The tables of the database of measurements, and how a file of an older version becomes one of this."""

from __future__ import annotations

import logging
import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from data.watch.intake import add_measurements
from data.watch.measurement import Kind, Measurement
from data.watch.series import WHOLE_KIND
from data.watch.totals import COLUMNS

logger = logging.getLogger(__name__)

VERSION = 2
"""1 had one row for each request and nothing else."""
_APPLICATION = 0x534C5754
_RAW = "id, timestamp, route, method, duration_ms, status_code, cache_hit, error"
_MIGRATED_AT_ONCE = 5_000
_TABLES = f"""
CREATE TABLE route_metrics (
  id INTEGER PRIMARY KEY, timestamp TEXT NOT NULL, route TEXT NOT NULL, method TEXT NOT NULL,
  duration_ms REAL NOT NULL, status_code INTEGER NOT NULL, cache_hit INTEGER, error TEXT,
  kind TEXT NOT NULL DEFAULT 'request', request_id TEXT, waited_ms REAL NOT NULL DEFAULT 0
);
CREATE INDEX route_metrics_by_time ON route_metrics (timestamp);
CREATE TABLE series (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, label TEXT, method TEXT, UNIQUE (kind, label, method)
);
CREATE TABLE minutes (
  series INTEGER NOT NULL, minute INTEGER NOT NULL, figures BLOB NOT NULL, buckets BLOB NOT NULL,
  amounts BLOB NOT NULL, PRIMARY KEY (minute, series)
) WITHOUT ROWID;
CREATE TABLE blocks (
  unit INTEGER NOT NULL, series INTEGER NOT NULL, block INTEGER NOT NULL, cells BLOB NOT NULL,
  UNIQUE (unit, series, block)
);
CREATE TABLE totals (
  series INTEGER NOT NULL, status_class INTEGER NOT NULL,
  {", ".join(f"{column} INTEGER NOT NULL" for column in COLUMNS)},
  PRIMARY KEY (series, status_class)
) WITHOUT ROWID;
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (name TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;
"""


class ForeignError(Exception):
    """The file is a database, and not one of ours that this version can read."""


def prepare(connection: sqlite3.Connection) -> None:
    """See that the file has the tables of this version: made, brought up from an older one, or there already."""
    application, version = (_pragma(connection, name) for name in ("application_id", "user_version"))
    if (application, version) == (_APPLICATION, VERSION):
        if not is_whole(connection):
            raise ForeignError("tables are missing")
        return
    tables = _tables(connection)
    old = "route_metrics" in tables and application in (0, _APPLICATION) and version < VERSION
    if tables and not old:
        raise ForeignError(
            f"it has version {version} of another database"
            if application != _APPLICATION
            else f"it was written by a newer version of the program ({version})"
        )
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    _create(connection, migrate=old)


def is_whole(connection: sqlite3.Connection) -> bool:
    return _tables(connection) >= {"route_metrics", "series", "minutes", "blocks", "totals", "counters", "documents"}


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _create(connection: sqlite3.Connection, *, migrate: bool) -> None:
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        if migrate:
            connection.execute("ALTER TABLE route_metrics RENAME TO route_metrics_1")
        for statement in _TABLES.split(";\n"):
            connection.execute(statement)
        connection.executemany(
            "INSERT INTO series (id, kind) VALUES (?, ?)", [(number, kind) for kind, number in WHOLE_KIND.items()]
        )
        connection.execute("INSERT INTO counters VALUES ('blocks', ?)", (time.time_ns(),))
        if migrate:
            _migrate(connection)
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _migrate(connection: sqlite3.Connection) -> None:
    """Count each row of the first version as if it had been measured now by this one."""
    rows = connection.execute(f"SELECT {_RAW} FROM route_metrics_1 ORDER BY id")  # noqa: S608 - a constant
    taken, now = 0, datetime.now(UTC).timestamp()
    while some := rows.fetchmany(_MIGRATED_AT_ONCE):
        read = list(_readable(some))
        add_measurements(connection, read, now)
        taken += len(read)
    rows.close()
    connection.execute("DROP TABLE route_metrics_1")
    logger.info(
        "The database of measurements was brought up from an older version.",
        extra={"event": "watch.store_migrated", "rows": taken, "version": VERSION},
    )


def _readable(rows: list[tuple[object, ...]]) -> Iterator[Measurement]:
    for _, timestamp, route, method, duration, status, cache_hit, error in rows:
        at = _instant(timestamp)
        if at is not None and isinstance(duration, int | float) and isinstance(status, int):
            hit = None if cache_hit is None else bool(cache_hit)
            kind_of_error = None if error is None else str(error)
            yield Measurement(at, Kind.REQUEST, str(route), str(method), duration, status, hit, kind_of_error, None)


def _instant(written: object) -> float | None:
    """Seconds since the epoch, in which they may have been written; a time without a zone was UTC."""
    with suppress(ValueError):
        seconds = float(str(written))
        return seconds if math.isfinite(seconds) else None
    try:
        read = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
