"""The numbers under which the database knows what is counted together: a name and method, or a whole kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable

from data.watch.labels import Labels
from data.watch.measurement import Kind
from data.watch.summary import LabelKey

WHOLE_KIND = {kind: number for number, kind in enumerate(Kind, 1)}
"""The series that all of a kind are counted in together; it has no name. More kinds are another version of the file."""
_FIND = "SELECT id FROM series WHERE kind = ? AND label = ? AND method = ?"


def admitted(connection: sqlite3.Connection, keys: Iterable[LabelKey]) -> dict[LabelKey, tuple[int, str]]:
    """The series of each, and the name that it goes by there: its own while there is room for one more."""
    result: dict[LabelKey, tuple[int, str]] = {}
    labels: Labels | None = None
    for key in dict.fromkeys(keys):
        found = connection.execute(_FIND, key).fetchone()
        if found:
            result[key] = found[0], key.label
            continue
        labels = labels or _labels(connection)
        name = key._replace(label=labels.admit(key.kind, key.label))
        connection.execute("INSERT OR IGNORE INTO series (kind, label, method) VALUES (?, ?, ?)", name)
        result[key] = connection.execute(_FIND, name).fetchone()[0], name.label
    return result


def labelled(connection: sqlite3.Connection, kinds: Collection[Kind], label: str | None = None) -> dict[int, LabelKey]:
    """The series of these kinds, or of one name among them."""
    rows = connection.execute("SELECT id, kind, label, method FROM series WHERE label IS NOT NULL")
    return {
        number: LabelKey(Kind(kind), name, method)
        for number, kind, name, method in rows
        if kind in kinds and label in (None, name)
    }


def kinds_by_series(connection: sqlite3.Connection) -> dict[int, int]:
    """For each series the one of its whole kind."""
    rows = connection.execute("SELECT id, kind FROM series WHERE label IS NOT NULL")
    return {number: WHOLE_KIND[kind] for number, kind in rows if kind in WHOLE_KIND}


def _labels(connection: sqlite3.Connection) -> Labels:
    return Labels((key.kind, key.label) for key in labelled(connection, tuple(Kind)).values())
