"""Measurements are deleted by who may, and by nobody else, over HTTP and with a real database."""

from __future__ import annotations

import re
import secrets
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app import create_app
from configuration.redaction import forget_secret
from configuration.settings import Secret, Settings
from data.performance_tracker import PerformanceTracker
from tests.metrics_api import JSON, api_alone, served
from tests.watching import NOON, measured

OPERATIONS = (Path(__file__).resolve().parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
DAY = timedelta(days=1)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@contextmanager
def two_new_and_three_old(folder):
    """Requests in a database of this folder, a client of the API, and what it is about."""
    tracker = PerformanceTracker(folder / "metrics.db", clock=lambda: NOON)
    tracker.store.write([measured(NOON - days * DAY) for days in (1, 2, 50, 60, 70)])
    with served(api_alone(tracker, clock=lambda: NOON)) as client:
        yield tracker, client
    tracker.close()


@pytest.fixture
def deleting(tmp_path):
    with two_new_and_three_old(tmp_path) as both:
        yield both


@pytest.fixture(scope="module")
def refusing(tmp_path_factory):
    """One for all tests in which nothing must change."""
    with two_new_and_three_old(tmp_path_factory.mktemp("watch")) as both:
        yield both


def kept(tracker):
    return tracker.store.summary(since=NOON - 100 * DAY, until=NOON + DAY).count


def test_what_is_older_is_deleted_and_counted(deleting):
    tracker, api = deleting
    answer = api.rotate({"days_to_keep": 55})

    assert (answer.status, answer.json) == (200, {"deleted": 2, "days_to_keep": 55})
    assert kept(tracker) == 3
    assert api.rotate().json == {"deleted": 0, "days_to_keep": 90}
    assert api.rotate({}).json == {"deleted": 0, "days_to_keep": 90}
    assert kept(tracker) == 3


@pytest.mark.parametrize(
    ("headers", "status", "parameter"),
    [
        ({"Origin": "https://evil.example"}, 403, "Origin"),
        ({"Origin": "null"}, 403, "Origin"),
        ({"Sec-Fetch-Site": "cross-site"}, 403, "Sec-Fetch-Site"),
        ({"Sec-Fetch-Site": "same-site"}, 403, "Sec-Fetch-Site"),
        (FORM, 415, "Content-Type"),
        ({"Content-Type": "text/plain"}, 415, "Content-Type"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415, "Content-Type"),
        ({"Content-Type": ""}, 415, "Content-Type"),
        ({"Host": "evil.example"}, 400, "request"),
    ],
)
def test_another_site_cannot_delete(refusing, headers, status, parameter):
    tracker, api = refusing
    answer = api.rotate({"days_to_keep": 1}, headers)

    assert (answer.status, answer.error["parameter"]) == (status, parameter)
    assert answer.error["next_step"]
    assert kept(tracker) == 5


def test_a_form_as_a_browser_posts_it_is_refused(refusing):
    tracker, api = refusing
    answer = api.ask("/metrics/api/rotate", "POST", "days_to_keep=1", FORM)

    assert answer.status == 415
    assert kept(tracker) == 5


@pytest.mark.parametrize(
    ("body", "status", "parameter"),
    [
        ('{"days_to_keep": 0}', 400, "days_to_keep"),
        ('{"days_to_keep": 91}', 400, "days_to_keep"),
        ('{"days_to_keep": -1}', 400, "days_to_keep"),
        ('{"days_to_keep": 7.5}', 400, "days_to_keep"),
        ('{"days_to_keep": 1e2}', 400, "days_to_keep"),
        ('{"days_to_keep": "7"}', 400, "days_to_keep"),
        ('{"days_to_keep": true}', 400, "days_to_keep"),
        ('{"days_to_keep": null}', 400, "days_to_keep"),
        ('{"days_to_keep": [7]}', 400, "days_to_keep"),
        ('{"days_to_keep": 123456789012345678901234567890}', 400, "days_to_keep"),
        ('{"days_to_keep": NaN}', 400, "body"),
        ('{"days": 7}', 400, "body"),
        ('{"days_to_keep": 7, "all": true}', 400, "body"),
        ("[]", 400, "body"),
        ("7", 400, "body"),
        ("null", 400, "body"),
        ("{", 400, "body"),
        ("\ud7ff{}", 400, "body"),
        ("[" * 1000, 400, "body"),
        ('{"days_to_keep":' + " " * 1100 + "7}", 413, "body"),
    ],
)
def test_a_body_that_says_something_else_deletes_nothing(refusing, body, status, parameter):
    tracker, api = refusing
    answer = api.ask("/metrics/api/rotate", "POST", body.encode(), JSON)

    assert (answer.status, answer.error["parameter"]) == (status, parameter)
    assert kept(tracker) == 5


@pytest.fixture
def token():
    value = secrets.token_hex(24)
    yield value
    forget_secret(value)


def test_where_other_machines_reach_the_server_nobody_deletes_without_a_token(refusing, token):
    tracker, _ = refusing
    with served(api_alone(tracker, Settings(host="0.0.0.0"), clock=lambda: NOON)) as client:  # noqa: S104
        answer = client.rotate({"days_to_keep": 55}, {"Authorization": f"Bearer {token}"})

    assert (answer.status, answer.error["parameter"]) == (403, "Authorization")
    assert "SIGHTLINE_METRICS_TOKEN" in answer.error["next_step"]
    assert kept(tracker) == 5


def test_where_other_machines_reach_the_server_the_token_opens(deleting, token):
    tracker, _ = deleting
    reachable = Settings(host="0.0.0.0", metrics_token=Secret(token))  # noqa: S104
    with served(api_alone(tracker, reachable, clock=lambda: NOON)) as client:
        for given in ({}, {"Authorization": f"Bearer {token[:-1]}"}, {"Authorization": token}):
            refused = client.rotate({"days_to_keep": 55}, given)
            assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
            assert token[:-1].encode() not in refused.body
        assert kept(tracker) == 5
        opened = client.rotate({"days_to_keep": 55}, {"Authorization": f"Bearer {token}"})

    assert opened.json["deleted"] == 2


def test_a_database_that_cannot_be_written_is_no_riddle(tmp_path):
    """There is a file where its folder should be."""
    (tmp_path / "taken").write_text("")
    tracker = PerformanceTracker(tmp_path / "taken" / "metrics.db")
    with served(api_alone(tracker)) as client:
        answer = client.rotate({"days_to_keep": 55})
        assert client.get("overview").json["total_requests"] == 0
    tracker.close()

    assert (answer.status, answer.error["parameter"]) == (503, "database")
    assert answer.error["next_step"]


def rows(path, where):
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.execute(f"SELECT * FROM route_metrics WHERE {where} ORDER BY id"))  # noqa: S608


def test_of_the_whole_application_a_get_adds_itself_and_changes_nothing_else(tmp_path):
    path = tmp_path / "logs" / "performance" / "metrics.db"
    before = PerformanceTracker(path)
    now = datetime.now(UTC)
    before.store.write([measured(now - hours * timedelta(hours=1), label="/dora") for hours in range(1, 9)])
    before.close()
    held = rows(path, "route = '/dora'")
    app = create_app(Settings(log_dir=tmp_path / "logs", cache_dir=tmp_path / "cache"))

    with served(app.server) as client:
        for name in ("overview", "slow-routes", "health-score", "storage", "rotate", "export/slow-routes.csv"):
            client.get(name)
        told = client.get("overview?days=1").json

    assert told["total_requests"] == 8 + 6
    assert rows(path, "route = '/dora'") == held
    assert {row[2] for row in rows(path, "route != '/dora'")} >= {
        "/metrics/api/overview",
        "/metrics/api/export/<table>.<kind>",
    }


def test_what_the_guide_tells_to_type_works(deleting, capsys):
    tracker, api = deleting
    section = OPERATIONS.split("\n## Measurements over HTTP\n")[1].split("\n## ")[0]
    snippets = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    assert len(snippets) == 2

    for snippet in snippets:
        here = snippet.replace("http://127.0.0.1:8050", f"http://127.0.0.1:{api.port}")
        assert here != snippet
        exec(compile(here, "operations.md", "exec"), {})  # noqa: S102 - the document is ours

    graded, deleted = capsys.readouterr().out.splitlines()
    assert graded == "100.0 A+"
    assert deleted == "3"
    assert kept(tracker) == 2
