"""Every answer carries an id, and what is logged meanwhile carries the same one."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from dash import Dash, Input, Output, html
from flask import abort

from callbacks import request_ids
from configuration.request_notes import noted

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CALLBACK = "/_dash-update-component"


@pytest.fixture
def seen():
    return []


@pytest.fixture
def client(seen):
    app = Dash(__name__, add_log_handler=False)
    app.layout = html.Div([html.Button(id="button"), html.Div(id="told"), html.Div(id="other")])
    app.callback(Output("told", "children"), Output("other", "children"), Input("button", "n_clicks"))(
        lambda clicks: (seen.append(noted()), clicks)
    )
    request_ids.register(app)
    app.server.add_url_rule("/broken", "broken", lambda: abort(500))
    app.server.add_url_rule("/notes", "notes", noted)
    return app.server.test_client()


def press(client, **headers):
    output = "..told.children...other.children.."
    body = {
        "output": output,
        "outputs": [{"id": "told", "property": "children"}, {"id": "other", "property": "children"}],
        "inputs": [{"id": "button", "property": "n_clicks", "value": 1}],
        "changedPropIds": ["button.n_clicks"],
    }
    return client.post(CALLBACK, json=body, headers=headers)


def test_a_well_formed_id_comes_back_in_the_answer(client):
    answer = client.get("/notes", headers={"X-Request-ID": "proxy-17"})

    assert answer.headers.getlist("X-Request-ID") == ["proxy-17"]
    assert answer.json == {"request_id": "proxy-17"}


@pytest.mark.parametrize("offered", [None, "", "a" * 65, "two words", "x;y", "<b>"])
def test_without_one_a_new_id_is_made(client, offered):
    answer = client.get("/notes", headers={} if offered is None else {"X-Request-ID": offered})

    assert UUID.fullmatch(answer.headers["X-Request-ID"])
    assert answer.json == {"request_id": answer.headers["X-Request-ID"]}


@pytest.mark.parametrize("path", ["/broken", "/nowhere", "/assets/none.css"])
def test_refusals_and_failures_carry_their_id_too(client, path):
    assert client.get(path, headers={"X-Request-ID": "abc"}).headers["X-Request-ID"] == "abc"


def test_even_a_refusal_before_any_view_carries_an_id(client):
    """A foreign host name is refused while Flask still looks for a route."""
    client.application.config["TRUSTED_HOSTS"] = ["localhost"]
    answer = client.get("/notes", headers={"Host": "elsewhere.example", "X-Request-ID": "abc"})

    assert (answer.status_code, answer.headers["X-Request-ID"]) == (400, "abc")


def test_many_requests_at_once_do_not_mix(client, seen):
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda number: press(client.application.test_client(), **{"X-Request-ID": f"r-{number}"}), range(40)
            )
        )

    assert [answer.headers["X-Request-ID"] for answer in answers] == [f"r-{number}" for number in range(40)]
    assert sorted(note["request_id"] for note in seen) == sorted(f"r-{number}" for number in range(40))
