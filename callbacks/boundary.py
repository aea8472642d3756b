"""The one place where a failed callback becomes words on the page and a record in the log."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import TypeVar

from dash import set_props

from configuration.request_notes import current_request_id, note_error
from configuration.settings import ConfigurationError
from data.errors import JiraError, SightlineError
from ui import ids
from ui.components.states import Failure, failure_panel

logger = logging.getLogger(__name__)

Returned = TypeVar("Returned")


def told(work: Callable[[], Returned]) -> Returned | Failure:
    """What the work gives, or the words for whatever it raised: the outermost door of a thread or process."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - nobody further out could say anything
        return failure_of(error)


def failure_of(error: BaseException) -> Failure:
    """The words for an error: its own when it is a known one, else a calm sentence and a reference into the log."""
    note_error(type(error).__name__)
    if isinstance(error, SightlineError | ConfigurationError):
        trace_id = error.trace_id if isinstance(error, JiraError) else None
        told = {"error_type": type(error).__name__, "explanation": str(error), "jira_trace_id": trace_id}
        logger.error("A failure was explained on the page", extra={"event": "failure.shown", **told})
        return Failure(error.title, error.detail, error.likely_cause, error.next_step)
    reference = current_request_id.get() or str(uuid.uuid4())
    facts = {"error_type": type(error).__name__, "request_id": reference}
    logger.error(
        "Something failed that nobody expected", exc_info=error, extra={"event": "failure.unexpected", **facts}
    )
    return Failure(
        title="Something went wrong inside Sightline",
        happened="This part of the page could not be made. Nothing was changed in Jira.",
        likely_cause="A mistake in the program, not in what you did.",
        next_step="Load the page again. If it happens again, send the reference to whoever looks after Sightline.",
        reference=reference,
    )


def show_failure(error: Exception) -> None:
    """Dash calls this for every exception that a callback lets through; the page keeps what it had."""
    set_props(ids.NOTICE, {"children": failure_panel(failure_of(error))})
