"""What a team has set: mappings and query, kept in app_settings.json, which never holds a secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from configuration.redaction import is_secret_name, mask_known_secrets
from configuration.settings import SCHEDULES, app_settings_path
from data.errors import SettingsInvalid
from data.model import TeamRules, iso_utc
from data.storage.atomic_file import write_atomically
from data.team_rules import read_team_rules

logger = logging.getLogger(__name__)

LOCK_SECONDS = 10.0


def load_app_settings(path: Path | None = None) -> dict[str, Any]:
    """All saved settings; empty when nothing has been saved yet."""
    file = path or app_settings_path()
    try:
        settings = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsInvalid(f"{file.name} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise SettingsInvalid(f"{file.name} is not JSON: {error}.") from None
    if not isinstance(settings, dict):
        raise SettingsInvalid(f"{file.name} holds a {type(settings).__name__} where an object belongs.")
    return settings


def save_app_settings(settings: Mapping[str, Any], path: Path | None = None) -> None:
    """Replace all saved settings. A secret among them is refused, not saved."""
    file = path or app_settings_path()
    _refuse_secrets(settings, "")
    text = json.dumps(settings, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    try:
        write_atomically(file, text.encode() + b"\n")
    except OSError as error:
        raise SettingsInvalid(
            f"{file.name} cannot be written: {error.strerror}.",
            likely_cause="The disk is full, or the folder belongs to somebody else.",
            next_step="Make room, or set SIGHTLINE_SETTINGS to a file that may be written.",
        ) from None


def load_team_rules(app_settings: Mapping[str, Any], account_timezone: str) -> TeamRules:
    """The rules under `team_rules`; without a time zone among them, the zone of the Jira account."""
    return read_team_rules(app_settings.get("team_rules", {}), account_timezone)


def load_schedule(app_settings: Mapping[str, Any], default: int) -> int:
    """The minutes between two readings that were chosen on the page, else the default; 0 is none."""
    minutes = app_settings.get("schedule_minutes", default)
    if type(minutes) is not int or minutes not in SCHEDULES:
        raise SettingsInvalid(
            f"schedule_minutes is {json.dumps(minutes)[:40]}, which is none of {', '.join(map(str, SCHEDULES))}.",
            likely_cause="The settings file was edited by hand.",
            next_step="Choose a schedule on the page Data, or take schedule_minutes out of the settings file.",
        )
    return minutes


def change_app_settings(change: Callable[[dict[str, Any]], Mapping[str, Any]], path: Path | None = None) -> None:
    """Load, change and save, while no other thread or process does the same."""
    file = path or app_settings_path()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(file.with_name(f".{file.name}.lock"), timeout=LOCK_SECONDS):
            save_app_settings(change(load_app_settings(file)), file)
    except OSError as error:
        raise SettingsInvalid(
            f"{file.name} cannot be changed: {error.strerror or 'another process holds it'}.",
            likely_cause="The folder belongs to somebody else, or another process is stuck.",
            next_step="Try again, or set SIGHTLINE_SETTINGS to a file that may be written.",
        ) from None


def note_cache(cache_key: str, config_hash: str, when: datetime, path: Path | None = None) -> None:
    """Remember which cache entry was used last; settings that cannot be read or written cost only the note."""
    metadata = {"last_cache_key": cache_key, "last_cache_timestamp": iso_utc(when), "cache_config_hash": config_hash}
    try:
        change_app_settings(lambda settings: settings | {"cache_metadata": metadata}, path)
    except SettingsInvalid as error:
        logger.warning(
            "The cache entry in use could not be noted: %s", error, extra={"event": "settings.cache_not_noted"}
        )


def _refuse_secrets(value: Any, name: str) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            _refuse_secrets(item, str(key))
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_secrets(item, name)
    elif isinstance(value, str) and value and (is_secret_name(name) or mask_known_secrets(value) != value):
        raise SettingsInvalid(
            f"The entry “{name}” holds a secret, which is not written to a file.",
            likely_cause="A token or password was entered in another field than its own.",
            next_step="Give the token in the environment as JIRA_TOKEN, and leave it out of the settings.",
        )
