"""Where what a process measures goes besides the store: to a collector if one was named, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from callbacks.watching import start_watching
from configuration.log_handlers import losses
from configuration.logging_config import FILES
from configuration.settings import Settings
from configuration.telemetry_target import TelemetryTarget
from data.watch.log_losses import log_records_dropped
from data.watch.telemetry import Telemetry
from tests.collector import collecting

ROOT = Path(__file__).resolve().parents[3]


def test_what_is_measured_reaches_the_collector_that_was_named(tmp_path):
    with collecting() as collector:
        tracker = start_watching(Settings(log_dir=tmp_path, telemetry=TelemetryTarget(collector.url)))
        tracker.record_metric("/metrics/performance", "GET", 42.0, 200)
        assert tracker.recorder.flush()
        (telemetry,) = [one for one in tracker.recorder.listeners if isinstance(one, Telemetry)]
        telemetry.close()
        tracker.close()

        (sums,) = collector.latest().values()
    (measured,) = sums["http.server.request.duration"]
    assert (measured.count, round(measured.sum, 6)) == (1, 0.042)


def test_without_one_the_library_is_not_even_loaded():
    program = """
import sys, tempfile
from pathlib import Path
from callbacks.watching import start_watching
from configuration.settings import load_settings
with tempfile.TemporaryDirectory() as folder:
    tracker = start_watching(load_settings({"SIGHTLINE_LOG_DIR": folder}))
    tracker.record_metric("/", "GET", 1.0, 200)
    tracker.close()
print(sorted(name for name in sys.modules if name.startswith(("opentelemetry", "google"))))
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True
    )

    assert ran.stdout.strip() == "[]"


def test_lost_log_records_are_counted_with_the_next_measurement(tmp_path):
    losses.begin()
    tracker = start_watching(Settings(log_dir=tmp_path))
    losses.add("app.log", "No space left on device")
    tracker.record_metric("/", "GET", 1.0, 200)
    tracker.recorder.flush()
    losses.begin()

    assert log_records_dropped(tracker.store, FILES)["app.log"] == 1
