"""What the measurements take up, how far back they reach, and the way to delete the oldest."""

from __future__ import annotations

from datetime import datetime

from dash import html

from data.watch.documents import Rotation, Storage
from ui.components.performance.section import downloads, facts, mark
from ui.page import Element
from ui.performance_words import megabytes
from ui.readings import count
from ui.times import moment_words

UNKNOWN = "not known: the file cannot be read now"
ROTATION_REFUSED = (
    "Nothing was deleted: a page may not do so where other machines reach the server, or a token is asked for. "
    "POST /metrics/api/rotate with that token does it."
)


def storage(found: Storage, timezone: str) -> Element:
    rows, dropped = found["raw_rows"], found["dropped_total"]
    nothing = "nothing is kept yet" if rows is not None else UNKNOWN
    pairs: list[tuple[str, Element]] = [
        ("File", [html.Code(found["path"]), f", {megabytes(found['bytes'])}{_beside(found)}"]),
        ("Single measurements kept", UNKNOWN if rows is None else f"{rows:,}"),
        ("Reaches back to", _moment(found["oldest"], timezone) or nothing),
        ("Last written", _moment(found["newest"], timezone) or nothing),
        ("Kept for", f"{count(found['days_kept'], 'day')}; what is older is deleted every day"),
        ("Lost", UNKNOWN if dropped is None else _lost(dropped)),
    ]
    return [facts(pairs), downloads("storage", "these facts")]


def rotated_words(done: Rotation) -> str:
    kept = count(done["days_to_keep"], "day")
    if not done["deleted"]:
        return f"There was nothing older than {kept}."
    return f"Deleted: {count(done['deleted'], 'measurement')} older than {kept}."


def _beside(found: Storage) -> str:
    return f" and {megabytes(found['wal_bytes'])} not yet merged into it" if found["wal_bytes"] else ""


def _moment(at: str | None, timezone: str) -> str:
    return moment_words(datetime.fromisoformat(at), timezone) if at else ""


def _lost(dropped: int) -> Element:
    if not dropped:
        return mark("none", "good")
    return mark(f"{count(dropped, 'measurement')}, for want of room or because the file could not be written", "warn")
