"""Over real HTTP, with many callbacks at once and their work spread over threads, no record gets another's id."""

from __future__ import annotations

import json
import logging
import re
import threading
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from dash import Dash, Input, Output, html
from werkzeug.serving import make_server

from app import create_app
from callbacks import callback_requests, request_ids
from callbacks.boundary import failure_of
from configuration.request_notes import ContextExecutor, noted
from configuration.settings import Settings
from data.demo.faults import Faults
from data.errors import ApiRemoved
from data.jira_simple import fetch_team_data
from tests.demo_logs import entries_of, logged_by_a_demo_start, logging_to
from tests.integration.page_events import body_of
from tests.jira_sites import connected, few_issues, serving

CALLBACKS, TASKS = 50, 20
OUTPUT = "..told.children...other.children.."

logger = logging.getLogger("callbacks.test")


def work(request, task):
    logger.info("Task %s of %s", task, request, extra={"event": "test.worked", "owner": request})
    return noted()


def spreading_app(pool):
    """A page whose callback spreads its work over a pool that all requests share."""
    app = Dash(__name__, add_log_handler=False)
    request_ids.register(app)
    callback_requests.register(app)
    app.layout = html.Div([html.Button(id="button"), html.Div(id="told"), html.Div(id="other")])

    def spread(owner):
        tasks = [pool.submit(work, owner, task) for task in range(TASKS)]
        logger.info("The tasks of %s are under way", owner, extra={"event": "test.spread", "owner": owner})
        return [json.dumps([task.result() for task in tasks]), owner]

    app.callback(Output("told", "children"), Output("other", "children"), Input("button", "n_clicks"))(spread)
    app.server.test_client().get("/")
    return app.server


@contextmanager
def served(application):
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def press(url, owner):
    body = {
        "output": OUTPUT,
        "outputs": [{"id": name, "property": "children"} for name in ("told", "other")],
        "inputs": [{"id": "button", "property": "n_clicks", "value": owner}],
        "changedPropIds": ["button.n_clicks"],
    }
    headers = {"Content-Type": "application/json", "X-Request-ID": owner}
    request = urllib.request.Request(f"{url}/_dash-update-component", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.headers["X-Request-ID"], json.load(answer)["response"]


def run_all(pool_class, folder):
    """Every callback's answer, and what was logged."""
    owners = [f"request-{number}" for number in range(CALLBACKS)]
    browsers = ThreadPoolExecutor(CALLBACKS)
    with logging_to(folder, "INFO"), pool_class(8) as pool, served(spreading_app(pool)) as url, browsers:
        answers = dict(zip(owners, browsers.map(lambda owner: press(url, owner), owners), strict=True))
    return answers, [entry for entry in entries_of(folder / "app.log") if entry["module"] == "callbacks.test"]


def crossed(entries):
    return [entry for entry in entries if entry["context"].get("request_id") != entry["context"]["owner"]]


def test_fifty_callbacks_with_twenty_tasks_each_keep_their_ids(tmp_path):
    answers, entries = run_all(ContextExecutor, tmp_path)

    assert len(entries) == CALLBACKS * (TASKS + 1)
    assert crossed(entries) == []
    assert {entry["context"]["callback"] for entry in entries} == {OUTPUT}
    assert set(Counter(entry["context"]["request_id"] for entry in entries).values()) == {TASKS + 1}
    for owner, (echoed, response) in answers.items():
        assert echoed == owner
        assert response["other"]["children"] == owner
        assert json.loads(response["told"]["children"]) == [{"request_id": owner, "callback": OUTPUT}] * TASKS


def test_the_same_check_catches_a_pool_that_forgets(tmp_path):
    _, entries = run_all(ThreadPoolExecutor, tmp_path)

    assert len(crossed(entries)) >= CALLBACKS * TASKS


def test_everything_that_the_first_page_starts_has_the_id_of_its_request(tmp_path):
    """Fetch and calculation run in a thread that outlives the request; storing measurements serves no one request."""
    logged = logged_by_a_demo_start(tmp_path, request_id="page-1")
    entries = [entry for entry in logged if not entry["module"].startswith("data.watch.")]

    events = Counter(entry["context"]["event"] for entry in entries)
    assert events["jira.answered"] > 10
    assert events["metric.calculated"] >= 11
    assert {entry["context"].get("request_id") for entry in entries} == {"page-1"}
    assert not [entry for entry in entries if "callback" in entry["context"]]


@pytest.mark.parametrize(("flavour", "form"), [("cloud", r"[0-9a-f]{32}"), ("datacenter", r"600x\d+x1")])
def test_what_jira_calls_a_request_is_on_record_and_in_the_error(tmp_path, flavour, form):
    with logging_to(tmp_path), serving(few_issues(), flavour, faults=Faults.named("gone@/search")) as (_, url):
        with connected(url) as client, pytest.raises(ApiRemoved) as caught:
            fetch_team_data(client, None, {})
        failure_of(caught.value)

    entries = entries_of(tmp_path / "app.log")
    answered = [entry["context"] for entry in entries if entry["context"]["event"] == "jira.answered"]
    assert all(re.fullmatch(form, context["jira_trace_id"]) for context in answered)
    assert len({context["jira_trace_id"] for context in answered}) == len(answered)
    refused = next(context["jira_trace_id"] for context in answered if context["status"] == 410)
    assert caught.value.trace_id == refused
    told = {entry["context"]["event"]: entry["context"] for entry in entries_of(tmp_path / "errors.log")}
    assert told["fetch.failed"]["jira_trace_id"] == told["failure.shown"]["jira_trace_id"] == refused


def test_the_reference_on_the_page_is_the_request_that_failed(tmp_path):
    """No page is called so; the callback stumbles over it, as over any mistake of the program."""
    with logging_to(tmp_path, "INFO"):
        client = create_app(Settings()).server.test_client()
        client.environ_base["HTTP_X_REQUEST_ID"] = "click-7"
        shown = body_of(client, "nowhere")

    assert "Reference for the log: click-7" in shown
    (entry,) = entries_of(tmp_path / "errors.log")
    assert "page-body.children" in entry["context"].pop("callback")
    assert entry["context"] == {"event": "failure.unexpected", "request_id": "click-7", "error_type": "KeyError"}
    assert "in draw_page" in entry["exception"]
