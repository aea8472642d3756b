"""Readings that a person asks for, each in a process of its own that outlives the tab and can be ended from it."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import diskcache
import multiprocess
import multiprocess.util  # has the interpreter's end wait for all jobs, and what is registered later comes before
import psutil
from dash import DiskcacheManager
from dash.background_callback.managers import BaseBackgroundCallbackManager
from dash.exceptions import PreventUpdate

from callbacks.boundary import told
from callbacks.team_source import Source
from callbacks.watching import JobTimer
from ui.components.states import Failure

logger = logging.getLogger(__name__)

RESULT_SECONDS = 3600
LAST_PAGE_SECONDS = 2.0
_SIZE_LIMIT = 16 * 1024 * 1024


def job_manager(folder: Path) -> DiskcacheManager:
    """Keeps what Dash must know about running jobs in the folder, which all server processes share.

    The folder holds pickles and the secret that signs the handles of jobs, so it is its owner's alone.
    """
    # Dash hands every callback of a process to every manager of it, and a job would run with another app's settings.
    BaseBackgroundCallbackManager.managers.clear()
    BaseBackgroundCallbackManager.functions.clear()
    return DiskcacheManager(_cache(folder), expire=RESULT_SECONDS)


def start_jobs_anew() -> None:
    """Jobs of this program are started anew, not forked: a fork copies locks that other threads hold, SQLite's among
    them, and nobody in the copy gives those back.
    """
    multiprocess.set_start_method("spawn", force=True)


def _cache(folder: Path) -> diskcache.Cache:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return diskcache.Cache(str(folder), size_limit=_SIZE_LIMIT)
    except (OSError, sqlite3.Error) as error:
        logger.warning(
            "Jobs are kept in a temporary folder: %s",
            error,
            extra={"event": "jobs.folder_refused", "reason": str(error)},
        )
        return diskcache.Cache(tempfile.mkdtemp(prefix="sightline-jobs-"), size_limit=_SIZE_LIMIT)


def reading_job(source: Source, timer: JobTimer) -> Callable[[Mapping[str, Any] | None], dict[str, Any]]:
    def read_jira(order: Mapping[str, Any] | None) -> dict[str, Any]:
        """Runs in the job's process; its order says what to read and is unlike every other."""
        if not order:
            raise PreventUpdate
        leave_ports()
        ended = _told_to_end()
        what = order["what"]
        wish = {"full": what in {"anew", "losses"}, "accept_losses": what == "losses"}
        with timer.timed("read_jira"):
            outcome = told(lambda: source.synchronise("page", **wish, program_ends=lambda: bool(ended)))
        reference = outcome.reference if isinstance(outcome, Failure) else None
        return {"nonce": order["nonce"], "failed": reference}

    return read_jira


def leave_ports() -> None:
    """A forked job inherits the server's listening socket, and would keep its port taken after the server's end."""
    if multiprocess.parent_process() is None:
        return  # the server itself
    listening = [one.fd for one in psutil.Process().net_connections(kind="tcp") if one.status == psutil.CONN_LISTEN]
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in listening:
        if number > 0:
            os.dup2(nowhere, number)  # the number stays taken, as an object that this process copied still holds it
    os.close(nowhere)


def _told_to_end() -> list[int]:
    """Gets the signals that tell the job to end; a forked one would do with them what its server does."""
    signals: list[int] = []
    if multiprocess.parent_process() is not None:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda given, _: signals.append(given))
    return signals


def end_jobs(seconds: float = LAST_PAGE_SECONDS) -> None:
    """Jobs of a server that ends do so at their next page, or at once; whoever comes next goes on from there."""
    jobs = multiprocess.active_children()
    for job in jobs:
        job.terminate()
    for job in jobs:
        job.join(seconds)
        job.kill()


atexit.register(end_jobs)
