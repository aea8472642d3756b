"""The application as a whole: it starts or says why not, its events find their components, its secrets stay in."""

import json
import os
import secrets
import socket
import subprocess
import sys
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from dash import html

from app import create_app
from configuration.settings import JiraCredentials, Secret, Settings
from data.analysis.cumulative_flow import cumulative_flow
from data.data_quality import find_all
from data.jira_simple import SyncRequest, receipts
from data.metric import read_facts
from data.model import TeamRules
from tests.builders import issue
from tests.jira_sites import few_issues, serving
from tests.patience import PATIENCE_SECONDS, eventually
from tests.unit.ui.performance_documents import slow_route
from tests.unit.ui.reading import parts
from tests.unit.ui.receipts import receipt
from tests.unit.ui.results import result
from tests.unit.ui.trouble_documents import log_events as logged
from ui import ids
from ui.components.attribution import incident_list
from ui.components.explanation import explanation
from ui.components.filter_bar import filter_choices
from ui.components.flow_diagram import cumulative_block
from ui.components.known_then import known_choice
from ui.components.performance.records import log_events
from ui.components.performance.routes import Order, routes
from ui.components.quality import finding_block
from ui.components.receipt import receipt_drawer_body
from ui.components.rule_form import rule_form
from ui.components.states import Failure, failure_panel
from ui.filter_choice import NOTHING_CHOSEN
from ui.layout import frame, page_layout
from ui.page import Sources, View, ViewPage
from ui.pages import DRAWN_PAGES, METRIC_PAGES, PAGES
from ui.rule_choices import shown

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return create_app(Settings(cache_dir=tmp_path_factory.mktemp("cache"))).server.test_client()


HOW_JOBS_START = """
import contextlib, multiprocess, runpy, sys
multiprocess.set_start_method("fork" if "fork" in multiprocess.get_all_start_methods() else "spawn")
with contextlib.suppress(SystemExit):
    runpy.run_path("app.py", run_name=sys.argv[1])
print(multiprocess.get_start_method())
"""


def started(*, environ, folder, program=("app.py",)):
    """`python app.py` with this environment and its own folder for logs; it ends by itself or is ended."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(("JIRA_", "SIGHTLINE_"))}
    inherited |= {"SIGHTLINE_LOG_DIR": str(folder), "SIGHTLINE_CACHE_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, *program],
        cwd=ROOT,
        env=inherited | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


ATTRIBUTION = {
    "incident": "AB-1",
    "detected_at": "2026-01-05T09:00:00Z",
    "resolved_at": None,
    "deployment": None,
    "confidence": "none",
}


def all_components():
    pages = [part for page in PAGES for part in [page_layout(page)]]
    view = View(read_facts([], {}, as_of=datetime(2026, 1, 14, tzinfo=UTC)), 30, Sources(None, {}))
    views = [page.body(view) for page in DRAWN_PAGES if isinstance(page, ViewPage)]
    bodies = [page.body({key: result(key) for key in ("flow_time", "cfr")}) for page in METRIC_PAGES]
    told = [receipt_drawer_body(receipt(), [receipt()], "UTC"), failure_panel(Failure("t", "h", "l", "n"), offer="Try")]
    odd = issue("AB-1", datetime(2026, 1, 1, tzinfo=UTC), moves=[(datetime(2026, 1, 2, tzinfo=UTC), "Done")])
    facts = read_facts([odd], {}, as_of=datetime(2026, 1, 14, tzinfo=UTC))
    (finding, *_) = find_all(facts)
    told += [finding_block(finding, Sources(None, {})), cumulative_block(cumulative_flow(facts, 30))]
    labelled = read_facts([issue("AB-2", datetime(2026, 1, 1, tzinfo=UTC), labels=["sand", "tide"])], {})
    told += filter_choices(labelled.history.facets, NOTHING_CHOSEN)
    told += routes([slow_route()], Order(), 7) + log_events(logged(), 7, "UTC")
    return [
        frame(PAGES, demo=True),
        *pages,
        *views,
        *bodies,
        *told,
        explanation(result("cfr", value=0.2), TeamRules(), Sources(None, {})),
        html.Div([known_choice(date(2026, 1, 13)), html.Div(id=ids.EXPLAINED)]),
        rule_form(shown(TeamRules(), []), []),
        incident_list([ATTRIBUTION], Sources(None, {}), days=30, timezone="UTC"),
    ]


def shape(identity):
    """An id as a callback may name it: the names of its parts, and the type that does not vary."""
    return (tuple(sorted(identity)), identity["type"]) if isinstance(identity, dict) else identity


def test_every_component_that_an_event_names_exists_on_a_page(client):
    there = {shape(part.id) for part in parts(all_components()) if hasattr(part, "id")}
    there |= {"_pages_location", "_pages_content", "_pages_store", "_pages_dummy"}

    named = set()
    for dependency in client.get("/_dash-dependencies").json:
        outputs = dependency["output"].strip(".").split("...")
        for text in [one["id"] for one in dependency["inputs"] + dependency["state"]] + [
            output.rpartition(".")[0] for output in outputs
        ]:
            named.add(shape(json.loads(text)) if text.startswith("{") else text)

    assert named - there == set()


def test_the_probe_answers_without_reading_anything(client):
    answer = client.get("/health")

    assert (answer.status_code, answer.text) == (200, "OK")


def test_a_page_says_nothing_to_a_stranger_about_how_it_is_made(client):
    answer = client.post("/_dash-update-component", json={"output": "no.such", "outputs": [], "inputs": []})

    assert "Traceback" not in answer.text
    assert answer.status_code >= 400


def test_starting_prints_the_address_and_serves_it(tmp_path):
    for _ in range(5):  # another program may take the port between being found free and being used
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        process = started(environ={"SIGHTLINE_PORT": str(port)}, folder=tmp_path)
        line = process.stdout.readline()
        told = "" if line else process.communicate(timeout=PATIENCE_SECONDS)[1]
        if "is in use" not in told:
            break
    assert line, told
    try:
        assert f"http://127.0.0.1:{port}/" in line
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(b"GET /health HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            assert b"200 OK" in connection.recv(4096)
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)


def test_a_port_in_use_is_said_in_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = started(environ={"SIGHTLINE_PORT": str(port)}, folder=tmp_path)
        _, said = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use" in said
    assert "SIGHTLINE_PORT" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", ["__main__", "app"])
def test_jobs_are_started_anew_by_the_program_and_behind_another_server(tmp_path, name):
    with socket.create_server(("127.0.0.1", 0)) as taken:  # so that the program does not go on to serve
        port = {"SIGHTLINE_PORT": str(taken.getsockname()[1])}
        process = started(environ=port, folder=tmp_path, program=["-c", HOW_JOBS_START, name])
        told, _ = process.communicate(timeout=PATIENCE_SECONDS)

    assert told.splitlines()[-1] == "spawn"


def test_a_wrong_configuration_is_said_in_a_sentence(tmp_path):
    process = started(environ={"JIRA_URL": "https://jira.example.com"}, folder=tmp_path)
    _, said = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 2
    assert "JIRA_TOKEN" in said
    assert "What to do" in said
    assert "Traceback" not in said


def test_making_the_application_takes_no_reading(tmp_path):
    before = set(threading.enumerate())
    jira = JiraCredentials("https://jira.invalid", None, Secret(secrets.token_hex(20)))
    create_app(Settings(jira=jira, cache_dir=tmp_path), keeps_schedule=True)

    assert "team-keeper" not in {thread.name for thread in set(threading.enumerate()) - before}


def test_the_program_keeps_its_schedule_before_anybody_looks(tmp_path):
    with serving(few_issues(), "cloud") as (_, url):
        jira = JiraCredentials(url, "reader@example.com", Secret(secrets.token_hex(20)))
        settings = Settings(
            jira=jira, cache_dir=tmp_path, app_settings_path=tmp_path / "none.json", schedule_minutes=60
        )
        create_app(settings, keeps_schedule=True)

        request = SyncRequest(jira, None, {}, tmp_path)
        eventually(lambda: [receipt.verdict for receipt in receipts(request)] == ["complete"])
