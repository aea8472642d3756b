"""The transport in the same process and the server over a socket give the same answers."""

import secrets

import pytest
import requests

from data.demo.clock import VirtualClock
from data.demo.faults import Faults
from data.demo.jira import Installation, SimulatedJira
from data.demo.server import running_server
from data.demo.transport import SimulatedTransport
from tests.unit.data.demo.sites import NOW, cloud, issue, numbered, site

ADDRESS = "https://marram.example"


def session(jira=None, prefix=ADDRESS):
    made = requests.Session()
    made.trust_env = False
    made.auth = ("reader@test.example", secrets.token_hex(8))
    if jira is not None:
        made.mount(prefix, SimulatedTransport(jira))
    return made


def ask_everything(asker, base):
    """Status, headers that Jira sets, and JSON or text of a round of requests."""
    search = f"{base}/rest/api/3/search/jql"
    answers = [
        asker.get(f"{base}/rest/api/2/serverInfo"),
        asker.get(f"{base}/rest/api/3/myself"),
        asker.post(search, json={"jql": 'summary ~ "é" or project = AB', "fields": ["*all"], "maxResults": 2}),
        asker.get(search, params={"jql": "project = AB AND labels is EMPTY", "fields": "id,key"}),
        asker.post(search, json={"jql": ""}),
        asker.post(search, data=b"{"),
        asker.get(f"{base}/rest/api/3/nothing/here"),
        asker.post(f"{base}/rest/api/3/changelog/bulkfetch", json={"issueIdsOrKeys": ["1001"]}),
        asker.get(f"{base}/rest/api/3/search"),
    ]
    return [
        (
            answer.status_code,
            answer.text.replace(base, "BASE"),
            answer.encoding,
            sorted((name, value) for name, value in answer.headers.items() if name != "Content-Length"),
        )
        for answer in answers
    ]


def test_both_ways_give_the_same_answers():
    issues = [issue(1, summary="été <b>\u2028"), *numbered(4)[1:]]
    told = ask_everything(session(cloud(*issues)), ADDRESS)
    jira = SimulatedJira(site(*issues), clock=VirtualClock(NOW))
    with running_server(jira) as base, session() as asker:
        assert ask_everything(asker, base) == told


def test_the_host_is_free_and_the_gateway_is_another_one():
    jira = cloud(issue(1))
    asker = session(jira, "https://gateway.example/ex/jira")
    address = f"https://gateway.example/ex/jira/{jira.site.cloud_id}/rest/api/3/myself"
    assert asker.get(address).json()["displayName"] == "Test Reader"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("reset", requests.exceptions.ConnectionError),
        ("silence", requests.exceptions.ReadTimeout),
        ("wrong-length", requests.exceptions.ChunkedEncodingError),
    ],
)
def test_broken_connections_are_what_requests_makes_of_them(fault, error):
    asker = session(cloud(issue(1), faults=Faults.named(fault)))
    with pytest.raises(error):
        asker.get(f"{ADDRESS}/rest/api/3/myself", timeout=5)


def test_a_redirect_is_followed_to_the_login_page_of_the_same_site():
    jira = cloud(issue(1), faults=Faults.named("login-redirect@/myself"), installation=Installation(base_url=ADDRESS))
    answer = session(jira).get(f"{ADDRESS}/rest/api/3/myself")
    assert answer.history[0].status_code == 302
    assert answer.url == f"{ADDRESS}/login.jsp"


def test_a_streamed_answer_is_read_when_asked_for():
    asker = session(cloud(issue(1)))
    with asker.get(f"{ADDRESS}/rest/api/3/myself", stream=True) as answer:
        assert b"Test Reader" in b"".join(answer.iter_content(7))
