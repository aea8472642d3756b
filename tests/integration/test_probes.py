"""The commands of probes, in docs/operations.md and the image: run as written, they say ready or not."""

from __future__ import annotations

import json
import os
import re
import socket
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
from configuration.probe import main
from configuration.settings import Settings
from data.performance_tracker import PerformanceTracker

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", OPERATIONS, re.DOTALL)]


def commands():
    """Of Kubernetes by the name of the probe, and the one of the image; all begin with python."""
    kubernetes = next(block for block in BLOCKS if "livenessProbe" in block)
    found = {name: probe["exec"]["command"] for name, probe in kubernetes.items()}
    return found | {"image": json.loads(re.search(r"^HEALTHCHECK .*CMD (.*)$", DOCKERFILE, re.MULTILINE)[1])}


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


def exit_code(command, port, **environ):
    program, *arguments = command
    assert program == "python"
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(("JIRA_", "SIGHTLINE_"))}
    own = {"SIGHTLINE_PORT": str(port)}
    asked = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=inherited | own | environ, capture_output=True, check=False
    )
    return asked.returncode


def test_every_probe_there_is_one_of_ours():
    asked = {name: command[-1] for name, command in commands().items()}
    assert asked == {
        "startupProbe": probes.HEALTH,
        "livenessProbe": probes.HEALTH,
        "readinessProbe": probes.READY,
        "image": probes.HEALTH,
    }
    scraped = next(block for block in BLOCKS if "scrape_configs" in block)["scrape_configs"][0]
    assert scraped["metrics_path"] == probes.PROMETHEUS


@pytest.mark.parametrize("name", ["image", "readinessProbe"])
def test_a_probe_is_content_with_a_program_that_does_well(tmp_path, name):
    with serving(tmp_path) as port:
        assert exit_code(commands()[name], port) == 0


def test_settings_that_cannot_be_read_make_it_unready_and_leave_it_alive(tmp_path):
    (tmp_path / "app_settings.json").write_text("{")

    with serving(tmp_path) as port:
        assert exit_code(commands()["readinessProbe"], port) != 0
        assert exit_code(commands()["startupProbe"], port) == 0


def test_a_probe_goes_past_the_proxy_that_leads_to_jira(tmp_path):
    with serving(tmp_path) as port:
        assert exit_code(commands()["image"], port, HTTP_PROXY="http://127.0.0.1:9", SIGHTLINE_HOST="127.0.0.1") == 0


def test_a_probe_finds_a_program_that_listens_everywhere(tmp_path):
    with serving(tmp_path) as port:
        everywhere = {"SIGHTLINE_HOST": "0.0.0.0", "SIGHTLINE_ALLOW_REMOTE": "1"}  # noqa: S104 - nothing is bound
        assert exit_code(commands()["image"], port, **everywhere) == 0


def test_where_nothing_answers_and_where_nobody_can_be_asked_the_probe_says_so(capsys):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert main([probes.READY], environ={"SIGHTLINE_PORT": str(port)}) == 1
    assert f"Nothing answers at port {port} of 127.0.0.1" in capsys.readouterr().err
    assert main([], environ={"SIGHTLINE_PORT": "none"}) == 2
    assert "SIGHTLINE_PORT" in capsys.readouterr().err
