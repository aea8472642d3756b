"""Segments: files of issues that are written once, never changed, and named by what is in them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from data.issue_store.rows import Index, Row, block
from data.storage.atomic_file import write_atomically
from data.storage.cache_entry import Entry, created, read_data, read_entry, seal
from data.storage.quarantine import is_unchanged

SEGMENT_ROWS, _SEGMENT_BYTES = 512, 4_000_000
_KIND = "segment 1"
_REMEMBERED_ROWS = 200_000
# What was verified need not be again while the file stays as it is, and the index of its rows comes of it.
_known: dict[Path, tuple[os.stat_result, str, Index]] = {}


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

    def read(self, segment: Segment) -> tuple[Entry, Any] | None:
        """A segment and its rows; None when it is not as it was written, and what is there instead is set aside."""
        found = read_data(self.path(segment), self._root, cache_key=self._key, kind=_KIND)
        return found if found is not None and found[0].metadata["integrity"] == segment.integrity else None

    def path(self, segment: Segment) -> Path:
        return self.folder / segment.name

    def index(self, segment: Segment) -> Index | None:
        """The rows of a segment that is there as it was written; None when it is not."""
        path = self.path(segment)
        try:
            now = path.stat()
        except OSError:
            return None
        known = _known.get(path)
        if known is not None and known[1] == segment.integrity and is_unchanged(known[0], now):
            return known[2]
        entry = read_entry(path, self._root, cache_key=self._key, kind=_KIND)
        if entry is None or entry.metadata["integrity"] != segment.integrity:
            return None
        index = Index(entry)
        if sum(len(other) for _, _, other in list(_known.values())) > _REMEMBERED_ROWS:
            _known.clear()
        _known[path] = now, segment.integrity, index
        return index


class SegmentWriter:
    """Writes rows as segments of bounded size."""

    def __init__(self, folder: SegmentFolder, when: datetime, described: Mapping[str, str]) -> None:
        self.written: list[Segment] = []
        self._folder = folder.folder
        self._described = created(when, described["cache_key"], described["config_hash"], _KIND)
        self._rows: list[Row] = []
        self._bytes = 0

    def add(self, row: Row) -> None:
        self._rows.append(row)
        self._bytes += len(row.packed.content)
        if len(self._rows) >= SEGMENT_ROWS or self._bytes >= _SEGMENT_BYTES:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            described, content = block(self._rows)
            entry = seal({**self._described, **described}, content)
            text = entry.text
            segment = Segment(entry.metadata["integrity"], len(self._rows), len(text))
            write_atomically(self._folder / segment.name, text)
            self.written.append(segment)
            self._rows, self._bytes = [], 0
