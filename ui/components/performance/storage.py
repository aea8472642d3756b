"""What the measurements take up, how far back they reach, and the way to delete the oldest."""

from __future__ import annotations

from datetime import datetime

from dash import html

from data.watch.documents import Rotation, Storage
from ui.components.data_page import asking_button
from ui.components.performance.section import downloads, facts, mark
from ui.page import Element
from ui.performance_words import megabytes
from ui.readings import count
from ui.times import moment_words

UNKNOWN = "not known: the file cannot be read now"
DAYS_KEPT = 90
ROTATE = "watch-rotate"
_SEND = "send POST /metrics/api/rotate with {} as bearer token."
WITH_TOKEN = f"To delete what is older now, {_SEND.format('SIGHTLINE_METRICS_TOKEN')}"
WITHOUT_TOKEN = (
    "Other machines reach this server, so the page does not delete. To delete what is older now, set "
    f"SIGHTLINE_METRICS_TOKEN, start again, and {_SEND.format('it')}"
)
ROTATION_REFUSED = f"Nothing was deleted: this page may not do so. {WITH_TOKEN}"


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


def rotation(*, may_delete: bool, has_token: bool) -> Element:
    """The button that deletes, or in words what does so where the page may not."""
    if may_delete:
        return asking_button(ROTATE, f"Delete what is older than {DAYS_KEPT} days")
    return html.P(WITH_TOKEN if has_token else WITHOUT_TOKEN, className="small")


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
