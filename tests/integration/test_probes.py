"""The configurations for containers in docs/operations.md: their commands, run as written, say ready or not."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from dash import Dash
from werkzeug.serving import make_server

from callbacks import probes
from callbacks.team_source import Source
from configuration.settings import Settings
from data.performance_tracker import PerformanceTracker

OPERATIONS = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text("utf-8")
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", OPERATIONS, re.DOTALL)]


def commands():
    """Of Docker Compose first, then of Kubernetes by the name of the probe; all begin with python -c."""
    compose = next(block for block in BLOCKS if "services" in block)
    kubernetes = next(block for block in BLOCKS if "livenessProbe" in block)
    found = {"compose": compose["services"]["sightline"]["healthcheck"]["test"][1:]}
    return found | {name: probe["exec"]["command"] for name, probe in kubernetes.items()}


@contextmanager
def serving(folder):
    tracker = PerformanceTracker(folder / "metrics.db")
    app = Dash(__name__, add_log_handler=False)
    app.layout = []
    settings = Settings(cache_dir=folder / "cache", app_settings_path=folder / "app_settings.json")
    probes.register(app, Source(settings), tracker)
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.port
    server.shutdown()
    thread.join()
    server.server_close()
    tracker.close()


def exit_code(command, port):
    assert command[:2] == ["python", "-c"]
    (program,) = command[2:]
    program = program.replace(":8050/", f":{port}/")
    return subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode


def test_every_probe_there_is_one_of_ours():
    assert list(commands()) == ["compose", "startupProbe", "livenessProbe", "readinessProbe"]
    asked = {re.search(r"8050(/\w+)", command[-1])[1] for command in commands().values()}
    assert asked == {probes.HEALTH, probes.READY}
    scraped = next(block for block in BLOCKS if "scrape_configs" in block)["scrape_configs"][0]
    assert scraped["metrics_path"] == probes.PROMETHEUS


@pytest.mark.parametrize("name", ["compose", "livenessProbe"])
def test_a_probe_is_content_with_a_program_that_does_well(tmp_path, name):
    with serving(tmp_path) as port:
        assert exit_code(commands()[name], port) == 0


def test_settings_that_cannot_be_read_make_it_unready_and_leave_it_alive(tmp_path):
    (tmp_path / "app_settings.json").write_text("{")

    with serving(tmp_path) as port:
        assert exit_code(commands()["readinessProbe"], port) != 0
        assert exit_code(commands()["startupProbe"], port) == 0
