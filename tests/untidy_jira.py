"""Jira records at random, with every untidiness that real servers send, and some that they should not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from data.model import DeploymentSource
from tests.builders import Changelog, change, epoch_ms, flag_change, jira_text, status, status_change

FIELDS = {
    name: f"customfield_{number}"
    for number, name in enumerate(
        (
            "deployment_date",
            "deployment_successful",
            "target_environment",
            "code_commit_date",
            "deployed_to_production_date",
            "incident_detected_at",
            "incident_resolved_at",
            "production_impact",
            "affected_environment",
            "change_failure",
            "flow_item_type",
            "effort_category",
            "work_started_date",
            "work_completed_date",
            "team",
        ),
        start=10100,
    )
}
"""Where each logical field would live; a case maps some of them."""

DATE_FIELDS = tuple(name for name in FIELDS if name.endswith(("_date", "_at")))
YES_NO_FIELDS = ("deployment_successful", "production_impact", "change_failure")
WORD_FIELDS = {
    "target_environment": ("Production", "prod", "staging"),
    "affected_environment": ("PRODUCTION", "test"),
    "flow_item_type": ("Bug", "Risk", "Sculpture"),
    "effort_category": ("debt", "Story", "Overheads"),
    "team": ("Red", "Green"),
}

WORKFLOW = (
    status("To Do"),
    status("In Progress"),
    status("Review"),
    status("Waiting"),
    status("Blocked"),
    status("Done"),
    status("Released"),
    status("Rejected"),
    status("Review", status_id="20001", category="new"),
    status("Done", status_id="20002", category="new"),
    status("Limbo", status_id="20003", category="undefined"),
    {"id": "20004", "name": "Resolved"},
    {"id": "20005", "name": "Nowhere"},
)
"""Statuses that may occur: two names twice with different categories, one without and one with no known category."""

TYPES = (
    {"id": "1", "name": "Story", "subtask": False},
    {"id": "1", "name": "Story", "subtask": False, "hierarchyLevel": 0},
    {"id": "2", "name": "Bug", "subtask": False},
    {"id": "3", "name": "Incident", "subtask": False},
    {"id": "4", "name": "Epic", "subtask": False},
    {"id": "5", "name": "Sub-task", "subtask": True},
    {"id": "6", "name": "Task", "subtask": False, "hierarchyLevel": -1},
    {"id": "7", "name": "Programme", "subtask": False, "hierarchyLevel": 2},
    {"id": "8", "name": "Sculpture", "subtask": False},
    {"id": "9", "name": "Hotfix", "subtask": False},
    {"id": "10", "name": "Technical Debt", "subtask": False},
)
RESOLUTIONS = ("Fixed", "won't fix", "Duplicate", "Done")
LINK_TYPES = (("is caused by", "causes"), ("Is broken by", "breaks"), ("is blocked by", "blocks"))
VERSION_NAMES = ("1.0", "1.1", "1.1", "Sprint 7", "2.0 Hotfix", "Backlog")


@dataclass
class Site:
    """What the parts of one case share while it is drawn.

    A calm site finishes most of what it starts, half of what a troubled one has are incidents, and a site that delivers
    in one way records it well enough for deployments to be found.
    """

    zone: ZoneInfo
    as_of: datetime
    days: int
    versions: list[dict[str, Any]]
    numbers: list[int]
    calm: bool = False
    troubled: bool = False
    delivers: DeploymentSource | None = None

    def instant(self, dice: Random, *, after: datetime | None = None) -> datetime:
        """An instant around the report: on a grid so that instants coincide, or on the edge of a period or week."""
        begin = after or self.as_of - timedelta(days=2 * self.days)
        if dice.random() < 0.2:
            edge = dice.choice([self.as_of, *self._edges()])
            return max(edge + timedelta(milliseconds=dice.choice([-1, 0, 0, 1])), begin)
        if dice.random() < 0.1:
            return begin + timedelta(days=dice.randint(-60, 10), minutes=37)
        step = timedelta(hours=24 if self.delivers is DeploymentSource.STATUS_ENTRY else 6)
        begin = self.as_of - (self.as_of - begin) // step * step
        minutes = dice.choice([0, 0, 0, 0, 59, 60, 61])
        steps = max(1, (self.as_of - begin) // step)
        return begin + step * dice.randint(0, min(steps, 2 * self.days) + 2) + timedelta(minutes=minutes)

    def _edges(self) -> list[datetime]:
        monday = self.as_of.astimezone(self.zone).date()
        monday -= timedelta(days=monday.weekday() + 7)
        midnight = datetime(monday.year, monday.month, monday.day, tzinfo=self.zone).astimezone(UTC)
        return [midnight, *(self.as_of - timedelta(days=n * self.days) for n in range(3))]

    def written(self, dice: Random) -> Any:
        """An instant in any of the forms that Jira's answers have."""
        when = self.instant(dice)
        milliseconds = epoch_ms(when)
        forms: list[Any] = [milliseconds, str(milliseconds), milliseconds // 1000]
        forms += [when.astimezone(self.zone).isoformat(), when.date().isoformat()]
        return dice.choice([jira_text(when), *forms])


def some(dice: Random, options: Sequence[Any], most: int) -> list[Any]:
    return dice.sample(options, dice.randint(0, min(most, len(options))))


def _named_status(dice: Random, entry: dict[str, Any]) -> dict[str, Any]:
    """A status as a history names it: mostly in full, now and then by one half, or by an id nobody lists."""
    full = {"id": entry["id"], "name": entry["name"]}
    if dice.random() < 0.85:
        return full
    return full | dice.choice([{"id": None}, {"name": None}, {"id": "404"}, {"name": "An older name"}])


def _any_status(dice: Random) -> dict[str, Any]:
    likely = [(0, 15), (1, 30), (2, 10), (3, 6), (4, 6), (5, 30), (6, 8), (7, 6)]
    odd = [(number, 1) for number in range(8, len(WORKFLOW))]
    numbers, weights = zip(*likely, *odd, strict=True)
    return WORKFLOW[dice.choices(numbers, weights)[0]]


def _steady_changes(dice: Random, site: Site, created: datetime) -> tuple[list[Any], dict[str, Any] | None]:
    """Begun, perhaps flagged for some whiles, and finished within the period or the one before it."""
    begun = site.instant(dice, after=max(created, site.as_of - timedelta(days=dice.choice([1, 2]) * site.days)))
    finished = max(begun, min(site.as_of, begun + timedelta(hours=dice.randint(0, 20 * site.days))))
    if dice.random() < (0.7 if site.delivers is DeploymentSource.STATUS_ENTRY else 0.2):
        finished = max(begun, site.instant(dice, after=begun))
    changes = [(begun, [status_change(WORKFLOW[0], WORKFLOW[1])])]
    if dice.random() < 0.5:
        switches = sorted(begun + (finished - begun) * dice.random() for _ in range(dice.choice([1, 2, 3, 4, 5])))
        switches.append(finished)
        changes += [(when, [flag_change(raised=n % 2 == 0)]) for n, when in enumerate(switches)]
    if dice.random() < 0.1:
        wont_fix = "2", "Won't Fix"
        changes.append((begun, [change("resolution", (None, None), wont_fix)]))
        changes.append((finished, [change("resolution", wont_fix, (None, ""))]))
    return [*changes, (finished, [status_change(WORKFLOW[1], WORKFLOW[5])])], WORKFLOW[5]


def _changes(dice: Random, site: Site, created: datetime | None) -> tuple[list[Any], dict[str, Any] | None]:
    """Dated changes and the status they end in, which is None when no status change was recorded."""
    count = dice.choice([0, 1, 2, 2, 3, 3, 4, 6])
    begun = created or site.as_of - timedelta(days=site.days)
    whens = sorted(site.instant(dice, after=begun) for _ in range(count))
    delivered = dice.random() < 0.5
    before = _any_status(dice) if dice.random() < 0.3 else WORKFLOW[0]
    last = None
    changes = []
    for when in whens:
        what = dice.choices(["status", "flag", "unflag", "resolution", "noise"], [14, 3, 3, 2, 1])[0]
        if what == "status":
            last = WORKFLOW[5] if delivered and when == whens[-1] else _any_status(dice)
            said = before if dice.random() < 0.8 else _any_status(dice)
            items = [status_change(_named_status(dice, said), _named_status(dice, last))]
            before = last
        elif what == "resolution":
            words = [None, "", *RESOLUTIONS]
            items = [change("resolution", (None, dice.choice(words)), ("1", dice.choice(words)))]
        elif what == "noise":
            items = [change("labels", (None, "old"), (None, "new"))]
        else:
            items = [flag_change(raised=what == "flag")]
        changes.append((when, items))
    return changes, last


def _changelog(dice: Random, site: Site, changes: list[Any]) -> dict[str, Any]:
    """The `changelog` member of an issue in any of the shapes seen, also missing or empty of meaning."""
    if dice.random() < 0.15:
        return dice.choice([{}, {}, {"changelog": None}, {"changelog": {"total": 0}}])
    odd: list[dict[str, Any]] = [
        {"id": "1", "created": jira_text(site.instant(dice))},
        {"id": "2", "created": "yesterday", "items": [status_change(WORKFLOW[0], WORKFLOW[5])]},
        {"created": jira_text(site.instant(dice)), "items": None},
    ]
    merged: dict[datetime, list[Any]] = {}
    for when, items in changes:
        merged.setdefault(when, []).extend(items)
    shape = Changelog(
        newest_first=dice.random() < 0.4,
        field_ids=dice.random() < 0.8,
        authors=dice.random() < 0.8,
        ids=len(merged) < len(changes) or dice.random() < 0.7,
        created=dice.choices(["text", "ms", "s"], [6, 2, 1])[0],
        extra=tuple(some(dice, odd, 1)),
    )
    written = shape.write(changes if shape.ids else merged.items())
    if dice.random() < 0.04:
        cut = dice.choice([slice(1, None), slice(None, -1), slice(2, -1)])
        written["histories"] = written["histories"][cut]
    return {"changelog": written}


def _word_shape(dice: Random, word: str) -> Any:
    return dice.choice([word, {"value": word, "id": "1"}, {"name": word}, [{"value": word}], ["of no note", word]])


def _custom_fields(dice: Random, site: Site) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    deploys = site.delivers is DeploymentSource.DEPLOYMENT_ISSUES and dice.random() < 0.3
    for name in [*some(dice, DATE_FIELDS, 3), *([DATE_FIELDS[0]] if deploys else [])]:
        fields[FIELDS[name]] = dice.choice(["", "soon", None]) if dice.random() < 0.15 else site.written(dice)
    for name in some(dice, YES_NO_FIELDS, 2):
        answers = [True, False, "Yes", " no ", "FAILED", 0, 1, {"value": "No"}, {"value": "Yes"}, {}, "", [], None]
        fields[FIELDS[name]] = dice.choice(answers)
    for name in [*some(dice, list(WORD_FIELDS), 2), *(["target_environment"] if deploys else [])]:
        fields[FIELDS[name]] = _word_shape(dice, dice.choice(WORD_FIELDS[name]))
    return fields


def _version_entries(dice: Random, site: Site) -> list[dict[str, Any]]:
    """How an issue names versions: in full, as they were once, by name alone, or ones that no list knows."""
    known = [{k: v for k, v in entry.items() if k != "projectId"} for entry in site.versions]
    if known and dice.random() < 0.15:
        stale = version(dice, site.as_of, site.days, 0)
        known[0] |= {name: stale[name] for name in some(dice, ["name", "released"], 2)}
        known[0] |= {"releaseDate": stale.get("releaseDate")} if dice.random() < 0.5 else {}
    unlisted = {"id": "900", "name": "0.9", "released": True, "releaseDate": site.as_of.date().isoformat()}
    return some(dice, [*known, *known, *known, unlisted, {"name": "1.0"}, {"name": "Unheard of"}, {}], 2)


def _link(dice: Random, site: Site, own: int) -> dict[str, Any]:
    number = dice.choice([other for other in (*site.numbers, 404) if other != own])
    inward, outward = dice.choice(LINK_TYPES)
    named = {"id": str(number), "key": f"EX-{number}"}
    end = dice.choice([named, named, {"id": str(number)}, {"key": f"EX-{number}"}])
    kind = {"name": "Problem", "inward": inward, "outward": outward}
    return {"type": kind, dice.choice(["inwardIssue", "outwardIssue"]): end}


def _move(number: int) -> list[dict[str, Any]]:
    """From another project, where the issue had another key."""
    key = change("Key", (None, f"WY-{number}"), (None, f"EX-{number}"))
    return [change("project", ("2", "Why"), ("1", "Example")), key]


def _issue(dice: Random, site: Site, number: int) -> dict[str, Any]:
    created = site.instant(dice) if dice.random() < 0.95 else None
    steady = site.calm or site.troubled
    if steady and created is not None and dice.random() < 0.9:
        changes, last = _steady_changes(dice, site, created)
    else:
        changes, last = _changes(dice, site, created)
    if dice.random() < 0.06:
        changes.append((site.instant(dice, after=created), _move(number)))
    resolved = jira_text(site.instant(dice, after=created)) if dice.random() < 0.5 else None
    usual = ([TYPES[0]] * 40 if site.calm else []) + ([TYPES[3]] * 30 if site.troubled else [])
    fields = {
        "issuetype": dice.choice([*TYPES[:4], *TYPES[:4], *TYPES, *usual]),
        "status": last or _any_status(dice),
        "created": jira_text(created) if created else dice.choice([None, "long ago"]),
        "updated": jira_text(site.instant(dice)),
        "resolution": {"name": dice.choice(RESOLUTIONS)} if dice.random() < 0.2 else None,
        "resolutiondate": resolved,
        "fixVersions": _version_entries(dice, site),
        "versions": _version_entries(dice, site) + (some(dice, site.versions, 2) if site.troubled else []),
        "issuelinks": [_link(dice, site, number) for _ in range(dice.choice([0, 0, 1, 2]))],
        "labels": dice.choice([[], [], ["rollback"], ["outage", "other"]]),
        "components": dice.choice([[], [{"id": "1", "name": "Billing"}]]),
        "priority": dice.choice([None, {"name": "Highest"}]),
        "project": dice.choice([{"id": "1", "key": "EX"}] * 3 + [{"id": "2", "key": "WY"}, None]),
        "summary": dice.choice(["Ordinary work", "Emergency patch"]),
    }
    built = {"id": str(number), "key": f"EX-{number}", "fields": fields | _custom_fields(dice, site)}
    built |= _changelog(dice, site, changes)
    return built | {"former_keys": [f"WY-{number}"]} if dice.random() < 0.04 else built


_MALFORMED: tuple[Any, ...] = (
    None,
    "not an issue",
    {},
    {"fields": {}},
    {"id": "70", "fields": None},
    {"key": "EX-71"},
    {"id": "72", "key": "EX-72", "fields": []},
)


def version(dice: Random, as_of: datetime, days: int, number: int) -> dict[str, Any]:
    day = as_of.date() + timedelta(days=dice.randint(-2 * days, 2))
    dated = dice.choice([day.isoformat()] * 8 + [None, epoch_ms(as_of - timedelta(days=2, hours=1)), "?"])
    built = {"id": str(number), "name": dice.choice(VERSION_NAMES), "released": dice.random() < 0.85}
    built |= {} if dated is None else {"releaseDate": dated}
    return built | dice.choice([{}, {}, {"projectId": 1}, {"projectId": "2"}])


_JUNK: tuple[Any, ...] = (None, "", "text", 7, 0.5, True, [], {}, [None, "text", 7], {"name": None}, {"id": 5})


def _spoil(dice: Random, record: dict[str, Any]) -> None:
    """Put something that Jira would not send where a field, or a part of the history, should be."""
    fields = record["fields"]
    histories = (record.get("changelog") or {}).get("histories")
    if histories and dice.random() < 0.4:
        history = dice.choice(histories)
        items = history.get("items")
        spoilt = dice.choice(items) if items and dice.random() < 0.6 else history
        spoilt[dice.choice(sorted(spoilt))] = dice.choice(_JUNK)
        histories.append(dice.choice(_JUNK))
    else:
        fields[dice.choice(sorted(fields))] = dice.choice(_JUNK)


def records(site: Site, each: list[Random], dice: Random) -> list[Any]:
    """All records of an answer: the issues, now and then one that is none, or a second record of an issue."""
    answer: list[Any] = [_issue(own, site, number) for own, number in zip(each, site.numbers, strict=True)]
    for record in answer:
        if dice.random() < 0.08:
            _spoil(dice, record)
    if answer and dice.random() < 0.3:
        answer.append(_issue(dice, site, site.numbers[0]))
        if dice.random() < 0.3:
            answer[-1]["key"] = f"WY-{site.numbers[0]}"
    if len(answer) > 1 and dice.random() < 0.1:
        del answer[1]["id"]
        answer[1]["key"] = "EX-700"
    if dice.random() < 0.2:
        answer.append(dice.choice(_MALFORMED))
    dice.shuffle(answer)
    return answer
