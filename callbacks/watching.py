"""What a process of the program measures and where that goes: begun alike in servers and in the jobs they start."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from configuration.logging_config import setup_logging
from configuration.request_notes import current_callback, current_request_id, noting
from configuration.settings import BUILD, Settings, load_settings
from configuration.telemetry_target import TelemetryTarget
from data.performance_tracker import PerformanceTracker
from data.watch.log_events import listen
from data.watch.log_losses import tell_log_losses
from data.watch.measurement import Kind, Measurement
from data.watch.recorder import Listener


def start_watching(settings: Settings) -> PerformanceTracker:
    """The tracker of this process, which from here on also measures what the log tells."""
    tracker = PerformanceTracker(settings.log_dir / "performance" / "metrics.db")
    listen(tracker.record)
    tracker.recorder.listeners.append(partial(tell_log_losses, tracker.store))
    if settings.telemetry is not None:
        tracker.recorder.listeners.append(_telemetry(settings.telemetry, tracker))
    return tracker


def _telemetry(target: TelemetryTarget, tracker: PerformanceTracker) -> Listener:
    from data.watch.telemetry import Telemetry  # noqa: PLC0415 - an extra, which most do without

    return Telemetry(target, BUILD, before_the_last=tracker.recorder.flush)


@dataclass(frozen=True)
class JobTimer:
    """Measures a piece of work in a process of its own, and has it written before that process ends."""

    tracker: PerformanceTracker

    def __reduce__(self) -> tuple[Callable[..., JobTimer], tuple[str | None, str | None]]:
        """A process that is started anew, not forked, makes its own tracker and logs, as the environment says.

        What it logs bears the id of the request that has started it.
        """
        return _of_environment, (current_request_id.get(), current_callback.get())

    @contextmanager
    def timed(self, label: str) -> Iterator[None]:
        with noting() as served:
            started = time.perf_counter()
            try:
                yield
            finally:
                milliseconds, raised = 1000 * (time.perf_counter() - started), sys.exception()
                error = served.error or (None if raised is None else type(raised).__name__)
                status, request_id = 200 if error is None else 500, current_request_id.get()
                self.tracker.record(
                    Measurement(time.time(), Kind.JOB, label, "", milliseconds, status, None, error, request_id)
                )
                self.tracker.recorder.flush()


def _of_environment(request_id: str | None, callback: str | None) -> JobTimer:
    current_request_id.set(request_id)
    current_callback.set(callback)
    settings = load_settings()
    setup_logging(settings.log_dir, log_level=settings.log_level, log_format=settings.log_format)
    return JobTimer(start_watching(settings))
