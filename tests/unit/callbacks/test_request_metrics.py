"""What is measured of requests and callbacks, told by the application itself through its WSGI door."""

import secrets
import time

import pytest
from dash import Dash, Input, Output, html
from dash.exceptions import PreventUpdate
from flask import abort

from callbacks import boundary, callback_requests, request_ids, request_metrics
from configuration.request_notes import note_cache
from data.watch.measurement import Kind

WORDS = ("works", "fails", "explained", "nothing", "kept", "new")


def answer(word):
    if word == "fails":
        raise ZeroDivisionError("the inner workings")
    if word == "explained":
        boundary.told(lambda: 1 / 0)
    if word == "nothing":
        raise PreventUpdate
    if word in {"kept", "new"}:
        note_cache(hit=word == "kept")
    return word


@pytest.fixture
def measured():
    return []


@pytest.fixture
def app(measured):
    app = Dash("measured", add_log_handler=False, on_error=boundary.show_failure)
    request_metrics.register(app, measured.append, unmeasured={"/probe"})
    request_ids.register(app)
    callback_requests.register(app)
    app.layout = html.Div([html.Div(id=name) for name in ("word", "said", "notice")])
    app.callback(Output("said", "children"), Input("word", "children"))(answer)
    app.server.add_url_rule("/probe", "probe", lambda: "ok")
    app.server.add_url_rule("/broken/<int:number>", "broken", lambda number: 1 // (number - number))
    app.server.add_url_rule("/teapot", "teapot", lambda: abort(418))
    return app


@pytest.fixture
def client(app):
    return app.server.test_client()


def press(client, word, output="said.children", query=""):
    body = {
        "output": output,
        "outputs": {"id": "said", "property": "children"},
        "inputs": [{"id": "word", "property": "children", "value": word}],
        "changedPropIds": ["word.children"],
    }
    return client.post(f"/_dash-update-component{query}", json=body)


def test_a_request_is_measured_under_its_rule_with_the_id_of_its_answer(client, measured, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 10_000.0)
    before = time.perf_counter()
    reply = client.get("/broken/7?secret=" + secrets.token_hex(8))

    (one,) = measured
    assert one[1:4] == (Kind.REQUEST, "/broken/<int:number>", "GET")
    assert (one.status, one.error, one.cache_hit) == (500, "ZeroDivisionError", None)
    assert one.request_id == reply.headers["X-Request-ID"]
    assert one.at == 10_000.0
    assert 0 < one.duration_ms < 1000 * (time.perf_counter() - before)


@pytest.mark.parametrize(
    ("word", "ended"),
    [
        ("works", (200, None)),
        ("fails", (500, "ZeroDivisionError")),
        ("explained", (500, "ZeroDivisionError")),
        ("nothing", (204, None)),
    ],
)
def test_a_callback_that_raised_is_an_error_whatever_http_says(client, measured, word, ended):
    reply = press(client, word)

    assert reply.status_code in {200, 204}
    (one,) = measured
    assert one[1:4] == (Kind.CALLBACK, "said.children", "POST")
    assert (one.status, one.error) == ended


@pytest.mark.parametrize(("word", "cache_hit"), [("works", None), ("kept", True), ("new", False)])
def test_what_answered_from_something_kept_is_a_hit(client, measured, word, cache_hit):
    press(client, word)

    assert measured[0].cache_hit is cache_hit


def test_asking_how_far_a_job_is_is_not_the_callback_itself(client, measured):
    press(client, "works", query="?cacheKey=abc&job=1")

    assert measured[0].label == "said.children (poll)"


def test_what_is_not_there_is_one_name(client, measured):
    for path in ("/wp-login.php", "/a/b/c", "/.env"):
        client.get(path)
    client.open("/teapot", method="BREW")
    client.post("/_dash-update-component", json={"output": secrets.token_hex(9), "inputs": []})
    client.post("/_dash-update-component", data="no json")

    assert [(one.kind, one.label) for one in measured] == 4 * [(Kind.REQUEST, "__404__")] + 2 * [
        (Kind.CALLBACK, "__404__")
    ]


def test_a_refusal_has_the_words_of_http(client, measured):
    client.get("/teapot")

    assert (measured[0].status, measured[0].error) == (418, "I'm a Teapot")


def test_probes_are_not_measured(client, measured):
    assert client.get("/probe").text == "ok"

    assert measured == []


def test_an_exception_that_leaves_the_application_is_measured_on_its_way(app, client, measured):
    app.server.config["PROPAGATE_EXCEPTIONS"] = True

    with pytest.raises(ZeroDivisionError):
        client.get("/broken/7")

    assert (measured[0].status, measured[0].error) == (500, "ZeroDivisionError")


def test_a_failed_measurement_costs_a_record_in_the_log_and_nothing_else(caplog):
    def refuse(_measurement):
        raise RuntimeError("no room")

    app = Dash("unmeasured", add_log_handler=False)
    app.layout = html.Div()
    request_metrics.register(app, refuse)
    app.server.add_url_rule("/page", "page", lambda: "as ever")
    client = app.server.test_client()

    assert [client.get("/page").text for _ in range(3)] == ["as ever"] * 3
    assert [record.event for record in caplog.records] == ["watch.request_not_measured"]


def test_a_clock_that_is_set_back_makes_no_negative_duration(client, measured, monkeypatch):
    hours = iter([10_000.0, 0.0])
    monkeypatch.setattr(time, "time", lambda: next(hours))

    client.get("/teapot")
    client.get("/teapot")

    assert [one.at for one in measured] == [10_000.0, 0.0]
    assert min(one.duration_ms for one in measured) > 0
