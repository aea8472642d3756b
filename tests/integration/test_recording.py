"""What a running dashboard records: each request under its own id, whatever works for it, and answers kept as hits."""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random

from dash import Dash, Input, Output, html

from app import create_app
from callbacks import boundary, callback_requests, request_ids, request_metrics
from configuration.request_notes import ContextExecutor, note_cache
from configuration.settings import Settings
from data.performance_tracker import PerformanceTracker
from data.watch.measurement import Kind
from data.watch.store import MetricsStore
from tests.integration.page_events import body_of, ended
from tests.integration.test_correlation import served
from tests.jira_sites import credentials, few_issues, serving
from tests.property.effort import FACTOR

CALLBACKS = 50


def spreading_app(tracker, pool):
    """A page whose callback has its work done by a pool that all requests share."""
    app = Dash(__name__, add_log_handler=False, on_error=boundary.show_failure)
    request_metrics.register(app, tracker.record)
    request_ids.register(app)
    callback_requests.register(app)
    app.layout = html.Div([html.Div(id=name) for name in ("told", "owner", "notice")])

    def work(number):
        if number % 5 == 0:
            boundary.told(lambda: 1 / 0)
        note_cache(hit=number % 2 == 0)
        return number

    app.callback(Output("told", "children"), Input("owner", "children"))(lambda n: pool.submit(work, n).result())
    app.server.test_client().get("/")
    return app.server


def press(url, number):
    body = {
        "output": "told.children",
        "outputs": {"id": "told", "property": "children"},
        "inputs": [{"id": "owner", "property": "children", "value": number}],
        "changedPropIds": ["owner.children"],
    }
    headers = {"Content-Type": "application/json", "X-Request-ID": f"request-{number}"}
    request = urllib.request.Request(f"{url}/_dash-update-component", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["response"]["told"]["children"]


def test_fifty_callbacks_at_once_are_fifty_measurements_and_none_has_anything_of_another(tmp_path):
    tracker, browsers = PerformanceTracker(tmp_path / "metrics.db"), ThreadPoolExecutor(CALLBACKS)
    with ContextExecutor(8) as pool, served(spreading_app(tracker, pool)) as url, browsers:
        assert list(browsers.map(lambda number: press(url, number), range(CALLBACKS))) == list(range(CALLBACKS))
    tracker.recorder.flush(60)

    found = tracker.store.recent(limit=1000, kinds=[Kind.CALLBACK])
    assert Counter(one.request_id for one in found) == {f"request-{number}": 1 for number in range(CALLBACKS)}
    for one in found:
        number = int(one.request_id.removeprefix("request-"))
        assert one.cache_hit is (number % 2 == 0)
        assert one.error == ("ZeroDivisionError" if number % 5 == 0 else None)
        assert one.failed is (number % 5 == 0)


def test_whatever_is_asked_for_there_are_few_names(tmp_path, caplog):
    """Random addresses, methods and outputs, and routes of a caller's own, in two lives of the program."""
    caplog.set_level("CRITICAL")
    asked = 2_000 if FACTOR > 1 else 40
    random = Random(7)  # noqa: S311 - no secret depends on it
    for _ in range(2):
        tracker = PerformanceTracker(tmp_path / "metrics.db")
        with ContextExecutor(1) as pool:
            client = spreading_app(tracker, pool).test_client()
            for _ in range(asked):
                word = f"{random.getrandbits(64):x}"
                client.open(f"/{word}/{word[:3]}?{word}", method=random.choice(["GET", "POST", word.upper()]))
                client.post("/_dash-update-component", json={"output": f"{word}.children", "inputs": [], "outputs": []})
                for number in range(4):
                    tracker.record_metric(f"/{word}/{number}", word.upper(), 1.0, 200)
        tracker.recorder.flush(60)
        tracker.close()

    keys = MetricsStore(tmp_path / "metrics.db").totals()
    assert 80 < len({(key.kind, key.label) for key in keys}) <= 300
    assert len({key.method for key in keys}) <= 8
    assert {key.label for key in keys if key.kind is Kind.CALLBACK} == {"__404__"}
    assert sum(totals.count for totals in keys.values()) + tracker.recorder.dropped >= 2 * 6 * asked


def test_a_first_visit_is_measured_from_the_page_to_the_last_call_to_jira(tmp_path):
    with serving(few_issues(), "cloud") as (_, url):
        settings = Settings(
            jira=credentials(url),
            log_dir=tmp_path / "logs",
            cache_dir=tmp_path / "cache",
            app_settings_path=tmp_path / "none.json",
        )
        client = create_app(settings).server.test_client()
        client.get("/", headers={"X-Request-ID": "first"})
        ended(client)
        bodies = [body_of(client, "dora", days) for days in (90, 90)]
        client.get("/metrics/api/overview")  # reads what was written, so all of it is

    store = MetricsStore(tmp_path / "logs" / "performance" / "metrics.db")
    found = store.recent(limit=1000, kinds=tuple(Kind))
    by_the_visit = {(one.kind, one.label) for one in found if one.request_id == "first"}
    assert by_the_visit >= {
        (Kind.REQUEST, "/"),
        (Kind.JIRA, "POST /rest/api/3/search/jql"),
        (Kind.JOB, "sync: first visit"),
        (Kind.JOB, "fetch"),
        (Kind.CALCULATION, "all_metrics"),
    }
    drawn = [one.cache_hit for one in reversed(found) if one.label.startswith("page-body.children")]
    assert drawn == [False, True]
    assert bodies[0] == bodies[1]
    assert {one.method for one in found if one.kind is Kind.CALCULATION} == {"small"}
    assert {one.status for one in found} <= {200, 204}
