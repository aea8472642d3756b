"""How a piece of the demo team's work goes through the board, with everything that can happen on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from data.demo.team_calendar import Release, ReleaseTrain, Story, TeamCalendar
from data.demo.team_draft import Change, Draft
from data.demo.team_words import SQUADS
from data.demo.team_workflow import (
    BLOCKED,
    CANCELLED,
    DONE,
    FLAGGED,
    IN_PROGRESS,
    IN_REVIEW,
    IN_TEST,
    READY,
    RELEASED,
    RESOLUTIONS,
    STORY_POINTS,
    Named,
)

IMPEDIMENT = Named("[10019]", "Impediment")
RESOLVED_DONE = Change("resolution", None, RESOLUTIONS["Done"])
PEOPLE_PER_SQUAD = 5

_EFFORT = {
    "Story": 1.25,
    "Task": 0.7,
    "Bug": 0.55,
    "Technical Debt": 1.4,
    "Spike": 0.8,
    "Security": 1.0,
    "Experiment": 0.9,
    "Access Request": 0.3,
    "Sub-task": 0.4,
    "Incident": 0.2,
}
"""How much longer or shorter than the usual the work takes."""

_CANCELLATIONS = ("Won't Do", "Won't Do", "Duplicate", "Cannot Reproduce")


def person_value(person: int, name: str) -> Named:
    return Named(f"person-{person}", name)


@dataclass(frozen=True, slots=True)
class Board:
    """The team at work: draws what happens to an issue and writes it into the draft."""

    rng: Random
    calendar: TeamCalendar
    train: ReleaseTrain

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def someone(self, squad: str) -> int:
        return SQUADS.index(squad) * PEOPLE_PER_SQUAD + self.rng.randrange(PEOPLE_PER_SQUAD)

    def run(self, draft: Draft, *, backlog_days: float) -> None:
        """The whole life of an issue, planned as if the world never ended."""
        at = draft.created
        if draft.status is not IN_PROGRESS:
            at = self._wait_in_backlog(draft, backlog_days)
            if self.chance(0.05):
                self.cancel(draft, at)
                return
            at = self._start(draft, at)
        if self.chance(0.03):
            self.cancel(draft, self.calendar.after(at, 30))
            return
        if self.chance(0.012):
            return  # begun, and forgotten on the board
        at = self.carry_through(draft, at)
        release = self.finish(draft, at)
        if self.chance(0.045):
            self._reopen(draft, at, release)
        elif self.chance(0.3):
            draft.move(release.at + timedelta(hours=1), RELEASED, self.someone(draft.squad))

    def _wait_in_backlog(self, draft: Draft, backlog_days: float) -> datetime:
        at = self.calendar.after(draft.created, backlog_days * 24, spread=1.1)
        if self.chance(0.8):
            draft.move(at, READY, self.someone(draft.squad))
            at = self.calendar.after(at, 40)
        return at

    def _start(self, draft: Draft, at: datetime) -> datetime:
        if draft.assignee is not None:
            name = person_value(draft.assignee, "")
            draft.record(at - timedelta(minutes=7), draft.assignee, Change("assignee", None, name))
        draft.move(at, IN_PROGRESS, self.someone(draft.squad))
        return at

    def carry_through(self, draft: Draft, at: datetime) -> datetime:
        """From the start of work to the moment it is ready to be called done."""
        story = self.calendar.story(at)
        at = self._progress(draft, at, story)
        if self.chance(0.92):
            at = self._review(draft, at, story)
        if self.chance(0.74):
            at = self._test(draft, at, story)
        return at

    def _progress(self, draft: Draft, at: datetime, story: Story) -> datetime:
        hours = story.progress_hours * _EFFORT[draft.kind]
        if self.chance(0.09):
            at = self._flag(draft, self.calendar.after(at, hours * 0.4))
        if self.chance(0.06):
            stopped = self.calendar.after(at, hours * 0.5)
            draft.move(stopped, BLOCKED, self.someone(draft.squad))
            at = self.calendar.after(stopped, 45)
            draft.move(at, IN_PROGRESS, self.someone(draft.squad))
        return self.calendar.after(at, hours)

    def _flag(self, draft: Draft, at: datetime) -> datetime:
        person = self.someone(draft.squad)
        draft.record(at, person, Change(FLAGGED, None, IMPEDIMENT))
        if self.chance(0.06):
            return at  # nobody remembered to clear it
        at = self.calendar.after(at, 26)
        draft.record(at, person, Change(FLAGGED, IMPEDIMENT, None))
        return at

    def _review(self, draft: Draft, at: datetime, story: Story) -> datetime:
        draft.move(at, IN_REVIEW, self.someone(draft.squad))
        at = self.calendar.after(at, story.review_hours)
        if self.chance(0.13):
            draft.move(at, IN_PROGRESS, self.someone(draft.squad))
            at = self.calendar.after(at, story.progress_hours * 0.35)
            draft.move(at, IN_REVIEW, self.someone(draft.squad))
            at = self.calendar.after(at, story.review_hours * 0.5)
        return at

    def _test(self, draft: Draft, at: datetime, story: Story) -> datetime:
        draft.move(at, IN_TEST, self.someone(draft.squad))
        at = self.calendar.after(at, story.test_hours)
        if self.chance(0.08):
            draft.move(at, IN_PROGRESS, self.someone(draft.squad))
            at = self.calendar.after(at, story.progress_hours * 0.3)
            draft.move(at, IN_TEST, self.someone(draft.squad))
            at = self.calendar.after(at, story.test_hours * 0.6)
        return at

    def finish(self, draft: Draft, at: datetime, release: Release | None = None) -> Release:
        """Done, resolved, and on the next release, unless somebody forgot to say so."""
        noted = release is not None or (draft.kind != "Sub-task" and self.chance(0.94))
        release = release or self.train.next_after(at)
        person = self.someone(draft.squad)
        draft.move(at, DONE, person, RESOLVED_DONE)
        if noted:
            version = Named(release.id, release.name)
            draft.record(at + timedelta(minutes=2), person, Change("fixVersions", None, version))
        return release

    def _reopen(self, draft: Draft, at: datetime, release: Release) -> None:
        again = self.calendar.after(at, 100)
        person = self.someone(draft.squad)
        back_to = READY if self.chance(0.3) else IN_PROGRESS
        draft.move(again, back_to, person, Change("resolution", RESOLUTIONS["Done"], None))
        if back_to is READY:
            again = self.calendar.after(again, 30)
            draft.move(again, IN_PROGRESS, person)
        if self.chance(0.12):
            return
        once_more = self.calendar.after(again, self.calendar.story(again).progress_hours * 0.5)
        later = self.train.next_after(once_more)
        changes = [RESOLVED_DONE]
        if later.id != release.id and self.chance(0.6):
            changes.append(Change("fixVersions", None, Named(later.id, later.name)))
        draft.move(once_more, DONE, person, *changes)

    def cancel(self, draft: Draft, at: datetime) -> None:
        person = self.someone(draft.squad)
        reason = Change("resolution", None, RESOLUTIONS[self.rng.choice(_CANCELLATIONS)])
        draft.move(at, CANCELLED if self.chance(0.35) else DONE, person, reason)

    def estimate(self, draft: Draft) -> None:
        at = self.calendar.after(draft.created, 20)
        points = str(self.rng.choice((1, 2, 2, 3, 3, 3, 5, 5, 8)))
        draft.record(at, self.someone(draft.squad), Change(STORY_POINTS, None, Named("", points)))
