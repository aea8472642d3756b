"""What a commit writes: new segments for what is new, and for what old segments hold too little of to be kept."""

from __future__ import annotations

import logging

from data.errors import StoreDamaged
from data.issue_store.rows import Row, RowFiles
from data.issue_store.segments import Segment, SegmentWriter
from data.issue_store.snapshot import Layout, Snapshot
from data.issue_store.staging import Staging
from data.storage.cache_entry import DamagedError

logger = logging.getLogger(__name__)

_DEAD_SHARE = 0.5
_MANY_SMALL = 12


class Base:
    """The issues that a commit adds to: for each of them the newest segment that holds it, and its number there."""

    def __init__(self, snapshot: Snapshot | None, files: RowFiles) -> None:
        self.layout = snapshot.layout if snapshot is not None else Layout()
        self.held = snapshot.indexes() if snapshot is not None else []
        self._paths = [snapshot.folder.path(one) for one in self.layout.segments] if snapshot is not None else []
        self._files = files
        self._places: dict[str, tuple[int, int]] = {}
        for segment, index in enumerate(self.held):
            self._places |= {issue_id: (segment, number) for number, issue_id in enumerate(index.ids)}
        for issue_id in self.layout.deleted:
            del self._places[issue_id]

    def parts(self, issue_id: str) -> tuple[str, ...] | None:
        """The members of an issue, None when it is not known."""
        place = self._places.get(issue_id)
        return None if place is None else self.held[place[0]].parts[place[1]]

    def row(self, issue_id: str) -> Row:
        segment, number = self._places[issue_id]
        return self._files.row(self._paths[segment], self.held[segment], number)

    def live(self, replaced: set[str]) -> list[list[str]]:
        """For each segment the issues that stay in it."""
        live: list[list[str]] = [[] for _ in self.held]
        for issue_id, (segment, _) in self._places.items():
            if issue_id not in replaced:
                live[segment].append(issue_id)
        return live


def arranged(
    staging: Staging, snapshot: Snapshot | None, deleted: frozenset[str], writer: SegmentWriter
) -> tuple[Layout, int]:
    """Write the segments that are missing; how all of them lie then, and how many issues they hold."""
    try:
        with RowFiles() as files:
            base = Base(snapshot, files)
            new = staging.ids() - _homeless(staging, base) - deleted
            for row in staging.rows(base):
                if row.id in new:
                    writer.add(row)
            live = base.live(new | deleted)
            rewritten = _to_be_rewritten(base.layout.segments, live)
            for segment in sorted(rewritten):
                for issue_id in live[segment]:
                    writer.add(base.row(issue_id))
            writer.flush()
    except DamagedError as damage:
        raise StoreDamaged(f"{damage}.") from None
    stay = [segment for segment in range(len(live)) if segment not in rewritten]
    segments = [base.layout.segments[segment] for segment in stay] + writer.written
    held = {issue_id for segment in stay for issue_id in base.held[segment].ids}
    gone = held & ((base.layout.deleted | deleted) - new)
    return Layout(tuple(segments), frozenset(gone), staging=staging.identity), sum(map(len, live)) + len(new)


def _homeless(staging: Staging, base: Base) -> set[str]:
    """Histories of issues that have not come themselves, now or earlier."""
    found = {issue_id for issue_id in staging.ids_without("fields") if base.parts(issue_id) is None}
    if found:
        logger.warning(
            "Histories came for issues that did not come themselves and were left out",
            extra={"event": "cache.rows_incomplete", "rows": len(found)},
        )
    return found


def _to_be_rewritten(segments: tuple[Segment, ...], live: list[list[str]]) -> set[int]:
    """Those that are mostly dead, and all small ones once they are many."""
    dead = {number for number, segment in enumerate(segments) if len(live[number]) <= segment.rows * (1 - _DEAD_SHARE)}
    small = {number for number, segment in enumerate(segments) if segment.is_small}
    return dead | small if len(small) > _MANY_SMALL else dead
