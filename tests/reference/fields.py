"""Values of a Jira field, whatever its type: text, select, list, yes or no."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from data.model import FALSE_WORDS, JiraIssue
from tests.reference.instants import read_instant


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; what is not a list or not an object is left out."""
    if not isinstance(value, list):
        return []
    return [entry for entry in value if isinstance(entry, dict)]


def text_id(value: Any) -> str | None:
    """An id as text, whether Jira sent text or a number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) or None


def text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def same(left: str | None, right: str | None) -> bool:
    return left is not None and right is not None and fold(left) == fold(right)


def fold(word: Any) -> str:
    return str(word).strip().casefold()


def fold_all(words: Any) -> set[str]:
    return {fold(word) for word in words}


def is_filled(value: Any) -> bool:
    if value is None or value == []:
        return False
    return not (isinstance(value, str) and not value.strip())


def texts(value: Any) -> list[str]:
    """Every text a field offers: a select is its `value`, else its `name`; a list gives each element's."""
    if isinstance(value, list):
        return [word for element in value for word in texts(element)]
    if isinstance(value, dict):
        chosen = value.get("value")
        return texts(chosen if chosen is not None else value.get("name"))
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, str):
        return [value.strip()] if value.strip() else []
    return [] if value is None else [str(value)]


def _is_no(value: Any) -> bool:
    if isinstance(value, list):
        return all(_is_no(element) for element in value)
    if isinstance(value, dict):
        words = texts(value)
        return bool(words) and all(_is_no(word) for word in words)
    if isinstance(value, bool | int | float):
        return not value
    return isinstance(value, str) and fold(value) in FALSE_WORDS


def says_no(value: Any) -> bool:
    return is_filled(value) and _is_no(value)


def says_yes(value: Any) -> bool:
    return is_filled(value) and not _is_no(value)


def mapped(issue: JiraIssue, mappings: Mapping[str, str], name: str) -> Any:
    field_id = mappings.get(name)
    return issue["fields"].get(field_id) if field_id else None


def mapped_instant(issue: JiraIssue, mappings: Mapping[str, str], name: str) -> datetime | None:
    return read_instant(mapped(issue, mappings, name))


def matches_any(value: Any, words: Any) -> bool:
    folded = fold_all(words)
    return any(fold(word) in folded for word in texts(value))
