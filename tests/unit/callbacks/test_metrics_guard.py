"""Who may delete measurements."""

import secrets

import orjson
import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from callbacks.metrics_guard import guard_deletion, page_may_delete
from configuration.settings import Secret, Settings

HERE = "127.0.0.1:8050"


@pytest.fixture
def token():
    return Secret(secrets.token_hex(24))


def verdict(headers, *, host="127.0.0.1", token=None, asked_at=HERE):
    """Status and parameter of the refusal, or None where it is let through."""
    with Flask(__name__).test_request_context("/", method="POST", headers={"Host": asked_at, **headers}):
        try:
            guard_deletion(host=host, token=token)
        except HTTPException as ended:
            return ended.response.status_code, orjson.loads(ended.response.data)["error"]["parameter"]
    return None


def bearer(token):
    return {"Authorization": f"Bearer {token.reveal()}"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": f"http://{HERE}"},
        {"Origin": f"http://{HERE}", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_this_machine_and_this_page_may(headers):
    assert verdict(headers) is None


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "SAME-ORIGIN", "same-origin, cross-site"])
def test_a_page_of_another_site_may_not(site):
    assert verdict({"Sec-Fetch-Site": site}) == (403, "Sec-Fetch-Site")


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:8051",
        "http://127.0.0.1:8050.evil.example",
        f"http://ann@{HERE}",
        f"http://{HERE}, http://{HERE}",
        f"file://{HERE}",
        "http://[::1",
        HERE,
    ],
)
def test_an_origin_that_is_not_this_address_may_not(origin):
    assert verdict({"Origin": origin}) == (403, "Origin")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "sightline.example"])  # noqa: S104
def test_beyond_this_machine_nobody_may_without_a_token(host):
    assert verdict({}, host=host) == (403, "Authorization")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104
def test_where_there_is_a_token_it_must_be_shown(host, token):
    other = Secret(secrets.token_hex(24))

    assert verdict(bearer(token), host=host, token=token) is None
    for headers in ({}, bearer(other), {"Authorization": token.reveal()}, {"Authorization": f"Basic {token.reveal()}"}):
        assert verdict(headers, host=host, token=token) == (401, "Authorization")


def test_a_token_does_not_open_the_door_to_other_sites(token):
    assert verdict(bearer(token) | {"Origin": "https://evil.example"}, token=token) == (403, "Origin")


def test_a_button_is_offered_only_where_nobody_has_to_show_a_token(token):
    assert page_may_delete(Settings())
    assert not page_may_delete(Settings(metrics_token=token))
    assert not page_may_delete(Settings(host="0.0.0.0"))  # noqa: S104
