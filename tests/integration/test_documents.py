"""What the documents tell people to type works as written."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from data.attribution_overrides import in_force, load_corrections
from data.model import TeamRules
from data.persistence import load_app_settings, load_team_rules
from tests.builders import at, issue
from tests.patience import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(text):
    return [line for block in blocks(text, "bash") for line in block.splitlines() if line.startswith("python ")]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def first_line_of(command, environment):
    """The first line that a server prints; the server is stopped then."""
    parts = [sys.executable, *command.split()[1:]]
    env = {**os.environ, "PYTHONUNBUFFERED": "1", **environment}
    server = subprocess.Popen(parts, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    watchdog = threading.Timer(PATIENCE_SECONDS, server.kill)
    watchdog.start()
    try:
        return server.stdout.readline()
    finally:
        watchdog.cancel()
        server.kill()
        server.wait()
        server.stdout.close()


def test_every_command_of_the_readme_is_one_that_is_tried_here():
    assert commands(README) == [
        "python app.py",
        "python -m data.demo --port 9100 --flavour cloud",
        "python -m pytest",
    ]


def test_the_dashboard_starts_and_prints_its_address(tmp_path):
    port = free_port()
    places = {"SIGHTLINE_LOG_DIR": str(tmp_path / "logs"), "SIGHTLINE_CACHE_DIR": str(tmp_path / "cache")}

    line = first_line_of("python app.py", {"SIGHTLINE_PORT": str(port), **places})

    assert f"http://127.0.0.1:{port}" in line


def test_the_simulated_jira_starts_and_prints_its_address():
    port = free_port()

    line = first_line_of(f"python -m data.demo --port {port} --flavour cloud", {})

    assert f"http://127.0.0.1:{port}" in line


def test_the_python_of_the_readme_prints_what_its_comments_say(capsys):
    (snippet,) = blocks(README, "python")

    exec(compile(snippet, "README.md", "exec"), {})  # noqa: S102 - the document is ours

    said = re.findall(r"# (\S+)(?: hours)?$", snippet, re.MULTILINE)
    assert capsys.readouterr().out.split() == said == ["54.0", "releases"]


def test_the_settings_of_the_readme_are_accepted(tmp_path):
    snippet, _ = blocks(README, "json")
    path = tmp_path / "app_settings.json"
    path.write_text(snippet, encoding="utf-8")

    settings = load_app_settings(path)
    rules = load_team_rules(settings, "UTC")

    assert rules.timezone == "Europe/Berlin"
    assert rules.waiting_statuses != TeamRules().waiting_statuses
    assert settings["field_mappings"] == json.loads(snippet)["field_mappings"]


def test_the_correction_of_the_readme_is_accepted(tmp_path):
    _, snippet = blocks(README, "json")
    path = tmp_path / "attribution_overrides.json"
    path.write_text(snippet, encoding="utf-8")

    assert in_force(load_corrections(path)) == {"ABC-17": "3.2.0"}


def test_the_metric_of_the_guide_works_as_it_stands(monkeypatch):
    """The eleventh metric, pasted below the others, measures a reopened item."""
    (snippet,) = re.findall(r"```python\n(.*?)```", CONTRIBUTING, re.DOTALL)
    body = re.sub(r"^   ", "", snippet, flags=re.MULTILINE)
    module = (ROOT / "data" / "flow_calculator.py").read_text(encoding="utf-8")
    extended = ModuleType("flow_calculator_with_an_eleventh")
    monkeypatch.setitem(sys.modules, extended.__name__, extended)
    names = vars(extended)
    exec(compile(f"{module}\nfrom data.reading.statuses import DONE\n\n{body}", "CONTRIBUTING.md", "exec"), names)  # noqa: S102

    start = at("2026-01-05 09:00")
    steps = ["In Progress", "Done", "In Progress", "Done"]
    moves = [(start + timedelta(days=number), name) for number, name in enumerate(steps)]
    records = [issue("EX-1", start, moves=moves), issue("EX-2", start, moves=moves[:2])]

    assert names["calculate_flow_reopened"](records, {}, 30, as_of=at("2026-01-31 00:00"))["value"] == 1.0


def leads_somewhere(target):
    """Whether the file is there, and the heading in it that a part of the link names."""
    name, _, anchor = target.partition("#")
    path = ROOT / name
    if not (path.exists() and anchor):
        return path.exists()
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_every_link_inside_the_project_leads_somewhere(text):
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", text) if "://" not in target]

    assert [target for target in targets if not leads_somewhere(target)] == []


def test_no_example_looks_like_a_real_token():
    """Whatever stands where a token belongs is a plain placeholder."""
    shown = re.findall(r"JIRA_TOKEN\s*=\s*\"?([^\s\"`]+)", README)

    assert set(shown) == {"your-token"}
