"""The composition root: puts settings, data, pages and events together; `server` is for WSGI servers."""

from __future__ import annotations

import logging
import platform
import signal
import socket
import sys
from contextlib import suppress

import dash
from dash import Dash
from flask import Flask
from flask_compress import Compress
from werkzeug.serving import make_server

from callbacks import (
    benchmark,
    boundary,
    callback_requests,
    dashboard,
    dora_flow_metrics,
    filters,
    forecast,
    incidents,
    metrics_bp,
    performance,
    probes,
    prometheus,
    provenance,
    quality,
    request_ids,
    request_metrics,
    response_headers,
    sync,
    watchman,
    what_if,
)
from callbacks.jobs import job_manager, start_jobs_anew
from callbacks.keeper import TICK_SECONDS, Keeper
from callbacks.team import TeamLoader
from callbacks.team_source import JOBS, Source
from callbacks.watching import JobTimer, start_watching
from configuration.logging_config import cleanup_old_logs, setup_logging
from configuration.settings import ConfigurationError, Settings, load_settings
from data.performance_metrics_service import PerformanceMetricsService
from data.performance_tracker import PerformanceTracker
from ui.components.states import not_found_layout
from ui.layout import ASSETS, DEFAULT_PERIOD, INDEX, frame, page_layout
from ui.pages import DRAWN_PAGES, PAGES

logger = logging.getLogger("app")  # also when it is run as __main__

COMPRESSION = {
    "COMPRESS_ALGORITHM": ["br", "zstd", "gzip"],
    "COMPRESS_BR_LEVEL": 6,
    "COMPRESS_ZSTD_LEVEL": 9,
    "COMPRESS_STREAMS": False,  # a file that is compressed while it is streamed stays open
}


def create_app(
    settings: Settings,
    *,
    source: Source | None = None,
    tick_seconds: float = TICK_SECONDS,
    keeps_schedule: bool = False,
) -> Dash:
    """The dashboard for these settings; nothing is read from Jira before the first page asks.

    `source` is where the data comes from, if not from where the settings say; `tick_seconds` is how often the
    application looks whether a reading is due. With `keeps_schedule` what is read by schedule does not wait for a
    page; that takes a thread at once, so it is not for a process that is yet to fork.
    """
    app = Dash(
        __name__,
        use_pages=True,
        pages_folder="",
        assets_folder=str(ASSETS),
        assets_ignore=r"scheme\.js",
        index_string=INDEX,
        title="Sightline",
        update_title="",
        include_pages_meta=False,
        add_log_handler=False,
        on_error=boundary.show_failure,
        background_callback_manager=job_manager(settings.cache_dir / JOBS),
    )
    tracker = start_watching(settings)
    request_metrics.register(app, tracker.record, unmeasured=probes.PATHS)
    request_ids.register(app)
    callback_requests.register(app)
    app.server.config.update(COMPRESSION)
    Compress(app.server)
    _register_pages()
    app.layout = frame(PAGES, demo=settings.jira is None)
    source = source or Source(settings)
    loader = TeamLoader(source.version, source.reading, as_of=settings.as_of, first_period=DEFAULT_PERIOD)
    keeper = Keeper(source, loader, tick_seconds=tick_seconds)
    dashboard.register(app, keeper, PAGES)
    dora_flow_metrics.register(app, loader, source, DRAWN_PAGES)
    for events in (filters, benchmark, forecast, quality):
        events.register(app, loader)
    provenance.register(app, loader, source)
    sync.register(app, keeper, JobTimer(tracker))
    what_if.register(app, keeper)
    incidents.register(app, keeper)
    _tell_how_it_does(app, keeper, tracker)
    response_headers.register(app, host=settings.host)
    app.enable_dev_tools(debug=False, dev_tools_disable_version_check=True)
    # Dash finishes its set-up during the first request, and two first requests at once would find it half done.
    app.server.test_client().get(probes.HEALTH)
    if keeps_schedule:
        keeper.begin()
    return app


def _register_pages() -> None:
    for page in PAGES:
        dash.register_page(
            page.key, page.path, name=page.name, title=f"{page.title} - Sightline", layout=page_layout(page)
        )
    dash.register_page("not_found_404", layout=not_found_layout(), title="Not found - Sightline")


def _tell_how_it_does(app: Dash, keeper: Keeper, tracker: PerformanceTracker) -> None:
    source, service = keeper.source, PerformanceMetricsService(tracker)
    watching = watchman.watchman_of(source, service)
    metrics_bp.register(app, service, source.settings, alerts=watching.alerts.document)
    probes.register(app, source, tracker)
    prometheus.register(app, source, service)
    watchman.register(app, watching)
    performance.register(app, performance.instruments_of(keeper, service, watching.alerts))


def main() -> int:
    """Serve the dashboard until interrupted or told to end; the exit code says whether it could start."""
    try:
        settings = load_settings()
    except ConfigurationError as problem:
        return _refuse(str(problem), code=2)
    start_logging(settings)
    start_jobs_anew()
    if not _is_free(settings.host, settings.port):
        return _refuse(
            f"Port {settings.port} on {settings.host} is in use. Likely cause: another Sightline is running. "
            "What to do: stop that one, or set SIGHTLINE_PORT to another number.",
            code=1,
        )
    serving = make_server(settings.host, settings.port, create_app(settings, keeps_schedule=True).server, threaded=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # how containers and services are stopped
    print(f"Sightline is at http://{_in_address(settings.host)}:{settings.port}/ (Ctrl+C ends it)", flush=True)  # noqa: T201
    with suppress(KeyboardInterrupt):
        serving.serve_forever()
    return 0


def start_logging(settings: Settings) -> None:
    setup_logging(settings.log_dir, log_level=settings.log_level, log_format=settings.log_format)
    cleanup_old_logs(settings.log_dir, max_age_days=30)
    facts = {"team": "demo" if settings.jira is None else "jira", "python": platform.python_version()}
    logger.info("Sightline starts", extra={"event": "app.started", "platform": platform.system(), **facts})


def wsgi_server() -> Flask:
    """The application for a WSGI server, whose log gets the reason when the configuration cannot be used."""
    settings = load_settings()
    start_logging(settings)
    start_jobs_anew()
    application: Flask = create_app(settings).server
    return application


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError:
        return False
    return True


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _refuse(sentence: str, *, code: int) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main())

if __name__ != "__mp_main__":  # a process that was started for a job imports this module too
    server = wsgi_server()
