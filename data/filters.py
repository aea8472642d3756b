"""Which part of the work is looked at: filters over project, type, team, component, label, and what they pick from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from data.performance_utils import FieldMappingIndex
from data.reading.field_values import folded, spelt

FACETS = ("project", "issue_type", "team", "component", "label")


@dataclass(frozen=True, slots=True)
class Filters:
    """The work to look at: within a set any value will do, an empty set asks nothing, all sets must agree.

    Values are compared case-insensitively with the names of a history's facets.
    """

    project: frozenset[str] = frozenset()
    issue_type: frozenset[str] = frozenset()
    team: frozenset[str] = frozenset()
    component: frozenset[str] = frozenset()
    label: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for facet in fields(self):
            object.__setattr__(self, facet.name, frozenset(map(folded, getattr(self, facet.name))))

    def __bool__(self) -> bool:
        return any(True for _ in self.asked())

    def asked(self) -> Iterator[tuple[str, frozenset[str]]]:
        """The facets that something is asked of, with the folded values that will do."""
        for facet in FACETS:
            values: frozenset[str] = getattr(self, facet)
            if values:
                yield facet, values


@dataclass(slots=True)
class FacetReader:
    """Collects the values of one facet: which issue has which, and how each was first spelt."""

    names: list[str] = field(default_factory=list)
    issues: list[int] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    _known: dict[str, int] = field(default_factory=dict)

    def add(self, issue: int, values: Iterable[str]) -> None:
        codes = [self._known[value] if value in self._known else self._learn(value) for value in values if value]
        for code in codes if len(codes) < 2 else dict.fromkeys(codes):
            self.issues.append(issue)
            self.codes.append(code)

    def _learn(self, value: str) -> int:
        code = self._known.setdefault(value.casefold(), len(self.names))
        if code == len(self.names):
            self.names.append(value)
        self._known[value] = code
        return code


def read_facets(records: Sequence[Mapping[str, Any]], index: FieldMappingIndex) -> dict[str, FacetReader]:
    """What each issue's fields say for every facet; a project goes by its key, else its name, else its id."""
    jira_fields = {"issue_type": "issuetype", "component": "components", "label": "labels"}
    jira_fields["team"] = index.get_jira_field("team") or ""
    found = {facet: FacetReader() for facet in FACETS}
    for issue, record in enumerate(records):
        found["project"].add(issue, _project(record.get("project")))
        for facet, jira_field in jira_fields.items():
            value = record.get(jira_field)
            if value:
                found[facet].add(issue, _texts(value))
    return found


def _texts(value: Any) -> Iterable[str]:
    """What `spelt` gives; the two shapes that are met most are told at once."""
    if type(value) is list and len(value) == 1:
        value = value[0]
    if type(value) is str:
        return (value.strip(),)
    if type(value) is dict and "value" not in value and type(value.get("name")) is str:
        return (value["name"].strip(),)
    return spelt(value)


def _project(value: object) -> Iterable[str]:
    if not isinstance(value, dict):
        return ()
    return next(([name] for part in ("key", "name", "id") if (name := str(value.get(part) or "").strip())), ())
