"""How often what the definitions name occurs in the generated histories: `python -m tests.property.occurrences`.

A property test proves nothing about what its examples do not contain. Each situation is told from a case by what the
slow reference reads in it, so that a generator that no longer makes it is noticed.
"""
# ruff: noqa: T201 - it prints what it counts

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

from data.filters import Filters
from data.model import DeploymentSource, StatusCategory
from tests.property.differential import seeded
from tests.reference.deployments import Delivery, deliver, fix_versions, same_version
from tests.reference.fields import fold, objects, text_id
from tests.reference.incidents import Incident, read_incidents
from tests.reference.instants import duration
from tests.reference.issues import Item
from tests.reference.roles import Role, is_flow_item, issue_type
from tests.reference.statuses import Status
from tests.reference.world import World, read_world
from tests.strategies import Case


class Seen:
    """A case and what the reference reads in it."""

    def __init__(self, case: Case, asked: Filters | None = None) -> None:
        self.case = case
        self.rules, self.as_of = case.rules, case.as_of
        self.world: World = case.call(read_world, filters=asked)
        self.alive = [item for item in self.world.items if item.created is not None and item.created <= self.as_of]
        self.flow = [item for item in self.alive if is_flow_item(item)]

    @cached_property
    def delivery(self) -> Delivery:
        return deliver(self.world)

    @cached_property
    def incidents(self) -> list[Incident]:
        return read_incidents(self.world, self.delivery)

    @cached_property
    def lives(self) -> list[tuple[Item, datetime, datetime]]:
        """Flow items with a start and a finish, in that order."""
        told = [(item, item.started(self.as_of), item.finished(self.as_of)) for item in self.flow]
        return [(item, start, end) for item, start, end in told if start and end and start <= end]

    @cached_property
    def edges(self) -> list[datetime]:
        return [self.as_of - timedelta(days=n * self.case.days) for n in range(3)]

    @cached_property
    def finished(self) -> tuple[int, int]:
        """How many lives end in the period, and how many in the one before it."""
        now, before = (sum(since < end <= until for _, _, end in self.lives) for until, since in pairwise(self.edges))
        return now, before

    def instants(self) -> Iterator[datetime]:
        """What a period is asked about: finishes, deployments, recoveries."""
        yield from (end for _, _, end in self.lives)
        yield from (deployment.at for deployment in self.delivery.deployments)
        yield from (incident.resolved for incident in self.incidents if incident.resolved)

    def path(self, item: Item) -> list[StatusCategory | None]:
        return [item.team.book.category(status) for _, status in item.entries(self.as_of)]

    def histories(self) -> Iterator[dict[str, Any]]:
        for item in self.world.items:
            changelog = item.raw.get("changelog")
            yield from objects(changelog.get("histories") if isinstance(changelog, dict) else None)

    def offset(self, when: datetime) -> timedelta | None:
        return when.astimezone(self.world.zone).utcoffset()


def _reopened(seen: Seen, items: list[Item]) -> list[list[bool]]:
    """For each issue that left done: whether it was done, entry by entry."""
    paths = [[category == StatusCategory.DONE for category in seen.path(item)] for item in items]
    return [done for done in paths if (True, False) in pairwise(done)]


def _crosses_a_clock_change(seen: Seen) -> bool:
    return any(seen.offset(start) != seen.offset(end) for _, start, end in seen.lives)


def _over_a_holiday(seen: Seen) -> bool:
    calendar = seen.rules.working_calendar
    days = calendar.holidays if calendar else frozenset()
    zone = seen.world.zone
    return any(
        start.astimezone(zone).date() <= day <= end.astimezone(zone).date()
        for _, start, end in seen.lives
        for day in days
    )


def _less_by_a_calendar(seen: Seen) -> bool:
    with_calendar = seen.rules.working_calendar is not None
    return with_calendar and any(duration(start, end, seen.rules) < end - start for _, start, end in seen.lives)


def _flagged(seen: Seen, times: int) -> bool:
    return any(len(item.flagged_spans(end)) >= times for item, _, end in seen.lives)


def _flag_never_cleared(seen: Seen) -> bool:
    return any(item.flags and item.flags[-1][1] and item.flags[-1][0] < end for item, _, end in seen.lives)


def _older_status_name(seen: Seen) -> bool:
    def renamed(item: Item, status: Status) -> bool:
        name = item.team.book.name_of(status)
        return bool(status.id and status.name and name) and fold(status.name) != fold(name)

    return any(renamed(item, status) for item in seen.alive for _, status in item.moves)


def _equal_names(seen: Seen) -> bool:
    """One name for two statuses that the issues have been in, of different categories."""
    met: dict[str, set[StatusCategory | None]] = {}
    for item in seen.alive:
        for _, status in item.entries(seen.as_of):
            name = item.team.book.name_of(status)
            if name and status.id:
                met.setdefault(fold(name), set()).add(item.team.book.category(status))
    return any(len(categories) > 1 for categories in met.values())


def _moved(seen: Seen) -> bool:
    changed = [change.get("field") for history in seen.histories() for change in objects(history.get("items"))]
    return "Key" in changed


def _cut_history(seen: Seen) -> bool:
    logs = [item.raw.get("changelog") for item in seen.alive if item.has_history]
    return any(isinstance(log.get("total"), int) and log["total"] > len(log["histories"]) for log in logs if log)


def _at_one_instant(seen: Seen) -> bool:
    return any(a == b for item in seen.alive for (a, _), (b, _) in pairwise(item.moves))


def _born_done(seen: Seen, *, resolved: bool) -> bool:
    born = [item for item in seen.flow if item.has_history and set(seen.path(item)) == {StatusCategory.DONE}]
    return any((item.finished(seen.as_of) != item.created) is resolved for item in born)


def _other_instant(seen: Seen) -> bool:
    """A change whose own date of deployment is not that of its deployment."""
    for deployment in seen.delivery.deployments:
        own = [item.field_instant("deployed_to_production_date", seen.as_of) for item in deployment.belongs]
        if any(when and when != deployment.at for when in own):
            return True
    return False


def _carried_twice(seen: Seen) -> bool:
    releases = [deployment.version for deployment in seen.delivery.deployments if deployment.version]
    carried = [[v for v in releases if any(same_version(v, own) for own in fix_versions(i))] for i in seen.alive]
    return any(len(several) > 1 for several in carried)


def _stale_version(seen: Seen) -> bool:
    """A version that an issue still describes as it was before it was moved, undone or renamed."""
    now = {text_id(version.get("id")): _told(version) for version in objects(seen.case.versions)}
    named = [entry for item in seen.alive for entry in fix_versions(item) if text_id(entry.get("id")) in now]
    return any(_told(entry) != now[text_id(entry.get("id"))] for entry in named)


def _told(version: dict[str, Any]) -> list[Any]:
    return [version.get(part) for part in ("name", "released", "releaseDate")]


def _undone(seen: Seen) -> bool:
    today = seen.as_of.date().isoformat()
    dated = [v for v in objects(seen.case.versions) if isinstance(v.get("releaseDate"), str)]
    return any(v.get("released") is not True and v["releaseDate"] < today for v in dated)


def _split_by_the_filter(seen: Seen) -> bool:
    if not seen.world.filters:
        return False
    return len({seen.world.counts(item) for item in seen.alive}) == 2


def _resolution_taken_back(seen: Seen) -> bool:
    return any(
        (before, after) == (True, False)
        for item in seen.flow
        for before, after in pairwise(item.is_cancelled(when) for when, _, _ in item.resolutions)
    )


def _cancelled_by(seen: Seen, *, status: bool) -> bool:
    words = seen.rules.cancelled_statuses
    for item in seen.flow:
        now = item.status(seen.as_of)
        in_one = now is not None and item.is_in(now, words)
        if item.is_cancelled(seen.as_of) and in_one is status:
            return True
    return False


def _in_use(seen: Seen, source: DeploymentSource) -> bool:
    return seen.delivery.source is source and bool(seen.delivery.deployments)


def _chained(seen: Seen) -> bool:
    return any(len(deployment.entering) > 1 for deployment in seen.delivery.deployments)


def _caused(seen: Seen, way: str) -> bool:
    return any(incident.cause is not None and incident.way == way for incident in seen.incidents)


def _same_day(seen: Seen) -> bool:
    if seen.delivery.source is not DeploymentSource.RELEASES:
        return False
    days = {deployment.at.astimezone(seen.world.zone).date() for deployment in seen.delivery.deployments}
    return any(
        incident.detected and incident.detected.astimezone(seen.world.zone).date() in days
        for incident in seen.incidents
    )


def _negative(seen: Seen) -> bool:
    told = [(item.started(seen.as_of), item.finished(seen.as_of)) for item in seen.flow]
    return any(start and end and end < start for start, end in told)


def _subtask_counted(seen: Seen) -> bool:
    work = [item for item in seen.world.items if seen.world.role(item) is Role.WORK_ITEM]
    return any(issue_type(item).get("subtask") is True for item in work)


def _two_records(seen: Seen) -> bool:
    ids = Counter(str(record.get("id")) for record in seen.case.issues if isinstance(record, dict) and record.get("id"))
    return any(count > 1 for count in ids.values())


def _two_keys(seen: Seen) -> bool:
    told = {(str(r.get("id")), r.get("key")) for r in seen.case.issues if isinstance(r, dict) and r.get("id")}
    return len({identity for identity, _ in told}) < len(told)


OCCURRENCES: dict[str, Callable[[Seen], bool]] = {
    "no issue at all": lambda seen: not seen.world.items,
    "issues, but none finished in the period": lambda seen: bool(seen.flow) and not seen.finished[0],
    "six or more finished in the period": lambda seen: seen.finished[0] >= 6,
    "five or more in this period and in the one before": lambda seen: min(seen.finished) >= 5,
    "a duration over a clock change of the zone": _crosses_a_clock_change,
    "a working calendar that takes hours off": _less_by_a_calendar,
    "a working calendar over a clock change": lambda seen: _less_by_a_calendar(seen) and _crosses_a_clock_change(seen),
    "a holiday within a duration": _over_a_holiday,
    "a flag raised twice before the finish": lambda seen: _flagged(seen, 2),
    "a flag never cleared": _flag_never_cleared,
    "a finished item reopened": lambda seen: bool(_reopened(seen, seen.flow)),
    "reopened and finished again": lambda seen: any(done[-1] for done in _reopened(seen, seen.flow)),
    "reopened twice": lambda seen: any(
        list(pairwise(done)).count((True, False)) > 1 for done in _reopened(seen, seen.flow)
    ),
    "a reopened incident": lambda seen: bool(_reopened(seen, [one.item for one in seen.incidents])),
    "from done to done": lambda seen: any(
        (StatusCategory.DONE,) * 2 in pairwise(seen.path(item)) for item in seen.flow
    ),
    "a status known by an older name": _older_status_name,
    "one name for statuses of two categories": _equal_names,
    "an unmapped status": lambda seen: any(item.has_unmapped_status(seen.as_of) for item in seen.flow),
    "no history delivered": lambda seen: any(not item.has_history for item in seen.flow),
    "a history cut short": _cut_history,
    "two status changes at one instant": _at_one_instant,
    "a move to another project": _moved,
    "two records of an issue": _two_records,
    "two records of an issue under two keys": _two_keys,
    "created done, finished at its resolution": lambda seen: _born_done(seen, resolved=True),
    "created done, finished at its creation": lambda seen: _born_done(seen, resolved=False),
    "an end before its start": _negative,
    "a sub-task left out": lambda seen: Role.SUBTASK in seen.world.roles.values(),
    "a sub-task counted": _subtask_counted,
    "an epic or above": lambda seen: Role.CONTAINER in seen.world.roles.values(),
    "cancelled by its status": lambda seen: _cancelled_by(seen, status=True),
    "cancelled by its resolution": lambda seen: _cancelled_by(seen, status=False),
    "a cancelling resolution taken back": _resolution_taken_back,
    "a filter that parts the issues": _split_by_the_filter,
    "a change after the report": lambda seen: any(when > seen.as_of for item in seen.alive for when, _ in item.moves),
    "created after the report": lambda seen: any(i.created and i.created > seen.as_of for i in seen.world.items),
    **{
        f"an instant on the {name}": lambda seen, n=n: seen.edges[n] in set(seen.instants())
        for n, name in enumerate(("end of the period", "start of the period", "start of the one before"))
    },
    "an instant at midnight of a Monday": lambda seen: bool(
        {week.start for week in seen.world.weeks} & set(seen.instants())
    ),
    **{f"deployments from {source}": lambda seen, source=source: _in_use(seen, source) for source in DeploymentSource},
    "no deployment at all": lambda seen: not seen.delivery.deployments,
    "a pinned source": lambda seen: seen.rules.deployment_source is not None,
    "several entries in one deployment": _chained,
    "a release undone": _undone,
    "an issue's stale word of a release": _stale_version,
    "a version that is no release": lambda seen: any(r.value == "not_a_release" for r in seen.delivery.refused),
    "a release without a date": lambda seen: any(r.value == "no_date" for r in seen.delivery.refused),
    "an issue carried by two releases": _carried_twice,
    "a change with its own date of deployment": _other_instant,
    **{
        f"an incident's cause: {way}": lambda seen, way=way: _caused(seen, way)
        for way in ("by hand", "linked", "version", "window")
    },
    "an incident without a cause": lambda seen: any(
        i.cause is None and i.detected and not i.cancelled for i in seen.incidents
    ),
    "an open incident": lambda seen: any(i.resolved is None and not i.cancelled for i in seen.incidents),
    "a cancelled incident": lambda seen: any(i.cancelled for i in seen.incidents),
    "an incident on the day of a release": _same_day,
    "recoveries in the period, five or more": lambda seen: (
        sum(1 for i in seen.incidents if i.cause and i.resolved and seen.edges[1] < i.resolved <= seen.edges[0]) >= 5
    ),
}


def count(seeds: range) -> Counter[str]:
    """In how many cases each situation occurs."""
    found: Counter[str] = Counter(dict.fromkeys(OCCURRENCES, 0))
    for seed in seeds:
        seen = Seen(*seeded(seed))
        found.update(name for name, occurs in OCCURRENCES.items() if occurs(seen))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--histories", type=int, default=2_000)
    asked = parser.parse_args()
    for name, number in count(range(asked.first, asked.first + asked.histories)).items():
        print(f"{number:6}  {100 * number / asked.histories:5.1f} %  {name}")


if __name__ == "__main__":
    main()
