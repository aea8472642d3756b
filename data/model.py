"""Domain words: what the measuring code means by a status, a kind of work, a reason, a period, a team's rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

JiraIssue = dict[str, Any]
"""One raw issue as Jira's REST API gives it: `id`, `key`, `fields` and, where delivered, `changelog`."""


class StatusCategory(StrEnum):
    """Jira's three status categories, by their real keys (`/statuscategory`)."""

    NEW = "new"
    INDETERMINATE = "indeterminate"
    DONE = "done"


class FlowKind(StrEnum):
    """The four flow item types of the Flow Framework, and the share that no rule could place."""

    FEATURE = "feature"
    DEFECT = "defect"
    RISK = "risk"
    DEBT = "debt"
    UNMAPPED = "unmapped"


class DeploymentSource(StrEnum):
    """Where deployments are read from, in the order in which the sources are tried."""

    DEPLOYMENT_ISSUES = "deployment_issues"
    RELEASES = "releases"
    STATUS_ENTRY = "status_entry"
    EVENTS = "events"


class IncidentPopulation(StrEnum):
    """Which incidents change failure and recovery are about.

    `attributed` are all that are put down to a deployment, `named` only those that name it (by hand, by link or by
    version) and not merely follow it; `all` takes every incident into recovery, whatever caused it.
    """

    ATTRIBUTED = "attributed"
    NAMED = "named"
    ALL = "all"


class ResultStatus(StrEnum):
    """How far a value can be trusted to exist."""

    OK = "ok"
    LOW_SAMPLE = "low_sample"
    NO_DATA = "no_data"
    NOT_CONFIGURED = "not_configured"
    NOT_MEASURABLE = "not_measurable"


class Reason(StrEnum):
    """Why a candidate is not in a number."""

    MALFORMED = "malformed"
    WRONG_TYPE = "wrong_type"
    WRONG_ENVIRONMENT = "wrong_environment"
    CANCELLED = "cancelled"
    UNMAPPED_STATUS = "unmapped_status"
    NO_START = "no_start"
    NO_FINISH = "no_finish"
    NO_HISTORY = "no_history"
    NEGATIVE_SPAN = "negative_span"
    NOT_IN_PROGRESS = "not_in_progress"
    NOT_DEPLOYED = "not_deployed"
    NOT_A_RELEASE = "not_a_release"
    NOT_RELEASED = "not_released"
    NO_DATE = "no_date"
    UNATTRIBUTED = "unattributed"
    UNRESOLVED = "unresolved"
    OUTSIDE_PERIOD = "outside_period"

    @property
    def sentence(self) -> str:
        """What a manager reads beside the issues that were left out."""
        return _REASON_SENTENCES[self]


_REASON_SENTENCES: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.MALFORMED: "Jira's record of this issue is incomplete or unreadable.",
        Reason.WRONG_TYPE: "This type of issue is not counted here.",
        Reason.WRONG_ENVIRONMENT: "It was deployed somewhere other than production.",
        Reason.CANCELLED: "It was cancelled, so it was neither finished nor in progress.",
        Reason.UNMAPPED_STATUS: "It has been in a status that no rule places, so its progress cannot be told.",
        Reason.NO_START: "Nothing in its history shows when work on it began.",
        Reason.NO_FINISH: "It was not finished by the date of this report.",
        Reason.NO_HISTORY: "Jira delivered no history for it, so the time in each status is unknown.",
        Reason.NEGATIVE_SPAN: "Its end is dated before its start.",
        Reason.NOT_IN_PROGRESS: "It had not been started, or was already finished, at the date of this report.",
        Reason.NOT_DEPLOYED: "No deployment to production has carried it yet.",
        Reason.NOT_A_RELEASE: "The version's name looks like a backlog or a sprint, not a release.",
        Reason.NOT_RELEASED: "The version is not marked as released, or is dated in the future.",
        Reason.NO_DATE: "The version is marked as released but has no release date.",
        Reason.UNATTRIBUTED: "No deployment could be named as its cause.",
        Reason.UNRESOLVED: "The incident was still open at the date of this report.",
        Reason.OUTSIDE_PERIOD: "It belongs to another period.",
    }
)

LOGICAL_FIELDS = (
    "deployment_date",
    "deployment_successful",
    "target_environment",
    "code_commit_date",
    "deployed_to_production_date",
    "incident_detected_at",
    "incident_resolved_at",
    "production_impact",
    "affected_environment",
    "severity_level",
    "change_failure",
    "flow_item_type",
    "effort_category",
    "work_started_date",
    "work_completed_date",
    "estimate",
    "team",
    "sprint",
)
"""The fields a team can map to a Jira field id; all optional."""

FALSE_WORDS = frozenset({"", "0", "f", "false", "n", "no", "none", "fail", "failed", "failure", "unsuccessful"})
"""Case-folded texts that a yes-or-no field uses for "no"."""

_FLOW_KIND_WORDS: Mapping[FlowKind, tuple[str, ...]] = {
    FlowKind.FEATURE: ("story", "task", "new feature", "improvement", "feature"),
    FlowKind.DEFECT: ("bug", "defect"),
    FlowKind.RISK: ("security", "risk", "compliance"),
    FlowKind.DEBT: (
        "technical debt",
        "tech debt",
        "debt",
        "refactoring",
        "technical task",
        "spike",
        "chore",
    ),
}
DEFAULT_FLOW_KINDS: Mapping[str, FlowKind] = MappingProxyType(
    {word: kind for kind, words in _FLOW_KIND_WORDS.items() for word in words}
)
"""Case-folded issue type, or value of a kind field, to flow kind."""

DEFAULT_STATUS_NAMES: Mapping[str, StatusCategory] = MappingProxyType(
    {
        "open": StatusCategory.NEW,
        "to do": StatusCategory.NEW,
        "backlog": StatusCategory.NEW,
        "new": StatusCategory.NEW,
        "reopened": StatusCategory.NEW,
        "selected for development": StatusCategory.NEW,
        "in progress": StatusCategory.INDETERMINATE,
        "in review": StatusCategory.INDETERMINATE,
        "resolved": StatusCategory.DONE,
        "closed": StatusCategory.DONE,
        "done": StatusCategory.DONE,
    }
)
"""The statuses of Jira's own workflow templates, case-folded: the last resort for an undescribed status."""

DEFAULT_CANCELLED_RESOLUTIONS = frozenset(
    {
        "won't do",
        "won't fix",
        "duplicate",
        "cannot reproduce",
        "declined",
        "invalid",
        "incomplete",
        "not a bug",
    }
)


INCIDENT_TESTS = ("type", "label", "component", "priority", "link", "field")


@dataclass(frozen=True, slots=True)
class IncidentCondition:
    """One test of an incident rule.

    `kind` is `type`, `label`, `component`, `priority`, `link` (a link type's name or either of its readings)
    or `field`; `value` is compared case-insensitively; `field_id` names the Jira field of a `field` test, and
    an empty `value` there asks only that the field is filled.
    """

    kind: str
    value: str = ""
    field_id: str = ""

    def __post_init__(self) -> None:
        if self.kind not in INCIDENT_TESTS:
            raise ValueError(f"incident rule: no test {self.kind!r}; use one of {', '.join(INCIDENT_TESTS)}")


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Working time in the team's zone: `start_hour` to `end_hour` on each working weekday (Monday is 0)."""

    weekdays: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    start_hour: float = 9.0
    end_hour: float = 17.0
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class TeamRules:
    """What a team's words mean. Statuses and types are names or ids, compared case-insensitively.

    Every default suits a Jira nobody has configured; an empty set means "the default of the definition".
    `incident_any` and `incident_all` replace the default incident rule as soon as either is given.
    `attribution_overrides` are corrections by hand, kept in a file of their own: an incident's key or id to the
    deployment that caused it, by id, key or name, or to None where no deployment did.
    """

    timezone: str = "UTC"
    status_categories: Mapping[str, StatusCategory] = field(default_factory=dict)
    start_statuses: frozenset[str] = frozenset()
    active_statuses: frozenset[str] = frozenset()
    waiting_statuses: frozenset[str] = frozenset()
    blocked_statuses: frozenset[str] = frozenset()
    cancelled_statuses: frozenset[str] = frozenset()
    deployed_statuses: frozenset[str] = frozenset()
    cancelled_resolutions: frozenset[str] = DEFAULT_CANCELLED_RESOLUTIONS
    flow_kinds: Mapping[str, FlowKind] = field(default_factory=lambda: DEFAULT_FLOW_KINDS)
    container_types: frozenset[str] = frozenset({"epic", "initiative", "theme", "capability", "legend", "saga"})
    include_subtasks: bool = False
    deployment_source: DeploymentSource | None = None
    production_environments: frozenset[str] = frozenset({"production", "prod", "live"})
    version_exclude_pattern: str = r"(?i)\b(backlog|sprint|icebox|future|unscheduled|next|tbd)\b"
    rework_pattern: str = r"(?i)\b(hot[ -]?fix|rollback|revert|emergency)\b"
    incident_types: frozenset[str] = frozenset({"incident", "production incident", "outage"})
    incident_any: tuple[IncidentCondition, ...] = ()
    incident_all: tuple[IncidentCondition, ...] = ()
    causing_links: frozenset[str] = frozenset({"is caused by", "caused by", "is broken by", "broken by"})
    attribution_window_days: float | None = 7.0
    incident_population: IncidentPopulation = IncidentPopulation.ATTRIBUTED
    attribution_overrides: Mapping[str, str | None] = field(default_factory=dict)
    status_entry_gap_minutes: float = 60.0
    working_calendar: WorkingCalendar | None = None
    headline_percentile: float = 50.0

    def __post_init__(self) -> None:
        if not 0 < self.headline_percentile < 100:
            raise ValueError(f"headline_percentile must lie between 0 and 100, not {self.headline_percentile}")
        for pattern in (self.version_exclude_pattern, self.rework_pattern):
            re.compile(pattern)


@dataclass(frozen=True, slots=True)
class Period:
    """The half-open span `start < t <= end` that a headline number is about; `end` is the report's `as_of`."""

    end: datetime
    days: int

    def __post_init__(self) -> None:
        if self.end.tzinfo is None:
            raise ValueError("as_of must be an aware datetime, for example datetime(2026, 1, 31, tzinfo=UTC)")
        if self.days < 1:
            raise ValueError(f"time_period_days must be 1 or more, not {self.days}")

    @property
    def start(self) -> datetime:
        return self.end - timedelta(days=self.days)

    @property
    def previous(self) -> Period:
        """The equally long period that ends where this one starts."""
        return Period(end=self.start, days=self.days)


def iso_utc(instant: datetime) -> str:
    """ISO 8601 text in UTC, with `Z`, as every result and file of the project writes an instant."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
