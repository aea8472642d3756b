"""The product would rather do without than keep people waiting; under test it waits, as a slow machine is no fault."""

from __future__ import annotations

from configuration import shared_file
from data import performance_tracker, persistence
from data.jira_connection import connect
from data.jira_requests import ledger
from data.watch import database, telemetry
from data.watch.readiness import Readiness
from data.watch.recorder import Recorder
from data.watch.webhook import Webhook
from tests.patience import PATIENCE_SECONDS


def give_nothing_up_early() -> None:
    """For the rest of this process."""
    lasting = PATIENCE_SECONDS
    performance_tracker._PATIENCE_SECONDS = lasting
    Recorder.flush.__defaults__ = Recorder.close.__defaults__ = (lasting,)
    database.BUSY_SECONDS = database.OPENING_SECONDS = lasting
    ledger.BUSY_SECONDS = lasting
    persistence.LOCK_SECONDS = lasting
    shared_file._LONGEST_WAIT = lasting
    telemetry.LAST_WORDS_SECONDS = telemetry._TIMEOUT_SECONDS = lasting
    Readiness.__init__.__kwdefaults__["patience"] = lasting
    connect.__kwdefaults__["timeouts"] = (lasting, lasting)
    Webhook.__init__.__defaults__ = (*Webhook.__init__.__defaults__[:-1], (lasting, lasting))
