"""What each workflow status of a Jira site means to a team."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from data.model import DEFAULT_STATUS_NAMES, StatusCategory, TeamRules
from data.reading.field_values import are_texts, folded

CATEGORIES = (StatusCategory.NEW, StatusCategory.INDETERMINATE, StatusCategory.DONE)
NEW, INDETERMINATE, DONE, UNMAPPED = range(4)

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class StatusColumns:
    """One row per status met, indexed by the status codes of a history.

    `ids` may be empty; `names` are the ids where Jira gives none; `listed` is the category without the team's mapping.
    """

    ids: list[str]
    names: list[str]
    listed: npt.NDArray[np.int8]
    category: npt.NDArray[np.int8]
    starts: Flags
    active: Flags
    cancelled: Flags
    deployed: Flags


@dataclass(slots=True)
class StatusBook:
    """Gives every (id, name) pair met in a history a code, and says what the statuses mean."""

    rules: TeamRules
    _by_id: dict[str, tuple[str, StatusCategory | None]] = field(default_factory=dict)
    _by_name: dict[str, set[StatusCategory]] = field(default_factory=dict)
    _codes: dict[tuple[str, str], int] = field(default_factory=dict)

    def learn(self, statuses: Iterable[object]) -> None:
        """Add `status` objects of Jira; the first record of an id counts."""
        for status in statuses:
            if (type(status) is dict or isinstance(status, Mapping)) and not self._is_known(status.get("id")):
                self._learn_one(status)

    def _is_known(self, status_id: object) -> bool:
        return type(status_id) is str and status_id in self._by_id

    def _learn_one(self, status: Mapping[str, Any]) -> None:
        status_id, name = folded(status.get("id")), str(status.get("name") or "").strip()
        category = _category(status.get("statusCategory"))
        if status_id:
            if status_id in self._by_id:
                return
            self._by_id[status_id] = (name, category)
        if name and category:
            self._by_name.setdefault(name.casefold(), set()).add(category)

    def code(self, status_id: object, name: object) -> int:
        """The code of a status as a change item or an issue names it."""
        return self._codes.setdefault((folded(status_id), str(name or "").strip()), len(self._codes))

    def codes(self, ids: Sequence[object], names: Sequence[object]) -> Codes:
        """The codes of many; each pair of texts is looked up once."""
        pairs = [*zip(ids, names, strict=True)]
        if not are_texts([*ids, *names]):
            return np.array([self.code(*pair) for pair in pairs], dtype=np.int32)
        known = {pair: self.code(*pair) for pair in dict.fromkeys(pairs)}
        return np.array([known[pair] for pair in pairs], dtype=np.int32)

    def columns(self) -> StatusColumns:
        known = [self._known(status_id, name) for status_id, name in self._codes]
        listed = np.array([self._listed(*status) for status in known], dtype=np.int8)
        names = [name or status_id for status_id, name in known]
        return statuses_under(self.rules, [status_id for status_id, _ in known], names, listed)

    def _known(self, status_id: str, name: str) -> tuple[str, str]:
        return status_id, (self._by_id[status_id][0] or name) if status_id in self._by_id else name

    def _listed(self, status_id: str, name: str) -> int:
        own = self._by_id.get(status_id, (name, None))[1]
        agreed = self._by_name.get(name.casefold(), set())
        category = (
            own or (next(iter(agreed)) if len(agreed) == 1 else None) or DEFAULT_STATUS_NAMES.get(name.casefold())
        )
        return UNMAPPED if category is None else CATEGORIES.index(category)


def statuses_under(rules: TeamRules, ids: list[str], names: list[str], listed: npt.NDArray[np.int8]) -> StatusColumns:
    """What the statuses mean by a team's rules."""
    known = [{folded(status_id), folded(name)} - {""} for status_id, name in zip(ids, names, strict=True)]

    def named(words: frozenset[str]) -> Flags:
        chosen = {folded(word) for word in words}
        return np.array([bool(words & chosen) for words in known], dtype=np.bool_)

    team = {folded(word): CATEGORIES.index(StatusCategory(given)) for word, given in rules.status_categories.items()}
    category = np.array(
        [
            team.get(folded(status_id) or " ", team.get(folded(name) or " ", int(given)))
            for status_id, name, given in zip(ids, names, listed, strict=True)
        ],
        dtype=np.int8,
    )
    idle = named(rules.waiting_statuses) | named(rules.blocked_statuses)
    return StatusColumns(
        ids=ids,
        names=names,
        listed=listed,
        category=category,
        starts=named(rules.start_statuses) if rules.start_statuses else category == INDETERMINATE,
        active=named(rules.active_statuses) if rules.active_statuses else (category == INDETERMINATE) & ~idle,
        cancelled=named(rules.cancelled_statuses),
        deployed=named(rules.deployed_statuses),
    )


def _category(value: object) -> StatusCategory | None:
    key = folded(value.get("key")) if isinstance(value, Mapping) else ""
    return StatusCategory(key) if key in set(CATEGORIES) else None
