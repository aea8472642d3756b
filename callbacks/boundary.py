"""The one place where a failed callback becomes words on the page and a record in the log."""

from __future__ import annotations

import logging
import uuid

from dash import set_props

from configuration.settings import ConfigurationError
from data.errors import SightlineError
from ui import ids
from ui.components.states import Failure, failure_panel

logger = logging.getLogger(__name__)


def failure_of(error: BaseException) -> Failure:
    """The words for an error: its own when it is a known one, else a calm sentence and a reference into the log."""
    if isinstance(error, SightlineError | ConfigurationError):
        logger.error("failure.shown", extra={"error": type(error).__name__, "explanation": str(error)})
        return Failure(error.title, error.detail, error.likely_cause, error.next_step)
    reference = uuid.uuid4().hex[:12]
    logger.error("failure.unexpected", exc_info=error, extra={"reference": reference})
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
