"""The rules that can be tried on the page: as its form shows them, and from the form back to plain settings."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from data.config_version import plain
from data.model import DeploymentSource, IncidentPopulation, TeamRules, WorkingCalendar

STATUS_RULES = ("start_statuses", "waiting_statuses", "blocked_statuses")
FIRST_SOURCE = "first"
ALL_HOURS, WORKING_HOURS = "all", "working"
CHOICES = (
    *STATUS_RULES,
    "attribution_window_days",
    "headline_percentile",
    "incident_population",
    "deployment_source",
    "calendar",
    "start_hour",
    "end_hour",
    "weekdays",
)
"""The parts of the form, in their order; the last four make up one rule."""

LONGEST_WINDOW = 3650
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class ChoiceError(ValueError):
    """A choice that cannot be meant; the text names the cause and what to do."""


def status_options(rules: TeamRules, names: Sequence[str]) -> list[str]:
    """Every status once, whatever its case, with those that only a rule names."""
    named = [name for rule in STATUS_RULES for name in sorted(getattr(rules, rule))]
    known: dict[str, str] = {}
    for name in [*sorted(names, key=str.casefold), *named]:
        known.setdefault(name.casefold(), name)
    return list(known.values())


def shown(rules: TeamRules, options: Sequence[str]) -> dict[str, Any]:
    """What the form holds for these rules."""
    calendar = rules.working_calendar or WorkingCalendar()
    spelt = {name.casefold(): name for name in options}
    chosen = {rule: sorted(spelt[name.casefold()] for name in getattr(rules, rule)) for rule in STATUS_RULES}
    window = rules.attribution_window_days
    return {
        **chosen,
        "attribution_window_days": "" if window is None else window,
        "headline_percentile": rules.headline_percentile,
        "incident_population": str(rules.incident_population),
        "deployment_source": str(rules.deployment_source or FIRST_SOURCE),
        "calendar": WORKING_HOURS if rules.working_calendar else ALL_HOURS,
        "start_hour": calendar.start_hour,
        "end_hour": calendar.end_hour,
        "weekdays": [str(day) for day in sorted(calendar.weekdays)],
    }


def changes(rules: TeamRules, options: Sequence[str], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The rules that the form says otherwise, as the settings file would hold them."""
    before = shown(rules, options)
    found: dict[str, Any] = {}
    for rule in STATUS_RULES:
        statuses = _statuses(chosen[rule], options)
        if statuses != before[rule]:
            found[rule] = statuses
    for rule, read in _READERS.items():
        value = read(chosen[rule])
        if value != plain(getattr(rules, rule)):
            found[rule] = value
    calendar = _calendar(rules, chosen)
    if calendar != plain(rules.working_calendar):
        found["working_calendar"] = calendar
    return found


def _statuses(value: Any, options: Sequence[str]) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ChoiceError("The statuses are no list. Choose them from the list again.")
    unknown = next((name for name in value if name not in options), None)
    if unknown is not None:
        raise ChoiceError(f"No status of this team is called “{unknown[:80]}”. Choose one from the list.")
    return sorted(set(value))


def _window(value: Any) -> float | None:
    if value is None or value == "":
        return None
    return _number(
        value,
        lambda days: 0 <= days <= LONGEST_WINDOW,
        f"The days after a deployment must be a number from 0 to {LONGEST_WINDOW:,}. Leave them empty for no limit.",
    )


def _percentile(value: Any) -> float:
    return _number(
        value,
        lambda percent: 0 < percent < 100,
        "The percentile must lie between 0 and 100. Give for example 50 for the median, or 85.",
    )


def _calendar(rules: TeamRules, chosen: Mapping[str, Any]) -> dict[str, Any] | None:
    if chosen["calendar"] == ALL_HOURS:
        return None
    if chosen["calendar"] != WORKING_HOURS:
        raise ChoiceError("It is not said which hours count. Choose all hours, or working hours only.")
    start, end = (
        _number(chosen[side], lambda hour: 0 <= hour <= 24, "An hour of the day must be a number from 0 to 24.")
        for side in ("start_hour", "end_hour")
    )
    if start >= end:
        raise ChoiceError(f"The working day would end at {end:g} before it begins at {start:g}. Choose a later end.")
    days = chosen["weekdays"]
    if not isinstance(days, list) or not days or not set(map(str, days)) <= set(map(str, range(7))):
        raise ChoiceError("No weekday is a working day. Choose at least one.")
    holidays = rules.working_calendar.holidays if rules.working_calendar else frozenset()
    weekdays = frozenset(int(day) for day in days)
    calendar: dict[str, Any] = plain(WorkingCalendar(weekdays, start, end, holidays))
    return calendar


def _number(value: Any, is_meant: Callable[[float], bool], sentence: str) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not is_meant(number):
        raise ChoiceError(sentence)
    return number


def _source(value: Any) -> str | None:
    if value == FIRST_SOURCE:
        return None
    if not isinstance(value, str) or value not in set(DeploymentSource):
        raise ChoiceError("There is no such source of deployments. Choose one from the list.")
    return str(value)


def _population(value: Any) -> str:
    if not isinstance(value, str) or value not in set(IncidentPopulation):
        raise ChoiceError("It is not said which incidents count. Choose from the list.")
    return str(value)


_READERS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "attribution_window_days": _window,
        "headline_percentile": _percentile,
        "incident_population": _population,
        "deployment_source": _source,
    }
)
TRIABLE = frozenset({*STATUS_RULES, *_READERS, "working_calendar"})
"""The rules that the form can change."""
