"""Builders of small Jira sites, and a caller that asks a simulated Jira as a client would."""

import base64
import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from data.demo.clock import VirtualClock
from data.demo.jira import SimulatedJira
from data.demo.site import Account, Board, Site
from data.demo.store import read_instant
from data.demo.team_draft import jira_time
from data.demo.team_workflow import FIELDS, ISSUE_TYPES, STATUSES

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[4]
TEAM_END = datetime(2026, 2, 25, 12, tzinfo=UTC)
PROJECT = {"id": "10", "key": "AB", "name": "Alphabet", "projectTypeKey": "software", "simplified": False}
NAMES = {status.name: status for status in STATUSES}


def history(identity, created, *items):
    author = {"accountId": "someone", "displayName": "Some One", "active": True}
    return {"id": str(identity), "author": author, "created": jira_time(created), "items": list(items)}


def status_item(old, new):
    names = {"fromString": old, "toString": new, "from": NAMES[old].id, "to": NAMES[new].id}
    return {"field": "status", "fieldtype": "jira", "fieldId": "status", **names}


def label_item(old, new):
    return {
        "field": "labels",
        "fieldtype": "jira",
        "fieldId": "labels",
        "from": None,
        "to": None,
        "fromString": old,
        "toString": new,
    }


def issue(number, *, created=None, updated=None, status="Backlog", histories=(), key=None, **fields):
    """An issue with an empty history; `histories=None` makes one whose history the site does not have."""
    born = created or NOW - timedelta(days=30) + timedelta(hours=number)
    record = {
        "id": str(1000 + number),
        "key": key or f"AB-{number}",
        "fields": {
            "summary": f"Issue {number}",
            "project": PROJECT,
            "issuetype": ISSUE_TYPES["Story"],
            "status": NAMES[status].status_json(),
            "created": jira_time(born),
            "updated": jira_time(updated or born),
            "resolution": None,
            "resolutiondate": None,
            "labels": [],
            "assignee": {"accountId": "someone", "displayName": "Some One", "active": True},
            "description": {"type": "doc", "version": 1, "content": [{"type": "text", "text": "plain"}]},
            **fields,
        },
    }
    if histories is not None:
        size = len(histories)
        record["changelog"] = {"startAt": 0, "maxResults": size, "total": size, "histories": list(histories)}
    return record


def talkative(number, count):
    """An issue with so many histories, one a minute, oldest first, every tenth a change of status."""
    start = NOW - timedelta(days=20)
    changes = [
        status_item("Backlog", "In Progress") if turn % 10 == 0 else label_item("", str(turn)) for turn in range(count)
    ]
    made = [history(5000 * number + turn, start + timedelta(minutes=turn), item) for turn, item in enumerate(changes)]
    return issue(number, created=start, histories=made)


def site(*issues, timezone="UTC", **more):
    return Site(
        name="Test site",
        cloud_id="11111111-2222-4333-8444-555555555555",
        account=Account("me", "me", "Test Reader", "reader@test.example", timezone),
        projects=more.pop("projects", (PROJECT,)),
        issues=issues,
        statuses=tuple(status.status_json() for status in STATUSES),
        fields=FIELDS,
        issue_types=tuple(ISSUE_TYPES.values()),
        resolutions=({"id": "1", "name": "Done"}, {"id": "2", "name": "Won't Do"}),
        **more,
    )


def numbered(count):
    return [issue(number) for number in range(1, count + 1)]


def board(kind="scrum", sprints=()):
    return Board(3, "Team board", kind, "AB", {"id": 3, "name": "Team board", "columnConfig": {"columns": []}}, sprints)


def basic(token, user="reader@test.example"):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{token}".encode()).decode()}


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


class Asker:
    """Asks with a valid credential unless told otherwise."""

    def __init__(self, jira, headers=None, prefix=""):
        self.jira = jira
        self.headers = basic(secrets.token_hex(8)) if headers is None else headers
        self.prefix = prefix

    def get(self, path, **query):
        target = self.prefix + path + ("?" + urlencode(query) if query else "")
        return self.jira.handle("GET", target, self.headers)

    def post(self, path, body, headers=None):
        sent = {**self.headers, "Content-Type": "application/json", **(headers or {})}
        return self.jira.handle("POST", self.prefix + path, sent, json.dumps(body).encode())

    def search(self, jql="project = AB", **body):
        return self.post("/rest/api/3/search/jql", {"jql": jql, **body})

    def walk(self, jql="project = AB", **body):
        """All pages of a Cloud search, as a well-behaved client reads them; at most a hundred."""
        pages = []
        token = None
        while len(pages) < 100:
            page = self.search(jql, **body, **({"nextPageToken": token} if token else {})).json()
            pages.append(page)
            token = page.get("nextPageToken")
            if not token:
                return pages
        raise AssertionError("the walk does not end")


def cloud(*issues, clock=None, timezone="UTC", boards=(), versions=(), projects=(PROJECT,), **options):
    made = site(*issues, timezone=timezone, boards=boards, versions=versions, projects=projects)
    return SimulatedJira(made, clock=clock or VirtualClock(NOW), **options)


def data_center(*issues, **options):
    return cloud(*issues, flavour="datacenter", **options)


def keys(response):
    return [found["key"] for found in response.json()["issues"]]


def errors(response):
    return response.json()["errorMessages"]


def moves(issue):
    """(when, from, to) of each status change."""
    return [
        (read_instant(history["created"]), item["fromString"], item["toString"])
        for history in issue["changelog"]["histories"]
        for item in history["items"]
        if item["fieldId"] == "status"
    ]


def by_type(site, name):
    return [issue for issue in site.issues if issue["fields"]["issuetype"]["name"] == name]
