"""What every answer carries, and what is refused."""

import pytest

from app import create_app
from callbacks.response_headers import content_security_policy
from configuration.settings import Settings
from tests.integration.page_events import ended


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Of the demo team, whose reading a page begins; it is over before the tests are."""
    client = create_app(Settings(cache_dir=tmp_path_factory.mktemp("cache"))).server.test_client()
    yield client
    ended(client)


def policy_of(answer):
    directives = (
        directive.strip().partition(" ") for directive in answer.headers["Content-Security-Policy"].split(";")
    )
    return {name: sources for name, _, sources in directives}


@pytest.mark.parametrize(
    "path", ["/", "/dora", "/health", "/_dash-layout", "/_dash-dependencies", "/assets/sightline.css", "/nowhere"]
)
def test_every_answer_keeps_the_page_to_itself(client, path):
    with client.get(path) as answer:
        policy = policy_of(answer)

    assert policy["default-src"] == policy["connect-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy["script-src"]
    assert "http" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_every_inline_script_of_the_page_is_named_by_its_hash(client):
    scripts = policy_of(client.get("/"))["script-src"].split()

    assert scripts[0] == "'self'"
    assert len(scripts) > 1
    assert all(script.startswith("'sha256-") for script in scripts[1:])


def test_pages_and_numbers_are_not_kept_by_caches_but_scripts_are(client):
    assert client.get("/").headers["Cache-Control"] == "private, no-store"
    assert client.get("/_dash-layout").headers["Cache-Control"] == "private, no-store"
    with client.get("/assets/sightline.css") as sheet:
        assert "no-store" not in sheet.headers.get("Cache-Control", "")


def test_a_foreign_form_cannot_post(client):
    """Forms of other sites can send these types without asking first; JSON they cannot."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        for path in ("/_dash-update-component", "/health"):
            assert client.post(path, data="{}", content_type=kind).status_code == 415


def test_a_loopback_server_answers_to_no_other_name(client):
    assert client.get("/", headers={"Host": "localhost:8050"}).status_code == 200
    assert client.get("/", headers={"Host": "127.0.0.1:8050"}).status_code == 200
    assert client.get("/", headers={"Host": "rebound.example.com"}).status_code == 400


def test_a_server_that_others_may_reach_leaves_names_to_the_proxy_before_it():
    server = create_app(Settings(host="0.0.0.0")).server  # noqa: S104 - not bound here

    assert server.test_client().get("/health", headers={"Host": "metrics.example.com"}).status_code == 200


def test_the_policy_is_a_list_of_directives():
    assert "script-src 'self' 'sha256-abc';" in content_security_policy(["'sha256-abc'"])
