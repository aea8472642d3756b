"""A metric's rule in words, with the team's own settings filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from data.deployments import read_deployments
from data.facts import DeliveryFacts
from data.model import (
    DeploymentSource,
    FlowKind,
    IncidentCondition,
    IncidentPopulation,
    Period,
    StatusCategory,
    TeamRules,
)
from data.performance_utils import microseconds
from data.words import counted, listed, number, ordinal, when

CATEGORY_NAMES: Mapping[StatusCategory, str] = MappingProxyType(
    {StatusCategory.NEW: "To do", StatusCategory.INDETERMINATE: "In progress", StatusCategory.DONE: "Done"}
)
SOURCE_NAMES: Mapping[DeploymentSource, str] = MappingProxyType(
    {
        DeploymentSource.DEPLOYMENT_ISSUES: "issues with a deployment date",
        DeploymentSource.RELEASES: "released versions",
        DeploymentSource.STATUS_ENTRY: "work that enters a deployed status",
        DeploymentSource.EVENTS: "deployments posted or imported",
    }
)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_OPENINGS: Mapping[str, str] = MappingProxyType(
    {
        "deployment_frequency": "The deployments {span}, divided by {days}.",
        "lead_time": "{percentile} of the time from the start of a change until it ran in production, over the changes "
        "that got there {span}.",
        "cfr": "The deployments {span} that failed, divided by all deployments {span}.",
        "mttr": "{percentile} of the time from detection to resolution, over the incidents resolved {span}.",
        "rework_rate": "The deployments {span} that were unplanned fixes, divided by all deployments {span}.",
        "flow_velocity": "The number of flow items finished {span}.",
        "flow_time": "{percentile} of the time from start to finish, over the flow items finished {span}.",
        "flow_efficiency": "The active hours divided by all hours from start to finish, over the flow items finished "
        "{span}.",
        "flow_load": "The flow items that were started and neither finished nor cancelled on {end}.",
        "flow_distribution": "The share of each kind among the flow items finished {span}.",
    }
)

Topic = Callable[[DeliveryFacts], list[str]]


def rule_sentences(metric_key: str, facts: DeliveryFacts, days: int) -> list[str]:
    """What is counted, over which span, and each setting of the team that the number depends on."""
    period = Period(end=facts.as_of, days=days)
    start, end = (
        when(microseconds(moment), facts.zone, beside=facts.as_of).strip() for moment in (period.start, period.end)
    )
    opening = _OPENINGS.get(metric_key, "The candidates dated {span}.").format(
        span=f"after {start} and up to {end}",
        end=end,
        days=counted(days, "day"),
        percentile=_percentile(facts.history.rules),
    )
    topics = _TOPICS.get(metric_key, ())
    zone = f"Days and weeks are those of the time zone {facts.history.rules.timezone}."
    return [opening, *(sentence for topic in topics for sentence in topic(facts)), zone]


def _percentile(rules: TeamRules) -> str:
    if rules.headline_percentile == 50:
        return "The median"
    return f"The {ordinal(rules.headline_percentile)} percentile"


def _mapped(facts: DeliveryFacts, name: str) -> str | None:
    return facts.history.index.get_jira_field(name)


def _deployments(facts: DeliveryFacts) -> list[str]:
    rules, source = facts.history.rules, facts.once(read_deployments).source
    if source is None:
        tried = [rules.deployment_source] if rules.deployment_source else list(DeploymentSource)
        return ["No deployment was found in: " + "; ".join(SOURCE_NAMES[each] for each in tried) + "."]
    chosen = "as the team has chosen" if rules.deployment_source else "the first source that yields any"
    return [f"Deployments are {SOURCE_NAMES[source]}, {chosen}.", *_SOURCE_TOPICS[source](facts)]


def _deployment_issues(facts: DeliveryFacts) -> list[str]:
    environment = _mapped(facts, "target_environment")
    where = f" and {environment} says {listed(facts.history.rules.production_environments)}" if environment else ""
    carried = "It carries the issues that it is linked to or shares a fix version with."
    return [f"An issue is a deployment when {_mapped(facts, 'deployment_date')} holds a date{where}. {carried}"]


def _releases(facts: DeliveryFacts) -> list[str]:
    pattern = facts.history.rules.version_exclude_pattern
    return [
        "A version counts from the end of its release day once it is marked as released.",
        "It carries the issues that have it as a fix version.",
        f"Versions whose names match {pattern} are no releases.",
    ]


def _status_entries(facts: DeliveryFacts) -> list[str]:
    rules = facts.history.rules
    gap = number(rules.status_entry_gap_minutes)
    return [
        f"Work is deployed when it enters {listed(rules.deployed_statuses)}.",
        f"Entries of one project within {gap} minutes of each other are one deployment.",
    ]


def _events(facts: DeliveryFacts) -> list[str]:
    names = listed(facts.history.rules.production_environments)
    return [f"A deployment counts when its environment is {names} or not given; it carries the issues that it lists."]


_SOURCE_TOPICS: Mapping[DeploymentSource, Topic] = MappingProxyType(
    {
        DeploymentSource.DEPLOYMENT_ISSUES: _deployment_issues,
        DeploymentSource.RELEASES: _releases,
        DeploymentSource.STATUS_ENTRY: _status_entries,
        DeploymentSource.EVENTS: _events,
    }
)


def _commit(facts: DeliveryFacts) -> list[str]:
    field = _mapped(facts, "code_commit_date")
    own = _mapped(facts, "deployed_to_production_date")
    first = f"A change starts at {field}; where that is empty, " if field else "No commit time is mapped, so a change "
    last = f"It reached production at {own}; where that is empty, " if own else "It reached production "
    return [
        f"{first}{'it ' if field else ''}starts when work on it began.",
        f"{last}{'it did so ' if own else ''}with the earliest deployment that carried it.",
    ]


def _incidents(facts: DeliveryFacts) -> list[str]:
    detected, resolved = _mapped(facts, "incident_detected_at"), _mapped(facts, "incident_resolved_at")
    begins = f"{detected}, else when it was created" if detected else "its creation"
    ends = f"{resolved}, else when it was finished" if resolved else "its finish"
    return [f"Incidents are {incident_rule(facts.history.rules)}.", f"An incident lasts from {begins}, until {ends}."]


def incident_rule(rules: TeamRules) -> str:
    """Which issues are incidents, as the end of a sentence."""
    if not rules.incident_any and not rules.incident_all:
        types = listed(rules.incident_types) or "none"
        return f"issues of type {types}, issues that affect production, and bugs with an impact on production"
    parts = []
    if rules.incident_any:
        parts.append("any of " + "; ".join(map(_condition, rules.incident_any)))
    if rules.incident_all:
        parts.append("all of " + "; ".join(map(_condition, rules.incident_all)))
    return "issues for which hold " + " and ".join(parts)


def _condition(condition: IncidentCondition) -> str:
    name = condition.field_id or condition.kind
    return f"{name} = {condition.value}" if condition.value else f"{name} is filled"


def _attribution(facts: DeliveryFacts) -> list[str]:
    rules = facts.history.rules
    window = rules.attribution_window_days
    within = "whenever that was" if window is None else f"no more than {counted_days(window)} earlier"
    ways = [f"by a link that reads {listed(rules.causing_links)}" if rules.causing_links else "", "by affected version"]
    if rules.incident_population is not IncidentPopulation.NAMED:
        ways.append(f"else to the latest deployment of its project, {within}")
    sentences = [f"An incident is put down to a deployment {', '.join(filter(None, ways))}."]
    if rules.attribution_overrides:
        corrections = counted(len(rules.attribution_overrides), "correction")
        sentences.append(f"Before all of these, {corrections} made by hand.")
    return sentences


def counted_days(days: float) -> str:
    amount = number(days)
    return f"{amount} day" if amount == "1" else f"{amount} days"


def _recovery(facts: DeliveryFacts) -> list[str]:
    if facts.history.rules.incident_population is IncidentPopulation.ALL:
        return ["Every incident counts, whatever caused it."]
    return ["Only incidents that are put down to a deployment count."]


def _failure(facts: DeliveryFacts) -> list[str]:
    fields = [field for name in ("deployment_successful", "change_failure") if (field := _mapped(facts, name))]
    own = f"when {listed(fields)} says so, or " if fields else ""
    return [f"A deployment failed {own}when an incident is put down to it."]


def _rework(facts: DeliveryFacts) -> list[str]:
    named = f"when its name, labels or type match {facts.history.rules.rework_pattern}"
    return [f"A deployment is an unplanned fix {named}, or when all it carried are incidents or production defects."]


def _placed(facts: DeliveryFacts) -> list[str]:
    placed = facts.history.rules.status_categories
    if not placed:
        return []
    words = (f"{status} as {CATEGORY_NAMES[StatusCategory(category)]}" for status, category in sorted(placed.items()))
    return [f"The team places {', '.join(words)}."]


def _start(facts: DeliveryFacts) -> list[str]:
    names, field = facts.history.rules.start_statuses, _mapped(facts, "work_started_date")
    entry = f"when it first enters {listed(names)}" if names else "with its first status of the category In progress"
    return [f"Work starts at {field}, else {entry}." if field else f"Work starts {entry}.", *_placed(facts)]


def _finish(facts: DeliveryFacts) -> list[str]:
    field = _mapped(facts, "work_completed_date")
    entry = "when it enters a status of the category Done that it does not leave again"
    return [f"It is finished at {field}, else {entry}." if field else f"It is finished {entry}."]


def _cancelled(facts: DeliveryFacts) -> list[str]:
    rules = facts.history.rules
    statuses = f" or in {listed(rules.cancelled_statuses)}" if rules.cancelled_statuses else ""
    return [f"Work resolved as {listed(rules.cancelled_resolutions) or 'nothing'}{statuses} was cancelled."]


def _items(facts: DeliveryFacts) -> list[str]:
    rules = facts.history.rules
    subtasks = "sub-tasks count" if rules.include_subtasks else "sub-tasks do not count"
    return [f"{listed(rules.container_types).capitalize() or 'Nothing'} are containers, not items; {subtasks}."]


def _kinds(facts: DeliveryFacts) -> list[str]:
    kinds = facts.history.rules.flow_kinds
    words = {kind: [word for word, given in kinds.items() if given == kind] for kind in FlowKind}
    return ["; ".join(f"{kind}: {listed(names, last='and')}" for kind, names in words.items() if names) + "."]


def _active(facts: DeliveryFacts) -> list[str]:
    rules = facts.history.rules
    idle = listed(rules.waiting_statuses | rules.blocked_statuses)
    active = listed(rules.active_statuses) or "any status of the category In progress" + (
        f" but {idle}" if idle else ""
    )
    return [f"Active is the time in {active}, less the time under a flag."]


def _calendar(facts: DeliveryFacts) -> list[str]:
    calendar = facts.history.rules.working_calendar
    if calendar is None:
        return ["Time is elapsed time, nights and weekends included."]
    days = ", ".join(_WEEKDAYS[day] for day in sorted(calendar.weekdays))
    hours = f"{_clock(calendar.start_hour)} to {_clock(calendar.end_hour)}"
    holidays = f", less {counted(len(calendar.holidays), 'holiday')}" if calendar.holidays else ""
    return [f"Only working time counts: {days}, {hours}{holidays}."]


def _clock(hour: float) -> str:
    minutes = round(hour * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


_FLOW: tuple[Topic, ...] = (_start, _finish, _cancelled, _items)
_TOPICS: Mapping[str, tuple[Topic, ...]] = MappingProxyType(
    {
        "deployment_frequency": (_deployments,),
        "lead_time": (_deployments, _commit, _start, _cancelled, _items, _calendar),
        "cfr": (_deployments, _failure, _incidents, _attribution),
        "mttr": (_recovery, _incidents, _deployments, _attribution, _calendar),
        "rework_rate": (_deployments, _rework),
        "flow_velocity": (*_FLOW, _kinds),
        "flow_time": (*_FLOW, _kinds, _calendar),
        "flow_efficiency": (*_FLOW, _active, _calendar),
        "flow_load": (*_FLOW, _kinds),
        "flow_distribution": (*_FLOW, _kinds),
    }
)
