"""Instants, local days, ISO weeks and working hours, each by the most literal means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from data.model import TeamRules, WorkingCalendar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
_TEXT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?"
    r"(?:(Z)|([+-])(\d\d):?(\d\d))?)?"
)


def read_instant(value: Any) -> datetime | None:
    """ISO text as Jira writes it, or a positive epoch number, also as text: milliseconds, or seconds below 1e11."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _from_epoch(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if text.isdecimal() and len(text) >= 9:
        return _from_epoch(int(text))
    match = _TEXT.fullmatch(text)
    return _from_match(match) if match else None


def _from_epoch(value: float) -> datetime | None:
    if value <= 0:
        return None
    try:
        if value < 1e11:
            return EPOCH + timedelta(seconds=value)
        return EPOCH + timedelta(milliseconds=value)
    except (OverflowError, ValueError):
        return None


def _from_match(match: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second, fraction, _, sign, offset_hours, offset_minutes = match.groups()
    zone: Any = UTC
    if sign:
        offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
        zone = timezone(-offset if sign == "-" else offset)
    micros = int((fraction or "").ljust(6, "0")[:6])
    try:
        return datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micros, tzinfo=zone
        ).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def zone_of(rules: TeamRules) -> ZoneInfo:
    return ZoneInfo(rules.timezone)


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def last_tick_of_day(day: date, zone: ZoneInfo) -> datetime:
    return local_midnight(day + timedelta(days=1), zone) - TICK


@dataclass(frozen=True)
class Week:
    """One ISO week: everything at or after `start` and, but for the running one, before `next_start`."""

    label: str
    start: datetime
    next_start: datetime
    as_of: datetime
    partial: bool

    def holds(self, instant: datetime) -> bool:
        return self.start <= instant < self.next_start and instant <= self.as_of

    @property
    def end(self) -> datetime:
        return self.as_of if self.partial else self.next_start - TICK


def weeks_until(as_of: datetime, days: int, zone: ZoneInfo) -> list[Week]:
    """From the week that holds `as_of - max(days, 84) days` to the week that holds `as_of`."""
    first_day = (as_of - timedelta(days=max(days, 84))).astimezone(zone).date()
    monday = first_day - timedelta(days=first_day.weekday())
    weeks = []
    while local_midnight(monday, zone) <= as_of:
        year, number, _ = monday.isocalendar()
        after = local_midnight(monday + timedelta(days=7), zone)
        weeks.append(
            Week(
                label=f"{year}-W{number:02d}",
                start=local_midnight(monday, zone),
                next_start=after,
                as_of=as_of,
                partial=after > as_of,
            )
        )
        monday += timedelta(days=7)
    return weeks


def duration(start: datetime, end: datetime, rules: TeamRules) -> timedelta:
    """Elapsed time, or the working time between the two ends when the team keeps a working calendar."""
    if rules.working_calendar is None:
        return end - start
    return _working_time(start, end, rules.working_calendar, zone_of(rules))


def _working_time(start: datetime, end: datetime, calendar: WorkingCalendar, zone: ZoneInfo) -> timedelta:
    total = timedelta(0)
    day = start.astimezone(zone).date()
    while day <= end.astimezone(zone).date():
        if day.weekday() in calendar.weekdays and day not in calendar.holidays:
            opens = _wall_clock(day, calendar.start_hour, zone)
            closes = _wall_clock(day, calendar.end_hour, zone)
            total += max(timedelta(0), min(end, closes) - max(start, opens))
        day += timedelta(days=1)
    return total


def _wall_clock(day: date, hour: float, zone: ZoneInfo) -> datetime:
    wall = datetime.combine(day, time.min) + timedelta(hours=hour)
    return wall.replace(tzinfo=zone).astimezone(UTC)
