"""Segments: files of issues that are written once, never changed, and named by what is in them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from data.atomic_file import write_atomically
from data.cache_entry import Entry, created, read_entry, seal
from data.cache_quarantine import is_unchanged
from data.issue_rows import Place, Row, block, places

SEGMENT_ROWS, _SEGMENT_BYTES = 512, 4_000_000
_KIND = "segment 1"
_REMEMBERED = 20_000
# What has been verified once need not be again while the file stays as it is.
_verified: dict[Path, tuple[os.stat_result, str]] = {}


class Segment(NamedTuple):
    integrity: str
    rows: int
    size: int

    @property
    def name(self) -> str:
        return f"{self.integrity[:32]}.json"

    @property
    def is_small(self) -> bool:
        return self.rows < SEGMENT_ROWS // 4


class SegmentFolder:
    """The segments of one store."""

    def __init__(self, folder: Path, root: Path, cache_key: str) -> None:
        self.folder = folder
        self._root = root
        self._key = cache_key

    def read(self, segment: Segment) -> Entry | None:
        """None when it is not there as it was written; what is there instead has been set aside."""
        path = self.folder / segment.name
        entry = read_entry(path, self._root, cache_key=self._key, kind=_KIND)
        return entry if entry is not None and entry.metadata["integrity"] == segment.integrity else None

    def is_sound(self, segment: Segment) -> bool:
        path = self.folder / segment.name
        try:
            now = path.stat()
        except OSError:
            return False
        seen, integrity = _verified.get(path, (None, ""))
        if seen is not None and integrity == segment.integrity and is_unchanged(seen, now):
            return True
        if self.read(segment) is None:
            return False
        if len(_verified) >= _REMEMBERED:
            _verified.clear()
        _verified[path] = now, segment.integrity
        return True

    def places(self, segment: Segment, entry: Entry) -> Iterator[tuple[str, Place]]:
        return places(entry, self.folder / segment.name, entry.content_start)


class SegmentWriter:
    """Writes rows as segments of bounded size."""

    def __init__(self, folder: SegmentFolder, when: datetime, described: Mapping[str, str]) -> None:
        self.written: list[Segment] = []
        self._folder = folder.folder
        self._described = created(when, described["cache_key"], described["config_hash"], _KIND)
        self._rows: list[Row] = []
        self._bytes = 0

    def add(self, row: Row) -> str:
        """Take the row; its id."""
        self._rows.append(row)
        self._bytes += len(row.packed.content)
        if len(self._rows) >= SEGMENT_ROWS or self._bytes >= _SEGMENT_BYTES:
            self.flush()
        return row.id

    def flush(self) -> None:
        if self._rows:
            described, content = block(self._rows)
            entry = seal({**self._described, **described}, content)
            text = entry.text
            segment = Segment(entry.metadata["integrity"], len(self._rows), len(text))
            write_atomically(self._folder / segment.name, text)
            self.written.append(segment)
            self._rows, self._bytes = [], 0
