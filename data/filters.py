"""Which part of the work is looked at: filters over project, type, team, component, label, and what they pick from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from data.performance_utils import FieldMappingIndex
from data.reading.field_values import folded, spelt

Codes = npt.NDArray[np.int32]

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


class FacetRows(NamedTuple):
    """The values of one facet as they were first spelt; and which issue has which of them, by position."""

    names: list[str]
    issues: Codes
    codes: Codes


def read_facets(records: Sequence[Mapping[str, Any]], index: FieldMappingIndex) -> dict[str, FacetRows]:
    """What each issue's fields say for every facet; a project goes by its key, else its name, else its id."""
    jira_fields = {"issue_type": "issuetype", "component": "components", "label": "labels"}
    jira_fields["team"] = index.get_jira_field("team") or ""
    told = {"project": [_project(record.get("project")) for record in records]}
    for facet, jira_field in jira_fields.items():
        values = [record.get(jira_field) for record in records]
        told[facet] = [_texts(value) if value else () for value in values]
    return {facet: _rows(told[facet]) for facet in FACETS}


def _rows(told: Sequence[Sequence[str]]) -> FacetRows:
    values = [*chain.from_iterable(told)]
    numbers: dict[str, int] = {}
    known, names = {"": -1}, list[str]()
    for spelling in filter(None, dict.fromkeys(values)):
        known[spelling] = numbers.setdefault(spelling.casefold(), len(numbers))
        if len(numbers) > len(names):
            names.append(spelling)
    codes = np.array([known[value] for value in values], dtype=np.int32)
    issues = np.repeat(np.arange(len(told), dtype=np.int32), [*map(len, told)])
    filled = np.flatnonzero(codes >= 0)
    _, first = np.unique(issues[filled] * np.int64(len(names)) + codes[filled], return_index=True)
    rows = filled[np.sort(first)]
    return FacetRows(names, issues[rows], codes[rows])


def _texts(value: Any) -> Sequence[str]:
    """What `spelt` gives; the two shapes that are met most are told at once."""
    if type(value) is list and len(value) == 1:
        value = value[0]
    if type(value) is str:
        return (value.strip(),)
    if type(value) is dict and "value" not in value and type(value.get("name")) is str:
        return (value["name"].strip(),)
    return [*spelt(value)]


def _project(value: object) -> Sequence[str]:
    if not isinstance(value, dict):
        return ()
    return next(([name] for part in ("key", "name", "id") if (name := str(value.get(part) or "").strip())), ())
