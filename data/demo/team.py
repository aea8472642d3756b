"""A made-up delivery team, drawn from a seed: eighteen months of work, releases and incidents that end at `as_of`.

The same seed and `as_of` give the same bytes. A different `as_of` shifts the whole world: everything is counted
back from it, and only office hours and week ends make the shifted days differ in detail.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from data.demo.site import Account, JsonObject, Site
from data.demo.team_boards import boards, put_into_sprints, sprints_json
from data.demo.team_calendar import ReleaseTrain, TeamCalendar
from data.demo.team_draft import Draft, Lookups, issue_json
from data.demo.team_incidents import incidents
from data.demo.team_oddities import add_oddities, previous_keys
from data.demo.team_words import COMPONENTS, EPICS, LABELS, PEOPLE, SQUADS, sentence
from data.demo.team_work import Board
from data.demo.team_workflow import (
    BACKLOG,
    EPIC_LINK,
    FIELDS,
    FOREIGN_STATUSES,
    IN_PROGRESS,
    ISSUE_TYPES,
    PRIORITIES,
    PRODUCTION_IMPACT,
    PROJECT,
    RESOLUTIONS,
    STATUSES,
    TIMEZONE,
)

DEMO_SEED = 7
_KINDS = ("Story", "Task", "Bug", "Technical Debt", "Spike", "Security", "Experiment", "Access Request")
_SHARES = (38, 16, 22, 10, 4, 8, 1, 1)
_FIRST_HISTORY_ID = 300_000


def demo_site(seed: int = DEMO_SEED, as_of: datetime | None = None) -> Site:
    """The whole team as a Jira site; without `as_of` its world ends at noon (UTC) on 28 February 2026."""
    end = as_of or datetime(2026, 2, 28, 12, tzinfo=UTC)
    if end.tzinfo is None:
        raise ValueError("as_of must be an aware datetime, for example datetime(2026, 1, 31, tzinfo=UTC)")
    rng = Random(seed)  # noqa: S311 - a story, not a secret
    calendar = TeamCalendar(rng, end, TIMEZONE)
    board = Board(rng, calendar, ReleaseTrain(calendar))
    drafts = _everything(board)
    for number, draft in enumerate(drafts, start=1):
        draft.number = number
    people = _people()
    lookups = Lookups(
        people=people,
        versions={version["id"]: version for version in board.train.versions_json()},
        sprints={str(sprint["id"]): sprint for sprint in sprints_json(calendar)},
    )
    return _site(seed, board, drafts, lookups)


def _everything(board: Board) -> list[Draft]:
    epics = _epics(board)
    work = _work(board, epics)
    out_of_production = incidents(board, work)
    subtasks = _subtasks(board, work)
    drafts = [*epics, *work, *out_of_production, *subtasks]
    add_oddities(board, drafts)
    put_into_sprints(board, work)
    as_of = board.calendar.as_of
    drafts = sorted((draft for draft in drafts if draft.created <= as_of), key=lambda draft: draft.created)
    for draft in drafts:
        draft.cut(as_of)
        draft.links = [link for link in draft.links if link[2].created <= as_of]
    return drafts


def _epics(board: Board) -> list[Draft]:
    drafts = []
    for number, title in enumerate(EPICS):
        created = board.calendar.working(board.calendar.start + timedelta(weeks=5 * number, hours=3))
        draft = Draft("Epic", title, created, BACKLOG, squad=SQUADS[number % len(SQUADS)], reporter=number)
        begun = board.calendar.after(created, 90)
        draft.move(begun, IN_PROGRESS, board.someone(draft.squad))
        if number < len(EPICS) - 4:
            board.finish(draft, board.calendar.after(begun, 24 * 70, spread=0.2))
        drafts.append(draft)
    return drafts


def _work(board: Board, epics: list[Draft]) -> list[Draft]:
    drafts: list[Draft] = []
    calendar = board.calendar
    day = calendar.start
    while day <= calendar.as_of:
        if day.astimezone(calendar.zone).weekday() < 5:
            for _ in range(_how_many(board, calendar.story(day).arrivals)):
                morning = calendar.at(calendar.day(day), 8, board.rng.randrange(600))
                drafts.append(_one(board, morning, epics))
        day += timedelta(days=1)
    return drafts


def _how_many(board: Board, mean: float) -> int:
    return sum(board.chance(mean / 8) for _ in range(8))


def _one(board: Board, created: datetime, epics: list[Draft]) -> Draft:
    rng = board.rng
    kind = rng.choices(_KINDS, _SHARES)[0]
    squad = rng.choice(SQUADS)
    straight_in = board.chance(0.04)
    draft = Draft(
        kind=kind,
        summary=sentence(kind, squad, rng.randrange(10_000)),
        created=created,
        status=IN_PROGRESS if straight_in else BACKLOG,
        squad=squad,
        reporter=rng.randrange(len(PEOPLE)),
        assignee=board.someone(squad),
        priority=rng.choices(list(PRIORITIES.values()), (3, 18, 55, 20, 4))[0] if board.chance(0.97) else None,
        component=rng.choice(COMPONENTS) if board.chance(0.8) else "",
        labels=[rng.choice(LABELS)] if board.chance(0.25) else [],
    )
    recent = [epic for epic in epics if epic.created < created]
    if recent and kind in {"Story", "Technical Debt"} and board.chance(0.8):
        draft.parent = rng.choice(recent[-5:])
    urgent = kind == "Bug" and board.chance(0.04)
    if kind == "Bug" and (urgent or board.chance(0.05)):
        draft.values[PRODUCTION_IMPACT] = {"id": "10701" if urgent else "10702", "value": "Yes" if urgent else "No"}
    if board.chance(0.7):
        board.estimate(draft)
    board.run(draft, backlog_days=0.2 if urgent else 2.5 if kind == "Bug" else 9)
    return draft


def _subtasks(board: Board, work: list[Draft]) -> list[Draft]:
    drafts: list[Draft] = []
    for parent in work:
        begun = parent.entered(IN_PROGRESS)
        if parent.kind != "Story" or begun is None or not board.chance(0.16):
            continue
        for _ in range(board.rng.randrange(1, 4)):
            created = board.calendar.after(begun, 3)
            summary = sentence("Sub-task", parent.squad, 8 * board.rng.randrange(6))
            draft = Draft("Sub-task", summary, created, BACKLOG, squad=parent.squad, reporter=parent.reporter)
            draft.parent = parent
            started = board.calendar.after(created, 10)
            draft.move(started, IN_PROGRESS, board.someone(draft.squad))
            board.finish(draft, board.calendar.after(started, 14))
            drafts.append(draft)
    return drafts


def _people() -> tuple[JsonObject, ...]:
    return tuple(
        {
            "accountId": str(UUID(int=0x5EA_0000_0000_0000 + number)),
            "displayName": name,
            "active": number % 7 != 6,
            "timeZone": TIMEZONE,
            "accountType": "atlassian",
        }
        for number, name in enumerate(PEOPLE)
    )


def _site(seed: int, board: Board, drafts: list[Draft], lookups: Lookups) -> Site:
    ids = _history_ids(drafts)
    issues = tuple(issue_json(draft, ids[draft], lookups) for draft in drafts)
    for draft, issue in zip(drafts, issues, strict=True):
        if draft.parent is not None and draft.kind == "Sub-task":
            issues[draft.parent.number - 1]["fields"]["subtasks"].append(draft.brief())
        elif draft.parent is not None:
            issue["fields"][EPIC_LINK] = draft.parent.key
    return Site(
        name="Marram Ferries (demo)",
        cloud_id=str(UUID(int=0x5EA_C10D << 64 | seed)),
        account=Account("demo-reader", "reader", "Demo Reader", "reader@marram.example", TIMEZONE),
        projects=(PROJECT,),
        issues=issues,
        versions=tuple(lookups.versions.values()),
        statuses=(*(status.status_json() for status in STATUSES), *FOREIGN_STATUSES),
        fields=FIELDS,
        issue_types=tuple(ISSUE_TYPES.values()),
        priorities=tuple({"id": value.id, "name": value.name} for value in PRIORITIES.values()),
        resolutions=tuple({"id": value.id, "name": value.name} for value in RESOLUTIONS.values()),
        boards=boards(board.calendar),
        previous_keys=previous_keys(drafts),
        as_of=board.calendar.as_of,
    )


def _history_ids(drafts: list[Draft]) -> dict[Draft, list[int]]:
    """History ids grow with time over the whole site, as a database would hand them out."""
    ids: dict[Draft, list[int]] = {draft: [] for draft in drafts}
    order = sorted((event.at, draft.number, n) for draft in drafts for n, event in enumerate(draft.events))
    for identity, (_, number, _) in enumerate(order, start=_FIRST_HISTORY_ID):
        ids[drafts[number - 1]].append(identity)
    return ids
