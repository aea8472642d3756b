"""A team's history, opened from the columns that are kept of it, or read from the issues once and then kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from data.cache_manager import invalidate_cache
from data.config_version import plain
from data.derived_cache import Derivation, derived
from data.errors import StoreDamaged
from data.history import DeliveryHistory, read_history
from data.history_columns import from_document, to_document
from data.jira_simple import KeptTeam, TeamData
from data.model import JiraIssue, TeamRules
from data.other_rules import READ_AGAIN, history_under
from data.performance_utils import FieldMappingIndex

logger = logging.getLogger(__name__)

COLUMNS = "history"
"""What the document is called among the results that are kept."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A history, and what its issues are about by their keys."""

    history: DeliveryHistory
    summaries: Mapping[str, str]


def columns_of(issues: Sequence[JiraIssue], data: TeamData, rules: TeamRules, index: FieldMappingIndex) -> Columns:
    """The issues as they were read, in columns."""
    history = read_history(issues, index, rules, versions=data.versions, statuses=data.statuses)
    return Columns(history, _summaries_of(issues))


def what_decides_reading(rules: TeamRules) -> dict[str, Any]:
    """The rules that decide what is read from an issue; by the others the same columns are told anew."""
    return {name: value for name, value in plain(rules).items() if name in READ_AGAIN}


def opened(
    kept: KeptTeam, derivation: Derivation, rules: TeamRules, *, cache_dir: Path, clock: Callable[[], datetime]
) -> Columns:
    """The history of what is kept; StoreDamaged where neither its columns nor its issues can be read any more."""
    index = FieldMappingIndex(derivation.field_mappings)

    def read() -> dict[str, Any]:
        found = columns_of(kept.issues(), kept.data, rules, index)
        return {"columns": to_document(found.history), "summaries": found.summaries}

    def look() -> Columns | str:
        """The columns, or what is wrong with those that are kept."""
        document = derived(derivation, read, cache_dir, clock=clock).value
        try:
            history = from_document(document["columns"], rules, index)
            return Columns(history_under(history, rules), document["summaries"])
        except (ValueError, KeyError, TypeError) as damage:
            return str(damage)

    found = look()
    if isinstance(found, str):
        facts = {"cache_key": derivation.key, "reason": found}
        logger.warning(
            "The columns that are kept cannot be used: the issues are read again",
            extra={"event": "team.columns_unusable", **facts},
        )
        invalidate_cache(derivation.key, cache_dir)
        found = look()
    if isinstance(found, str):
        raise StoreDamaged(found)
    return found


def _summaries_of(issues: Iterable[JiraIssue]) -> dict[str, str]:
    found = {}
    for issue in issues:
        fields = issue.get("fields")
        summary = fields.get("summary") if isinstance(fields, dict) else None
        if isinstance(summary, str):
            found[str(issue.get("key"))] = summary
    return found
