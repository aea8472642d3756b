"""What an issue is to the metrics: deployment, incident, work item, flow item, and of which kind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from typing import Any, NamedTuple

from data.model import DEFAULT_FLOW_KINDS, FlowKind, IncidentCondition, TeamRules
from data.performance_utils import FieldMappingIndex
from data.reading.field_values import folded, is_filled, matches, objects, says_yes, texts

Fields = Mapping[str, Any]

_TELLING = ("effort_category", "flow_item_type", "production_impact", "affected_environment")
"""The mapped fields that may tell issues of one type apart."""


class IssueType(NamedTuple):
    """A type's name, and whether its issues are neither containers nor sub-tasks that are left out."""

    name: str
    counted: bool


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of one issue; `kind` is meaningful for flow items, the rest does not depend on time."""

    deployment: bool
    incident: bool
    carriable: bool
    work_item: bool
    flow_item: bool
    production_defect: bool
    kind: FlowKind


ROLES = tuple(part.name for part in fields_of(Roles) if part.name != "kind")


@dataclass(slots=True)
class RoleReader:
    """Applies a team's rules about types, kinds and incidents to the fields of one issue after another."""

    rules: TeamRules
    index: FieldMappingIndex
    _kinds: dict[str, FlowKind] = field(init=False)
    _containers: frozenset[str] = field(init=False)
    _incident_types: frozenset[str] = field(init=False)
    _environments: frozenset[str] = field(init=False)
    _own_types: frozenset[str] = field(init=False)
    _rework: re.Pattern[str] = field(init=False)
    _reworked: dict[str, bool] = field(init=False, default_factory=dict)
    _types: dict[tuple[object, ...], IssueType] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._kinds = {folded(word): kind for word, kind in self.rules.flow_kinds.items()}
        self._containers = frozenset(map(folded, self.rules.container_types))
        self._incident_types = frozenset(map(folded, self.rules.incident_types))
        self._environments = frozenset(map(folded, self.rules.production_environments))
        self._own_types = frozenset(word for word, kind in self._kinds.items() if DEFAULT_FLOW_KINDS.get(word) != kind)
        self._rework = re.compile(self.rules.rework_pattern)

    def mapped(self, fields: Fields, name: str) -> Any:
        """The value of a logical field, None when it is not mapped."""
        field_id = self.index.get_jira_field(name)
        return fields.get(field_id) if field_id else None

    def read(self, fields: Sequence[Fields], types: Sequence[IssueType], deployments: Sequence[bool]) -> list[Roles]:
        """The roles of many issues; those that nothing but their type tells apart are looked at once."""
        telling = [field_id for name in _TELLING if (field_id := self.index.get_jira_field(name))]
        conditions = bool(self.rules.incident_any or self.rules.incident_all)
        known: dict[tuple[IssueType, bool], Roles] = {}
        found = []
        for own, issue_type, is_deployment in zip(fields, types, deployments, strict=True):
            is_told = conditions or any(own.get(field_id) is not None for field_id in telling)
            role = None if is_told else known.get((issue_type, is_deployment))
            if role is None:
                role = self._read(own, issue_type, is_deployment=is_deployment)
            if not is_told:
                known[issue_type, is_deployment] = role
            found.append(role)
        return found

    def _read(self, fields: Fields, issue_type: IssueType, *, is_deployment: bool) -> Roles:
        incident = not is_deployment and self._is_incident(fields, issue_type.name)
        work_item = issue_type.counted and not is_deployment and not incident
        kind = self._kind(fields, issue_type.name)
        return Roles(
            deployment=is_deployment,
            incident=incident,
            carriable=work_item or incident,
            work_item=work_item,
            flow_item=work_item or ((is_deployment or incident) and issue_type.name in self._own_types),
            production_defect=kind is FlowKind.DEFECT and (self._hits_production(fields)),
            kind=kind,
        )

    def type_of(self, fields: Fields) -> IssueType:
        told = fields.get("issuetype")
        if type(told) is not dict:
            return self._look_at_type(told)
        parts = [told.get(name) for name in ("value", "name", "subtask", "hierarchyLevel")]
        key = (*parts, *map(type, parts))
        try:
            return self._types[key]
        except KeyError:
            return self._types.setdefault(key, self._look_at_type(told))
        except TypeError:  # a list or an object where a name should be
            return self._look_at_type(told)

    def _look_at_type(self, issue_type: object) -> IssueType:
        details = issue_type if isinstance(issue_type, Mapping) else {}
        type_name = next(texts(issue_type), "")
        level = details.get("hierarchyLevel")
        level = level if isinstance(level, int) else 0
        container = type_name in self._containers or level >= 1
        subtask = details.get("subtask") is True or level < 0
        return IssueType(type_name, not container and (self.rules.include_subtasks or not subtask))

    def in_production(self, fields: Fields) -> bool:
        """Whether a deployment issue's environment is production; true where no environment is mapped."""
        unmapped = self.index.get_jira_field("target_environment") is None
        return unmapped or matches(self.mapped(fields, "target_environment"), self._environments)

    def look_like_rework(self, fields: Sequence[Fields], types: Sequence[IssueType]) -> list[bool]:
        return [self._looks_like_rework(own, own_type.name) for own, own_type in zip(fields, types, strict=True)]

    def _looks_like_rework(self, fields: Fields, type_name: str) -> bool:
        summary, labels = fields.get("summary"), fields.get("labels")
        if isinstance(summary, str) and self._rework.search(summary):
            return True
        words = labels if isinstance(labels, list) else ()
        return self._word_is_rework(type_name) or any(
            isinstance(word, str) and self._word_is_rework(word) for word in words
        )

    def _word_is_rework(self, word: str) -> bool:
        """The same few labels and types come again and again."""
        if word not in self._reworked:
            self._reworked[word] = self._rework.search(word) is not None
        return self._reworked[word]

    def _kind(self, fields: Fields, type_name: str) -> FlowKind:
        for name in ("effort_category", "flow_item_type"):
            value = self.mapped(fields, name)
            for text in texts(value) if value is not None else ():
                if text in self._kinds:
                    return self._kinds[text]
        return self._kinds.get(type_name, FlowKind.UNMAPPED)

    def _hits_production(self, fields: Fields) -> bool:
        return says_yes(self.mapped(fields, "production_impact")) or self._affects_production(fields)

    def _affects_production(self, fields: Fields) -> bool:
        return matches(self.mapped(fields, "affected_environment"), self._environments)

    def _is_incident(self, fields: Fields, type_name: str) -> bool:
        some, every = self.rules.incident_any, self.rules.incident_all
        if some or every:
            return (not some or any(_holds(condition, fields) for condition in some)) and all(
                _holds(condition, fields) for condition in every
            )
        impact = type_name == "bug" and says_yes(self.mapped(fields, "production_impact"))
        return type_name in self._incident_types or impact or self._affects_production(fields)


_CONDITION_FIELDS = {"type": "issuetype", "label": "labels", "component": "components", "priority": "priority"}


def _holds(condition: IncidentCondition, fields: Fields) -> bool:
    wanted = folded(condition.value)
    if condition.kind == "link":
        return any(wanted in _readings(link) for link in objects(fields.get("issuelinks")))
    if condition.kind == "field":
        value = fields.get(condition.field_id)
        return matches(value, {wanted}) if wanted else is_filled(value)
    return matches(fields.get(_CONDITION_FIELDS[condition.kind]), {wanted})


def _readings(link: Mapping[str, Any]) -> set[str]:
    link_type = link.get("type")
    return (
        {folded(link_type.get(name)) for name in ("name", "inward", "outward")}
        if isinstance(link_type, Mapping)
        else set()
    )
