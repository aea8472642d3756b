"""Keeps what was fetched in files that are believed only when every byte of them is as it was written."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from configuration.clock import utc_now
from configuration.request_notes import note_cache
from data.model import iso_utc
from data.storage.atomic_file import write_atomically
from data.storage.bounds import keep_within
from data.storage.cache_entry import (
    CACHE_VERSION,
    CLOCK_TOLERANCE,
    Entry,
    created,
    encoded,
    entry_path,
    fingerprint,
    read_data,
    read_entry,
    seal,
)
from data.storage.quarantine import set_aside

logger = logging.getLogger(__name__)

FRESH_HOURS = 24.0
_KIND = "answer 1"


def generate_cache_key(
    jql_query: str | None, field_mappings: Mapping[str, str], time_period_days: int | None, **identity: Any
) -> str:
    """The name of the entry for this question; `identity` says who asks whom (site, account, API version)."""
    question = {"jql": (jql_query or "").strip(), "mappings": dict(field_mappings), "days": time_period_days}
    return fingerprint({**question, "identity": identity, "version": CACHE_VERSION})


def save_cache(
    cache_key: str,
    data: Any,
    config_hash: str,
    cache_dir: str | Path = "cache",
    *,
    question: Mapping[str, Any] | None = None,
    kind: str = _KIND,
    clock: Callable[[], datetime] = utc_now,
) -> Path | None:
    """Write the entry; None, with a warning logged, where the disk does not take it.

    `question` may hold the `jql_query`, `field_mappings` and `time_period_days` that the data answers. Other entries
    make room where it takes too much.
    """
    path, now = entry_path(cache_key, cache_dir), clock()
    metadata = created(now, cache_key, config_hash, kind) | {
        "expires_at": iso_utc(now + timedelta(hours=FRESH_HOURS)),
        "issue_count": _issue_count(data),
        "jql_query": (question or {}).get("jql_query"),
        "question": dict(question) if question is not None else None,
    }
    try:
        entry = seal(metadata, encoded(data, in_order=True))
        write_atomically(path, entry.text)
    except OSError as error:
        _not_saved(cache_key, error.strerror or "no reason given")
        return None
    except (ValueError, RecursionError):
        _not_saved(cache_key, "it cannot be written as JSON")
        return None
    facts = {"cache_key": cache_key, "data_size_bytes": len(entry.content), "issue_count": metadata["issue_count"]}
    logger.info("The data is kept for the next question", extra={"event": "cache.saved", **facts})
    keep_within(Path(cache_dir), just_saved=cache_key)
    return path


def _not_saved(cache_key: str, reason: str) -> None:
    facts = {"cache_key": cache_key, "reason": reason}
    logger.warning("The data could not be kept: %s", reason, extra={"event": "cache.not_saved", **facts})


def _issue_count(data: Any) -> int:
    issues = data.get("issues") if isinstance(data, dict) else data
    return len(issues) if isinstance(issues, list) else 0


def load_cache_with_validation(
    cache_key: str,
    config_hash: str,
    max_age_hours: float = FRESH_HOURS,
    cache_dir: str | Path = "cache",
    *,
    clock: Callable[[], datetime] = utc_now,
) -> tuple[bool, Any]:
    """`(True, data)` for a sound, fresh entry made for this configuration, else `(False, None)`."""
    found = kept_data(cache_key, cache_dir, kind=_KIND, clock=clock)
    if found is None:
        return _missed(cache_key, "absent or damaged")
    entry, data = found
    age = clock() - entry.created_at
    if entry.metadata["config_hash"] != config_hash:
        return _missed(cache_key, "made for another configuration")
    if age >= timedelta(hours=max_age_hours):
        return _missed(cache_key, "too old")
    facts = {"cache_key": cache_key, "age_seconds": round(age.total_seconds(), 1)}
    facts["data_size_bytes"] = len(entry.content)
    note_cache(hit=True)
    logger.info("What is kept answers the question", extra={"event": "cache.hit", **facts})
    return True, data


def kept_data(
    cache_key: str, cache_dir: str | Path, *, kind: str, clock: Callable[[], datetime] = utc_now
) -> tuple[Entry, Any] | None:
    """The entry of this kind and its data, of whatever age and configuration; None when there is nothing sound."""
    try:
        path = entry_path(cache_key, cache_dir)
    except ValueError:
        return None
    found = read_data(path, Path(cache_dir), cache_key=cache_key, kind=kind)
    if found is None:
        return None
    if found[0].created_at > clock() + CLOCK_TOLERANCE:
        set_aside(path, Path(cache_dir), "it is dated in the future")
        return None
    with suppress(OSError):
        os.utime(path)
    return found


def _missed(cache_key: str, reason: str) -> tuple[bool, None]:
    facts = {"cache_key": cache_key, "reason": reason}
    note_cache(hit=False)
    logger.info("Nothing that is kept answers the question: %s", reason, extra={"event": "cache.miss", **facts})
    return False, None


def invalidate_cache(cache_key: str, cache_dir: str | Path = "cache") -> bool:
    """Remove the entry; whether there was one."""
    try:
        entry_path(cache_key, cache_dir).unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        facts = {"cache_key": cache_key, "reason": error.strerror}
        logger.warning(
            "A cache file could not be removed: %s", error.strerror, extra={"event": "cache.not_removed", **facts}
        )
        return False
    logger.info("What was kept has been removed", extra={"event": "cache.removed", "cache_key": cache_key})
    return True


class CacheInvalidationTrigger:
    """Whether a file answers another question than the one asked now."""

    def should_invalidate(
        self,
        *,
        cache_file: str | Path,
        current_jql: str | None,
        current_field_mappings: Mapping[str, str],
        current_time_period: int | None,
    ) -> bool:
        """True for a damaged or missing file, and where query, mappings or period differ.

        What an entry was saved without, such as the period of raw issues, does not bear on it. An entry saved
        without any question is held to the key that the current question gives.
        """
        file = Path(cache_file)
        entry = read_entry(file, file.parent)
        if entry is None:
            return True
        question = entry.metadata.get("question")
        current: dict[str, Any] = {"jql_query": (current_jql or "").strip(), "time_period_days": current_time_period}
        current["field_mappings"] = dict(current_field_mappings)
        if question is None:
            key = generate_cache_key(current_jql, current_field_mappings, current_time_period)
            return bool(entry.metadata["cache_key"] != key)
        return any(question[name] != value for name, value in current.items() if name in question)
