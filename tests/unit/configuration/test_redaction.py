"""Secrets never pass, look-alikes do, and hostile input costs linear time."""

from __future__ import annotations

import base64
import json
import secrets
import string
import time
from urllib.parse import quote

import pytest

from configuration.redaction import MASK, forget_secret, is_secret_name, remember_secret, scrub, scrub_text


def word(length: int = 24) -> str:
    """A made-up value that looks like a credential, never the same twice."""
    return secrets.token_hex(length)[:length]


def data_center_token() -> str:
    digits = "".join(secrets.choice(string.digits) for _ in range(12))
    return base64.b64encode(digits.encode() + b":" + secrets.token_bytes(20)).decode()


def basic(user: str, value: str) -> str:
    return base64.b64encode(f"{user}:{value}".encode()).decode()


SHAPES = [
    "Token: Bearer {}",
    "Authorization: Bearer {}",
    "authorization=Bearer {}",
    "{{'Authorization': 'Bearer {}'}}",
    '{{"password": "{}"}}',
    '{{\\"api_token\\": \\"{}\\"}}',
    "failed: password={}",
    "JIRA_TOKEN={}",
    "osPassword={}&x=1",
    "https://ann:{}@jira.example.com/path",
    "GET /rest?jql=a&access_token={}&fields=b",
    "Cookie: JSESSIONID={}; other=1",
    "tenant.session.token={}",
    "x-api-key: {}",
    "clientSecret => '{}'",
    "hooks.slack.com/services/{}",
    "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_secret_is_masked_in_every_shape(shape):
    value = word()
    text = scrub_text(shape.format(value))
    assert value not in text
    assert MASK in text


@pytest.mark.parametrize(
    "value",
    [
        "ATATT3xFfGF0" + word(60) + "=1A2B3C4D",
        "ATATT3xFfGF0" + word(30),
        "ghp_" + word(36),
        "glpat-" + word(20),
        "AKIA" + word(16).upper(),
        "eyJ" + word(20) + "." + word(30) + "." + word(20),
        data_center_token(),
    ],
    ids=["cloud", "cloud cut short", "github", "gitlab", "aws", "jwt", "data center"],
)
def test_a_vendors_token_is_known_by_its_shape_alone(value):
    assert value not in scrub_text(f"seen {value} in passing")


def test_basic_credentials_are_known_by_what_they_decode_to():
    value = basic("ann", word(9))
    assert value not in scrub_text(f"Basic {value} was sent")


@pytest.mark.parametrize(
    "text",
    [
        "User authenticated",
        "TOKEN-42 blocks AUTH-7",
        'project = TOKEN AND text ~ "secret"',
        "tokens=57.5 token_bucket_capacity=100 max_tokens=5",
        "token=None password=<unset>",
        "the password reset page",
        "Basic authentication is deprecated",
        "private key rotation runbook",
        "git@github.com:org/repo.git and @scope/pkg",
        "WWW-Authenticate: Basic realm=Jira",
        "X-Atlassian-Token: no-check",
        "nextPageToken: abc",
        "cache_key=0123456789abcdef0123456789abcdef",
        "5f0a2b6e-52d1-4f7e-9a51-3f4f0b9f3a11",
        "2025-11-09T14:30:45.123+0000 1492070429000",
        base64.b64encode(b"thirty-three letters of plain text").decode()[:44],
    ],
)
def test_what_only_looks_secret_survives(text):
    assert scrub_text(text) == text


def test_an_email_address_is_masked():
    assert scrub_text("asked by ann.lee+x@mail.example.co.uk today") == "asked by [EMAIL_REDACTED] today"


def test_the_programs_own_secret_is_masked_in_any_syntax():
    value = word(10) + '/+é"\\' + word(10)
    remember_secret(value, user="ann@example.com")
    try:
        for form in (value, quote(value, safe=""), json.dumps(value), basic("ann@example.com", value)):
            text = scrub_text(f"<<{form}>>")
            assert form.strip('"').rstrip("=") not in text
            assert MASK in text
    finally:
        forget_secret(value, user="ann@example.com")
    assert scrub_text(value[:10]) == value[:10]


def test_a_short_secret_does_not_mask_a_common_word():
    remember_secret("anything", user="ann@example.com")
    try:
        assert scrub_text("anything goes") == "anything goes"
        assert scrub_text(f"<{basic('ann@example.com', 'anything')}>").startswith(f"<{MASK}")
        assert scrub_text("password=anything") == f"password={MASK}"
    finally:
        forget_secret("anything", user="ann@example.com")


def test_a_secret_split_by_invisible_characters_is_still_found():
    value = word(20)
    assert value not in scrub_text("pass\u200bword=" + value).replace("\u200b", "")


@pytest.mark.parametrize(
    "name",
    ["password", "apiToken", "api-key", "JIRA_TOKEN", "os_password", "clientSecret2", "set-cookie", "privateKey"],
)
def test_names_that_keep_secrets(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["issue_key", "cache_key", "nextPageToken", "token_count", "has_token", "jql", "keys", "tokens", "author"]
)
def test_names_that_do_not(name):
    assert not is_secret_name(name)


def test_nested_values_are_masked_by_name_and_by_content_without_changing_the_original():
    value = word()
    original = {"outer": [{"password": value, "count": 3}, (f"token={value}",), {value: None}], "ok": True}
    before = repr(original)
    cleaned = scrub(original | {"token": [1, 2], "secret": {}})
    assert repr(original) == before
    assert cleaned["outer"][0] == {"password": MASK, "count": 3}
    assert cleaned["token"] == MASK
    assert (cleaned["secret"], cleaned["ok"]) == ({}, True)
    assert f"token={value}" not in json.dumps(cleaned)


def test_too_deep_and_circular_values_end_in_the_mask():
    circle: list[object] = [1]
    circle.append(circle)
    assert scrub(circle) == [1, MASK]
    deep: object = "bottom"
    for _ in range(50):
        deep = {"in": deep}
    assert "bottom" not in json.dumps(scrub(deep))


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no words")


def test_anything_becomes_json():
    odd = {"nan": float("nan"), "inf": float("-inf"), "huge": 10**400, "raw": b"\xff", 1: {2}, "it": Unprintable()}
    text = json.dumps(scrub(odd), allow_nan=False)
    assert "Unprintable" in text


def test_a_long_text_is_cut_only_after_masking():
    value = word()
    assert value[:12] not in scrub_text("x" * 19_980 + f" password={value}")


@pytest.mark.parametrize(
    "piece",
    ["a", "=", "a=", "Basic AAAA", "://", "token:", "@", "a@", 'token="', "-----BEGIN PRIVATE KEY-----", "\\", "A1+/"],
)
def test_hostile_lengths_cost_linear_time(piece):
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        started = time.thread_time()
        scrub_text(text)
        return time.thread_time() - started

    pairs = [(seconds(10_000), seconds(160_000)) for _ in range(3)]
    small, large = (min(column) for column in zip(*pairs, strict=True))
    assert large < 64 * small + 0.1, "sixteen times the length may cost sixteen times the time, not 256 times"
