"""The command line: `python -m data.demo`."""

import json
import os
import re
import secrets
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
import requests

from data.demo.__main__ import TOKEN_VARIABLE, _parser, build_jira, instructions, main
from tests.patience import PATIENCE_SECONDS
from tests.unit.data.demo.sites import ROOT, basic, issue


@contextmanager
def running(*arguments, **environment):
    """The printed text and the base URL of a server started as a person would."""
    process = subprocess.Popen(
        [sys.executable, "-m", "data.demo", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    try:
        printed = ""
        while "stops it" not in printed:
            line = process.stdout.readline()
            assert line, f"it ended early: {printed}"
            printed += line
        yield printed, re.search(r"at (http://\S+)", printed)[1]
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)
        process.stdout.close()


def issues_file(folder):
    path = folder / "issues.jsonl"
    path.write_text(json.dumps(issue(1)) + "\n", encoding="utf-8")
    return str(path)


def test_it_serves_and_says_how_to_look(tmp_path):
    """Loaded issues, a context path, a token from the environment that is never printed, and a fault."""
    token = secrets.token_hex(12)
    arguments = (
        "--flavour",
        "datacenter",
        "--load",
        issues_file(tmp_path),
        "--context-path",
        "/jira",
        "--fault",
        "gone:1",
    )
    with running(*arguments, **{TOKEN_VARIABLE: token}) as (printed, base):
        assert token not in printed
        assert f"JIRA_URL={base}" in printed
        assert f'$env:JIRA_URL="{base}"' in printed
        headers = {"Authorization": f"Bearer {token}"}
        told = [
            requests.get(f"{base}/rest/api/2/myself", headers=headers, timeout=PATIENCE_SECONDS).status_code
            for _ in range(2)
        ]
        assert told == [410, 200]
        assert (
            requests.get(f"{base}/rest/api/2/myself", headers=basic("wrong"), timeout=PATIENCE_SECONDS).status_code
            == 401
        )


def parsed(*arguments):
    return _parser().parse_args(arguments)


def test_the_made_up_team_is_served_when_nothing_is_loaded():
    jira = build_jira(parsed("--seed", "4", "--as-of", "2026-01-31T12:00"), None)
    assert jira.is_cloud
    assert len(jira.site.issues) > 1000
    assert jira.site.as_of.isoformat() == "2026-01-31T12:00:00+00:00"
    assert "issues as Jira cloud, at http://x" in instructions(jira, "http://x")


def test_as_many_plain_issues_as_wanted_are_served_as_slowly_as_wanted():
    jira = build_jira(parsed("--issues", "120", "--latency", "150", "--as-of", "2026-01-31"), None)
    assert (len(jira.site.issues), jira.latency) == (120, 0.15)
    assert "Waterworks: 120 issues" in instructions(jira, "http://x")


def test_the_instructions_for_data_center_ask_for_no_e_mail(tmp_path):
    jira = build_jira(parsed("--flavour", "datacenter", "--load", issues_file(tmp_path), "--page-cap", "1"), None)
    assert "JIRA_EMAIL" not in instructions(jira, "http://x")


def test_all_faults_can_be_listed(capsys):
    assert main(["--list-faults"]) == 0
    assert "rate-limited-html" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--load", "nowhere.json"], "does not exist"),
        (["--versions", "project.json"], "Add --load"),
        (["--fault", "nonsense", "--as-of", "2026-01-31"], "there is no fault 'nonsense'"),
        (["--issues", "0"], "ask for one or more"),
        (["--host", "0.0.0.0"], "lets everybody in"),  # noqa: S104 - the mistake under test
    ],
)
def test_a_mistake_is_answered_with_its_cause_and_the_way_out(arguments, says, capsys, monkeypatch):
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    assert main(arguments) == 2
    assert says in capsys.readouterr().err


def test_an_instant_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--as-of", "yesterday"])
    assert "2026-01-31T12:00Z" in capsys.readouterr().err


def test_a_port_in_use_is_named(tmp_path, capsys, monkeypatch):
    with running("--load", issues_file(tmp_path)) as (_, base):
        monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
        port = base.rpartition(":")[2]
        assert main(["--port", port, "--load", issues_file(tmp_path)]) == 2
    assert f"Port {port} cannot be used" in capsys.readouterr().err


def test_a_token_cannot_be_given_as_an_argument():
    with pytest.raises(SystemExit):
        parsed("--token", secrets.token_hex(4))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no interrupt signal for one process")
def test_an_interrupt_stops_it_quietly(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "data.demo", "--port", "0", "--load", issues_file(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    while "stops it" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, error) == (0, "")
