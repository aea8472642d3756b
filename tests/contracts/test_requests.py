"""Every request that the client sends keeps to a written contract, our own and, where it is at hand, Atlassian's."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import yaml
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest
from openapi_core.exceptions import OpenAPIError
from requests.adapters import HTTPAdapter

from data.demo.crowd import crowd_site
from data.demo.faults import Faults
from data.demo.jira import Installation, SimulatedJira
from data.demo.life import Life
from data.demo.server import running_server
from data.jira_connection import USER_AGENT, connect
from data.jira_simple import SyncRequest, fetch_team_data, synchronise
from tests.jira_sites import AS_OF, FLAVOURS, connected, credentials, few_issues, plain_issue, plain_site, serving

HERE = Path(__file__).parent
NOT_IN_ATLASSIANS_DOCUMENT = {"/rest/api/2/serverInfo", "/_edge/tenant_info"}


class Recorder(HTTPAdapter):
    """Keeps every request as it went over the wire."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[requests.PreparedRequest] = []

    def send(self, request, *args, **options):
        self.sent.append(request)
        return super().send(request, *args, **options)


def contract(flavour, url):
    document = yaml.safe_load((HERE / f"{flavour}.yaml").read_text("utf-8"))
    return OpenAPI.from_dict({**document, "servers": [{"url": url}]})


def check(api, request):
    api.validate_request(RequestsOpenAPIRequest(request))


def sent_by_a_fetch(flavour, url, *, mappings=None, **options):
    recorder = Recorder()
    with connected(url, adapters={url: recorder}, **options) as client:
        fetch_team_data(client, 'project = "MAR" ORDER BY rank', mappings or {"team": "customfield_10001"})
    recorder.close()
    return recorder.sent


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_whole_fetch_keeps_to_our_contract(flavour, monkeypatch):
    monkeypatch.setattr("data.jira_walk.changelogs.ENTRIES_AT_ONCE", 100)
    with serving(few_issues(), flavour) as (_, url):
        sent = sent_by_a_fetch(flavour, url)
        api = contract(flavour, url)
        for request in sent:
            check(api, request)
    addresses = [urlsplit(request.url) for request in sent]
    declared = {name for url in addresses for name in parse_qs(url.query) if not url.path.endswith("/changelog")}
    assert declared == set(), "nothing is asked in the query string, but for an issue's own history"
    assert len(sent) > 6


def test_a_fetch_with_an_access_token_keeps_to_our_contract():
    with serving(few_issues(), "datacenter") as (_, url):
        api = contract("datacenter", url)
        for request in sent_by_a_fetch("datacenter", url, email=None):
            check(api, request)


def test_a_sliced_fetch_keeps_to_our_contract():
    installation = Installation(result_window=210)
    with serving(few_issues(), "datacenter", installation=installation) as (_, url):
        api = contract("datacenter", url)
        sent = sent_by_a_fetch("datacenter", url)
        assert any(b"created >=" in request.body for request in sent if request.body)
        for request in sent:
            check(api, request)


def test_a_fetch_through_the_gateway_keeps_to_our_contract():
    site = few_issues()
    with serving(site, "cloud", installation=Installation(scoped=True)) as (_, url):
        at_site, at_gateway = contract("cloud", url), contract("cloud", f"{url}/ex/jira/{site.cloud_id}")
        sent = sent_by_a_fetch("cloud", url, gateway_url=f"{url}/ex/jira")
        for request in sent:
            check(at_gateway if "/ex/jira/" in request.url else at_site, request)
        assert [urlsplit(request.url).path for request in sent][:3] == [
            "/rest/api/2/serverInfo",
            "/rest/api/3/myself",
            "/_edge/tenant_info",
        ]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_syncs_keep_to_our_contract(flavour, tmp_path):
    """A first reading, then one after changes, moves and deletions, whose traces are looked up by id."""
    jira = SimulatedJira(crowd_site(230, AS_OF), flavour=flavour)
    life = Life(jira.site, jira.store, jira.clock, seed=3)
    recorder = Recorder()
    with running_server(jira) as url:
        request = SyncRequest(credentials(url), "project = TID ORDER BY rank", {}, tmp_path)
        connecting = partial(connect, adapters={url: recorder})
        for _ in range(3):
            receipt = synchronise(request, connect=connecting, trigger="command")
            assert receipt.verdict == "complete", receipt.sentence
            life.pass_by(0.05)
        recorder.close()
        api = contract(flavour, url)
        for sent in recorder.sent:
            check(api, sent)
    assert receipt.kind == "increment"
    assert any(b"updated >=" in sent.body for sent in recorder.sent if sent.body)
    assert any(b"bulkfetch" in sent.url.encode() or b"id in (" in (sent.body or b"") for sent in recorder.sent)


def test_credentials_are_sent_only_where_they_are_needed():
    with serving(few_issues(), "cloud") as (_, url):
        for request in sent_by_a_fetch("cloud", url):
            open_to_all = urlsplit(request.url).path in NOT_IN_ATLASSIANS_DOCUMENT
            assert ("Authorization" in request.headers) is not open_to_all


def test_a_fetch_keeps_to_atlassians_own_document(jira_openapi):
    document = json.loads(jira_openapi.read_text("utf-8"))
    with serving(few_issues(), "cloud") as (_, url):
        api = OpenAPI.from_dict({**document, "servers": [{"url": url}]})
        sent = sent_by_a_fetch("cloud", url)
    known = [request for request in sent if urlsplit(request.url).path not in NOT_IN_ATLASSIANS_DOCUMENT]
    assert len(known) > 8
    for request in known:
        check(api, request)


def asking(url, path, body, **headers):
    named = {"User-Agent": USER_AGENT, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return requests.Request("POST", url + path, json=body, headers=named, auth=("a", "b")).prepare()


@pytest.mark.parametrize(
    ("flavour", "path", "body"),
    [
        ("cloud", "/rest/api/3/search/jql", {"jql": "x = 1", "maxResults": 100, "fields": ["id"], "startAt": 0}),
        ("cloud", "/rest/api/3/search/jql", {"jql": "x = 1", "maxResults": 100, "fields": "id"}),
        ("cloud", "/rest/api/3/search/jql", {"jql": "x = 1", "maxResults": 100, "fields": ["*all"]}),
        ("cloud", "/rest/api/3/search/jql", {"jql": "x = 1", "maxResults": 100, "fields": ["description"]}),
        ("cloud", "/rest/api/3/search/jql", {"jql": "order by x", "maxResults": 100, "fields": ["id"]}),
        ("cloud", "/rest/api/3/search/jql", {"jql": "x = 1", "maxResults": 9, "fields": ["id"], "nextPageToken": None}),
        ("cloud", "/rest/api/3/search/jql", {"jql": "x = 1", "maxResults": 5000, "fields": ["id", "updated"]}),
        ("cloud", "/rest/api/3/search/jql", {"jql": "x = 1", "maxResults": 5001, "fields": ["id"]}),
        ("cloud", "/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": [], "fields": ["status"]}),
        ("cloud", "/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": [str(n) for n in range(101)], "fields": ["id"]}),
        ("cloud", "/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": ["1"], "fields": ["id"], "expand": ["changelog"]}),
        ("cloud", "/rest/api/3/search", {"jql": "x = 1"}),
        ("cloud", "/rest/api/3/changelog/bulkfetch", {"issueIdsOrKeys": [], "fieldIds": ["a", "b"], "maxResults": 1}),
        ("datacenter", "/rest/api/2/search", {"jql": "x = 1", "startAt": 0, "maxResults": 9, "fields": ["id"]}),
        ("datacenter", "/rest/api/3/search/jql", {"jql": "x = 1", "maxResults": 9, "fields": ["id"]}),
    ],
)
def test_the_contract_notices_what_jira_would_refuse(flavour, path, body):
    url = "http://127.0.0.1:1"
    with pytest.raises(OpenAPIError):
        check(contract(flavour, url), asking(url, path, body))


def test_the_contract_notices_a_browsers_name():
    url, body = "http://127.0.0.1:1", {"jql": "x = 1", "maxResults": 100, "fields": ["id"]}
    check(contract("cloud", url), asking(url, "/rest/api/3/search/jql", body))
    with pytest.raises(OpenAPIError):
        check(contract("cloud", url), asking(url, "/rest/api/3/search/jql", body, User_Agent="Mozilla/5.0"))


def test_a_request_without_credentials_breaks_the_contract():
    url = "http://127.0.0.1:1"
    request = requests.Request("GET", f"{url}/rest/api/3/myself", headers={"User-Agent": USER_AGENT}).prepare()
    with pytest.raises(OpenAPIError):
        check(contract("cloud", url), request)


def test_the_odd_walks_keep_to_the_contract_too():
    """Tokens, retries and a thousand issues at once change nothing in the form of what is asked."""
    start = datetime(2025, 1, 1, tzinfo=UTC)
    site = plain_site([plain_issue(number, start + timedelta(hours=number)) for number in range(1, 1102)])
    faults = Faults.named("short-page:3", "rate-limited@/changelog:1", "unavailable@/field:1")
    with serving(site, "cloud", faults=faults) as (_, url):
        recorder = Recorder()
        with connected(url, adapters={url: recorder}) as client:
            assert len(fetch_team_data(client, None, {}).issues) == 1101
        api = contract("cloud", url)
        for request in recorder.sent:
            check(api, request)
