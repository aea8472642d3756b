"""The data layer's front door to Jira: a team's data, fetched or kept from before, each fetch on record."""

from __future__ import annotations

import hashlib
import hmac
import logging
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from configuration.request_notes import current_request_id
from configuration.settings import ConfigurationError, JiraCredentials, load_settings
from data.cache_manager import FRESH_HOURS, fingerprint, generate_cache_key, load_cache_with_validation, save_cache
from data.errors import JiraError, SightlineError
from data.field_mapper import get_field_mappings
from data.jira_connection import connect
from data.jira_query_manager import JiraClient
from data.jira_search import bounded
from data.model import JiraIssue, iso_utc
from data.performance_utils import PerformanceTimer
from data.persistence import note_cache
from data.team_fetch import FetchProgress, TeamData, TeamFetch, requested_fields

__all__ = [
    "FetchProgress",
    "TeamData",
    "cached_team_data",
    "fetch_all_issues",
    "fetch_jira_data_with_cache",
    "fetch_team_data",
    "keep_team_data",
]

logger = logging.getLogger(__name__)

_RAW_SCHEMA = 1


def _utc_now() -> datetime:
    return datetime.now(UTC)


def fetch_team_data(
    client: JiraClient,
    jql: str | None,
    field_mappings: Mapping[str, str],
    *,
    progress: Callable[[FetchProgress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    clock: Callable[[], datetime] = _utc_now,
) -> TeamData:
    """Read everything the metrics need about the issues of a query, or raise one of the named errors.

    `progress` hears of every page, in the calling thread; `cancelled` is asked between requests. Nothing partial
    is ever returned.
    """
    where = bounded(jql)
    before = client.counts
    with _recorded(where, clock) as record:
        try:
            data = TeamFetch(client, progress, cancelled).run(where, field_mappings, clock())
            record["data_volume_fetched"] = len(data.issues)
        finally:
            record["api_calls_made"] = client.counts.calls - before.calls
            record["rate_limit_delays"] = client.counts.limit_waits - before.limit_waits
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
    clock: Callable[[], datetime] = _utc_now,
) -> list[JiraIssue]:
    """The issues of the query, from Jira only when no fresh answer to the same question is kept.

    Raw issues serve every period, so `time_period_days` never costs a request.
    """
    if time_period_days < 1:
        raise ValueError(f"time_period_days must be 1 or more, not {time_period_days}")
    settings = load_settings()
    credentials = client.wire.credentials if client is not None else _configured(settings.jira)
    folder = cache_dir or settings.cache_dir
    data = cached_team_data(
        credentials, jql_query, field_mappings, cache_dir=folder, max_age_hours=max_age_hours, clock=clock
    )
    if data is None:
        data = fetch_team_data(client or connect(credentials), jql_query, field_mappings, clock=clock)
        keep_team_data(data, credentials, field_mappings, cache_dir=folder, clock=clock)
    key, config_hash = _entry(credentials, data.jql, field_mappings)
    note_cache(key, config_hash, data.fetched_at, settings.app_settings_path)
    return data.issues


def cached_team_data(
    credentials: JiraCredentials,
    jql: str | None,
    field_mappings: Mapping[str, str],
    *,
    cache_dir: Path,
    max_age_hours: float = FRESH_HOURS,
    clock: Callable[[], datetime] = _utc_now,
) -> TeamData | None:
    """What was fetched with these credentials for this question, if it is fresh; asks Jira nothing."""
    where = bounded(jql)
    key, config_hash = _entry(credentials, where, field_mappings)
    hit, kept = load_cache_with_validation(key, config_hash, max_age_hours, cache_dir, clock=clock)
    if not hit:
        return None
    with _recorded(where, clock) as record:
        data = TeamData(**kept | {"fetched_at": datetime.fromisoformat(kept["fetched_at"]), "from_cache": True})
        record |= {"cache_hit": True, "data_volume_fetched": len(data.issues)}
    return data


def keep_team_data(
    data: TeamData,
    credentials: JiraCredentials,
    field_mappings: Mapping[str, str],
    *,
    cache_dir: Path,
    clock: Callable[[], datetime] = _utc_now,
) -> None:
    """Keep a fetch for `cached_team_data`."""
    key, config_hash = _entry(credentials, data.jql, field_mappings)
    document = {fact.name: getattr(data, fact.name) for fact in fields(TeamData) if fact.name != "from_cache"}
    document["fetched_at"] = iso_utc(data.fetched_at)
    save_cache(key, document, config_hash, cache_dir, question={"jql_query": data.jql}, clock=clock)


def _entry(credentials: JiraCredentials, where: str, field_mappings: Mapping[str, str]) -> tuple[str, str]:
    """Key and configuration of the raw entry: who asks, whom, and what; neither mappings' names nor a period."""
    who = f"{credentials.email}:{credentials.token.reveal()}".encode()
    identity = {
        "site": credentials.url,
        "who": hmac.new(credentials.url.encode(), who, hashlib.sha256).hexdigest(),
        "fields": sorted(requested_fields(field_mappings)),
        "schema": _RAW_SCHEMA,
    }
    facts = sorted(fact.name for fact in fields(TeamData))
    return generate_cache_key(where, {}, None, **identity), fingerprint([identity["fields"], _RAW_SCHEMA, facts])


def _configured(credentials: JiraCredentials | None) -> JiraCredentials:
    if credentials is None:
        raise ConfigurationError(
            "No Jira is set up.",
            likely_cause="JIRA_URL and JIRA_TOKEN are not set where the program was started.",
            next_step="Set JIRA_URL, JIRA_TOKEN and, for Jira Cloud, JIRA_EMAIL.",
        )
    return credentials


@contextmanager
def _recorded(where: str, clock: Callable[[], datetime]) -> Iterator[dict[str, Any]]:
    """One fetch operation in performance.log; everything logged meanwhile carries its request id.

    A fetch that serves a request has that request's id, any other one of its own.
    """
    started, timer = clock(), PerformanceTimer("fetch", log_result=False)
    request_id = current_request_id.get() or str(uuid.uuid4())
    record: dict[str, Any] = {"request_id": request_id, "jql_query": where, "start_time": iso_utc(started)}
    record |= {"data_volume_fetched": 0, "cache_hit": False, "api_calls_made": 0, "rate_limit_delays": 0}
    record["error"] = "the fetch ended unexpectedly"
    trace: dict[str, str | None] = {"jira_trace_id": None}
    noted = current_request_id.set(request_id)
    try:
        with timer:
            yield record
        record["error"] = None
    except SightlineError as error:
        record["error"] = str(error)
        trace["jira_trace_id"] = error.trace_id if isinstance(error, JiraError) else None
        raise
    finally:
        seconds = timer.elapsed_seconds()
        record |= {"end_time": iso_utc(started + timedelta(seconds=seconds)), "duration_seconds": round(seconds, 6)}
        if record["error"] is None:
            logger.info("The fetch finished", extra={"event": "fetch.finished", **record})
        else:
            logger.error("The fetch failed", extra={"event": "fetch.failed", **record, **trace})
        current_request_id.reset(noted)
