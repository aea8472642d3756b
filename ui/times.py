"""Instants, ages and durations in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ui.readings import count


def instant_words(instant: datetime, timezone: str) -> str:
    return f"{moment_words(instant, timezone)} ({timezone})"


def moment_words(instant: datetime, timezone: str) -> str:
    """Day and time in the zone, which stands elsewhere."""
    local = instant.astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%b %Y, %H:%M}"


def day_words(instant: datetime, timezone: str) -> str:
    local = instant.astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%b %Y}"


def clock_words(instant: datetime, timezone: str) -> str:
    """The time of day, for what is at most hours away."""
    return f"{instant.astimezone(ZoneInfo(timezone)):%H:%M:%S} ({timezone})"


def age_words(age: timedelta) -> str:
    """How long ago; `ageWords` in browser.js says the same."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 90:
        return f"{count(minutes, 'minute')} ago"
    hours = (minutes + 30) // 60
    return f"{count(hours, 'hour')} ago" if hours < 48 else f"{count(hours // 24, 'day')} ago"


def duration_words(seconds: float) -> str:
    if seconds < 1:
        return "less than a second"
    if seconds < 100:
        return count(round(seconds), "second")
    minutes = round(seconds / 60)
    return count(minutes, "minute") if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
