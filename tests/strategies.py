"""Random teams, rules and untidy Jira histories for property tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from data.filters import Filters
from data.model import (
    DEFAULT_FLOW_KINDS,
    DeploymentSource,
    FlowKind,
    IncidentCondition,
    IncidentPopulation,
    StatusCategory,
    TeamRules,
    WorkingCalendar,
)
from tests.untidy_jira import FIELDS, VERSION_NAMES, WORKFLOW, Site, records, some, version

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "America/Santiago")
REPORT_DAYS = (
    date(2025, 3, 30),
    date(2025, 10, 26),
    date(2025, 3, 10),
    date(2024, 4, 7),
    date(2024, 9, 8),
    date(2025, 1, 1),
    date(2025, 6, 16),
)
"""Clock changes in four of the zones, one of which has no midnight that day, a new year, and a Monday."""


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


def _report(dice: Random) -> tuple[str, datetime, int]:
    """Zone, report instant and period: often on the edges of weeks, days and clock changes."""
    zone = dice.choice(ZONES)
    day = dice.choice(REPORT_DAYS)
    shift = dice.choice(
        [timedelta(0), timedelta(milliseconds=-1), timedelta(hours=2, minutes=30), timedelta(hours=13, seconds=7)]
    )
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return zone, midnight.astimezone(UTC) + shift, dice.choice([7, 14, 30, 30, 90])


_CONDITIONS = (
    IncidentCondition("type", "bug"),
    IncidentCondition("label", "OUTAGE"),
    IncidentCondition("component", "billing"),
    IncidentCondition("priority", "highest"),
    IncidentCondition("link", "is caused by"),
    IncidentCondition("field", "Yes", FIELDS["production_impact"]),
    IncidentCondition("field", "", FIELDS["incident_detected_at"]),
)


def _calendar(dice: Random, site: Site) -> WorkingCalendar:
    today = site.as_of.date()
    holidays = frozenset(today - timedelta(days=dice.randint(0, site.days)) for _ in range(3))
    return WorkingCalendar(
        weekdays=dice.choice([frozenset(range(5)), frozenset({0, 2, 6})]),
        start_hour=dice.choice([9.0, 8.5, 0.0]),
        end_hour=dice.choice([17.0, 12.25, 24.0]),
        holidays=dice.choice([frozenset(), holidays]),
    )


def _words(dice: Random, *options: str) -> frozenset[str]:
    """Mostly no rule, sometimes some of the options."""
    return frozenset(some(dice, options, 2)) if dice.random() < 0.35 else frozenset()


def _conditions(dice: Random) -> tuple[IncidentCondition, ...]:
    return tuple(some(dice, _CONDITIONS, 2)) if dice.random() < 0.2 else ()


def _overrides(dice: Random, site: Site) -> dict[str, str | None]:
    """Corrections by hand, of incidents by id or key, that name all sorts of deployments, or nothing that is there."""
    if dice.random() < 0.6:
        return {}
    names = [name for number in site.numbers for name in (f"EX-{number}", str(number))] + ["EX-70", "404"]
    causes = [None, *VERSION_NAMES, "50", "51", "900", "run-0", "run-1", "hotfix 2", *names]
    causes += [entry["id"] for entry in site.versions] * 5
    return {dice.choice(names): dice.choice(causes) for _ in range(dice.randint(1, 6))}


def _sources(dice: Random, site: Site) -> list[DeploymentSource | None]:
    """What a team may pin: often the way in which it does deliver, or nothing, now and then anything."""
    return [*DeploymentSource] if dice.random() < 0.2 else [site.delivers, None]


def _rules(dice: Random, site: Site) -> TeamRules:
    kinds = dice.choice([{}, {}, {"Incident": FlowKind.RISK}, {"hotfix": FlowKind.DEFECT, "Story": FlowKind.DEBT}])
    own = {"limbo": StatusCategory.INDETERMINATE, "20002": StatusCategory.DONE, "10000": StatusCategory.INDETERMINATE}
    return TeamRules(
        timezone=site.zone.key,
        status_categories=own if dice.random() < 0.2 else {},
        start_statuses=_words(dice, "review", "10000", "Nowhere"),
        active_statuses=_words(dice, "In Progress", "10001"),
        waiting_statuses=_words(dice, "waiting", "Review"),
        blocked_statuses=_words(dice, "10003"),
        cancelled_statuses=_words(dice, "REJECTED", "20002"),
        deployed_statuses=frozenset({"Released", "10004"})
        if site.delivers is DeploymentSource.STATUS_ENTRY
        else _words(dice, "Released", "10004"),
        flow_kinds={**DEFAULT_FLOW_KINDS, **kinds},
        include_subtasks=dice.random() < 0.3,
        deployment_source=dice.choice(_sources(dice, site)),
        incident_any=_conditions(dice),
        incident_all=_conditions(dice),
        attribution_window_days=dice.choice([7.0, 7.0, 0.5, 30.0, None, *([None] * 3 if site.troubled else [])]),
        status_entry_gap_minutes=dice.choice([60.0, 360.0]),
        working_calendar=_calendar(dice, site) if dice.random() < 0.2 else None,
        headline_percentile=dice.choice([50.0, 50.0, 50.0, 85.0, 12.5]),
        incident_population=dice.choice([IncidentPopulation.ATTRIBUTED, *IncidentPopulation]),
        attribution_overrides=_overrides(dice, site),
    )


def _dice() -> st.SearchStrategy[Random]:
    """One draw for a whole part: many small draws would keep hypothesis to tiny, unremarkable histories."""
    return st.integers(0, 2**40).map(Random)


def case_of(dice: Random, each: list[Random]) -> Case:
    """A whole call from dice: one for the team and one for every issue."""
    zone, as_of, days = _report(dice)
    delivers = dice.choice([None, *DeploymentSource])
    few = 2 if delivers is DeploymentSource.RELEASES else 0
    versions = [version(dice, as_of, days, number) for number in range(50, 50 + dice.randint(few, 5))]
    site = Site(
        *(ZoneInfo(zone), as_of, days, versions, list(range(1, 1 + len(each)))),
        calm=dice.random() < 0.4,
        troubled=dice.random() < 0.2,
        delivers=delivers,
    )
    return Case(
        issues=records(site, each, dice),
        field_mappings={name: FIELDS[name] for name in _mapped(dice, delivers)},
        days=days,
        as_of=as_of,
        rules=_rules(dice, site),
        versions=versions if dice.random() < 0.8 else [],
        statuses=[entry for entry in WORKFLOW[:11] if dice.random() < 0.95] if dice.random() < 0.8 else [],
        events=_events(dice, site),
    )


def _mapped(dice: Random, delivers: DeploymentSource | None) -> list[str]:
    """The logical fields that a team has told about: none, or most."""
    some_fields = dice.random() < 0.7
    mapped = [name for name in FIELDS if dice.random() < 0.6 and some_fields]
    if delivers is None and dice.random() < 0.5:
        return mapped
    own = ["deployment_date"] if delivers is DeploymentSource.DEPLOYMENT_ISSUES else []
    return own + [name for name in mapped if name != "deployment_date"]


def _events(dice: Random, site: Site) -> list[dict[str, Any]]:
    if not site.numbers:
        return []
    several = [2, 4, 8] if site.delivers is DeploymentSource.EVENTS else [0, 0, 1, 3]
    return [_event(dice, site, number) for number in range(dice.choice(several))]


def _event(dice: Random, site: Site, number: int) -> dict[str, Any]:
    keys = [f"{dice.choice(['EX', 'EX', 'EX', 'WY'])}-{known}" for known in site.numbers]
    return {
        "id": dice.choice([f"run-{number}", f"run-{number}", f"hotfix {number}"]),
        "project": dice.choice(["1", "1", "2", None]),
        "deployed_at": site.written(dice) if dice.random() < 0.9 else "whenever",
        "environment": dice.choice(["production", "PROD", "staging", "", None]),
        "status": dice.choice(["success", "failed", "", None]),
        "issue_keys": some(dice, keys, 3),
    }


@st.composite
def cases(draw: st.DrawFn, *, max_issues: int = 16) -> Case:
    """A whole call: a small, untidy Jira and a team's rules. Failing cases shrink by losing issues."""
    each = draw(st.one_of(st.lists(_dice(), max_size=4), st.lists(_dice(), min_size=4, max_size=max_issues)))
    return case_of(draw(_dice()), each)


def filters() -> st.SearchStrategy[Filters]:
    """What a reader may ask for in these teams, also in another spelling or for what nobody has."""
    values = {
        "project": ("EX", "wy", "None such"),
        "issue_type": ("Story", "BUG", "Incident", "Epic"),
        "team": ("red", "Green"),
        "component": ("billing",),
        "label": ("rollback", "Other"),
    }
    asked = {
        facet: st.frozensets(st.sampled_from(words), max_size=2) | st.just(frozenset())
        for facet, words in values.items()
    }
    return st.fixed_dictionaries({}, optional=asked).map(lambda chosen: Filters(**chosen))
