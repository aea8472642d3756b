"""A Data Center history that comes cut short is completed by whichever address the server has, or named."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import pytest

from data.jira_simple import fetch_team_data
from tests.jira_sites import connected
from tests.listening import listening

STATUS = {"field": "status", "fieldId": "status", "from": "1", "to": "3"}
HISTORIES = [{"id": str(number), "created": "2025-01-01T00:00:00.000+0000", "items": [STATUS]} for number in range(250)]
NULL_FOR_URI = (404, {"message": "null for uri", "status-code": 404})


class CutShort:
    """A server that puts only the newest 100 histories into a search, as some do."""

    def __init__(self, *, paged: bool, whole: bool) -> None:
        self.paged, self.whole = paged, whole

    def answer(self, path, query):
        if path.endswith("/serverInfo"):
            return 200, {"version": "9.12.0", "deploymentType": "Server"}
        if path.endswith("/myself"):
            return 200, {"key": "ann", "name": "ann", "displayName": "Ann", "timeZone": "UTC"}
        if path.endswith("/search"):
            return 200, {"startAt": 0, "maxResults": 100, "total": 1, "issues": [self.issue(100)]}
        if path.endswith("/issue/1/changelog") and self.paged:
            start = int(query["startAt"][0])
            page = HISTORIES[start : start + 100]
            return 200, {"startAt": start, "maxResults": 100, "total": 250, "values": page}
        if path.endswith("/issue/1"):
            return 200, self.issue(250 if self.whole else 100)
        return (200, []) if path.endswith(("/field", "/status")) else NULL_FOR_URI

    @staticmethod
    def issue(count):
        fields = {"created": "2025-01-01T00:00:00.000+0000"}
        return {"id": "1", "key": "A-1", "fields": fields, "changelog": {"total": 250, "histories": HISTORIES[-count:]}}


@contextmanager
def serving(jira):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = urlsplit(self.path)
            status, document = jira.answer(parts.path, parse_qs(parts.query))
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - the name http.server looks for

        def log_message(self, *args):
            pass

    with listening(Handler) as url:
        yield url


@pytest.mark.parametrize(("paged", "whole"), [(True, False), (False, True)])
def test_the_rest_of_a_history_is_fetched(paged, whole):
    with serving(CutShort(paged=paged, whole=whole)) as url, connected(url) as client:
        data = fetch_team_data(client, None, {})
    (issue,) = data.issues
    assert [history["id"] for history in issue["changelog"]["histories"]] == [str(number) for number in range(250)]
    assert data.skipped == []


def test_a_history_that_stays_cut_is_named():
    with serving(CutShort(paged=False, whole=False)) as url, connected(url) as client:
        data = fetch_team_data(client, None, {})
    assert len(data.issues[0]["changelog"]["histories"]) == 100
    assert data.skipped == ["Jira hands out only the newest part of the history of A-1"]
