"""Instants as JQL can say them: to the minute, in the zone of the account that asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_FURTHEST_WEST = timedelta(hours=12)
_STEP = timedelta(minutes=30)


def zone_named(name: str) -> ZoneInfo | None:
    """The zone, or None for a name that nobody knows here."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def not_after(instant: datetime, timezone: str) -> str:
    """A JQL date that Jira reads as this instant or an earlier one, never as a later one.

    In the hour that a clock change repeats, one text means two instants and Jira does not say which it takes: there,
    the text goes back to before that hour. For an unknown zone it goes back far enough for every zone on earth.
    """
    zone = zone_named(timezone)
    if zone is None:
        return _text(instant.astimezone(UTC) - _FURTHEST_WEST)
    said = instant
    while True:
        local = said.astimezone(zone).replace(second=0, microsecond=0)
        if max(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)) <= instant:
            return _text(local)
        said -= _STEP


def _text(local: datetime) -> str:
    return f"{local:%Y-%m-%d %H:%M}"
