"""What a question to the metrics API may say, and the answer to one that says something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NoReturn

import orjson
from flask import Response, abort, request

from configuration.redaction import mask_known_secrets
from configuration.request_notes import is_request_id

LONGEST_GIVEN = 80
MOST_DAYS, USUAL_DAYS = 90, 7
MOST_ROWS, USUAL_ROWS = 100, 10
LONGEST_LABEL = 300
_WHOLE = re.compile(r"[0-9]{1,3}")
_TAKES: dict[str, str] = {
    "days": f"a whole number from 1 to {MOST_DAYS}",
    "limit": f"a whole number from 1 to {MOST_ROWS}",
    "route": "a URL rule or the output of a callback, as slow-routes lists them",
    "request_id": "1 to 64 letters, digits and hyphens",
}


@dataclass(frozen=True, slots=True)
class Question:
    """The parameters of one request, all of them checked."""

    days: int = USUAL_DAYS
    limit: int = USUAL_ROWS
    route: str | None = None
    request_id: str = ""


def asked(takes: Collection[str], *, knows_route: Callable[[str], bool]) -> Question:
    """What the present request asks; ends it with 400 where that is not what this address takes, 404 for no route."""
    unknown = next((name for name in request.args if name not in takes), None)
    if unknown is not None:
        allowed = f"the parameters {', '.join(takes)}" if takes else "no parameters"
        refuse(unknown, request.args[unknown], allowed, "Leave it out, or see docs/operations.md for what there is.")
    route = _text("route")
    if route is not None and (len(route) > LONGEST_LABEL or not knows_route(route)):
        refuse("route", route, _TAKES["route"], "Take a name from /metrics/api/slow-routes.", status=404)
    request_id = _text("request_id") or ""
    if "request_id" in takes and not is_request_id(request_id):
        refuse("request_id", request_id, _TAKES["request_id"], "Take the id from the page or the header X-Request-ID.")
    return Question(_number("days", USUAL_DAYS, MOST_DAYS), _number("limit", USUAL_ROWS, MOST_ROWS), route, request_id)


def refuse(parameter: str, given: object, allowed: str, next_step: str, *, status: int = 400) -> NoReturn:
    """End the request with what was wrong in it; what was given is cut, harmless as JSON, and none of our secrets."""
    abort(refusal(parameter, given, allowed, next_step, status=status))


def refusal(parameter: str, given: object, allowed: str, next_step: str, *, status: int) -> Response:
    shown = given if given is None or isinstance(given, int | float) else mask_known_secrets(str(given))[:LONGEST_GIVEN]
    error = {"parameter": mask_known_secrets(parameter), "given": shown, "allowed": allowed, "next_step": next_step}
    return json_answer({"error": error}, status=status)


def json_answer(document: object, *, status: int = 200) -> Response:
    """A document that no cache keeps."""
    answer = Response(orjson.dumps(document), status=status, mimetype="application/json")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _text(name: str) -> str | None:
    given = request.args.getlist(name)
    if len(given) > 1:
        refuse(name, ", ".join(given), f"{name} once", f"Give {name} a single time.")
    return given[0] if given else None


def _number(name: str, usual: int, most: int) -> int:
    text = _text(name)
    if text is None:
        return usual
    if not _WHOLE.fullmatch(text) or not 1 <= int(text) <= most:
        refuse(name, text, _TAKES[name], f"Give {name} such a number, or leave it out for {usual}.")
    return int(text)
