"""The measurements of all processes in one SQLite file, and the questions that it answers about them."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from configuration.clock import utc_now
from data.watch.blocks import DAY, HOUR, MINUTE, version_of
from data.watch.compaction import compact
from data.watch.database import Database, StoreUnavailable
from data.watch.intake import add_measurements, read_rows
from data.watch.measurement import Kind, Measurement
from data.watch.packing import UnreadableError
from data.watch.reading import KeptSums, Question, span_of, sums_by_label, sums_together
from data.watch.retention import forget
from data.watch.schema import VERSION
from data.watch.summary import LabelKey, Summary
from data.watch.totals import Totals, TotalsKey, read_totals

__all__ = ["WEB", "MetricsStore", "StorageInfo", "StoreUnavailable", "Totals", "TotalsKey"]

logger = logging.getLogger(__name__)

WEB = (Kind.REQUEST, Kind.CALLBACK)
"""What people wait for."""
Steps = list[tuple[datetime, Summary]]
_EPOCH = datetime.fromtimestamp(0, UTC)
_MINUTE = timedelta(minutes=1)
_SETTLED_MINUTES = 2
_UNITS = {timedelta(minutes=1): MINUTE, timedelta(hours=1): HOUR, timedelta(days=1): DAY}


class StorageInfo(NamedTuple):
    path: Path
    bytes: int
    wal_bytes: int
    raw_rows: int
    oldest: datetime | None
    newest: datetime | None
    schema_version: int
    dropped_total: int
    """Measurements of all processes that could not be kept."""
    readable: bool


class MetricsStore:
    """Sums by minute for as long as they are kept, the newest measurements one by one, and lifetime totals.

    Spans are aware, and read in whole minutes, those at either end included; `until` on the minute ends before it.
    Reading never fails; what cannot be read is nothing. Whatever changes the file raises StoreUnavailable when it
    could not.
    """

    def __init__(self, path: Path | str, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.path = Path(path)
        self._clock = clock
        self._database = Database(self.path)
        self._kept = KeptSums()
        self._compacted = 0

    def write(self, measurements: Sequence[Measurement], *, dropped: int = 0) -> None:
        """Keep all of them, and count those that could not be, in one transaction."""
        now = self._clock().timestamp()

        def step(connection: sqlite3.Connection) -> None:
            if measurements:
                add_measurements(connection, measurements, now)
            _count(connection, "dropped", dropped)

        self._database.write(step)
        with suppress(StoreUnavailable):  # what was to be kept is kept
            self._compact_once(int(now // 60) - _SETTLED_MINUTES)
        self._database.keep_wal_small()

    def _compact_once(self, settled: int) -> None:
        if settled // HOUR != self._compacted:
            self._compacted = settled // HOUR
            self.compact()

    def compact(self) -> None:
        """Move the hours that are over into blocks; `write` does so by itself, soon after each."""
        settled = int(self._clock().timestamp() // 60) - _SETTLED_MINUTES
        compact(self._database, settled // HOUR * HOUR)

    def summary(
        self, *, since: datetime, until: datetime, kinds: Collection[Kind] = WEB, label: str | None = None
    ) -> Summary:
        return self._together(_question(since, until, kinds, label)).get(0, Summary())

    def by_label(self, *, since: datetime, until: datetime, kinds: Collection[Kind] = WEB) -> dict[LabelKey, Summary]:
        return {key: steps[0] for key, steps in self._by_label(_question(since, until, kinds)).items()}

    def over_time(
        self,
        *,
        since: datetime,
        until: datetime,
        step: timedelta,
        kinds: Collection[Kind] = WEB,
        label: str | None = None,
    ) -> Steps:
        """The minutes, hours or days (of UTC) in which anything was measured, with what was."""
        return _dated(self._together(_question(since, until, kinds, label, step)), step)

    def by_label_over_time(
        self,
        *,
        since: datetime,
        until: datetime,
        step: timedelta,
        kinds: Collection[Kind] = WEB,
        label: str | None = None,
    ) -> dict[LabelKey, Steps]:
        found = self._by_label(_question(since, until, kinds, label, step))
        return {key: _dated(steps, step) for key, steps in found.items()}

    def _together(self, question: Question) -> dict[int, Summary]:
        return self._database.read(lambda connection: sums_together(connection, question, self._kept), {})

    def _by_label(self, question: Question) -> dict[LabelKey, dict[int, Summary]]:
        return self._database.read(lambda connection: sums_by_label(connection, question, self._kept), {})

    def recent(
        self,
        *,
        limit: int,
        kinds: Collection[Kind] = WEB,
        label: str | None = None,
        errors_only: bool = False,
        slower_than_ms: float | None = None,
    ) -> list[Measurement]:
        """The newest first, of those that are kept one by one."""
        return self._database.read(
            lambda connection: read_rows(
                connection, limit, kinds, label=label, errors_only=errors_only, slower_than_ms=slower_than_ms
            ),
            [],
        )

    def totals(self) -> dict[TotalsKey, Totals]:
        """What has come together since the file was begun."""
        return self._database.read(read_totals, {})

    def rotate(self, days_to_keep: int, now: datetime | None = None) -> int:
        """Delete what was measured in minutes before so many days ago; how many measurements that were."""
        if days_to_keep < 0:
            raise ValueError(f"{days_to_keep} days cannot be kept; give 0 or more.")
        now = now or self._clock()
        deleted = forget(self._database, (now - timedelta(days=days_to_keep)).timestamp())
        self._database.write(lambda connection: _set(connection, "rotated", int(now.timestamp())))
        logger.info(
            "Old measurements were deleted.",
            extra={"event": "watch.rotated", "deleted": deleted, "days_to_keep": days_to_keep},
        )
        return deleted

    def keep_tidy(self, days_to_keep: int) -> int:
        """Rotate, if no process has done so for a day; may be called as often as one likes."""
        now = self._clock()
        rotated = self._database.read(lambda connection: _value(connection, "rotated"), None)
        if rotated is not None and abs(now.timestamp() - rotated) < timedelta(days=1).total_seconds():
            return 0
        return self.rotate(days_to_keep, now)

    def version(self) -> int:
        """Another number whenever an hour that is over was moved, or old measurements were deleted."""
        return self._database.read(version_of, 0)

    def storage(self) -> StorageInfo:
        found = self._database.read(_contents, None)
        rows, oldest, newest, dropped = found or (0, None, None, 0)
        return StorageInfo(
            path=self.path,
            bytes=_size(self.path),
            wal_bytes=_size(self.path.with_name(f"{self.path.name}-wal")),
            raw_rows=rows,
            oldest=oldest,
            newest=newest,
            schema_version=VERSION,
            dropped_total=dropped,
            readable=found is not None,
        )

    def document(self, name: str) -> Any:
        """A small document that all processes share; None where there is none."""
        return self._database.read(lambda connection: _document(connection, name), None)

    def put_document(self, name: str, document: Any) -> None:
        self.change_document(name, lambda _: document)

    def change_document(self, name: str, step: Callable[[Any], Any]) -> None:
        """Let `step` make the new document of the old one, or of None, while nobody else can."""

        def change(connection: sqlite3.Connection) -> None:
            content = json.dumps(step(_document(connection, name)))
            connection.execute("INSERT OR REPLACE INTO documents VALUES (?, ?)", (name, content))

        self._database.write(change)

    def close(self) -> None:
        self._database.close()


def _question(  # noqa: PLR0917 - in the order of Question
    since: datetime,
    until: datetime,
    kinds: Collection[Kind],
    label: str | None = None,
    step: timedelta | None = None,
) -> Question:
    if step is not None and step not in _UNITS:
        raise ValueError(f"Measurements are summed up by the minute, hour or day, not by {step}.")
    first, last = (since - _EPOCH) // _MINUTE, -((_EPOCH - until) // _MINUTE)
    return Question(first, last, tuple(sorted(kinds)), label, None if step is None else _UNITS[step])


def _dated(steps: dict[int, Summary], step: timedelta) -> Steps:
    return [(_EPOCH + start * step, one) for start, one in steps.items()]


def _count(connection: sqlite3.Connection, name: str, more: int) -> None:
    if more:
        connection.execute(
            "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            (name, more),
        )


def _set(connection: sqlite3.Connection, name: str, value: int) -> None:
    connection.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (name, value))


def _value(connection: sqlite3.Connection, name: str) -> int | None:
    found = connection.execute("SELECT value FROM counters WHERE name = ?", (name,)).fetchone()
    return found[0] if found else None


def _document(connection: sqlite3.Connection, name: str) -> Any:
    found = connection.execute("SELECT content FROM documents WHERE name = ?", (name,)).fetchone()
    try:
        return json.loads(found[0]) if found else None
    except ValueError as problem:
        raise UnreadableError("a kept document is not as it was written") from problem


def _contents(connection: sqlite3.Connection) -> tuple[int, datetime | None, datetime | None, int]:
    """How many rows there are, the first and last minute with a measurement, and how many were dropped."""
    (rows,) = connection.execute("SELECT count(*) FROM route_metrics").fetchone()
    span = span_of(connection)
    first, last = (_EPOCH + minute * _MINUTE for minute in span) if span else (None, None)
    return (
        rows,
        first,
        last,
        _value(connection, "dropped") or 0,
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
