"""The rules and mappings in force as plain JSON, their version, and what differs between two of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypedDict

from data.model import TeamRules
from data.performance_utils import FieldMappingIndex


class RuleChange(TypedDict):
    """One rule, or one mapped field, before and after, as plain JSON; `sentence` says it in words."""

    rule: str
    before: Any
    after: Any
    sentence: str


def config_version(rules: TeamRules, index: FieldMappingIndex) -> str:
    """Twelve hex digits that change when the rules or the field mapping do."""
    text = json.dumps({"rules": plain(rules), "fields": index.as_dict()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def plain(value: object) -> Any:
    """JSON with one form for equal rules: sets sorted, mappings and dataclasses as objects, the rest as text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, frozenset):
        return sorted((plain(item) for item in value), key=str)
    return [plain(item) for item in value] if isinstance(value, tuple) else str(value)


def rule_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[RuleChange]:
    """The entries that differ between two states of the rules, or of the mapping, as plain JSON."""
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return [
        {"rule": name, "before": before.get(name), "after": after.get(name), "sentence": _sentence(name, before, after)}
        for name in names
    ]


def _sentence(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    title = name.replace("_", " ").capitalize()
    return f"{title}: {_words(before.get(name))}, now {_words(after.get(name))}."


def _words(value: Any) -> str:
    if value is None or value in ([], {}, ""):
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_words(item)}" for name, item in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
