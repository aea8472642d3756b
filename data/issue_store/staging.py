"""Where batches wait until a reading of Jira is complete: a journal to which each is added whole or not at all."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from filelock import FileLock

from data.errors import StoreTaken, StoreUnwritable
from data.issue_store.rows import Row, block, merged, pack, rows_of
from data.storage.atomic_file import write_atomically
from data.storage.bounds import STORE_LOCK
from data.storage.cache_entry import DamagedError, Entry, canonical, created, encoded, seal, unseal

logger = logging.getLogger(__name__)

_HEADER, _BATCH = "staging 1", "batch 1"
_BATCHES_AT_HAND = 16


class KnownRows(Protocol):
    """The issues to which those of a staging area are added."""

    def parts(self, issue_id: str) -> tuple[str, ...] | None: ...

    def row(self, issue_id: str) -> Row: ...


class Staging:
    """The staging area of one store. It belongs to one writer; a second one is noticed and refused.

    A batch that `append` has returned from survives the death of the process and of the machine. One that was being
    added then is gone as a whole, and with it the state it would have brought.
    """

    def __init__(self, path: Path, header: Entry) -> None:
        self.path = path
        self.purpose: dict[str, Any] = header.data
        self.started_at: datetime = header.created_at
        self.identity: str = header.metadata["integrity"]
        self.state: Any = None
        self._described = {name: header.metadata[name] for name in ("cache_key", "config_hash", "created_at")}
        self._described["journal"] = self.identity
        self._lock = path.with_name(STORE_LOCK)
        self._place = path.stat().st_ino
        self._end = len(header.text) + 1
        self._batches: list[tuple[int, int]] = []
        # For each issue the last batch with a part of it; the batches of the few that come in several.
        self._last: dict[str, int] = {}
        self._several: dict[str, list[int]] = {}
        self._lacking: dict[str, set[str]] = {"fields": set(), "changelog": set()}

    @property
    def issues(self) -> int:
        return len(self._last)

    def ids(self) -> set[str]:
        return set(self._last)

    def ids_without(self, part: str) -> set[str]:
        """Issues of which this has not come: their fields, or their changelog."""
        return set(self._lacking[part])

    def unfinished_ids(self) -> set[str]:
        """Issues whose changelog has not come yet."""
        return self.ids_without("changelog")

    def append(self, rows: Iterable[Mapping[str, Any]], state: Any) -> None:
        """Keep a batch and the state from which to go on after it. Raises StoreUnwritable and keeps nothing of it."""
        described, content = block(pack(row) for row in rows)
        entry = seal({**self._described, **described, "kind": _BATCH, "state": state}, content)
        text = entry.text
        try:
            with FileLock(self._lock), self.path.open("r+b") as file:
                self._write(file, text + b"\n")
        except FileNotFoundError:
            raise StoreTaken("The staging area is gone.") from None
        except OSError as error:
            raise StoreUnwritable(f"{error.strerror}.") from None
        self._take(entry, len(text))

    def _write(self, file: BinaryIO, line: bytes) -> None:
        now = os.fstat(file.fileno())
        if (now.st_ino, now.st_size) != (self._place, self._end):
            raise StoreTaken("The staging area has been changed by somebody else.")
        file.seek(self._end)
        try:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), self._end)
            raise

    def _take(self, entry: Entry, size: int) -> None:
        number, shapes = len(self._batches), entry.metadata["shapes"]
        for issue_id, _, _, shape, _ in entry.metadata["rows"]:
            before = self._last.get(issue_id)
            if before is not None and before != number:
                self._several.setdefault(issue_id, [before]).append(number)
            self._last[issue_id] = number
            for part, lacking in self._lacking.items():
                if part in shapes[shape]:
                    lacking.discard(issue_id)
                elif before is None:
                    lacking.add(issue_id)
        self.state = entry.metadata["state"]
        self._batches.append((self._end, size))
        self._end += size + 1

    def take_all(self, file: BinaryIO) -> None:
        """Know again what the journal holds from here on; what follows the last sound batch is cut off."""
        try:
            while whole := _next(file):
                self._take(_belonging(unseal(whole), _BATCH, self._described), len(whole))
        except DamagedError as damage:
            facts = {"file": self.path.name, "reason": str(damage)}
            logger.warning(
                "The end of a staging area is damaged and is read again from Jira: %s",
                damage,
                extra={"event": "cache.staging_cut", **facts},
            )
            file.truncate(self._end)
            os.fsync(file.fileno())

    def rows(self, known: KnownRows) -> Iterator[Row]:
        """Every issue once, its parts merged over those of a known one that have not come anew.

        One batch is in memory at a time, and what issues that came in several parts need of others.
        """
        with self.path.open("rb") as journal:

            @lru_cache(maxsize=_BATCHES_AT_HAND)
            def batch(number: int) -> dict[str, list[Row]]:
                return self._read(journal, number)

            for number in range(len(self._batches)):
                for issue_id, parts in batch(number).items():
                    if self._last[issue_id] == number:
                        earlier = self._several.get(issue_id, [])[:-1]
                        yield _whole([row for one in earlier for row in batch(one)[issue_id]] + parts, known)

    def _read(self, journal: BinaryIO, number: int) -> dict[str, list[Row]]:
        start, size = self._batches[number]
        journal.seek(start)
        rows: dict[str, list[Row]] = {}
        for row in rows_of(_belonging(unseal(journal.read(size)), _BATCH, self._described)):
            rows.setdefault(row.id, []).append(row)
        return rows

    def discard(self) -> None:
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreUnwritable(f"{error.strerror}.") from None


def _whole(parts: list[Row], known: KnownRows) -> Row:
    issue_id = parts[0].id
    missing = set(known.parts(issue_id) or ()).difference(*(row.parts for row in parts))
    return merged([known.row(issue_id), *parts] if missing else parts)


def begin(path: Path, purpose: Mapping[str, Any], described: Mapping[str, Any], when: datetime) -> Staging:
    metadata = created(when, described["cache_key"], described["config_hash"], _HEADER)
    header = seal({**metadata, "nonce": secrets.token_hex(8)}, encoded(purpose))
    try:
        write_atomically(path, header.text + b"\n")
        return Staging(path, header)
    except OSError as error:
        raise StoreUnwritable(f"{error.strerror}.") from None


def resume(path: Path, purpose: Mapping[str, Any], described: Mapping[str, Any]) -> Staging | None:
    """What an earlier run has staged for the same purpose, up to the first byte that is not as it was written."""
    try:
        with path.open("r+b") as file:
            header = _header(file, described)
            if canonical(header.data) != canonical(purpose):
                return None
            staging = Staging(path, header)
            staging.take_all(file)
    except (FileNotFoundError, DamagedError):
        return None
    except OSError as error:
        raise StoreUnwritable(f"{error.strerror}.") from None
    return staging


def staged_header(path: Path, described: Mapping[str, Any]) -> Entry | None:
    try:
        with path.open("rb") as file:
            return _header(file, described)
    except (OSError, DamagedError):
        return None


def _header(file: BinaryIO, described: Mapping[str, Any]) -> Entry:
    return _belonging(unseal(_next(file)), _HEADER, described)


def _next(file: BinaryIO) -> bytes:
    """The next entry of a journal, two lines; empty at its end."""
    whole = file.readline() + file.readline()
    if whole and not whole.endswith(b"\n"):
        raise DamagedError("it was cut off")
    return whole[:-1]


def _belonging(entry: Entry, kind: str, described: Mapping[str, Any]) -> Entry:
    if any(entry.metadata.get(name) != value for name, value in {**described, "kind": kind}.items()):
        raise DamagedError("it was made for another question")
    return entry
