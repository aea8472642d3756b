"""What a page can ask of a callback reaches it; whatever else is sent there is refused, and breaks nothing."""

from __future__ import annotations

import copy
import json
from random import Random

import pytest
from dash import ALL, MATCH, Dash, Input, Output, State, html

from callbacks import callback_requests, request_ids
from callbacks.callback_requests import MOST_BYTES
from callbacks.operation_labels import CALLBACKS_PATH
from configuration.request_notes import noted
from tests.metrics_api import JSON, served
from tests.property.effort import FACTOR

HOSTILE_REQUESTS = 300 * FACTOR
JUNK = (None, True, 0, -1.5, "", "x", "told.children", [], {}, [None], {"id": None}, [[]], {"id": {}, "property": []})


def named(identity, name, **more):
    return {"id": identity, "property": name, **more}


def of_rows(kind, name, rows=("a", 2)):
    return [named({"type": kind, "row": row}, name) for row in rows]


PLAIN = {
    "output": "..told.children...other.children..",
    "outputs": [named("told", "children"), named("other", "children")],
    "inputs": [named("button", "n_clicks", value=3)],
    "state": [named("other", "id", value="other")],
    "changedPropIds": ["button.n_clicks"],
}
ALL_ROWS = {
    "output": '{"row":["ALL"],"type":"line"}.children',
    "outputs": of_rows("line", "children"),
    "inputs": [named("button", "n_clicks", value=1)],
    "state": [of_rows("line", "id")],
}
ONE_ROW = {
    "output": '{"row":["MATCH"],"type":"line"}.title',
    "outputs": named({"type": "line", "row": 7}, "title"),
    "inputs": [named({"type": "act", "row": 7}, "n_clicks", value=1)],
    "changedPropIds": ['{"row":7,"type":"act"}.n_clicks'],
}
ASKED = [PLAIN, ALL_ROWS, ONE_ROW]


def changed(body, **other):
    return copy.deepcopy(body) | other


@pytest.fixture
def notes():
    return []


@pytest.fixture
def app(notes):
    def answer(*given):
        notes.append((given, noted()))
        return given

    app = Dash(__name__, add_log_handler=False)
    app.layout = html.Div([html.Button(id="button"), html.Div(id="told"), html.Div(id="other")])
    clicks, line = Input("button", "n_clicks"), {"type": "line", "row": ALL}
    app.callback(Output("told", "children"), Output("other", "children"), clicks, State("other", "id"))(answer)
    app.callback(Output(line, "children"), clicks, State(line, "id"))(
        lambda *given: [answer(*given)[0]] * len(given[1])
    )
    app.callback(Output({"type": "line", "row": MATCH}, "title"), Input({"type": "act", "row": MATCH}, "n_clicks"))(
        answer
    )
    app.callback(Output("told", "children", allow_duplicate=True), clicks, prevent_initial_call=True)(answer)
    app.clientside_callback("clicks => clicks", Output("told", "title"), clicks)
    request_ids.register(app)
    callback_requests.register(app)
    app.server.test_client().get("/")
    return app


@pytest.fixture
def client(app):
    return app.server.test_client()


def status_of(client, body):
    return client.post(CALLBACKS_PATH, json=body).status_code


@pytest.mark.parametrize("body", ASKED)
def test_what_a_page_asks_reaches_the_callback_which_is_known_by_its_outputs(client, notes, body):
    assert status_of(client, body) == 200
    ((given, note),) = notes
    assert given[0] == body["inputs"][0]["value"]
    assert note["callback"] == body["output"]


def test_a_second_callback_of_an_output_is_told_apart_by_its_name_alone(app, client, notes):
    (output,) = [name for name in app.callback_map if "@" in name]
    for name in ("children", output.rpartition(".")[2]):
        body = {"output": output, "outputs": named("told", name), "inputs": PLAIN["inputs"]}
        assert status_of(client, body) == 200
    assert len(notes) == 2


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "told.children",
        {},
        changed(PLAIN, output="nobody.children"),
        changed(PLAIN, output=["told"]),
        changed(PLAIN, output="told.title"),
        changed(PLAIN, outputs=PLAIN["outputs"][:1]),
        changed(PLAIN, outputs=PLAIN["outputs"][0]),
        changed(PLAIN, outputs=[*PLAIN["outputs"][:1], named("other", "title")]),
        changed(PLAIN, inputs=[]),
        changed(PLAIN, inputs=PLAIN["inputs"] * 2),
        changed(PLAIN, inputs=[named(["button"], "n_clicks")]),
        changed(PLAIN, inputs=[named("button", None)]),
        changed(PLAIN, inputs=[{"id": "button"}]),
        changed(PLAIN, inputs=[PLAIN["inputs"]]),
        changed(PLAIN, state=None),
        changed(PLAIN, changedPropIds="button.n_clicks"),
        changed(PLAIN, changedPropIds=[["button"]]),
        changed(ALL_ROWS, state=[of_rows("line", "id")[0]]),
        changed(ALL_ROWS, state=[of_rows("line", "id", rows=("a",))]),
        changed(ALL_ROWS, outputs=of_rows("other", "children"), state=[of_rows("other", "id")]),
        changed(ALL_ROWS, outputs=of_rows("line", "children", rows=([],)), state=[of_rows("line", "id", rows=([],))]),
        changed(ONE_ROW, outputs=[ONE_ROW["outputs"]]),
        changed(ONE_ROW, outputs=named({"type": "line", "row": 7, "more": 1}, "title")),
        changed(ONE_ROW, outputs=named("line", "title")),
    ],
)
def test_what_no_page_asks_is_refused_and_remembered_by_no_name(client, notes, caplog, body):
    answer = client.post(CALLBACKS_PATH, data=json.dumps(body), headers=JSON)

    assert answer.status_code == 400
    assert notes == []
    (record,) = caplog.records
    assert (record.event, record.levelname) == ("callback.refused", "WARNING")
    assert noted() == {}


def test_json_that_is_nested_too_deeply_is_refused(client):
    for sent in (b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000):
        assert client.post(CALLBACKS_PATH, data=sent, headers=JSON).status_code == 400


def test_what_is_no_json_or_more_than_a_page_sends_is_refused(client):
    assert client.post(CALLBACKS_PATH, data=b"{", headers=JSON).status_code == 400
    assert client.post(CALLBACKS_PATH, data=json.dumps(PLAIN)).status_code == 415
    assert client.post(CALLBACKS_PATH, data=b" " * (MOST_BYTES + 1), headers=JSON).status_code == 413


def spoiled(random):
    """A body of which one place, or one more, is something else; as bytes, now and then torn."""
    body = copy.deepcopy(random.choice(ASKED))
    for _ in range(random.choice((1, 1, 3))):
        place, parent = body, None
        while isinstance(place, dict | list) and place and (parent is None or random.random() < 0.8):
            parent = place
            key = random.choice([*place] if isinstance(place, dict) else range(len(place)))
            place = place[key]
        junk = copy.deepcopy(random.choice(JUNK))
        if random.random() < 0.2:
            junk = [junk, *[place] * random.randint(1, 3)]
        if random.random() < 0.2:
            del parent[key]
        else:
            parent[key] = junk
        if not body:
            break
    sent = json.dumps(body).encode()
    if random.random() < 0.1:
        return sent[: random.randrange(len(sent))]
    return sent.replace(b"null", b"[" * 3000 + b"]" * 3000) if random.random() < 0.1 else sent


def test_spoiled_requests_are_answered_and_never_by_a_failure(app):
    """Over HTTP, so that what the server itself would say of an exception is seen; it goes on afterwards."""
    random, met = Random(7), {}  # noqa: S311 - the same requests every time
    with served(app.server) as server:
        for _ in range(HOSTILE_REQUESTS):
            sent = spoiled(random)
            met.setdefault(server.ask(CALLBACKS_PATH, "POST", sent, JSON).status, sent)
        assert server.ask(CALLBACKS_PATH, "POST", json.dumps(PLAIN), JSON).status == 200

    assert met.keys() <= {200, 400}, met
    assert 400 in met
