"""How much is kept: what is removed when it becomes too much, and all of it when somebody wants it gone."""

from __future__ import annotations

import json
import logging
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from data.storage.cache_entry import BETWEEN, OPENING
from data.storage.quarantine import QUARANTINE, remove
from data.storage.single_flight import LOCKS

logger = logging.getLogger(__name__)

STORE_LOCK = ".lock"
_KEY = re.compile(r"[0-9a-f]{32}")
_HOUR, _DAY = 3600.0, 86_400.0
_LONGEST_METADATA = 200_000


@dataclass(frozen=True)
class Bounds:
    """Beyond any of these, what was not used for longest goes; down to `after` of the bound, so that it is not soon."""

    size: int = 500_000_000
    entries: int = 200
    unused_seconds: float = 30 * _DAY
    after: float = 0.9


BOUNDS = Bounds()


@dataclass(frozen=True)
class _Kept:
    """One entry: its file, and the folder of its segments if it is a store."""

    key: str
    size: int
    used: float
    is_store: bool


def keep_within(cache_dir: Path, bounds: Bounds = BOUNDS, *, just_saved: str = "") -> int:
    """Remove what is too much or too long unused; the number of entries removed.

    Stores used within the hour and the entry just saved stay in any case, and the newest answer to each query as long
    as there is another one to remove.
    """
    try:
        kept = sorted(_entries(cache_dir), key=lambda entry: entry.used)
    except OSError:
        return 0
    removable = [entry for entry in kept if entry.key != just_saved and not _is_in_use(entry)]
    size, count, now = sum(entry.size for entry in kept), len(kept), time.time()
    unused = [entry for entry in removable if entry.used < now - bounds.unused_seconds]
    if not unused and size <= bounds.size and count <= bounds.entries:
        return 0
    newest = _newest_of_each_query(cache_dir, kept)
    removed = 0
    for entry in sorted(removable, key=lambda entry: (entry.key in newest, entry.used)):
        low = bounds.after if removed else 1.0
        is_too_much = size > bounds.size * low or count > bounds.entries * low
        if not is_too_much and (entry not in unused or entry.key in newest):
            continue
        if _evicted(cache_dir, entry):
            size, count, removed = size - entry.size, count - 1, removed + 1
    if removed:
        facts = {"removed": removed, "entries": count, "bytes": size}
        logger.info("Kept files that were not used for longest are removed", extra={"event": "cache.evicted", **facts})
    return removed


def _entries(cache_dir: Path) -> Iterator[_Kept]:
    """Each entry; sweeps up on the way what killed runs have left."""
    with os.scandir(cache_dir) as listing:
        found = {one.name: one for one in listing}
    _sweep([one for name, one in found.items() if name.endswith(".tmp")], _HOUR)
    if LOCKS in found:
        with os.scandir(cache_dir / LOCKS) as listing:
            _sweep([one for one in listing if one.name.endswith(".lock")], _DAY)
    for name, one in found.items():
        with suppress(OSError):
            key, file = name.removesuffix(".json"), f"{name}.json"
            if not _KEY.fullmatch(key):
                continue
            if key != name:
                size = one.stat().st_size + (sum(_sizes([cache_dir / key])) if key in found else 0)
                yield _Kept(key, size, one.stat().st_mtime, is_store=key in found)
            elif file not in found:
                used = max((path.stat().st_mtime for path in Path(one.path).iterdir()), default=0.0)
                yield _Kept(key, sum(_sizes([Path(one.path)])), used, is_store=True)


def _sweep(leftovers: Iterable[os.DirEntry[str]], older_than: float) -> None:
    for one in leftovers:
        with suppress(OSError):
            if one.stat().st_mtime < time.time() - older_than:
                Path(one.path).unlink()


def _is_in_use(entry: _Kept) -> bool:
    return entry.is_store and entry.used > time.time() - _HOUR


def _newest_of_each_query(cache_dir: Path, kept: Iterable[_Kept]) -> set[str]:
    """`kept` begins with the one not used for longest."""
    return set({_query(cache_dir / f"{entry.key}.json") or (entry.key,): entry.key for entry in kept}.values())


def _query(path: Path) -> tuple[Any, ...] | None:
    with suppress(OSError, ValueError, TypeError, AttributeError, RecursionError), path.open("rb") as file:
        head = file.readline(_LONGEST_METADATA)
        metadata = json.loads(head.removeprefix(OPENING).removesuffix(BETWEEN.split(b"\n")[0] + b"\n"))
        return metadata.get("kind"), metadata.get("jql_query")
    return None


def _evicted(cache_dir: Path, entry: _Kept) -> bool:
    path, folder = cache_dir / f"{entry.key}.json", cache_dir / entry.key
    if not entry.is_store:
        remove(path)
        return not path.exists()
    try:
        with FileLock(folder / STORE_LOCK, timeout=0):
            remove(path)
            remove(folder)
    except (Timeout, OSError):
        return False
    return not path.exists()


def kept_size(cache_dir: Path) -> int:
    """The bytes of everything that was read from Jira or derived from it."""
    return sum(_sizes(_everything(cache_dir)))


def delete_everything_kept(cache_dir: Path) -> int:
    """Remove all of it; the number of bytes that could not be."""
    for path in _everything(cache_dir):
        remove(path)
    left = kept_size(cache_dir)
    logger.info("All that was kept has been removed", extra={"event": "cache.cleared", "bytes_left": left})
    return left


def _everything(cache_dir: Path) -> list[Path]:
    """Entries, stores, what was set aside and the receipts; neither locks nor folders of others."""
    with suppress(OSError):
        return [
            path
            for path in [*cache_dir.iterdir(), *cache_dir.glob("sync/*.json")]
            if path.name == QUARANTINE or _KEY.match(path.name.lstrip(".")) or path.parent != cache_dir
        ]
    return []


def _sizes(paths: Iterable[Path]) -> Iterator[int]:
    for path in paths:
        with suppress(OSError):
            if path.is_dir():
                yield from _sizes(path.iterdir())
            else:
                yield path.stat().st_size
