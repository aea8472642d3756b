"""What is kept beside the issues: how they were asked for, up to when they are true, and the site's own lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Self

from data.jira_query_manager import JiraClient
from data.jira_walk.changelogs import HistoryFields
from data.jira_walk.walk import Question
from data.model import iso_utc
from data.sync.team_lists import flags_among, requested_fields

_INSTANTS = ("watermark", "swept_at", "synced_at")


@dataclass(frozen=True, kw_only=True)
class KeptFacts:
    """`watermark` is an instant of Jira's clock: what changed before it is in.

    `asked` are the fields read of every issue; `covers_from` is the day before which finished work was left out, None
    when nothing was; `without_history` are the ids of issues whose history Jira has not handed out; `former_keys` are
    the keys that an issue had before, by its id; `refused` are lists that the account may not see.
    """

    jql: str
    flavour: str
    account_id: str
    account_name: str
    account_timezone: str
    site_url: str
    asked: list[str]
    synced_at: datetime
    watermark: datetime | None = None
    swept_at: datetime | None = None
    covers_from: str | None = None
    verdict: str = "complete"
    without_history: list[str] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)
    former_keys: dict[str, list[str]] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    fields: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        document = asdict(self)
        for name in _INSTANTS:
            document[name] = None if document[name] is None else iso_utc(document[name])
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        known = {entry.name: document[entry.name] for entry in fields(cls)}
        for name in _INSTANTS:
            known[name] = None if known[name] is None else datetime.fromisoformat(known[name]).astimezone(UTC)
        return cls(**known)

    def lacking(self, field_mappings: Mapping[str, str]) -> list[str]:
        """Which fields the mappings and flags of today need that were not asked for."""
        return [name for name in requested_fields(field_mappings, flags_among(self.fields)) if name not in self.asked]

    def is_of(self, client: JiraClient) -> bool:
        """Whether the same account of the same kind of Jira has answered."""
        return (self.flavour, self.account_id) == (client.flavour, client.account.id)

    def question(self, where: str) -> Question:
        return question_for(where, self.asked, self.fields)


def question_for(where: str, asked: Iterable[str], site_fields: Iterable[Mapping[str, Any]]) -> Question:
    return Question(where, tuple(asked), HistoryFields.with_flags(flags_among(site_fields)))
