"""Moves minutes that are over from single rows into blocks, a few series at a time."""

from __future__ import annotations

import sqlite3

from data.watch.blocks import add_to_blocks, take_recent
from data.watch.database import Database
from data.watch.series import kinds_by_series

_SERIES_AT_ONCE = 8


def compact(database: Database, until: int) -> None:
    """Move every minute before `until`; between two steps others may write, and readers miss and double nothing."""
    while database.write(lambda connection: _moved(connection, until)):
        pass


def _moved(connection: sqlite3.Connection, until: int) -> bool:
    found = connection.execute(
        "SELECT DISTINCT series FROM minutes WHERE minute < ? LIMIT ?", (until, _SERIES_AT_ONCE)
    ).fetchall()
    series = [number for (number,) in found]
    if series:
        add_to_blocks(connection, take_recent(connection, until, series), kinds_by_series(connection))
    return bool(series)
