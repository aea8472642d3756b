"""Keeps what was fetched in files that are believed only when every byte of them is as it was written."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from data.atomic_file import write_atomically
from data.model import iso_utc

logger = logging.getLogger(__name__)

CACHE_VERSION = "2.0"
FRESH_HOURS = 24.0
_KEY = re.compile(r"[0-9a-f]{32}")
_OPENING, _BETWEEN, _CLOSING = b'{"metadata":', b',"data":', b"}"
_CLOCK_TOLERANCE = timedelta(minutes=5)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def fingerprint(value: Any) -> str:
    """32 hexadecimal characters that stand for a JSON value, whatever the order of its keys."""
    return hashlib.sha256(_canonical(value)).hexdigest()[:32]


def generate_cache_key(
    jql_query: str | None, field_mappings: Mapping[str, str], time_period_days: int | None, **identity: Any
) -> str:
    """The name of the entry for this question; `identity` says who asks whom (site, account, API version)."""
    question = {"jql": (jql_query or "").strip(), "mappings": dict(field_mappings), "days": time_period_days}
    return fingerprint({**question, "identity": identity, "version": CACHE_VERSION})


def _file(cache_key: str, cache_dir: str | Path) -> Path:
    if not _KEY.fullmatch(cache_key):
        raise ValueError(f"a cache key has 32 hexadecimal characters, unlike {cache_key[:40]!r}")
    return Path(cache_dir) / f"{cache_key}.json"


def save_cache(
    cache_key: str,
    data: Any,
    config_hash: str,
    cache_dir: str | Path = "cache",
    *,
    question: Mapping[str, Any] | None = None,
    clock: Callable[[], datetime] = _utc_now,
) -> Path | None:
    """Write the entry; None, with a warning logged, where the disk does not take it.

    `question` may hold the `jql_query`, `field_mappings` and `time_period_days` that the data answers.
    """
    content = _canonical(data)
    created = clock()
    metadata = {
        "cache_key": cache_key,
        "created_at": iso_utc(created),
        "expires_at": iso_utc(created + timedelta(hours=FRESH_HOURS)),
        "config_hash": config_hash,
        "cache_version": CACHE_VERSION,
        "data_size_bytes": len(content),
        "issue_count": _issue_count(data),
        "jql_query": (question or {}).get("jql_query"),
        "question": dict(question) if question is not None else None,
    }
    metadata["integrity"] = _digest(metadata, content)
    path = _file(cache_key, cache_dir)
    try:
        write_atomically(path, b"".join([_OPENING, _canonical(metadata), _BETWEEN, content, _CLOSING]))
    except OSError as error:
        why = {"cache_key": cache_key, "reason": error.strerror}
        logger.warning("The data could not be kept: %s", error.strerror, extra={"event": "cache.not_saved", **why})
        return None
    facts = {"cache_key": cache_key, "data_size_bytes": len(content), "issue_count": metadata["issue_count"]}
    logger.info("The data is kept for the next question", extra={"event": "cache.saved", **facts})
    return path


def _issue_count(data: Any) -> int:
    issues = data.get("issues") if isinstance(data, dict) else data
    return len(issues) if isinstance(issues, list) else 0


def _digest(metadata: Mapping[str, Any], content: bytes) -> str:
    described = {name: value for name, value in metadata.items() if name != "integrity"}
    return hashlib.sha256(_canonical(described) + b"\n" + content).hexdigest()


def load_cache_with_validation(
    cache_key: str,
    config_hash: str,
    max_age_hours: float = FRESH_HOURS,
    cache_dir: str | Path = "cache",
    *,
    clock: Callable[[], datetime] = _utc_now,
) -> tuple[bool, Any]:
    """`(True, data)` for a sound, fresh entry made for this configuration, else `(False, None)`."""
    opened = _open(Path(cache_dir) / f"{cache_key}.json")
    if opened is None:
        return _missed(cache_key, "absent or damaged")
    metadata, content = opened
    age = clock() - datetime.fromisoformat(metadata["created_at"])
    if metadata["cache_key"] != cache_key or metadata["config_hash"] != config_hash:
        return _missed(cache_key, "made for another question")
    if age < -_CLOCK_TOLERANCE or age >= timedelta(hours=max_age_hours):
        return _missed(cache_key, "too old" if age > timedelta() else "dated in the future")
    facts = {"cache_key": cache_key, "age_seconds": round(age.total_seconds(), 1), "data_size_bytes": len(content)}
    logger.info("What is kept answers the question", extra={"event": "cache.hit", **facts})
    return True, json.loads(content)


def _missed(cache_key: str, reason: str) -> tuple[bool, None]:
    facts = {"cache_key": cache_key, "reason": reason}
    logger.info("Nothing that is kept answers the question: %s", reason, extra={"event": "cache.miss", **facts})
    return False, None


def _open(path: Path) -> tuple[dict[str, Any], bytes] | None:
    """Metadata and data bytes of an entry; None when it is absent or not exactly as it was written."""
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    head, between, tail = whole.partition(_BETWEEN)
    content = tail.removesuffix(_CLOSING)
    try:
        metadata = json.loads(head.removeprefix(_OPENING))
        sound = metadata["integrity"] == _digest(metadata, content) and metadata["cache_version"] == CACHE_VERSION
        sound = sound and whole == b"".join([_OPENING, _canonical(metadata), between, content, _CLOSING])
    except (ValueError, TypeError, KeyError, RecursionError):
        sound, metadata = False, {}
    if not sound:
        logger.warning(
            "A cache file is damaged or foreign and was not used", extra={"event": "cache.damaged", "file": path.name}
        )
        return None
    return metadata, content


def invalidate_cache(cache_key: str, cache_dir: str | Path = "cache") -> bool:
    """Remove the entry; whether there was one."""
    try:
        _file(cache_key, cache_dir).unlink()
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
        opened = _open(Path(cache_file))
        if opened is None:
            return True
        question = opened[0]["question"]
        current: dict[str, Any] = {"jql_query": (current_jql or "").strip(), "time_period_days": current_time_period}
        current["field_mappings"] = dict(current_field_mappings)
        if question is None:
            key = generate_cache_key(current_jql, current_field_mappings, current_time_period)
            return bool(opened[0]["cache_key"] != key)
        return any(question[name] != value for name, value in current.items() if name in question)
