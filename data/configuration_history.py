"""Every version of a team's rules and mappings with the time from which it held."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, TypedDict

from configuration.settings import app_settings_path
from data.config_version import RuleChange, config_version, plain, rule_changes
from data.errors import SettingsInvalid
from data.model import TeamRules, iso_utc
from data.performance_utils import FieldMappingIndex, parse_jira_date
from data.persistence import change_app_settings, load_app_settings

logger = logging.getLogger(__name__)


VERSIONS_FILE = "configuration_versions.json"
"""Its name; it lies beside the file of the settings."""


class ConfigurationVersion(TypedDict):
    """The rules and the mapping, as plain JSON, that held from `at` until the next version."""

    at: str
    version: str
    rules: dict[str, Any]
    field_mappings: dict[str, str]


class DefinitionChange(TypedDict):
    """A moment at which the definition of the numbers changed, for a mark on a trend."""

    at: str
    version: str
    changes: list[RuleChange]


def versions_path() -> Path:
    return app_settings_path().with_name(VERSIONS_FILE)


def note_configuration(
    rules: TeamRules, field_mappings: Mapping[str, str], when: datetime, path: Path | None = None
) -> bool:
    """Keep the configuration if it is another than the last one kept; whether it was.

    A file that cannot be read or written costs only the note.
    """
    file, index = path or versions_path(), FieldMappingIndex(field_mappings)
    entry: ConfigurationVersion = {
        "at": iso_utc(when),
        "version": config_version(rules, index),
        "rules": plain(rules),
        "field_mappings": index.as_dict(),
    }
    try:
        return _keep(entry, file)
    except SettingsInvalid as error:
        logger.warning(
            "The version of the rules could not be noted: %s", error, extra={"event": "configuration.not_noted"}
        )
        return False


def _keep(entry: ConfigurationVersion, file: Path) -> bool:
    known = configuration_versions(file)
    if known and known[-1]["version"] == entry["version"]:
        return False

    def add(settings: dict[str, Any]) -> Mapping[str, Any]:
        kept = settings.get("versions", [])
        same = bool(kept) and kept[-1]["version"] == entry["version"]
        return settings if same else settings | {"versions": [*kept, entry]}

    change_app_settings(add, file)
    logger.info(
        "The team's rules or mappings have changed",
        extra={"event": "configuration.changed", "version": entry["version"]},
    )
    return True


def configuration_versions(path: Path | None = None) -> list[ConfigurationVersion]:
    """All versions kept, oldest first."""
    file = path or versions_path()
    saved = load_app_settings(file).get("versions", [])
    if not isinstance(saved, list) or not all(map(_is_version, saved)):
        raise SettingsInvalid(
            f"{file.name} holds something that is no version of the configuration.",
            likely_cause="The file was edited by hand.",
            next_step=f"Move {file.name} away: a new one begins with the rules in force now.",
        )
    return saved


def definition_changes(
    versions: Sequence[ConfigurationVersion], start: datetime, end: datetime
) -> list[DefinitionChange]:
    """Each change after `start` and up to `end`, with the rules and fields that it changed."""
    found: list[DefinitionChange] = []
    for before, after in pairwise(versions):
        at = parse_jira_date(after["at"])
        if at is not None and start < at <= end:
            changes = rule_changes(before["rules"], after["rules"])
            changes += rule_changes(before["field_mappings"], after["field_mappings"])
            found.append({"at": after["at"], "version": after["version"], "changes": changes})
    return found


def _is_version(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and set(entry) == set(ConfigurationVersion.__annotations__)
        and parse_jira_date(entry["at"]) is not None
        and isinstance(entry["version"], str)
        and isinstance(entry["rules"], dict)
        and isinstance(entry["field_mappings"], dict)
    )
