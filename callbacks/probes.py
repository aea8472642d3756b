"""What probes ask over HTTP: whether the application is alive, and whether it can do its work."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable

from dash import Dash
from flask import Response, jsonify

from callbacks.team_source import Source
from configuration.redaction import scrub_text
from data.errors import SightlineError
from data.jira_simple import receipts
from data.performance_tracker import PerformanceTracker
from data.persistence import load_app_settings, load_schedule, load_team_rules
from data.storage.atomic_file import make_private
from data.storage.staleness import LONGEST_STALE
from data.watch.readiness import Check, Finding, Readiness

HEALTH, READY, PROMETHEUS = "/health", "/ready", "/metrics/prometheus"
PATHS = frozenset({HEALTH, READY, PROMETHEUS})
"""Asked every few seconds by machines; measuring those would drown what people wait for."""
_A_BLOCK = b"\0" * 4096
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)


def register(app: Dash, source: Source, tracker: PerformanceTracker) -> None:
    """Call before the first request."""
    readiness = Readiness(
        [
            Check("configuration", lambda: configuration(source)),
            Check("cache", lambda: cache(source)),
            Check("measurements", lambda: measurements(tracker), needed=False),
            Check("last_reading", lambda: last_reading(source), needed=False, tells_age=True),
        ]
    )
    app.server.add_url_rule(HEALTH, "health", alive)
    app.server.add_url_rule(READY, "ready", ready(readiness))


def alive() -> Response:
    """Without a look at anything: what cannot answer this must be started again."""
    return Response("OK", mimetype="text/plain")


def ready(readiness: Readiness) -> Callable[[], tuple[Response, int]]:
    def answer() -> tuple[Response, int]:
        document = readiness()
        return jsonify(document), 200 if document["ready"] else 503

    return answer


def configuration(source: Source) -> Finding:
    try:
        saved = load_app_settings(source.settings.app_settings_path)
        load_schedule(saved, source.settings.schedule_minutes)
        load_team_rules(saved, "UTC")
        source.request()
    except SightlineError as error:
        return _refused(error)
    return Finding(ok=True, detail="The settings can be read.")


def cache(source: Source) -> Finding:
    """A file without a name is written, so that nothing is left behind."""
    folder = source.settings.cache_dir
    try:
        make_private(folder)
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            file.write(_A_BLOCK)
    except OSError as error:
        room = "Make room on the disk of the cache folder."
        rights = (
            "Let the account that runs Sightline write into the cache folder, or name another: SIGHTLINE_CACHE_DIR."
        )
        next_step = room if error.errno in _NO_ROOM else rights
        return Finding(ok=False, detail=f"The cache cannot be written: {_reason(error)}.", next_step=next_step)
    return Finding(ok=True, detail="The cache can be written.")


def measurements(tracker: PerformanceTracker) -> Finding:
    problem, lost = tracker.recorder.problem, tracker.recorder.dropped
    if problem is not None:
        return Finding(
            ok=False,
            detail=f"Measurements cannot be stored ({scrub_text(problem)}); {lost} were lost by this process.",
            next_step="The pages are not affected. Make room, or let the account write beside the logs.",
        )
    return Finding(ok=True, detail=f"Measurements are stored; {lost} were lost by this process.")


def last_reading(source: Source) -> Finding:
    try:
        history = receipts(source.request())
    except SightlineError as error:
        return _refused(error)
    if source.is_forgotten():
        return Finding(ok=True, detail="What was kept was deleted at somebody's wish.")
    if not history:
        return Finding(ok=True, detail="Jira has not been read yet; the first visit to a page reads it.")
    whole = next((one for one in history if one.verdict in {"complete", "partial"}), None)
    age = source.clock() - whole.ended_at if whole is not None else None
    seconds = round(age.total_seconds(), 1) if age is not None else None
    last = history[0]
    if last.verdict in {"failed", "interrupted"}:
        step = last.next_step or "Open the page Data, which says more."
        return Finding(ok=False, detail=last.sentence, next_step=scrub_text(step), age_seconds=seconds)
    if age is None or age > LONGEST_STALE:
        step = "Open a page of the dashboard, or choose a schedule on the page Data."
        return Finding(ok=False, detail="Jira was last read too long ago.", next_step=step, age_seconds=seconds)
    return Finding(ok=True, detail=last.sentence, age_seconds=seconds)


def _refused(error: SightlineError) -> Finding:
    return Finding(ok=False, detail=f"{error.title}: {scrub_text(error.detail)}", next_step=scrub_text(error.next_step))


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
