"""Random teams, rules and Jira histories for property tests, with every untidiness that real servers send."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from data.model import (
    DEFAULT_FLOW_KINDS,
    DeploymentSource,
    FlowKind,
    IncidentCondition,
    StatusCategory,
    TeamRules,
    WorkingCalendar,
)
from tests.builders import Changelog, change, epoch_ms, flag_change, jira_text, status, status_change

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata")
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
REPORT_DAYS = (
    date(2025, 3, 30),
    date(2025, 10, 26),
    date(2025, 3, 10),
    date(2024, 4, 7),
    date(2025, 1, 1),
    date(2025, 6, 16),
)
"""Clock changes in three of the zones, a new year, and a Monday."""

LINK_TYPES = (("is caused by", "causes"), ("Is broken by", "breaks"), ("is blocked by", "blocks"))
VERSION_NAMES = ("1.0", "1.1", "1.1", "Sprint 7", "2.0 Hotfix", "Backlog")


@dataclass
class Case:
    """One call of a metric: every argument it takes."""

    issues: list[Any]
    field_mappings: dict[str, str]
    days: int
    as_of: datetime
    rules: TeamRules = field(default_factory=TeamRules)
    versions: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def call(self, metric: Callable[..., Any], **changed: Any) -> Any:
        """A metric, or its reference, asked with this case's arguments but for those changed."""
        days = changed.pop("days", self.days)
        issues, extras = self._extras(changed)
        return metric(issues, self.field_mappings, days, **extras)

    def read(self, reader: Callable[..., Any], **changed: Any) -> Any:
        """The same without a period: what is read once and then measured many times."""
        issues, extras = self._extras(changed)
        return reader(issues, self.field_mappings, **extras)

    def _extras(self, changed: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        extras = {
            "as_of": self.as_of,
            "rules": self.rules,
            "versions": self.versions,
            "statuses": self.statuses,
            "events": self.events,
        }
        return changed.pop("issues", self.issues), extras | changed


@dataclass
class _Site:
    """What the parts of one case share while it is drawn."""

    zone: ZoneInfo
    as_of: datetime
    days: int
    versions: list[dict[str, Any]]
    numbers: list[int]

    def instant(self, dice: Random, *, after: datetime | None = None) -> datetime:
        """An instant around the report: on a grid so that instants coincide, or on the edge of a period or week."""
        begin = after or self.as_of - timedelta(days=2 * self.days)
        if dice.random() < 0.12:
            edge = dice.choice(self._edges())
            return max(edge + timedelta(milliseconds=dice.choice([-1, 0, 1])), begin)
        if dice.random() < 0.1:
            return begin + timedelta(days=dice.randint(-60, 10), minutes=37)
        quarters = max(1, (self.as_of - begin) // timedelta(hours=6))
        return begin + timedelta(hours=6 * dice.randint(0, min(quarters, 2 * self.days) + 2))

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


def _some(dice: Random, options: Sequence[Any], most: int) -> list[Any]:
    return dice.sample(options, dice.randint(0, min(most, len(options))))


def _report(dice: Random) -> tuple[str, datetime, int]:
    """Zone, report instant and period: often on the edges of weeks, days and clock changes."""
    zone = dice.choice(ZONES)
    day = dice.choice(REPORT_DAYS)
    shift = dice.choice(
        [timedelta(0), timedelta(milliseconds=-1), timedelta(hours=2, minutes=30), timedelta(hours=13, seconds=7)]
    )
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return zone, midnight.astimezone(UTC) + shift, dice.choice([7, 14, 30, 30, 90])


def _named_status(dice: Random, entry: dict[str, Any]) -> dict[str, Any]:
    """A status as a history names it: mostly in full, now and then by one half, or by an id nobody lists."""
    full = {"id": entry["id"], "name": entry["name"]}
    if dice.random() < 0.85:
        return full
    return full | dice.choice([{"id": None}, {"name": None}, {"id": "404"}, {"name": "An older name"}])


def _any_status(dice: Random) -> dict[str, Any]:
    likely = [(0, 15), (1, 30), (2, 10), (3, 6), (4, 6), (5, 30), (6, 8), (7, 3)]
    odd = [(number, 1) for number in range(8, len(WORKFLOW))]
    numbers, weights = zip(*likely, *odd, strict=True)
    return WORKFLOW[dice.choices(numbers, weights)[0]]


def _changes(dice: Random, site: _Site, created: datetime | None) -> tuple[list[Any], dict[str, Any] | None]:
    """Dated changes and the status they end in, which is None when no status change was recorded."""
    count = dice.choice([0, 1, 2, 2, 3, 3, 4, 6])
    begun = created or site.as_of - timedelta(days=site.days)
    whens = sorted(site.instant(dice, after=begun) for _ in range(count))
    delivered = dice.random() < 0.5
    before = _any_status(dice) if dice.random() < 0.3 else WORKFLOW[0]
    last = None
    changes = []
    for when in whens:
        what = dice.choices(["status", "flag", "unflag", "resolution", "noise"], [14, 3, 3, 1, 1])[0]
        if what == "status":
            last = WORKFLOW[5] if delivered and when == whens[-1] else _any_status(dice)
            said = before if dice.random() < 0.8 else _any_status(dice)
            item = status_change(_named_status(dice, said), _named_status(dice, last))
            before = last
        elif what == "resolution":
            words = [None, "", *RESOLUTIONS]
            item = change("resolution", (None, dice.choice(words)), ("1", dice.choice(words)))
        elif what == "noise":
            item = change("labels", (None, "old"), (None, "new"))
        else:
            item = flag_change(raised=what == "flag")
        changes.append((when, [item]))
    return changes, last


def _changelog(dice: Random, site: _Site, changes: list[Any]) -> dict[str, Any]:
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
        extra=tuple(_some(dice, odd, 1)),
    )
    return {"changelog": shape.write(changes if shape.ids else merged.items())}


def _word_shape(dice: Random, word: str) -> Any:
    return dice.choice([word, {"value": word, "id": "1"}, {"name": word}, [{"value": word}], ["of no note", word]])


def _custom_fields(dice: Random, site: _Site) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in _some(dice, DATE_FIELDS, 3):
        fields[FIELDS[name]] = dice.choice(["", "soon", None]) if dice.random() < 0.15 else site.written(dice)
    for name in _some(dice, YES_NO_FIELDS, 2):
        answers = [True, False, "Yes", " no ", "FAILED", 0, 1, {"value": "No"}, {"value": "Yes"}, {}, "", [], None]
        fields[FIELDS[name]] = dice.choice(answers)
    for name in _some(dice, list(WORD_FIELDS), 2):
        fields[FIELDS[name]] = _word_shape(dice, dice.choice(WORD_FIELDS[name]))
    return fields


def _version_entries(dice: Random, site: _Site) -> list[dict[str, Any]]:
    """How an issue names versions: in full, or by name alone, or ones that no list knows."""
    known = [{k: v for k, v in entry.items() if k != "projectId"} for entry in site.versions]
    unlisted = {"id": "900", "name": "0.9", "released": True, "releaseDate": site.as_of.date().isoformat()}
    return _some(dice, [*known, *known, *known, unlisted, {"name": "1.0"}, {"name": "Unheard of"}, {}], 2)


def _link(dice: Random, site: _Site, own: int) -> dict[str, Any]:
    number = dice.choice([other for other in (*site.numbers, 404) if other != own])
    inward, outward = dice.choice(LINK_TYPES)
    named = {"id": str(number), "key": f"EX-{number}"}
    end = dice.choice([named, named, {"id": str(number)}, {"key": f"EX-{number}"}])
    kind = {"name": "Problem", "inward": inward, "outward": outward}
    return {"type": kind, dice.choice(["inwardIssue", "outwardIssue"]): end}


def _issue(dice: Random, site: _Site, number: int) -> dict[str, Any]:
    created = site.instant(dice) if dice.random() < 0.95 else None
    changes, last = _changes(dice, site, created)
    resolved = jira_text(site.instant(dice, after=created)) if dice.random() < 0.5 else None
    fields = {
        "issuetype": dice.choice([*TYPES[:4], *TYPES[:4], *TYPES]),
        "status": last or _any_status(dice),
        "created": jira_text(created) if created else dice.choice([None, "long ago"]),
        "updated": jira_text(site.instant(dice)),
        "resolution": {"name": dice.choice(RESOLUTIONS)} if dice.random() < 0.2 else None,
        "resolutiondate": resolved,
        "fixVersions": _version_entries(dice, site),
        "versions": _version_entries(dice, site),
        "issuelinks": [_link(dice, site, number) for _ in range(dice.choice([0, 0, 1, 2]))],
        "labels": dice.choice([[], [], ["rollback"], ["outage", "other"]]),
        "components": dice.choice([[], [{"id": "1", "name": "Billing"}]]),
        "priority": dice.choice([None, {"name": "Highest"}]),
        "project": dice.choice([{"id": "1", "key": "EX"}] * 3 + [{"id": "2", "key": "WY"}, None]),
        "summary": dice.choice(["Ordinary work", "Emergency patch"]),
    }
    built = {"id": str(number), "key": f"EX-{number}", "fields": fields | _custom_fields(dice, site)}
    return built | _changelog(dice, site, changes)


_MALFORMED: tuple[Any, ...] = (
    None,
    "not an issue",
    {},
    {"fields": {}},
    {"id": "70", "fields": None},
    {"key": "EX-71"},
    {"id": "72", "key": "EX-72", "fields": []},
)


def _version(dice: Random, as_of: datetime, days: int, number: int) -> dict[str, Any]:
    day = as_of.date() + timedelta(days=dice.randint(-2 * days, 2))
    dated = dice.choice([day.isoformat()] * 8 + [None, epoch_ms(as_of - timedelta(days=2, hours=1)), "?"])
    built = {"id": str(number), "name": dice.choice(VERSION_NAMES), "released": dice.random() < 0.85}
    built |= {} if dated is None else {"releaseDate": dated}
    return built | dice.choice([{}, {}, {"projectId": 1}, {"projectId": "2"}])


def _event(dice: Random, site: _Site, number: int) -> dict[str, Any]:
    keys = [f"EX-{known}" for known in site.numbers]
    return {
        "id": dice.choice([f"run-{number}", f"run-{number}", f"hotfix {number}"]),
        "project": dice.choice(["1", "1", "2", None]),
        "deployed_at": site.written(dice) if dice.random() < 0.9 else "whenever",
        "environment": dice.choice(["production", "PROD", "staging", "", None]),
        "status": dice.choice(["success", "failed", "", None]),
        "issue_keys": _some(dice, keys, 3),
    }


_CONDITIONS = (
    IncidentCondition("type", "bug"),
    IncidentCondition("label", "OUTAGE"),
    IncidentCondition("component", "billing"),
    IncidentCondition("priority", "highest"),
    IncidentCondition("link", "is caused by"),
    IncidentCondition("field", "Yes", FIELDS["production_impact"]),
    IncidentCondition("field", "", FIELDS["incident_detected_at"]),
)


def _calendar(dice: Random) -> WorkingCalendar:
    return WorkingCalendar(
        weekdays=dice.choice([frozenset(range(5)), frozenset({0, 2, 6})]),
        start_hour=dice.choice([9.0, 8.5, 0.0]),
        end_hour=dice.choice([17.0, 12.25, 24.0]),
        holidays=dice.choice([frozenset(), frozenset({date(2025, 3, 28), date(2025, 6, 12)})]),
    )


def _words(dice: Random, *options: str) -> frozenset[str]:
    """Mostly no rule, sometimes some of the options."""
    return frozenset(_some(dice, options, 2)) if dice.random() < 0.35 else frozenset()


def _conditions(dice: Random) -> tuple[IncidentCondition, ...]:
    return tuple(_some(dice, _CONDITIONS, 2)) if dice.random() < 0.2 else ()


def _rules(dice: Random, zone: str) -> TeamRules:
    kinds = dice.choice([{}, {}, {"Incident": FlowKind.RISK}, {"hotfix": FlowKind.DEFECT, "Story": FlowKind.DEBT}])
    own = {"limbo": StatusCategory.INDETERMINATE, "20002": StatusCategory.DONE, "10000": StatusCategory.INDETERMINATE}
    return TeamRules(
        timezone=zone,
        status_categories=own if dice.random() < 0.2 else {},
        start_statuses=_words(dice, "review", "10000", "Nowhere"),
        active_statuses=_words(dice, "In Progress", "10001"),
        waiting_statuses=_words(dice, "waiting", "Review"),
        blocked_statuses=_words(dice, "10003"),
        cancelled_statuses=_words(dice, "REJECTED", "20002"),
        deployed_statuses=_words(dice, "Released", "10004"),
        flow_kinds={**DEFAULT_FLOW_KINDS, **kinds},
        include_subtasks=dice.random() < 0.3,
        deployment_source=dice.choice([None, None, None, *DeploymentSource]),
        incident_any=_conditions(dice),
        incident_all=_conditions(dice),
        attribution_window_days=dice.choice([7.0, 7.0, 0.5, 30.0, None]),
        status_entry_gap_minutes=dice.choice([60.0, 360.0]),
        working_calendar=_calendar(dice) if dice.random() < 0.2 else None,
    )


def _records(site: _Site, each: list[Random], dice: Random) -> list[Any]:
    """All records of an answer: the issues, now and then one that is none, or a second record of an issue."""
    records: list[Any] = [_issue(own, site, number) for own, number in zip(each, site.numbers, strict=True)]
    if records and dice.random() < 0.3:
        records.append(_issue(dice, site, site.numbers[0]))
    if len(records) > 1 and dice.random() < 0.1:
        del records[1]["id"]
    if dice.random() < 0.2:
        records.append(dice.choice(_MALFORMED))
    dice.shuffle(records)
    return records


def _dice() -> st.SearchStrategy[Random]:
    """One draw for a whole part: many small draws would keep hypothesis to tiny, unremarkable histories."""
    return st.integers(0, 2**40).map(Random)


def _case(dice: Random, each: list[Random]) -> Case:
    zone, as_of, days = _report(dice)
    versions = [_version(dice, as_of, days, number) for number in range(50, 50 + dice.randint(0, 5))]
    site = _Site(ZoneInfo(zone), as_of, days, versions, list(range(1, 1 + len(each))))
    mapped = [name for name in FIELDS if dice.random() < 0.6] if dice.random() < 0.7 else []
    if dice.random() < 0.5 and "deployment_date" in mapped:
        mapped.remove("deployment_date")
    listed = [entry for entry in WORKFLOW[:11] if dice.random() < 0.95]
    return Case(
        issues=_records(site, each, dice),
        field_mappings={name: FIELDS[name] for name in mapped},
        days=days,
        as_of=as_of,
        rules=_rules(dice, zone),
        versions=versions if dice.random() < 0.8 else [],
        statuses=listed if dice.random() < 0.8 else [],
        events=[_event(dice, site, number) for number in range(dice.choice([0, 0, 1, 3]))] if each else [],
    )


@st.composite
def cases(draw: st.DrawFn, *, max_issues: int = 14) -> Case:
    """A whole call: a small, untidy Jira and a team's rules. Failing cases shrink by losing issues."""
    each = draw(st.one_of(st.lists(_dice(), max_size=4), st.lists(_dice(), min_size=4, max_size=max_issues)))
    return _case(draw(_dice()), each)
