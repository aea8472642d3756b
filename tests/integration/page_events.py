"""The events that a browser sends for a page, sent without one."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient

from app import create_app
from configuration.settings import Settings
from tests.patience import PATIENCE_SECONDS

Property = tuple[Any, str, Any]
"""Id, property and value."""
_EVENTS = "/_dash-update-component"


def send(client: FlaskClient, outputs: Sequence[tuple[Any, str]], inputs: Sequence[Any], state: Sequence[Any]) -> str:
    """The text that the server answers to one event; its first input is what set it off."""
    changed = inputs[0][0] if isinstance(inputs[0], list) else inputs[0]
    names = [f"{_text(identity)}.{name}" for identity, name in outputs]
    body = {
        "output": f"..{'...'.join(names)}.." if len(names) > 1 else names[0],
        "outputs": [{"id": identity, "property": name} for identity, name in outputs],
        "inputs": [_properties(one) for one in inputs],
        "state": [_properties(one) for one in state],
        "changedPropIds": [f"{_text(changed[0])}.{changed[1]}"],
    }
    if len(names) == 1:
        body["outputs"] = body["outputs"][0]
    answer = client.post(_EVENTS, json=body)
    assert answer.status_code == 200, answer.text
    return answer.text


def poll(client: FlaskClient) -> str:
    """One request of the page's poll for how far the reading is."""
    outputs = [("load-state", "data"), ("sync-facts", "data"), ("load-failure", "children"), ("data-line", "children")]
    outputs += [("read-now-place", "className"), ("sync-panel", "className"), ("sync-progress", "children")]
    outputs += [("sync-said", "children"), ("stop-at-once-place", "className"), ("poll", "interval")]
    outputs += [("poll-answered", "data")]
    inputs = [("poll-asked", "data", 1), ("sync-order", "data", None), ("stop-reading", "n_clicks", 0)]
    state = [("sync-done", "data", None), ("load-state", "data", None), ("sync-facts", "data", None)]
    return send(client, outputs, inputs, state)


def order_reading(client: FlaskClient, nonce: str, what: str = "now") -> dict[str, Any]:
    """Begin a job, and what to ask for it by."""
    answer = client.post(_EVENTS, json=_order(nonce, what))
    assert answer.status_code == 200, answer.text
    handle: dict[str, Any] = json.loads(answer.text)
    return handle


def ordered(client: FlaskClient, nonce: str, handle: dict[str, Any], what: str = "now") -> Any:
    """What the job has left behind, None while it is at work."""
    where = urlencode({"cacheKey": handle["cacheKey"], "job": handle["job"]})
    answer = json.loads(client.post(f"{_EVENTS}?{where}", json=_order(nonce, what)).text)
    return answer["response"]["sync-done"]["data"] if "response" in answer else None


def _order(nonce: str, what: str) -> dict[str, Any]:
    order = {"id": "sync-order", "property": "data", "value": {"nonce": nonce, "what": what, "at": 0}}
    outputs = {"id": "sync-done", "property": "data"}
    changed = ["sync-order.data"]
    return {"output": "sync-done.data", "outputs": outputs, "inputs": [order], "changedPropIds": changed}


def body_of(client: FlaskClient, page: str, days: int = 30) -> str:
    ready = json.loads(poll(client))["response"]["load-state"]["data"]
    inputs = [("page-key", "data", page), *_looked_at(days), ("load-state", "data", ready)]
    state = [("location", "search", ""), ("benchmark", "data", None), ("page-drawn", "data", None)]
    return send(client, [("page-body", "children"), ("page-drawn", "data")], inputs, state)


def explanation_of(client: FlaskClient, metric: str, days: int = 30) -> str:
    outputs = [("explanation", name) for name in ("opened", "title", "children")] + [("explanation-subject", "data")]
    asked = ("explanation-asked", "data", {"button": {"metric": metric, "type": "explain"}, "number": 1})
    return send(client, outputs, [asked], [*_looked_at(days), ("benchmark", "data", None)])


def _looked_at(days: int) -> list[Property]:
    return [("period", "value", str(days)), ("filters", "data", "")]


def ended(client: FlaskClient) -> str:
    """What the poll says once the reading has ended."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while '"phase":"loading"' in (text := poll(client)):
        assert time.monotonic() < deadline, text
        time.sleep(0.05)
    return text


def outcome(settings: Settings) -> str:
    """What a page of these settings shows once the reading has ended."""
    return ended(create_app(settings).server.test_client())


def _text(identity: Any) -> str:
    return json.dumps(identity, sort_keys=True, separators=(",", ":")) if isinstance(identity, dict) else identity


def _properties(given: Any) -> Any:
    if isinstance(given, list):
        return [_properties(one) for one in given]
    identity, name, value = given
    return {"id": identity, "property": name, "value": value}
