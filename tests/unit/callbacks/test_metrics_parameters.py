"""What a question to the metrics API may say."""

import base64
import secrets

import orjson
import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from callbacks.metrics_parameters import LONGEST_GIVEN, Question, asked, json_answer, refusal
from configuration.redaction import forget_secret, remember_secret

TAKES = ("days", "limit", "route", "request_id")


def question(query, takes=("days", "limit", "route")):
    with Flask(__name__).test_request_context(f"/metrics/api/slow-routes?{query}"):
        return asked(takes, knows_route=lambda route: route == "/dora")


def refused(query, takes=("days", "limit", "route")):
    """Status and body of the answer that ends the request."""
    with pytest.raises(HTTPException) as ended:
        question(query, takes)
    answer = ended.value.response
    return answer.status_code, orjson.loads(answer.data)["error"]


def test_what_is_not_given_is_as_usual():
    assert question("") == Question(days=7, limit=10, route=None, request_id="")


def test_what_is_given_is_taken():
    assert question("days=90&limit=100&route=%2Fdora") == Question(days=90, limit=100, route="/dora")
    assert question("days=1&limit=1") == Question(days=1, limit=1)
    assert question("request_id=the-id-1", TAKES).request_id == "the-id-1"


@pytest.mark.parametrize("name", ["days", "limit"])
@pytest.mark.parametrize(
    "given",
    ["0", "-1", "101", "1.5", "1e1", "", "%20", "7%20", "+7", "0x7", "seven", "%D9%A7", "7%00", "99999999999999999999"],
)
def test_a_number_out_of_range_or_none_at_all_is_refused_by_name(name, given):
    status, error = refused(f"{name}={given}")

    assert (status, error["parameter"]) == (400, name)
    assert error["allowed"] == f"a whole number from 1 to {90 if name == 'days' else 100}"
    assert error["next_step"]


def test_more_days_than_are_kept_are_refused():
    assert refused("days=91") == (
        400,
        {
            "parameter": "days",
            "given": "91",
            "allowed": "a whole number from 1 to 90",
            "next_step": "Give days such a number, or leave it out for 7.",
        },
    )


@pytest.mark.parametrize("query", ["days=7&days=7", "days=1&days=2", "route=%2Fdora&route=%2Fdora"])
def test_a_parameter_given_twice_is_refused(query):
    status, error = refused(query)

    assert (status, error["allowed"]) == (400, f"{error['parameter']} once")


@pytest.mark.parametrize("name", ["day", "days[]", "Days", "limit", "__proto__"])
def test_a_parameter_that_is_not_taken_is_refused_rather_than_ignored(name):
    status, error = refused(f"{name}=7", ("days",))

    assert (status, error["parameter"], error["allowed"]) == (400, name, "the parameters days")


@pytest.mark.parametrize("route", ["", "/nowhere", "%2e%2e%2fetc", "x" * 5000, "%00", "%ff"])
def test_an_unknown_route_is_not_found(route):
    status, error = refused(f"route={route}")

    assert (status, error["parameter"]) == (404, "route")


@pytest.mark.parametrize("query", ["", "request_id=", "request_id=a%20b", "request_id=../x", f"request_id={'a' * 65}"])
def test_a_request_is_asked_for_by_a_well_formed_id(query):
    assert refused(query, TAKES)[0] == 400


def test_what_was_given_is_cut_and_harmless():
    answer = refusal("days", "<script>\x00\u202e" + "x" * 500, "a number", "Give one.", status=400)

    assert answer.mimetype == "application/json"
    assert len(orjson.loads(answer.data)["error"]["given"]) == LONGEST_GIVEN
    assert b"\x00" not in answer.data
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_secret_of_ours_that_was_given_is_not_told_back():
    """Cut or not, where a value, a name or an address was to be."""
    secret = secrets.token_hex(24)
    remember_secret(secret)
    encoded = base64.b64encode(f"ann:{secret}".encode()).decode()
    for given in (secret, f"days={secret}", "x" * (LONGEST_GIVEN - 5) + secret, encoded):
        answer = refusal(f"name {given}", given, "a number", "Give one.", status=400)
        assert secret[:5].encode() not in answer.data
        assert encoded[:12].encode() not in answer.data
    forget_secret(secret)


def test_what_is_no_number_is_null_in_an_answer():
    assert json_answer({"avg_ms": float("nan"), "p95_ms": None}).data == b'{"avg_ms":null,"p95_ms":null}'
