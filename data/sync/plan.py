"""What a sync has to ask: everything, what changed, or a longer past besides; decided without asking anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data.sync.facts import KeptFacts
from data.sync.receipt import Kind

OVERLAP = timedelta(minutes=5)
_CLOCK_CHANGE = timedelta(minutes=60)
_NEAR = timedelta(hours=3)
_ZONES_APART = timedelta(days=2)
_LARGEST_SHARE = 0.2
_FEW = 2
SWEEP_ALWAYS_BELOW = 50_000
_OLDEST_STAGING = timedelta(days=6)
_SWEEP_EVERY = timedelta(hours=24)


@dataclass(frozen=True)
class Plan:
    """The kind of the sync and why, and the day before which finished work is left out."""

    kind: Kind
    reason: str
    covers_from: str | None


def first_day(history_days: int | None, now: datetime, timezone: str) -> str | None:
    """The first day of the span, as the account's calendar has it."""
    if history_days is None:
        return None
    return (now.astimezone(_zone(timezone)).date() - timedelta(days=history_days)).isoformat()


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def make_plan(
    kept: KeptFacts | None, wanted_from: str | None, *, lacking: list[str], same_account: bool, full: bool
) -> Plan:
    """`lacking` are fields that are needed and were never asked for."""
    if kept is None or full:
        return Plan("full", "a person asked for everything" if full else "nothing was kept", wanted_from)
    covers = _earlier(kept.covers_from, wanted_from)
    reasons = {
        "another account or kind of Jira answers": not same_account,
        f"not read before: {', '.join(lacking)}": bool(lacking),
        "it is not known up to when the kept issues are true": kept.watermark is None,
    }
    reason = next((why for why, holds in reasons.items() if holds), None)
    if reason is not None:
        return Plan("full", reason, covers)
    if covers != kept.covers_from:
        return Plan("extension", f"finished work before {kept.covers_from} was not read before", covers)
    return Plan("increment", "", covers)


def _earlier(one: str | None, other: str | None) -> str | None:
    return None if one is None or other is None else min(one, other)


def spanned(where: str, covers_from: str | None) -> str:
    """The query without the work that was finished and last touched before the span."""
    if covers_from is None:
        return where
    return f'({where}) AND (updated >= "{covers_from}" OR statusCategory != Done)'


def span_missing(where: str, kept_from: str, covers_from: str | None) -> str:
    """What a longer span adds; two days more, as the account's zone may have changed since."""
    until = date.fromisoformat(kept_from) + _ZONES_APART
    since = f' AND updated >= "{covers_from}"' if covers_from is not None else ""
    return f'({where}) AND statusCategory = Done AND updated < "{until.isoformat()}"{since}'


def overlap(watermark: datetime, timezone: str) -> timedelta:
    """How far before the watermark changes are asked for: index lag and minutes cut off, more where clocks go back."""
    zone = _zone(timezone)
    before, after = ((watermark + away).astimezone(zone).utcoffset() or timedelta() for away in (-_NEAR, _NEAR))
    return OVERLAP + max(_CLOCK_CHANGE, before - after) if before > after else OVERLAP


def sweep_is_due(kept: KeptFacts, issues: int, *, counts_agree: bool | None, now: datetime) -> bool:
    """Whether the ids are listed this time: where that is cheap always, else when counts disagree and once a day.

    `counts_agree` says whether Jira counts as many as are kept, None where its count cannot be relied on.
    """
    if counts_agree is None and issues <= SWEEP_ALWAYS_BELOW:
        return True
    if counts_agree is False:
        return True
    return kept.swept_at is None or not timedelta() <= now - kept.swept_at < _SWEEP_EVERY


def is_suspicious(lost: Mapping[str, str], kept: Mapping[str, str]) -> bool:
    """Whether so much disappeared that a lost permission is likelier than deletions: a fifth, or a whole project.

    Both are keys by id.
    """
    if not lost:
        return False
    if len(lost) == len(kept) or (len(lost) > _FEW and len(lost) >= _LARGEST_SHARE * len(kept)):
        return True
    emptied = _by_project(lost)
    whole = _by_project(kept)
    return any(count > _FEW and count == whole[project] for project, count in emptied.items())


def _by_project(keys: Mapping[str, str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key in keys.values():
        project = key.rpartition("-")[0]
        counts[project] = counts.get(project, 0) + 1
    return counts


def is_too_old(started_at: datetime, now: datetime) -> bool:
    """Whether an unfinished reading was begun too long ago, or in the future, to be gone on with."""
    return not -_OLDEST_STAGING < now - started_at < _OLDEST_STAGING
