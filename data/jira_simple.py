"""The data layer's front door to Jira: a team's data, kept and brought up to date, each fetch on record."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from configuration.clock import utc_now
from configuration.settings import ConfigurationError, JiraCredentials, load_settings
from data.errors import SightlineError, StoreDamaged
from data.field_mapper import get_field_mappings
from data.issue_store.snapshot import Snapshot
from data.jira_connection import connect
from data.jira_query_manager import JiraClient
from data.jira_walk.walk import bounded
from data.model import JiraIssue
from data.persistence import note_cache
from data.storage.cache_entry import fingerprint
from data.storage.single_flight import single_flight
from data.storage.staleness import may_stand_in
from data.sync.facts import KeptFacts
from data.sync.fetch_record import recorded
from data.sync.receipt import Cause, SyncReceipt, is_due, next_attempt_at, receipts
from data.sync.request import SyncRequest, kept_version
from data.sync.status import SyncStatus, ask_to_stop, leave_unfinished, sync_status
from data.sync.team_fetch import FetchProgress, TeamData, Watch, read_team
from data.sync.transaction import Connect, bring_up_to_date, synchronise

__all__ = [
    "Cause",
    "FetchProgress",
    "KeptTeam",
    "SyncReceipt",
    "SyncRequest",
    "SyncStatus",
    "TeamData",
    "ask_to_stop",
    "fetch_all_issues",
    "fetch_jira_data_with_cache",
    "fetch_team_data",
    "is_due",
    "kept_team",
    "kept_version",
    "leave_unfinished",
    "next_attempt_at",
    "receipts",
    "sync_status",
    "synchronise",
    "team_data",
    "tell_lost",
]

logger = logging.getLogger(__name__)

FRESH_HOURS = 24.0
_CLOCK_TOLERANCE = timedelta(minutes=5)
_PATIENCE_SECONDS = 600.0


def fetch_team_data(
    client: JiraClient,
    jql: str | None,
    field_mappings: Mapping[str, str],
    *,
    progress: Callable[[FetchProgress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> TeamData:
    """Read everything the metrics need about the issues of a query into memory, or raise one of the named errors.

    `progress` hears of every page and every longer wait; `cancelled` is asked between requests and while waiting.
    Nothing partial is ever returned, and nothing is kept.
    """
    where, watch = bounded(jql), Watch(progress, cancelled)
    run, before = watch.over(client), client.counts
    with recorded(where, clock) as record:
        try:
            data = read_team(run, where, field_mappings, watch=watch, fetched_at=clock())
            record.data_volume_fetched = len(data.issues)
        finally:
            record.api_calls_made = client.counts.calls - before.calls
            record.rate_limit_delays = client.counts.limit_waits - before.limit_waits
    if data.notice is not None:
        logger.warning("The query finds no issue", extra={"event": "fetch.empty", "jql_query": where})
    return data


def fetch_all_issues(jql_query: str | None = None, *, client: JiraClient | None = None) -> list[JiraIssue]:
    """All issues of the query with their histories; None is the configured query, or everything the account sees."""
    settings = load_settings()
    connected = client or connect(_configured(settings.jira))
    return fetch_team_data(connected, jql_query or settings.jql, get_field_mappings()).issues


def fetch_jira_data_with_cache(
    jql_query: str | None,
    field_mappings: Mapping[str, str],
    time_period_days: int,
    *,
    client: JiraClient | None = None,
    cache_dir: Path | None = None,
    max_age_hours: float = FRESH_HOURS,
    clock: Callable[[], datetime] = utc_now,
) -> list[JiraIssue]:
    """The issues of the query: as they are kept while that is fresh, else brought up to date first.

    Raw issues serve every period, so `time_period_days` never costs a request. However many callers there are, one
    of them asks Jira. While Jira fails, what is kept serves for up to seven days, unless Jira refuses the account.
    """
    if time_period_days < 1:
        raise ValueError(f"time_period_days must be 1 or more, not {time_period_days}")
    settings = load_settings()
    credentials = client.wire.credentials if client is not None else _configured(settings.jira)
    folder = cache_dir or settings.cache_dir
    request = SyncRequest(credentials, jql_query, field_mappings, folder, settings.history_days)
    data = _current(request, _using(client), timedelta(hours=max_age_hours), clock)
    note_cache(request.key, request.config_hash, data.fetched_at, settings.app_settings_path)
    return data.issues


def _using(client: JiraClient | None) -> Connect | None:
    """The client that was given, counting for this sync alone."""
    return None if client is None else lambda _: client.for_run()


def _current(
    request: SyncRequest, connected: Connect | None, max_age: timedelta, clock: Callable[[], datetime]
) -> TeamData:
    if _is_fresh(request, max_age, clock()):
        with recorded(request.where, clock) as record:
            data = team_data(request)
            record.cache_hit, record.data_volume_fetched = True, len(data.issues) if data is not None else 0
        if data is not None:
            return data
    name = fingerprint(["team", request.key, sorted(request.field_mappings.values()), max_age.total_seconds()])
    return single_flight(
        name,
        request.cache_dir,
        look=lambda: team_data(request) if _is_fresh(request, max_age, clock()) else None,
        work=lambda: _renewed(request, connected, max_age, clock),
    )


def _renewed(
    request: SyncRequest, connected: Connect | None, max_age: timedelta, clock: Callable[[], datetime]
) -> TeamData:
    try:
        bring_up_to_date(
            request,
            connect=connected,
            is_needed=lambda: not _is_fresh(request, max_age, clock()),
            clock=clock,
            wait_seconds=_PATIENCE_SECONDS,
        )
    except SightlineError as error:
        return _stale(request, error, clock)
    data = team_data(request)
    if data is None:
        raise StoreDamaged("What was just read has been lost.")
    return data


def _is_fresh(request: SyncRequest, max_age: timedelta, now: datetime) -> bool:
    """Whether what is kept answers the question; that is seen without opening the issues."""
    kept = kept_facts(request)
    if kept is None or kept.lacking(request.field_mappings):
        return False
    return -_CLOCK_TOLERANCE < now - kept.synced_at < max_age


def _stale(request: SyncRequest, error: SightlineError, clock: Callable[[], datetime]) -> TeamData:
    """What is kept although Jira fails, with a warning; where there is nothing to show, the failure itself."""
    data = team_data(request)
    if data is None or data.lacks or not may_stand_in(clock() - data.fetched_at, error):
        raise error
    age = round((clock() - data.fetched_at).total_seconds())
    facts = {"age_seconds": age, "error": str(error), "jql_query": request.where}
    logger.warning("Jira failed, and what is kept serves on", extra={"event": "fetch.stale_served", **facts})
    return data


def kept_facts(request: SyncRequest) -> KeptFacts | None:
    snapshot = request.reader.snapshot()
    return None if snapshot is None else KeptFacts.from_json(snapshot.facts)


@dataclass(frozen=True)
class KeptTeam:
    """What is kept of a team; its issues are opened when they are asked for."""

    data: TeamData
    _snapshot: Snapshot
    _facts: KeptFacts

    def issues(self) -> list[JiraIssue]:
        """All of them, in no order that means anything; StoreDamaged where some were lost."""
        return [_issue(row, self._facts) for row in self._snapshot.rows()]


def kept_team(request: SyncRequest) -> KeptTeam | None:
    """What is kept, without asking Jira anything; None before the first reading has ended."""
    return _kept(request.reader.outline(), request)


def team_data(request: SyncRequest) -> TeamData | None:
    """The same with its issues; None also where they are damaged."""
    kept = _kept(request.reader.snapshot(), request)
    if kept is None:
        return None
    try:
        return replace(kept.data, issues=kept.issues(), count=None)
    except StoreDamaged as damage:
        tell_lost(damage)
        return None


def tell_lost(damage: StoreDamaged) -> None:
    facts = {"reason": damage.detail}
    logger.warning("What is kept can no longer be read", extra={"event": "sync.kept_lost", **facts})


def _kept(snapshot: Snapshot | None, request: SyncRequest) -> KeptTeam | None:
    if snapshot is None:
        return None
    kept = KeptFacts.from_json(snapshot.facts)
    data = TeamData(
        issues=[],
        versions=kept.versions,
        statuses=kept.statuses,
        fields=kept.fields,
        site_url=kept.site_url,
        account_name=kept.account_name,
        account_timezone=kept.account_timezone,
        flavour=kept.flavour,
        jql=kept.jql,
        fetched_at=kept.synced_at,
        skipped=[*kept.skipped, *kept.refused],
        data_version=snapshot.version,
        verdict=kept.verdict,
        lacks=kept.lacking(request.field_mappings),
        count=snapshot.issue_count,
    )
    return KeptTeam(data, snapshot, kept)


def _issue(row: JiraIssue, kept: KeptFacts) -> JiraIssue:
    former = kept.former_keys.get(row["id"])
    return row if former is None else row | {"former_keys": former}


def _configured(credentials: JiraCredentials | None) -> JiraCredentials:
    if credentials is None:
        raise ConfigurationError(
            "No Jira is set up.",
            likely_cause="JIRA_URL and JIRA_TOKEN are not set where the program was started.",
            next_step="Set JIRA_URL, JIRA_TOKEN and, for Jira Cloud, JIRA_EMAIL.",
        )
    return credentials
