"""The team's rules as a manager reads them: one line for each rule that a metric's number depends on."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from data.metric import MetricResult
from data.model import FlowKind, IncidentCondition, TeamRules
from ui.readings import count, decimal
from ui.wording import KIND_NAMES, SOURCE_NAMES

Line = tuple[str, str]
_ANY_IN_PROGRESS = "any status of Jira's category In progress"
_DEPLOYMENT_KEYS = frozenset({"deployment_frequency", "lead_time", "cfr", "mttr", "rework_rate"})
_INCIDENT_KEYS = frozenset({"cfr", "mttr"})


def rule_lines(result: MetricResult, rules: TeamRules) -> list[Line]:
    key = result["key"]
    lines = [("Time zone", rules.timezone)]
    if key in _DEPLOYMENT_KEYS:
        lines += _deployment_lines(rules)
    if key in _INCIDENT_KEYS:
        lines += _incident_lines(rules)
    if key == "rework_rate":
        lines.append(("Counts as rework when name, label or type matches", rules.rework_pattern))
    if result["family"] == "flow" or key == "lead_time":
        lines += _work_lines(rules)
    if result["family"] == "flow":
        lines.append(("Kinds of work", _kinds(rules.flow_kinds)))
    if key == "flow_efficiency":
        lines += _efficiency_lines(rules)
    if result["unit"] == "hours":
        lines.append(("Time counted", _calendar(rules)))
    return lines


def _deployment_lines(rules: TeamRules) -> list[Line]:
    pinned = rules.deployment_source
    source = SOURCE_NAMES[pinned] if pinned else "the first that yields any: " + ", then ".join(SOURCE_NAMES.values())
    return [
        ("Deployments are read from", source),
        ("Production environments", _names(rules.production_environments, "none named")),
        ("Versions that are not releases match", rules.version_exclude_pattern),
        ("Statuses that mean deployed", _names(rules.deployed_statuses, "none named")),
    ]


def _incident_lines(rules: TeamRules) -> list[Line]:
    window = rules.attribution_window_days
    lines = [("Incidents are", _incident_rule(rules))]
    limit = "without limit" if window is None else f"no more than {decimal(window)} days before"
    lines.append(("Blamed on a deployment", f"by link, else by affected version, else the latest one {limit}"))
    lines.append(("Links that name a cause", _names(rules.causing_links, "none named")))
    return lines


def _work_lines(rules: TeamRules) -> list[Line]:
    mapped = ", ".join(f"{status}: {category.value}" for status, category in sorted(rules.status_categories.items()))
    lines = [("Work starts on entering", _names(rules.start_statuses, _ANY_IN_PROGRESS))]
    if mapped:
        lines.append(("Statuses placed by the team", mapped))
    return [
        *lines,
        ("Cancelled by resolution", _names(rules.cancelled_resolutions, "none named")),
        ("Cancelled by status", _names(rules.cancelled_statuses, "none named")),
        ("Containers, not counted", _names(rules.container_types, "none named")),
        ("Sub-tasks", "counted" if rules.include_subtasks else "not counted"),
    ]


def _efficiency_lines(rules: TeamRules) -> list[Line]:
    return [
        ("Working statuses", _names(rules.active_statuses, f"{_ANY_IN_PROGRESS} that is not waiting or blocked")),
        ("Waiting statuses", _names(rules.waiting_statuses, "none named")),
        ("Blocked statuses", _names(rules.blocked_statuses, "none named")),
    ]


def _incident_rule(rules: TeamRules) -> str:
    if not rules.incident_any and not rules.incident_all:
        types = _names(rules.incident_types, "none")
        return f"issues of type {types}; or in a production environment; or bugs with production impact"
    parts = []
    if rules.incident_any:
        parts.append("any of: " + "; ".join(map(_condition, rules.incident_any)))
    if rules.incident_all:
        parts.append("all of: " + "; ".join(map(_condition, rules.incident_all)))
    return " and ".join(parts)


def _condition(condition: IncidentCondition) -> str:
    name = condition.field_id or condition.kind
    return f"{name} = {condition.value}" if condition.value else f"{name} is filled"


def _calendar(rules: TeamRules) -> str:
    calendar = rules.working_calendar
    if calendar is None:
        return "elapsed time, nights and weekends included"
    days = ", ".join(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day] for day in sorted(calendar.weekdays))
    hours = f"{decimal(calendar.start_hour)} to {decimal(calendar.end_hour)} o'clock"
    return f"working time only: {days}, {hours}, less {count(len(calendar.holidays), 'holiday')}"


def _kinds(kinds: Mapping[str, FlowKind]) -> str:
    names = {
        kind: sorted(name for name, given in kinds.items() if given == kind)
        for kind in FlowKind
        if kind in kinds.values()
    }
    return "; ".join(f"{KIND_NAMES[kind]}: {', '.join(words)}" for kind, words in names.items())


def _names(names: Collection[str], otherwise: str) -> str:
    return ", ".join(sorted(names, key=str.casefold)) or otherwise
