"""Lets through to Dash what a page of this application can ask of a callback, and notes which callback it asks."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from dash import Dash
from flask import abort, request

from callbacks.operation_labels import CALLBACKS_PATH
from configuration.request_notes import current_callback

logger = logging.getLogger(__name__)

MOST_BYTES = 4 * 1024 * 1024
"""A page sends a few thousand; some bytes more for each button of a long list."""
_MANY = (["ALL"], ["ALLSMALLER"])
_ANY = (*_MANY, ["MATCH"])


def register(app: Dash) -> None:
    """Call after `request_ids.register`, and before anything else reads what was sent."""
    app.server.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.server.before_request(_door(lambda: app.callback_map))


def _door(callback_map: Callable[[], Mapping[str, Any]]) -> Callable[[], None]:
    known: dict[str, _Declared] = {}

    def admit() -> None:
        """Dash takes what it is sent for what its own script has made, and fails where it is not."""
        if request.path != CALLBACKS_PATH or request.method != "POST":
            return
        body = _body()
        output = body.get("output") if isinstance(body, dict) else None
        if not isinstance(output, str) or "callback" not in (callback := callback_map().get(output, {})):
            _refuse("no such callback", "This page may be of another version of Sightline: load it again.")
        if output not in known:
            known[output] = _Declared.of(output, callback)
        if not known[output].fits(body):
            _refuse("not what the callback takes", "These are not the inputs, state and outputs of the callback.")
        current_callback.set(output)

    return admit


def _body() -> Any:
    try:
        return request.get_json()
    except RecursionError:
        _refuse("nested too deeply", "The JSON is nested too deeply.")


def _refuse(reason: str, sentence: str) -> NoReturn:
    logger.warning("A request to a callback was refused", extra={"event": "callback.refused", "reason": reason})
    abort(400, sentence)


@dataclass(frozen=True, slots=True)
class _Part:
    """A property of a component, or of those that a pattern takes, as a callback declares it."""

    identity: str
    name: str
    pattern: Mapping[str, Any] | None
    takes_many: bool

    @classmethod
    def of(cls, identity: str, name: str) -> _Part:
        pattern = json.loads(identity) if identity.startswith("{") else None
        takes_many = pattern is not None and any(value in _MANY for value in pattern.values())
        return cls(identity, _bare(name), pattern, takes_many)

    def is_meant_by(self, sent: object) -> bool:
        if self.takes_many:
            return isinstance(sent, list) and all(map(self._is_named_by, sent))
        return self._is_named_by(sent)

    def _is_named_by(self, sent: object) -> bool:
        if not isinstance(sent, dict) or not isinstance(name := sent.get("property"), str):
            return False
        identity = sent.get("id")
        is_ours = identity == self.identity if self.pattern is None else _takes(self.pattern, identity)
        return is_ours and _bare(name) == self.name


def _bare(name: str) -> str:
    """Without what tells the callbacks of one output apart."""
    return name.partition("@")[0]


def _takes(pattern: Mapping[str, Any], identity: object) -> bool:
    if not isinstance(identity, dict) or identity.keys() != pattern.keys():
        return False
    return all(
        isinstance(identity[key], str | int | float) if wanted in _ANY else identity[key] == wanted
        for key, wanted in pattern.items()
    )


@dataclass(frozen=True, slots=True)
class _Declared:
    """The parts of one callback, in their order: outputs, inputs, state."""

    kinds: Sequence[Sequence[_Part]]
    is_list: bool

    @classmethod
    def of(cls, output: str, callback: Mapping[str, Any]) -> _Declared:
        outputs = [one.rpartition(".") for one in output.strip(".").split("...")]
        taken = [[_Part.of(one["id"], one["property"]) for one in callback[kind]] for kind in ("inputs", "state")]
        return cls([[_Part.of(one[0], one[2]) for one in outputs], *taken], is_list=output.startswith(".."))

    def fits(self, body: Mapping[str, Any]) -> bool:
        changed, outputs = body.get("changedPropIds", []), body.get("outputs")
        if not isinstance(changed, list) or not all(isinstance(one, str) for one in changed):
            return False
        pairs: list[tuple[_Part, Any]] = []
        sent = [outputs if self.is_list else [outputs], body.get("inputs"), body.get("state", [])]
        for parts, ones in zip(self.kinds, sent, strict=True):
            if not isinstance(ones, list) or len(ones) != len(parts):
                return False
            pairs += zip(parts, ones, strict=True)
        return all(part.is_meant_by(one) for part, one in pairs) and _is_same_many(pairs)


def _is_same_many(pairs: Iterable[tuple[_Part, Any]]) -> bool:
    """Parts of one pattern are of the same components; Dash answers for as many as there are outputs."""
    many = [(part.identity, [one["id"] for one in sent]) for part, sent in pairs if part.takes_many]
    first = dict(reversed(many))
    return all(identities == first[identity] for identity, identities in many)
