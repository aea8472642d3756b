"""Where batches wait until a reading of Jira is complete: a journal to which each is added whole or not at all."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock

from data.atomic_file import write_atomically
from data.cache_bounds import STORE_LOCK
from data.cache_entry import DamagedError, Entry, canonical, created, encoded, seal, unseal
from data.errors import StoreTaken, StoreUnwritable
from data.issue_rows import Place, Row, RowFiles, block, merged, pack, places

logger = logging.getLogger(__name__)

_HEADER, _BATCH = "staging 1", "batch 1"


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
        self._end = header.content_start + len(header.content) + len(b"}\n")
        self._rows: dict[str, list[Place]] = {}

    @property
    def issues(self) -> int:
        return len(self._rows)

    def ids(self) -> set[str]:
        return set(self._rows)

    def unfinished_ids(self) -> set[str]:
        """Issues whose changelog has not come yet."""
        return {
            issue_id for issue_id, found in self._rows.items() if not any("changelog" in place.parts for place in found)
        }

    def append(self, rows: Iterable[Mapping[str, Any]], state: Any) -> None:
        """Keep a batch and the state from which to go on after it. Raises StoreUnwritable and keeps nothing of it."""
        described, content = block(pack(row) for row in rows)
        entry = seal({**self._described, **described, "kind": _BATCH, "state": state}, content)
        try:
            with FileLock(self._lock), self.path.open("r+b") as file:
                self._write(file, entry.text + b"\n")
        except FileNotFoundError:
            raise StoreTaken("The staging area is gone.") from None
        except OSError as error:
            raise StoreUnwritable(f"{error.strerror}.") from None
        self._take(entry)

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

    def _take(self, entry: Entry) -> None:
        start = self._end + entry.content_start
        for issue_id, place in places(entry, self.path, start):
            self._rows.setdefault(issue_id, []).append(place)
        self.state = entry.metadata["state"]
        self._end = start + len(entry.content) + len(b"}\n")

    def take_all(self, file: BinaryIO) -> None:
        """Know again what the journal holds from here on; what follows the last sound batch is cut off."""
        try:
            while whole := _next(file):
                self._take(_belonging(unseal(whole), _BATCH, self._described))
        except DamagedError as damage:
            facts = {"file": self.path.name, "reason": str(damage)}
            logger.warning(
                "The end of a staging area is damaged and is read again from Jira: %s",
                damage,
                extra={"event": "cache.staging_cut", **facts},
            )
            file.truncate(self._end)
            os.fsync(file.fileno())

    def rows(self, base: Mapping[str, Place], files: RowFiles) -> Iterator[Row]:
        """Every issue once, its parts merged over those of `base` that no batch has brought anew.

        What has neither fields of its own nor a base is not an issue and is left out.
        """
        left_out = 0
        for issue_id, found in self._rows.items():
            brought = {part for place in found for part in place.parts}
            kept = base.get(issue_id)
            needed = [kept, *found] if kept is not None and set(kept.parts) - brought else found
            if "fields" not in brought and kept is None:
                left_out += 1
                continue
            yield merged(files.row(issue_id, place) for place in needed)
        if left_out:
            logger.warning(
                "Histories came for issues that did not come themselves and were left out",
                extra={"event": "cache.rows_incomplete", "rows": left_out},
            )

    def discard(self) -> None:
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreUnwritable(f"{error.strerror}.") from None


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
