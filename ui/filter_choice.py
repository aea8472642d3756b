"""Which part of the work is looked at, as it stands in the address of a page, and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode

import numpy as np

from data.filters import FACETS, Filters
from data.history import Facet
from data.reading.field_values import folded

FACET_NAMES: Mapping[str, str] = MappingProxyType(
    {"project": "Project", "issue_type": "Type", "team": "Team", "component": "Component", "label": "Label"}
)
LONGEST_TEXT = 4_000
MOST_OFFERED = 1_000


def in_address(facet: str) -> str:
    """What a facet is called in an address."""
    return FACET_NAMES[facet].lower()


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen values of each facet as the team spells them, and those asked for that nothing has."""

    values: Mapping[str, tuple[str, ...]]
    unknown: tuple[str, ...] = ()

    @property
    def filters(self) -> Filters:
        return Filters(**{facet: frozenset(values) for facet, values in self.values.items()})

    @property
    def query(self) -> str:
        """The choice as a part of an address; empty where nothing is chosen."""
        return urlencode([(in_address(facet), value) for facet, values in self.values.items() for value in values])

    @property
    def words(self) -> str:
        return "; ".join(f"{FACET_NAMES[facet].lower()} {' or '.join(values)}" for facet, values in self.values.items())

    @property
    def count(self) -> int:
        return sum(map(len, self.values.values()))


NOTHING_CHOSEN = Choice({})


def read_choice(text: str | None, facets: Mapping[str, Facet]) -> Choice:
    """What a part of an address chooses of a team's facets; whatever else it says is passed over."""
    asked: dict[str, list[str]] = {in_address(facet): [] for facet in FACETS}
    for name, value in parse_qsl((text or "")[:LONGEST_TEXT]):
        if name in asked:
            asked[name].append(value)
    values, unknown = {}, []
    for facet in FACETS:
        wanted = asked[in_address(facet)]
        spelt = {folded(name): name for name in facets[facet].names} if wanted else {}
        found = dict.fromkeys(spelt[folded(value)] for value in wanted if folded(value) in spelt)
        if found:
            values[facet] = tuple(found)
        unknown += [f"{in_address(facet)} {value}" for value in wanted if folded(value) not in spelt]
    return Choice(values, tuple(unknown))


def offered(facet: Facet) -> Sequence[str]:
    """The values to choose from, in the order of the alphabet; of very many those that most issues have."""
    names = facet.names
    if len(names) > MOST_OFFERED:
        counts = np.bincount(facet.values.other, minlength=len(names))
        names = [names[code] for code in np.argsort(-counts, kind="stable")[:MOST_OFFERED].tolist()]
    return sorted(names, key=folded)
