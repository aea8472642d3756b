"""One fetch operation on record in the logs, with what it asked, brought and cost."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from configuration.request_notes import current_request_id
from data.errors import FetchCancelled, JiraError, SightlineError
from data.model import iso_utc
from data.performance_utils import PerformanceTimer

logger = logging.getLogger(__name__)


class FetchRecord:
    """What will be on record; what is not set counts as none."""

    def __init__(self) -> None:
        self.data_volume_fetched = 0
        self.cache_hit = False
        self.api_calls_made = 0
        self.rate_limit_delays = 0
        self.error: str | None = "the fetch ended unexpectedly"
        self.trace_id: str | None = None
        self.is_stopped = False

    def failed(self, error: SightlineError) -> None:
        self.error = str(error)
        self.trace_id = error.trace_id if isinstance(error, JiraError) else None
        self.is_stopped = isinstance(error, FetchCancelled)


@contextmanager
def recorded(where: str, clock: Callable[[], datetime]) -> Iterator[FetchRecord]:
    """The block is one fetch operation; everything logged meanwhile carries its request id.

    A fetch that serves a request has that request's id, any other one of its own.
    """
    started, timer, record = clock(), PerformanceTimer("fetch", log_result=False), FetchRecord()
    request_id = current_request_id.get() or str(uuid.uuid4())
    noted = current_request_id.set(request_id)
    try:
        with timer:
            yield record
        record.error = None
    except SightlineError as error:
        record.failed(error)
        raise
    finally:
        _log(record, request_id, where, (started, timer.elapsed_seconds()))
        current_request_id.reset(noted)


def _log(record: FetchRecord, request_id: str, where: str, lasted: tuple[datetime, float]) -> None:
    started, seconds = lasted
    facts = {
        "request_id": request_id,
        "jql_query": where,
        "start_time": iso_utc(started),
        "end_time": iso_utc(started + timedelta(seconds=seconds)),
        "duration_seconds": round(seconds, 6),
        "data_volume_fetched": record.data_volume_fetched,
        "cache_hit": record.cache_hit,
        "api_calls_made": record.api_calls_made,
        "rate_limit_delays": record.rate_limit_delays,
        "error": record.error,
    }
    if record.error is None:
        logger.info("The fetch finished", extra={"event": "fetch.finished", **facts})
    elif record.is_stopped:
        logger.info("The fetch was stopped", extra={"event": "fetch.stopped", **facts})
    else:
        trace = {"jira_trace_id": record.trace_id}
        logger.error("The fetch failed", extra={"event": "fetch.failed", **facts, **trace})
