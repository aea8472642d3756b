"""What a commit writes: new segments for what is new, and for what old segments hold too little of to be kept."""

from __future__ import annotations

from data.cache_entry import DamagedError
from data.errors import StoreDamaged
from data.issue_rows import Place, RowFiles
from data.issue_segments import Segment, SegmentWriter
from data.issue_snapshot import Layout, Snapshot
from data.issue_staging import Staging

_DEAD_SHARE = 0.5
_MANY_SMALL = 12


def arranged(
    staging: Staging, base: Snapshot | None, deleted: frozenset[str], writer: SegmentWriter
) -> tuple[Layout, int]:
    """Write the segments that are missing; how all of them lie then, and how many issues they hold."""
    held = base.places() if base is not None else []
    before = base.layout if base is not None else Layout()
    kept: dict[str, Place] = {}
    owner: dict[str, int] = {}
    for number, segment in enumerate(held):
        kept |= segment
        owner |= dict.fromkeys(segment, number)
    for issue_id in before.deleted:
        del kept[issue_id], owner[issue_id]
    try:
        with RowFiles() as files:
            rows = (row for row in staging.rows(kept, files) if row.id not in deleted)
            new = {writer.add(row) for row in rows}
            live = _live(owner, len(held), new | deleted)
            rewritten = _to_be_rewritten(before.segments, live)
            for number in sorted(rewritten):
                for issue_id in live[number]:
                    writer.add(files.row(issue_id, kept[issue_id]))
            writer.flush()
    except DamagedError as damage:
        raise StoreDamaged(f"{damage}.") from None
    stay = [number for number in range(len(held)) if number not in rewritten]
    segments = tuple(before.segments[number] for number in stay) + tuple(writer.written)
    gone = {issue_id for number in stay for issue_id in held[number]} & ((before.deleted | deleted) - new)
    return Layout(segments, frozenset(gone), staging=staging.identity), sum(map(len, live)) + len(new)


def _live(owner: dict[str, int], segments: int, replaced: set[str] | frozenset[str]) -> list[list[str]]:
    live: list[list[str]] = [[] for _ in range(segments)]
    for issue_id, number in owner.items():
        if issue_id not in replaced:
            live[number].append(issue_id)
    return live


def _to_be_rewritten(segments: tuple[Segment, ...], live: list[list[str]]) -> set[int]:
    """Those that are mostly dead, and all small ones once they are many."""
    dead = {number for number, segment in enumerate(segments) if len(live[number]) <= segment.rows * (1 - _DEAD_SHARE)}
    small = {number for number, segment in enumerate(segments) if segment.is_small}
    return dead | small if len(small) > _MANY_SMALL else dead
