"""Which kept copy of which Jira is meant: the question, who asks it, and the files that belong to it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from configuration.clock import utc_now
from configuration.settings import JiraCredentials
from data.cache_manager import generate_cache_key
from data.issue_store.store import IssueStore
from data.jira_walk.search import bounded
from data.storage.atomic_file import write_atomically
from data.storage.cache_entry import DamagedError, created, encoded, fingerprint, read_entry, seal

SCHEMA = 3
"""The form of kept issues, of the facts beside them and of what is staged; another number starts a new copy."""


@dataclass(frozen=True)
class SyncRequest:
    """What is to be kept up to date, and where.

    `history_days` bounds a reading to work that was touched within so many days or is not done; None reads all.
    """

    credentials: JiraCredentials
    jql: str | None
    field_mappings: Mapping[str, str]
    cache_dir: Path
    history_days: int | None = None

    @cached_property
    def where(self) -> str:
        return bounded(self.jql)

    @cached_property
    def key(self) -> str:
        """The same for every mapping, period and span: those are read from one copy, which grows where it must."""
        credentials = self.credentials
        who = f"{credentials.email}:{credentials.token.reveal()}".encode()
        account = hmac.new(credentials.url.encode(), who, hashlib.sha256).hexdigest()
        return generate_cache_key(self.where, {}, None, site=credentials.url, who=account, schema=SCHEMA)

    @cached_property
    def config_hash(self) -> str:
        return fingerprint(["issues", SCHEMA])

    def store(self, clock: Callable[[], datetime] = utc_now) -> IssueStore:
        question = {"jql_query": self.where}
        return IssueStore(self.cache_dir, self.key, self.config_hash, question=question, clock=clock)

    @property
    def reader(self) -> IssueStore:
        """For looks at what is kept: it remembers the last one, so that the next costs next to nothing."""
        return _reader(self.cache_dir, self.key, self.config_hash)

    def path(self, kind: str) -> Path:
        """The file beside the kept issues that holds their receipts, the run that is on, its lock."""
        return self.cache_dir / "sync" / f"{self.key}.{kind}"

    @property
    def books(self) -> Path:
        """Where the requests of all who keep their data here are accounted for."""
        return self.cache_dir / "limits" / "requests.db"

    def write(self, kind: str, document: Any, when: datetime, *, durable: bool = True) -> None:
        metadata = created(when, self.key, self.config_hash, kind)
        write_atomically(self.path(f"{kind}.json"), seal(metadata, encoded(document)).text, durable=durable)

    def read(self, kind: str) -> Any:
        """What was written last; None where there is nothing sound."""
        entry = read_entry(self.path(f"{kind}.json"), self.cache_dir, cache_key=self.key, kind=kind)
        try:
            return None if entry is None else entry.data
        except DamagedError:
            return None


@lru_cache(maxsize=64)
def _reader(cache_dir: Path, key: str, config_hash: str) -> IssueStore:
    return IssueStore(cache_dir, key, config_hash)


def kept_version(request: SyncRequest) -> str | None:
    """Which reading is kept, without opening it; None before the first. Another text means other numbers."""
    return request.reader.version()
