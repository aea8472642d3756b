"""What docs/operations.md tells people to type works as written, on the logs of a real start."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from callbacks.boundary import failure_of
from configuration.log_fields import to_ecs, to_otel
from data.errors import NotJira
from data.performance_utils import threshold_verdict
from tests.demo_logs import logged_by_a_demo_start, logging_to
from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = [
    line for block in re.findall(r"```bash\n(.*?)```", OPERATIONS, re.DOTALL) for line in block.splitlines() if line
]


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """The logs of a demo start, with one failure that was explained."""
    folder = tmp_path_factory.mktemp("logs")
    logged_by_a_demo_start(folder, request_id="the-id-from-the-page")
    with logging_to(folder):
        failure_of(NotJira("A web page came back."))
    return folder


def command(line, folder):
    program, *arguments = shlex.split(line)
    assert program == "python"
    environment = os.environ | {"SIGHTLINE_LOG_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    return {"args": [sys.executable, *arguments], "cwd": ROOT, "env": environment, "text": True}


@pytest.mark.parametrize("line", [line for line in COMMANDS if "--follow" not in line])
def test_a_command_prints_something_and_ends_well(logs, line):
    finished = subprocess.run(**command(line, logs), capture_output=True, check=False)

    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout
    assert "\x1b" not in finished.stdout


def test_the_command_that_follows_prints_at_once_what_is_there(logs):
    (line,) = [line for line in COMMANDS if "--follow" in line]
    with subprocess.Popen(**command(line, logs), stdout=subprocess.PIPE) as following:
        watchdog = threading.Timer(PATIENCE_SECONDS, following.kill)
        watchdog.start()
        first = following.stdout.readline()
        watchdog.cancel()
        following.kill()

    assert "event=fetch.finished" in first


def test_a_request_is_followed_from_the_page_to_the_last_number(logs):
    """The reading goes on in a thread of its own, after the page was answered."""
    (line,) = [line for line in COMMANDS if "--request" in line]

    told = subprocess.run(**command(line, logs), capture_output=True, check=True).stdout

    for event in ("jira.connected", "jira.answered", "fetch.finished", "metric.calculated", "team.ready"):
        assert f"event={event}" in told
    assert "failure.shown" not in told


def rows(heading):
    """The table below a heading, as cells without their backticks."""
    section = OPERATIONS.split(f"# {heading}\n", 1)[1].split("\n#", 1)[0]
    cells = [[cell.strip() for cell in line.strip("| ").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return cells[2:]


def test_the_table_of_targets_is_what_calculations_are_held_to():
    for category, issues, target in rows("How long a calculation may take"):
        largest = re.search(r"\d+", issues)
        verdict = threshold_verdict(0.0, int(largest[0]) if largest else 5001)
        assert verdict["dataset_size_category"] == category
        assert verdict["target_duration_seconds"] == float(target.removesuffix(" s"))


def test_the_tables_of_other_names_are_what_the_formats_write():
    entry = {"timestamp": "t", "level": "ERROR", "module": "m", "function": "f", "line": 1, "message": "x"}
    entry |= {"exception": "ValueError: x", "context": {"event": "e", "request_id": "r", "error_type": "ValueError"}}
    ecs, otel = to_ecs(entry), to_otel(entry)

    for _, in_ecs, in_otel in rows("Other field names"):
        for name in re.findall(r"`([^`]+)`", in_ecs):
            assert name in ecs
        for name in re.findall(r"`([^`]+)`", in_otel):
            outer, _, inner = name.partition(".")
            assert name in otel["Attributes"] or (inner in otel[outer] if inner else outer in otel)


def test_the_tables_of_files_and_names_are_what_is_there(logs):
    described = {re.findall(r"`([^`]+)`", row[0])[0] for row in rows("The logs") if ".log" in row[0]}

    assert described == {path.name for path in logs.glob("*.log")}
