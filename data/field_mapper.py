"""Which Jira field holds which fact, as the team has set it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from data.errors import SettingsInvalid
from data.model import LOGICAL_FIELDS
from data.performance_utils import FieldMappingIndex
from data.persistence import load_app_settings

_FIELD_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,100}")


def get_field_mappings(path: Path | None = None) -> dict[str, str]:
    """Logical name to Jira field id; names left empty are not mapped."""
    saved = load_app_settings(path).get("field_mappings", {})
    if not isinstance(saved, dict):
        raise SettingsInvalid("The entry “field_mappings” is not an object of names and field ids.")
    mappings = {name: field_id for name, field_id in saved.items() if field_id not in ("", None)}
    for name, field_id in mappings.items():
        if name not in LOGICAL_FIELDS:
            raise SettingsInvalid(f"“{name}” in field_mappings is none of: {', '.join(LOGICAL_FIELDS)}.")
        if not isinstance(field_id, str) or not _FIELD_ID.fullmatch(field_id):
            raise SettingsInvalid(f"“{name}” in field_mappings is not a field id such as customfield_10016.")
    return mappings


def create_field_mapping_index(field_mappings: Mapping[str, str]) -> FieldMappingIndex:
    return FieldMappingIndex(field_mappings)
