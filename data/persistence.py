"""What a team has set: mappings and query, kept in app_settings.json, which never holds a secret."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from configuration.redaction import is_secret_name, mask_known_secrets
from configuration.settings import app_settings_path
from data.atomic_file import write_atomically
from data.errors import SettingsInvalid
from data.model import TeamRules, iso_utc
from data.team_rules import read_team_rules

logger = logging.getLogger(__name__)

_lock = threading.Lock()


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


def note_cache(cache_key: str, config_hash: str, when: datetime, path: Path | None = None) -> None:
    """Remember which cache entry was used last; settings that cannot be read or written cost only the note."""
    metadata = {"last_cache_key": cache_key, "last_cache_timestamp": iso_utc(when), "cache_config_hash": config_hash}
    with _lock:
        try:
            save_app_settings(load_app_settings(path) | {"cache_metadata": metadata}, path)
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
