# ruff: noqa: PLR0917 - hypothesis gives many arguments
"""Secrets in random dress: whatever syntax, quoting, depth, encoding or nesting, and in several arguments."""

from __future__ import annotations

import base64
import json
import logging
import secrets
import string
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configuration.log_format import ConsoleFormatter, JSONFormatter
from configuration.redaction import forget_secret, remember_secret
from tests.property.effort import effort
from tests.secret_corpus import NAMES, SYNTAXES, known_shapes, made_up

JSON_LINES, CONSOLE = JSONFormatter(), ConsoleFormatter()
LIVE = made_up(24) + "/+=&\"'\\ \u00e9<%" + made_up(24, string.ascii_letters + string.digits + "_-")
USER = "ann@example.com"


@pytest.fixture(scope="module", autouse=True)
def live_secret():
    remember_secret(LIVE, user=USER)
    yield
    forget_secret(LIVE, user=USER)


def json_text(text, depth):
    for _ in range(depth):
        text = json.dumps(text)
    return text


def url_text(text, depth):
    for _ in range(depth):
        text = quote(text, safe="")
    return text


LIVE_DRESSES = st.sampled_from(
    [
        json_text,
        url_text,
        lambda text, _: quote_plus(text),
        lambda text, depth: json_text(url_text(text, 1), depth),
        lambda text, depth: url_text(json_text(text, 1), depth),
        lambda text, _: repr(text),
        lambda text, _: repr(text.encode()),
        lambda text, depth: repr({"x": [text] * depth}),
        lambda text, _: text.upper() if text.isascii() else text,
        lambda text, _: text.encode().hex(),
        lambda text, depth: base64.b64encode(("u" * depth + text).encode()).decode(),
        lambda text, depth: base64.urlsafe_b64encode((f"{USER}:{text}" + "!" * depth).encode()).decode(),
        lambda text, depth: url_text(base64.b64encode((f"{USER}:{text}").encode()).decode(), depth),
        lambda text, depth: json_text(base64.b64encode(("u" * depth + text).encode()).decode(), 2),
    ]
)
AROUND = st.text(st.sampled_from(" \t\n=:;,.'\"{}[]()<>&?#%/\\|-_aZ09\u00fc\u200b"), max_size=12)


def nest(value, wrappings):
    for wrapping in wrappings:
        value = {"dict": {"note": value, "n": 1}, "list": [value], "tuple": (1, value), "set": value}[wrapping]
    return value


WRAPPINGS = st.lists(st.sampled_from(["dict", "list", "tuple", "set"]), max_size=4)
PLACES = st.sampled_from(["message", "argument", "split", "extra", "bytes", "exception", "key"])


def record_with(text, place, wrappings):
    made = logging.makeLogRecord({"name": "data.part", "levelno": 20, "levelname": "INFO", "msg": "seen", "args": ()})
    half = len(text) // 2
    if place == "message":
        made.msg = text
    elif place == "argument":
        made.msg, made.args = "seen %s with %s", (text, nest("x", wrappings))
    elif place == "split":
        made.msg, made.args = "seen %s%s", (text[:half], text[half:])
    elif place == "exception":
        error = ValueError(text)
        made.exc_info = (ValueError, error, None)
    else:
        value = {"extra": text, "bytes": text.encode("utf-8", "surrogatepass"), "key": {text: 1}}[place]
        vars(made)["note"] = nest(value, wrappings)
    return made


def told(made):
    line = JSON_LINES.format(made)
    entry = json.loads(line)
    texts = [line, json.dumps(entry, ensure_ascii=False), CONSOLE.format(made)]
    return entry, texts


def leaks(texts, *forms):
    return [form for form in forms for text in texts if form in text]


@given(dress=LIVE_DRESSES, depth=st.integers(1, 3), around=st.tuples(AROUND, AROUND), place=PLACES, wrappings=WRAPPINGS)
@effort(350)
def test_a_live_secret_never_passes_in_any_form(dress, depth, around, place, wrappings):
    shown = dress(LIVE, depth)
    _, texts = told(record_with(f"{around[0]}{shown}{around[1]}", place, wrappings))
    halves = (LIVE[:20], LIVE[-20:], LIVE.encode().hex()[:40])
    core = base64.b64encode(LIVE.encode()).decode()[4:40]
    assert leaks([text.replace("\\", "") for text in texts], *halves, *(half.upper() for half in halves), core) == []


@given(
    pick=st.integers(0, 10_000),
    depth=st.integers(0, 2),
    place=PLACES,
    wrappings=WRAPPINGS,
    before=st.sampled_from(" \t\n='\"({[<,;:"),
)
@effort(200)
def test_a_known_shape_never_passes_at_any_place(pick, depth, place, wrappings, before):
    shapes = list(known_shapes())
    kind, secret = shapes[pick % len(shapes)]
    shown = json_text(f"{before}{secret} end", depth)
    _, texts = told(record_with(shown, place, wrappings))
    secret = secret.removeprefix("https://hooks.slack.com/services/")
    assert leaks(texts, secret) == [], kind


def cased(name, how):
    return {0: name, 1: name.upper(), 2: name.lower(), 3: name.title()}[how]


@given(
    name=st.sampled_from([name for name in NAMES if name.lower() != "jiraapitoken2"]),
    syntax=st.sampled_from(SYNTAXES),
    how=st.integers(0, 3),
    depth=st.integers(0, 2),
    encoded=st.booleans(),
    place=PLACES,
    wrappings=WRAPPINGS,
)  # fmt: skip
@effort(350)
def test_a_named_secret_never_passes_in_any_syntax(name, syntax, how, depth, encoded, place, wrappings):
    secret = made_up(10 + secrets.randbelow(30))
    text = syntax.format(name=cased(name, how), value=secret)
    text = url_text(text, depth) if encoded and "<" not in syntax and " " not in syntax else json_text(text, depth)
    _, texts = told(record_with(text, place, wrappings))
    assert leaks(texts, secret) == [], text
