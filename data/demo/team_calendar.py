"""When the demo team works, how its year went, and when it released."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from data.demo.site import JsonObject
from data.demo.team_words import VERSION_REMARKS
from data.demo.team_workflow import PROJECT_ID

WEEKS = 78
BIG_RELEASE_WEEK = 22
"""Weeks before the end at which 3.0.0, three months of work in one release, went out."""

_FREEZES = ((30.0, 27.0), (10.5, 8.4))
"""Weeks before the end, from and to, in which nothing was released."""


@dataclass(frozen=True, slots=True)
class Story:
    """How the team fares at one time: median hours, new issues a day, and how likely a release breaks something."""

    progress_hours: float
    review_hours: float
    test_hours: float
    arrivals: float
    trouble: float


class TeamCalendar:
    """The team's working hours and its history, counted back from the end of the world, `as_of`."""

    def __init__(self, rng: Random, as_of: datetime, zone: str) -> None:
        self.rng = rng
        self.as_of = as_of.astimezone(UTC).replace(microsecond=0)
        self.zone = ZoneInfo(zone)
        self.start = self.as_of - timedelta(weeks=WEEKS)

    def weeks_before_end(self, instant: datetime) -> float:
        return (self.as_of - instant) / timedelta(weeks=1)

    def story(self, instant: datetime) -> Story:
        """A steady year, a quarter of growing review queues, a bad release, a recovery, and a first relapse."""
        weeks = self.weeks_before_end(instant)
        if weeks > 38:
            return Story(progress_hours=34, review_hours=13, test_hours=12, arrivals=2.6, trouble=0.1)
        if weeks > BIG_RELEASE_WEEK:
            queue = min(13 + 5.5 * (38 - weeks), 80)
            return Story(progress_hours=38, review_hours=queue, test_hours=18, arrivals=2.7, trouble=0.25)
        if weeks > 15:
            return Story(progress_hours=30, review_hours=34, test_hours=20, arrivals=2.2, trouble=0.8)
        if weeks > 5:
            return Story(progress_hours=22, review_hours=9, test_hours=7, arrivals=3.0, trouble=0.27)
        return Story(progress_hours=26, review_hours=21, test_hours=8, arrivals=4.4, trouble=0.27)

    def after(self, instant: datetime, median_hours: float, spread: float = 0.7) -> datetime:
        """A working moment some log-normally distributed hours after `instant`."""
        return self.working(instant + timedelta(hours=median_hours * math.exp(self.rng.gauss(0.0, spread))))

    def working(self, instant: datetime) -> datetime:
        """The instant itself within office hours, else some minutes into the next working morning."""
        local = instant.astimezone(self.zone)
        if local.weekday() < 5 and 8 <= local.hour < 18:
            return instant.replace(microsecond=self.rng.randrange(1000) * 1000)
        day = local.date() + timedelta(days=1 if local.hour >= 18 else 0)
        while day.weekday() >= 5:
            day += timedelta(days=1)
        return self.at(day, 8, self.rng.randrange(10, 150))

    def at(self, day: date, hour: int, minutes: int = 0) -> datetime:
        moment = datetime.combine(day, time(hour), self.zone) + timedelta(
            minutes=minutes, seconds=self.rng.randrange(60), milliseconds=self.rng.randrange(1000)
        )
        return moment.astimezone(UTC)

    def day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Release:
    """A project version that is meant to be released; `at` is when that happened, or is planned."""

    id: str
    name: str
    day: date
    at: datetime
    fix: bool = False


class ReleaseTrain:
    """Every release of the team in order, planned ones included; hot-fixes join as they are needed."""

    def __init__(self, calendar: TeamCalendar) -> None:
        self.calendar = calendar
        self.planned = _plan(calendar)
        self.fixes: list[Release] = []
        self._fixes_of: dict[str, int] = {}

    def next_after(self, instant: datetime) -> Release:
        """The regular release that takes along what is finished at `instant`."""
        number = bisect_right(self.planned, instant, key=lambda release: release.at)
        return self.planned[min(number, len(self.planned) - 1)]

    def hotfix(self, ready: datetime, *, of: Release, word: str) -> Release:
        number = self._fixes_of.get(of.id, 0) + 1
        self._fixes_of[of.id] = number
        patch = of.name.rsplit(".", 1)[0] + f".{number}"
        release = Release(f"{of.id}{number}", f"{patch} {word}", self.calendar.day(ready), ready, fix=True)
        self.fixes.append(release)
        return release

    def is_out(self, release: Release) -> bool:
        return release.at <= self.calendar.as_of

    def versions_json(self) -> list[JsonObject]:
        """Versions as Jira lists them, among them some that were never meant as releases."""
        past = [release for release in (*self.planned, *self.fixes) if self.is_out(release)]
        ahead = [release for release in self.planned if not self.is_out(release)][:3]
        ordered = sorted(past, key=lambda release: release.at) + ahead
        ours = [self._version(release, number) for number, release in enumerate(ordered)]
        today = self.calendar.day(self.calendar.as_of)
        return [
            *ours,
            _oddity("19001", "Backlog"),
            _oddity("19002", "Sprint 14", released=True, archived=True, day=today - timedelta(days=470)),
            _oddity("19003", "Future ideas"),
            _oddity("19004", "1.9.8", released=True),
            _oddity("19005", "4.0.0", day=today - timedelta(days=12)),
        ]

    def _version(self, release: Release, number: int) -> JsonObject:
        age = (self.calendar.as_of - release.at).days
        return {
            "id": release.id,
            "name": release.name,
            "description": VERSION_REMARKS[number % len(VERSION_REMARKS)],
            "archived": age > 400,
            "released": self.is_out(release),
            "releaseDate": release.day.isoformat(),
            "overdue": False,
            "projectId": int(PROJECT_ID),
        }


def _oddity(
    identity: str, name: str, *, released: bool = False, archived: bool = False, day: date | None = None
) -> JsonObject:
    version: JsonObject = {
        "id": identity,
        "name": name,
        "archived": archived,
        "released": released,
        "projectId": int(PROJECT_ID),
    }
    return version if day is None else version | {"releaseDate": day.isoformat(), "overdue": not released}


def _plan(calendar: TeamCalendar) -> list[Release]:
    releases: list[Release] = []
    major, minor = 2, 1
    big_release = False
    day = calendar.day(calendar.start) + timedelta(days=3)
    last = calendar.day(calendar.as_of) + timedelta(weeks=9)
    while day < last:
        at = calendar.at(day, 15, calendar.rng.randrange(90))
        weeks = calendar.weeks_before_end(at)
        if _is_release_day(day, weeks):
            if weeks <= BIG_RELEASE_WEEK and not big_release:
                big_release, major, minor = True, 3, 0
            releases.append(Release(str(11_000 + len(releases)), f"{major}.{minor}.0", day, at))
            minor += 1
        day += timedelta(days=1)
    return releases


def _is_release_day(day: date, weeks: float) -> bool:
    if any(begin >= weeks > end for begin, end in _FREEZES):
        return False
    if weeks > 38:
        return day.weekday() == 3
    if weeks > BIG_RELEASE_WEEK + 5:
        return day.weekday() == 3 and int(weeks) % 2 == 0
    if weeks > BIG_RELEASE_WEEK:
        return False
    if weeks > 15:
        return day.weekday() == 3
    return day.weekday() in {1, 3}
