"""What a commit has left, for reading: its facts, and its issues segment by segment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from data.errors import StoreDamaged
from data.issue_store.rows import Index
from data.issue_store.segments import Segment, SegmentFolder


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
    facts: dict[str, Any]
    issue_count: int
    layout: Layout = field(repr=False, compare=False)
    folder: SegmentFolder = field(repr=False, compare=False)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every issue once, in no order that means anything, one segment in memory at a time.

        All segments have been verified when the snapshot was made; StoreDamaged tells of one that was lost since.
        """
        seen = set(self.layout.deleted)
        for segment in reversed(self.layout.segments):
            found = self.folder.read(segment)
            if found is None:
                raise _lost(segment)
            ids = [described[0] for described in found[0].metadata["rows"]]
            yield from (row for issue_id, row in zip(ids, found[1], strict=True) if issue_id not in seen)
            seen.update(ids)

    def updated(self) -> dict[str, str]:
        """When Jira last changed each issue, in Jira's own words, by id."""
        return self._named("updated")

    def keys(self) -> dict[str, str]:
        """The key of each issue by its id."""
        return self._named("keys")

    def _named(self, column: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for index in self.indexes():
            found |= {one: name or "" for one, name in zip(index.ids, getattr(index, column), strict=True)}
        return {one: name for one, name in found.items() if name and one not in self.layout.deleted}

    def indexes(self) -> list[Index]:
        """What each segment holds, the oldest first, also what no longer counts."""
        indexes = []
        for segment in self.layout.segments:
            index = self.folder.index(segment)
            if index is None:
                raise _lost(segment)
            indexes.append(index)
        return indexes


def _lost(segment: Segment) -> StoreDamaged:
    return StoreDamaged(f"The file {segment.name} has been lost.")
