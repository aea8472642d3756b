"""What a commit has left, for reading: its facts, and its issues segment by segment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.cache_entry import DamagedError, Entry
from data.errors import StoreDamaged
from data.issue_rows import Place
from data.issue_segments import Segment, SegmentFolder


@dataclass(frozen=True)
class Layout:
    """Which segments hold the issues, the oldest first. Of an issue that several hold, the newest segment's counts.

    `deleted` are issues that a segment still holds though they are gone; `retired` are segments that no longer count,
    with the instant since when; `staging` is what the last commit was made from.
    """

    segments: tuple[Segment, ...] = ()
    deleted: frozenset[str] = frozenset()
    retired: dict[str, str] = field(default_factory=dict)
    generation: int = 0
    staging: str = ""

    def document(self) -> dict[str, Any]:
        return {
            "segments": [list(segment) for segment in self.segments],
            "deleted": sorted(self.deleted),
            "retired": self.retired,
            "generation": self.generation,
            "staging": self.staging,
        }

    @classmethod
    def of(cls, document: dict[str, Any]) -> Layout:
        segments = tuple(Segment(*entry) for entry in document["segments"])
        deleted, retired = frozenset(document["deleted"]), document["retired"]
        return cls(segments, deleted, retired, document["generation"], document["staging"])


@dataclass(frozen=True)
class Snapshot:
    """What one commit has left. It stays readable for a while after the next one."""

    version: str
    saved_at: datetime
    facts: dict[str, Any]
    issue_count: int
    layout: Layout = field(repr=False, compare=False)
    folder: SegmentFolder = field(repr=False, compare=False)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every issue once, in no order that means anything, one segment in memory at a time.

        All segments have been verified when the snapshot was made; StoreDamaged tells of one that was lost since.
        """
        for live, entry in self._entries():
            for described, row in zip(entry.metadata["rows"], _rows(entry), strict=True):
                if described[0] in live:
                    yield row

    def updated(self) -> dict[str, str]:
        """When Jira last changed each issue, in Jira's own words, by id."""
        return self._named(2)

    def keys(self) -> dict[str, str]:
        """The key of each issue by its id."""
        return self._named(1)

    def _named(self, column: int) -> dict[str, str]:
        return {
            row[0]: row[column]
            for live, entry in self._entries()
            for row in entry.metadata["rows"]
            if row[0] in live and row[column] is not None
        }

    def _entries(self) -> Iterator[tuple[set[str], Entry]]:
        """Each segment, the newest first, with the ids for which it has the last word."""
        seen = set(self.layout.deleted)
        for segment in reversed(self.layout.segments):
            entry = self._read(segment)
            live = {row[0] for row in entry.metadata["rows"]} - seen
            yield live, entry
            seen |= live

    def places(self) -> list[dict[str, Place]]:
        """For each segment, all that is in it by id, also what no longer counts."""
        return [dict(self.folder.places(segment, self._read(segment))) for segment in self.layout.segments]

    def _read(self, segment: Segment) -> Entry:
        entry = self.folder.read(segment)
        if entry is None:
            raise StoreDamaged(f"The file {segment.name} has been lost.")
        return entry


def _rows(entry: Entry) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = entry.data
    except DamagedError as damage:
        raise StoreDamaged(f"{damage}.") from None
    return rows
