"""A team's rules, read from the plain JSON of the settings file and refused where they cannot be meant."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data.errors import SettingsInvalid
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

logger = logging.getLogger(__name__)

_CONDITION_KINDS = frozenset({"type", "label", "component", "priority", "link", "field"})


def read_team_rules(saved: Any, account_timezone: str) -> TeamRules:
    """The rules as saved; what is not saved keeps its default, and the zone is then the account's."""
    if not isinstance(saved, Mapping):
        raise SettingsInvalid("The entry “team_rules” is not an object.")
    unknown = sorted(set(saved) - set(_READERS))
    if unknown:
        raise SettingsInvalid(f"team_rules has an entry “{unknown[0]}”, which is no rule.")
    rules: dict[str, Any] = {"timezone": _known_zone(account_timezone)}
    for name, value in saved.items():
        try:
            rules[name] = _READERS[name](value)
        except (ValueError, TypeError, KeyError, AttributeError, re.error) as error:
            told = str(error.args[0]) if error.args else "it has the wrong shape"
            raise SettingsInvalid(f"The entry “{name}” in team_rules cannot be used: {told}.") from None
    return TeamRules(**rules)


def rules_with(rules: TeamRules, changes: Mapping[str, Any]) -> TeamRules:
    """The same rules but for some entries, given as the settings file would hold them."""
    changed = read_team_rules(changes, rules.timezone)
    return replace(rules, **{name: getattr(changed, name) for name in changes})


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        logger.warning(
            "The account's time zone is not known here; days are counted in UTC",
            extra={"event": "settings.zone_unknown", "timezone": name},
        )
        return "UTC"


def _zone(value: Any) -> str:
    try:
        return ZoneInfo(_text(value)).key
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError(f"{value!r} is no time zone such as Europe/Berlin") from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{value!r} is not a text")
    return value.strip()


def _texts(value: Any) -> frozenset[str]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return frozenset(_text(item) for item in value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _pattern(value: Any) -> str:
    return re.compile(_text(value)).pattern


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ValueError(f"{value!r} is not a number of 0 or more")
    return float(value)


def _percentile(value: Any) -> float:
    percent = _number(value)
    if not 0 < percent < 100:
        raise ValueError(f"{value!r} is not a percentage between 0 and 100, such as 85")
    return percent


def _categories(value: Any) -> dict[str, StatusCategory]:
    return {_text(status): StatusCategory(category) for status, category in value.items()}


def _flow_kinds(value: Any) -> Mapping[str, FlowKind]:
    own = {_text(word).casefold(): FlowKind(kind) for word, kind in value.items()}
    return MappingProxyType({**DEFAULT_FLOW_KINDS, **own})


def _conditions(value: Any) -> tuple[IncidentCondition, ...]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return tuple(_condition(item) for item in value)


def _condition(value: Any) -> IncidentCondition:
    condition = IncidentCondition(**value)
    if condition.kind not in _CONDITION_KINDS:
        raise ValueError(f"{condition.kind!r} is none of {', '.join(sorted(_CONDITION_KINDS))}")
    if not (condition.field_id if condition.kind == "field" else condition.value):
        raise ValueError(f"a condition of kind {condition.kind!r} does not say what to look for")
    return condition


def _calendar(value: Any) -> WorkingCalendar | None:
    if value is None:
        return None
    given = dict(value)
    if "weekdays" in given:
        given["weekdays"] = frozenset(int(day) for day in given["weekdays"])
    if "holidays" in given:
        given["holidays"] = frozenset(date.fromisoformat(day) for day in given["holidays"])
    calendar = WorkingCalendar(**given)
    if not 0 <= calendar.start_hour < calendar.end_hour <= 24:
        raise ValueError("a working day must end after it starts, within 24 hours")
    if not calendar.weekdays or not calendar.weekdays <= frozenset(range(7)):
        raise ValueError("weekdays are numbers from 0 (Monday) to 6 (Sunday), at least one")
    return calendar


_READERS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "timezone": _zone,
        "status_categories": _categories,
        "start_statuses": _texts,
        "active_statuses": _texts,
        "waiting_statuses": _texts,
        "blocked_statuses": _texts,
        "cancelled_statuses": _texts,
        "deployed_statuses": _texts,
        "cancelled_resolutions": _texts,
        "flow_kinds": _flow_kinds,
        "container_types": _texts,
        "include_subtasks": _flag,
        "deployment_source": lambda value: None if value is None else DeploymentSource(value),
        "production_environments": _texts,
        "version_exclude_pattern": _pattern,
        "rework_pattern": _pattern,
        "incident_types": _texts,
        "incident_any": _conditions,
        "incident_all": _conditions,
        "causing_links": _texts,
        "attribution_window_days": lambda value: None if value is None else _number(value),
        "incident_population": IncidentPopulation,
        "status_entry_gap_minutes": _number,
        "working_calendar": _calendar,
        "headline_percentile": _percentile,
    }
)
