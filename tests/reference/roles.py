"""What an issue is to the metrics: deployment issue, incident, work item, flow item, and of which kind."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any

from data.model import DEFAULT_FLOW_KINDS, FlowKind, IncidentCondition
from tests.reference.fields import (
    fold,
    fold_all,
    is_filled,
    mapped,
    mapped_instant,
    matches_any,
    objects,
    same,
    says_yes,
    texts,
)
from tests.reference.issues import Item


class Role(Enum):
    """The part an issue plays; the first that applies, in this order."""

    DEPLOYMENT_ISSUE = auto()
    INCIDENT = auto()
    CONTAINER = auto()
    SUBTASK = auto()
    WORK_ITEM = auto()


def issue_type(item: Item) -> dict[str, Any]:
    value = item.fields.get("issuetype")
    return value if isinstance(value, dict) else {}


def type_name(item: Item) -> str:
    name = issue_type(item).get("name")
    return fold(name) if isinstance(name, str) else ""


def field_of(item: Item, name: str) -> Any:
    return mapped(item.raw, item.team.mappings, name)


def role(item: Item) -> Role:
    """The role, looked for once: every metric asks for it again for every week."""
    if "role" not in vars(item):
        vars(item)["role"] = _role(item)
    found: Role = vars(item)["role"]
    return found


def _role(item: Item) -> Role:
    if mapped_instant(item.raw, item.team.mappings, "deployment_date") is not None:
        return Role.DEPLOYMENT_ISSUE
    if matches_incident_rule(item):
        return Role.INCIDENT
    if type_name(item) in fold_all(item.team.rules.container_types) or _level(item) >= 1:
        return Role.CONTAINER
    is_subtask = issue_type(item).get("subtask") is True or _level(item) < 0
    if is_subtask and not item.team.rules.include_subtasks:
        return Role.SUBTASK
    return Role.WORK_ITEM


def _level(item: Item) -> int:
    level = issue_type(item).get("hierarchyLevel")
    return level if isinstance(level, int) and not isinstance(level, bool) else 0


def matches_incident_rule(item: Item) -> bool:
    rules = item.team.rules
    if not rules.incident_any and not rules.incident_all:
        return _matches_default_rule(item)
    any_holds = not rules.incident_any or any(_holds(condition, item) for condition in rules.incident_any)
    all_hold = all(_holds(condition, item) for condition in rules.incident_all)
    return any_holds and all_hold


def _matches_default_rule(item: Item) -> bool:
    if _type_words(item) & fold_all(item.team.rules.incident_types):
        return True
    if is_in_production(item, "affected_environment"):
        return True
    return type_name(item) == "bug" and says_yes(field_of(item, "production_impact"))


def _type_words(item: Item) -> set[str]:
    return fold_all(word for word in (issue_type(item).get("name"), issue_type(item).get("id")) if word)


def is_in_production(item: Item, field_name: str) -> bool:
    return matches_any(field_of(item, field_name), item.team.rules.production_environments)


def _holds(condition: IncidentCondition, item: Item) -> bool:
    fields = item.fields
    if condition.kind == "type":
        return fold(condition.value) in _type_words(item)
    if condition.kind == "label":
        return matches_any(fields.get("labels"), [condition.value])
    if condition.kind == "component":
        return matches_any(fields.get("components"), [condition.value])
    if condition.kind == "priority":
        return matches_any(fields.get("priority"), [condition.value])
    if condition.kind == "link":
        return any(_link_says(link, condition.value) for link in objects(fields.get("issuelinks")))
    value = fields.get(condition.field_id)
    return matches_any(value, [condition.value]) if condition.value else is_filled(value)


def _link_says(link: dict[str, Any], word: str) -> bool:
    kind = link.get("type")
    return isinstance(kind, dict) and any(same(kind.get(part), word) for part in ("name", "inward", "outward"))


def kind(item: Item) -> FlowKind:
    table = {fold(word): flow_kind for word, flow_kind in item.team.rules.flow_kinds.items()}
    words = [*texts(field_of(item, "effort_category")), *texts(field_of(item, "flow_item_type")), type_name(item)]
    for word in words:
        if fold(word) in table:
            return table[fold(word)]
    return FlowKind.UNMAPPED


def is_flow_item(item: Item) -> bool:
    part = role(item)
    if part in (Role.DEPLOYMENT_ISSUE, Role.INCIDENT):
        table = {fold(word): flow_kind for word, flow_kind in item.team.rules.flow_kinds.items()}
        own = table.get(type_name(item))
        return own is not None and own != DEFAULT_FLOW_KINDS.get(type_name(item))
    return part is Role.WORK_ITEM


def is_production_defect(item: Item) -> bool:
    if kind(item) != FlowKind.DEFECT:
        return False
    return says_yes(field_of(item, "production_impact")) or is_in_production(item, "affected_environment")
