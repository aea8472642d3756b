"""What a Jira site holds: the simulated Jira serves one of these, whether made up or loaded from files."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.model import JiraIssue, iso_utc

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Account:
    """The person whose credentials the client uses; Jira renders every instant in this person's zone."""

    account_id: str
    username: str
    display_name: str
    email: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Board:
    id: int
    name: str
    type: str
    project_key: str
    configuration: JsonObject
    sprints: tuple[JsonObject, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """All records in Cloud's shape; an issue's `changelog`, where it has one, is complete and oldest first.

    `previous_keys` maps the key an issue had before it was moved to its id.
    """

    name: str
    cloud_id: str
    account: Account
    projects: tuple[JsonObject, ...]
    issues: Sequence[JiraIssue]
    versions: tuple[JsonObject, ...] = ()
    statuses: tuple[JsonObject, ...] = ()
    fields: tuple[JsonObject, ...] = ()
    issue_types: tuple[JsonObject, ...] = ()
    priorities: tuple[JsonObject, ...] = ()
    resolutions: tuple[JsonObject, ...] = ()
    boards: tuple[Board, ...] = ()
    previous_keys: Mapping[str, str] = field(default_factory=dict)
    as_of: datetime | None = None

    def to_json(self) -> bytes:
        """The whole site as canonical bytes: equal sites give equal bytes."""
        content = {entry.name: getattr(self, entry.name) for entry in dataclasses.fields(self)}
        return json.dumps(content, sort_keys=True, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return iso_utc(value)
    if isinstance(value, Account | Board):
        return {entry.name: getattr(value, entry.name) for entry in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} does not belong in a site")
