"""What changed in the team's rules, in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from data.config_version import RuleChange
from ui.readings import decimal
from ui.rule_choices import WEEKDAYS
from ui.wording import SOURCE_NAMES

POPULATION_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "attributed": "Every incident that is put down to a deployment",
        "named": "Only incidents that name the deployment",
        "all": "Recovery over all incidents, whatever the cause",
    }
)


def change_sentence(change: RuleChange) -> str:
    """Before and after of one rule, as the form names it; of any other rule, the words that data has for it."""
    if change["rule"] not in _RULES:
        return change["sentence"]
    name, words = _RULES[change["rule"]]
    return f"{name}: {words(change['before'])}, now {words(change['after'])}."


def _statuses(names: Any) -> str:
    return ", ".join(f"“{name}”" for name in names) if names else "no status named"


def _window(days: Any) -> str:
    return "no limit" if days is None else f"{decimal(days)} days"


def _percentile(percent: Any) -> str:
    return "the median" if percent == 50 else f"{decimal(percent)} %"


def _source(source: Any) -> str:
    return SOURCE_NAMES.get(source, "the first source that Jira has")


def _population(population: Any) -> str:
    name = POPULATION_NAMES.get(population, str(population))
    return name[0].lower() + name[1:]


def _calendar(calendar: Any) -> str:
    if calendar is None:
        return "all hours"
    days = ", ".join(WEEKDAYS[day] for day in calendar["weekdays"])
    holidays = len(calendar["holidays"])
    free = f", without {holidays} holiday{'s' if holidays != 1 else ''}" if holidays else ""
    return f"{days} from {_hour(calendar['start_hour'])} to {_hour(calendar['end_hour'])}{free}"


def _hour(hour: float) -> str:
    return f"{int(hour)}:{round(hour % 1 * 60):02d}"


_RULES: Mapping[str, tuple[str, Callable[[Any], str]]] = MappingProxyType(
    {
        "start_statuses": ("Work starts in", _statuses),
        "waiting_statuses": ("Work waits in", _statuses),
        "blocked_statuses": ("Work is blocked in", _statuses),
        "attribution_window_days": ("An incident is put down to a deployment within", _window),
        "headline_percentile": ("Percentile of durations", _percentile),
        "deployment_source": ("Deployments are", _source),
        "incident_population": ("Incidents that count", _population),
        "working_calendar": ("Durations count", _calendar),
    }
)
