"""Corrections by hand of which deployment caused an incident, with who made them, when and why."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from configuration.settings import app_settings_path
from data.errors import SettingsInvalid
from data.model import iso_utc
from data.performance_utils import parse_jira_date
from data.persistence import change_app_settings, load_app_settings

logger = logging.getLogger(__name__)

OVERRIDES_FILE = "attribution_overrides.json"
"""Its name; it lies beside the file of the settings."""

LONGEST_NAME, LONGEST_REASON = 255, 1000


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction: `deployment` is the id, key or name of the cause, None where no deployment was.

    A `withdrawn` one says that the incident is attributed by the rules again.
    """

    incident: str
    deployment: str | None
    who: str
    when: datetime
    why: str
    withdrawn: bool = False

    def __post_init__(self) -> None:
        if self.when.tzinfo is None:
            raise ValueError("when must be an aware datetime, for example datetime(2026, 1, 31, tzinfo=UTC)")
        _text("incident", self.incident, LONGEST_NAME)
        if self.deployment is not None:
            _text("deployment", self.deployment, LONGEST_NAME)
        _text("who", self.who, LONGEST_NAME)
        _text("why", self.why, LONGEST_REASON)


def overrides_path() -> Path:
    return app_settings_path().with_name(OVERRIDES_FILE)


def load_corrections(path: Path | None = None) -> list[Correction]:
    """All corrections ever made, oldest first; none while there is no file."""
    file = path or overrides_path()
    saved = load_app_settings(file).get("corrections", [])
    if not isinstance(saved, list):
        raise _unusable(file, "“corrections” is not a list")
    return [_read(file, number, entry) for number, entry in enumerate(saved, start=1)]


def record_correction(correction: Correction, path: Path | None = None) -> None:
    """Add a correction; earlier ones of the same incident stay in the file, but the last one counts."""
    file = path or overrides_path()
    entry = asdict(correction) | {"when": iso_utc(correction.when)}

    def add(settings: dict[str, Any]) -> Mapping[str, Any]:
        return settings | {"corrections": [*settings.get("corrections", []), entry]}

    load_corrections(file)
    change_app_settings(add, file)
    logger.info(
        "The cause of an incident was corrected by hand",
        extra={"event": "attribution.corrected", "incident": correction.incident, "withdrawn": correction.withdrawn},
    )


def in_force(corrections: Iterable[Correction]) -> dict[str, str | None]:
    """Incident to deployment, or to None, as `TeamRules.attribution_overrides` takes them."""
    found: dict[str, str | None] = {}
    for correction in corrections:
        found.pop(correction.incident, None)
        if not correction.withdrawn:
            found[correction.incident] = correction.deployment
    return found


def _read(file: Path, number: int, entry: Any) -> Correction:
    if not isinstance(entry, dict):
        raise _unusable(file, f"correction {number} is not an object")
    unknown = sorted(set(entry) - set(Correction.__slots__))
    if unknown:
        raise _unusable(file, f"correction {number} has an entry “{unknown[0]}”, which means nothing here")
    when = parse_jira_date(entry.get("when"))
    if when is None or not isinstance(entry.get("withdrawn", False), bool):
        raise _unusable(file, f"correction {number} has no date, or says neither yes nor no to “withdrawn”")
    try:
        return Correction(**entry | {"when": when})
    except (TypeError, ValueError) as error:
        raise _unusable(file, f"correction {number} cannot be used: {error}") from None


def _text(name: str, value: object, longest: int) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} is empty; say it in words")
    if len(value) > longest:
        raise ValueError(f"{name} has {len(value)} characters, more than {longest}")


def _unusable(file: Path, what: str) -> SettingsInvalid:
    return SettingsInvalid(
        f"{file.name}: {what}.",
        likely_cause="The file was edited by hand.",
        next_step=f"Repair {file.name}, or move it away to go on without corrections.",
    )
