"""The issues of one question to Jira, kept so that a reader sees one finished reading, whole, or none."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock, Timeout

from configuration.clock import utc_now
from data.errors import StoreDamaged, StoreTaken, StoreUnwritable
from data.issue_store.commit import arranged
from data.issue_store.segments import SegmentFolder, SegmentWriter
from data.issue_store.snapshot import Layout, Snapshot
from data.issue_store.staging import Staging, begin, resume, staged_header
from data.model import iso_utc
from data.storage.atomic_file import make_private, write_atomically
from data.storage.bounds import STORE_LOCK, keep_within
from data.storage.cache_entry import CLOCK_TOLERANCE, Entry, created, encoded, entry_path, read_data, seal
from data.storage.quarantine import is_unchanged, set_aside

logger = logging.getLogger(__name__)

KIND = "issues 1"
_FRESH = timedelta(hours=24)
# Whoever reads a segment that a commit has done away with has this long to finish.
_GRACE = timedelta(minutes=15)
_ORPHANED_SECONDS = 3600.0
_TOUCHED_SECONDS = 600.0
_PATIENCE_SECONDS = 60.0
_TRIES = 3


class _Manifest(NamedTuple):
    entry: Entry
    layout: Layout
    facts: dict[str, Any]

    @property
    def version(self) -> str:
        return str(self.entry.metadata["integrity"][:32])


class IssueStore:
    """One question's issues: readers take a `snapshot`, one writer at a time stages and commits.

    `question` goes into the metadata, where CacheInvalidationTrigger looks for it.
    """

    def __init__(
        self,
        cache_dir: Path,
        key: str,
        config_hash: str,
        *,
        question: Mapping[str, Any] | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._root = cache_dir
        self._path = entry_path(key, cache_dir)
        self._files = cache_dir / key
        self._journal = self._files / "staging.jsonl"
        self._described = {"cache_key": key, "config_hash": config_hash}
        self._question = dict(question or {})
        self._clock = clock
        self._folder = SegmentFolder(self._files, cache_dir, key)
        self._seen: tuple[os.stat_result, _Manifest | None] | None = None

    def version(self) -> str | None:
        """Changes with every commit; costs no more than a look at one file while nothing has changed."""
        manifest = self._manifest()
        return None if manifest is None else manifest.version

    def outline(self) -> Snapshot | None:
        """What the last commit has left, with nothing of its issues looked at: cheap, however many there are."""
        manifest = self._manifest()
        return None if manifest is None else self._snapshot(manifest)

    def snapshot(self) -> Snapshot | None:
        """What the last commit has left, every byte of it verified; None when that is not all there."""
        for _ in range(_TRIES):
            manifest = self._manifest()
            if manifest is None:
                return None
            snapshot = self._snapshot(manifest)
            if all(self._folder.index(segment) is not None for segment in snapshot.layout.segments):
                return snapshot
            is_lost = any(not self._folder.path(segment).exists() for segment in snapshot.layout.segments)
            if is_lost and self.version() == snapshot.version:
                set_aside(self._path, self._root, "segments of it are lost")
                return None
        return None

    def _snapshot(self, manifest: _Manifest) -> Snapshot:
        entry, facts = manifest.entry, manifest.facts
        count = entry.metadata["issue_count"]
        return Snapshot(manifest.version, facts, count, manifest.layout, self._folder)

    def _manifest(self) -> _Manifest | None:
        try:
            now = self._path.stat()
        except OSError:
            return None
        if self._seen is None or not is_unchanged(self._seen[0], now):
            self._seen = now, self._read_manifest()
        if time.time() - now.st_mtime > _TOUCHED_SECONDS:
            with contextlib.suppress(OSError):
                os.utime(self._path)
        return self._seen[1]

    def _read_manifest(self) -> _Manifest | None:
        found = read_data(self._path, self._root, cache_key=self._described["cache_key"], kind=KIND)
        if found is None or found[0].metadata["config_hash"] != self._described["config_hash"]:
            return None
        entry, data = found
        if entry.created_at > self._clock() + CLOCK_TOLERANCE:
            set_aside(self._path, self._root, "it is dated in the future")
            return None
        return _Manifest(entry, Layout.of(data["layout"]), data["facts"])

    def stage(self, purpose: Mapping[str, Any]) -> Staging:
        """Go on with what an interrupted run has staged for the same purpose, or begin; another purpose's is dropped.

        `purpose` is JSON.
        """
        with self._locked():
            manifest = self._manifest()
            committed = manifest.layout.staging if manifest is not None else ""
            staging = resume(self._journal, purpose, self._described)
            is_old = staging is not None and staging.identity == committed
            if staging is not None and not is_old and staging.started_at <= self._clock() + CLOCK_TOLERANCE:
                return staging
            return begin(self._journal, purpose, self._described, self._clock())

    def pending(self) -> dict[str, Any] | None:
        """The purpose of what an interrupted run has staged and nobody has committed; leaves it as it is."""
        header = staged_header(self._journal, self._described)
        manifest = self._manifest()
        if header is None:
            return None
        if manifest is not None and manifest.layout.staging == header.metadata["integrity"]:
            return None
        purpose: dict[str, Any] = header.data
        return purpose

    def commit(
        self, staging: Staging, facts: Mapping[str, Any], *, replace_all: bool, deleted: Collection[str] = ()
    ) -> Snapshot:
        """Make what is staged the state of the store, at one instant; whoever is killed before has changed nothing.

        With `replace_all` it is all there is, else it is added to what was there, issue by issue and member by member.
        """
        with self._locked():
            last = self._manifest()
            base = None if replace_all else self.snapshot()
            if base is None and not replace_all:
                raise StoreDamaged("There is nothing that the changes could be added to.")
            try:
                writer = SegmentWriter(self._folder, self._clock(), self._described)
                layout, count = arranged(staging, base, frozenset(deleted), writer)
                layout = self._following(layout, last.layout if last is not None else Layout())
                self._write(layout, facts, count)
            except OSError as error:
                raise StoreUnwritable(f"{error.strerror}.") from None
            staging.discard()
            self._collect(layout)
            keep_within(self._root, just_saved=self._described["cache_key"])
            manifest = self._manifest()
        if manifest is None:
            raise StoreDamaged("What was just written has been lost.")
        written = {"segments_written": len(writer.written), "bytes_written": sum(part.size for part in writer.written)}
        facts_logged = {"cache_key": self._described["cache_key"], "issue_count": count, **written}
        logger.info("What was read is now what counts", extra={"event": "cache.committed", **facts_logged})
        return self._snapshot(manifest)

    def _following(self, layout: Layout, last: Layout) -> Layout:
        """The layout with what it does away with."""
        now, names = self._clock(), {segment.name for segment in layout.segments}
        retired = {segment.name: iso_utc(now) for segment in last.segments} | last.retired
        over = {name for name, since in retired.items() if datetime.fromisoformat(since) < now - _GRACE}
        waiting = {name: since for name, since in retired.items() if name not in names | over}
        return replace(layout, retired=waiting, generation=last.generation + 1)

    def _write(self, layout: Layout, facts: Mapping[str, Any], count: int) -> None:
        now = self._clock()
        metadata = created(now, self._described["cache_key"], self._described["config_hash"], KIND)
        metadata |= {"expires_at": iso_utc(now + _FRESH), "issue_count": count, "question": self._question}
        metadata["jql_query"] = self._question.get("jql_query")
        data = encoded({"facts": dict(facts), "layout": layout.document()})
        write_atomically(self._path, seal(metadata, data).text)

    def _collect(self, layout: Layout) -> None:
        """Remove segments that nobody can be reading any more, and what killed runs have left behind."""
        needed = {segment.name for segment in layout.segments} | layout.retired.keys()
        for path in self._files.iterdir():
            if path.name in needed or path.suffix not in {".json", ".tmp"}:
                continue
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < time.time() - _ORPHANED_SECONDS:
                    path.unlink()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            make_private(self._files)
            with FileLock(self._files / STORE_LOCK, timeout=_PATIENCE_SECONDS):
                yield
        except Timeout:
            raise StoreTaken("The store stays locked.") from None
        except OSError as error:
            raise StoreUnwritable(f"{error.strerror}.") from None
