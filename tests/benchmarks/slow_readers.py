"""The readers that ours are compared with: one JSON object an issue, and the reference's own reading."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import numpy as np
import orjson

from data.history import DATE_FIELDS
from tests.benchmarks.histories import INDEX, NOW, PATH, RULES, TYPES, Plan
from tests.builders import statuses
from tests.reference.deployments import fix_versions, known_versions, project_of
from tests.reference.fields import mapped_instant
from tests.reference.roles import is_flow_item, is_production_defect
from tests.reference.world import read_world


def written_objects(team: Plan) -> bytes:
    """The same facts with one slim object an issue, instants as ISO text."""
    created, resolved, moved = (_texts(times) for times in (team.created, team.resolved, team.moves.time))
    objects: list[dict[str, Any]] = [
        {
            "key": f"EX-{number}",
            "type": TYPES[team.kind[number]],
            "project": int(team.project[number]),
            "team": int(team.team[number]),
            "created": created[number],
            "resolved": resolved[number] if team.resolved[number] >= 0 else None,
            "declined": bool(team.declined[number]),
            "release": int(team.release[number]),
            "moves": [],
        }
        for number in range(team.size)
    ]
    for issue, time, value in zip(team.moves.issue.tolist(), moved, team.moves.value.tolist(), strict=True):
        objects[issue]["moves"].append({"at": time, "to": PATH[value]})
    return orjson.dumps(objects)


def _texts(microseconds: Any) -> list[str]:
    texts: list[str] = np.datetime_as_string(microseconds.astype("datetime64[us]"), unit="ms").tolist()
    return [f"{text}+00:00" for text in texts]


def read_objects(written: bytes) -> dict[str, Any]:
    """With the standard library into the columns that a history holds."""
    objects = json.loads(written)
    codes = {name: code for code, name in enumerate(PATH)}
    moves = [
        (number, _read(move["at"]), codes[move["to"]]) for number, own in enumerate(objects) for move in own["moves"]
    ]
    columns = np.array(moves, dtype=np.int64)
    return {
        "keys": [own["key"] for own in objects],
        "created": np.array([_read(own["created"]) for own in objects]),
        "resolved": np.array([_read(own["resolved"]) if own["resolved"] else -1 for own in objects]),
        "type": np.array([TYPES.index(own["type"]) for own in objects]),
        **{name: np.array([own[name] for own in objects]) for name in ("project", "team", "declined", "release")},
        "moves": (columns[:, 0].astype(np.int32), columns[:, 1].copy(), columns[:, 2].astype(np.int32)),
    }


def _read(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1_000_000)


def read_by_the_reference(raw: list[Any], versions: list[Any]) -> list[Any]:
    """Everything that a history holds, worked out by the reference's own functions."""
    extras: dict[str, Any] = {"rules": RULES, "versions": versions, "statuses": statuses()}
    world = read_world(raw, INDEX.as_dict(), 30, NOW, **extras)
    book = world.items[0].team.book
    facts: list[Any] = [known_versions(world)]
    for item in world.items:
        facts.append((world.role(item), world.kind(item), is_flow_item(item), is_production_defect(item)))
        facts.append((project_of(item), fix_versions(item), world.facets(item)))
        facts.append([mapped_instant(item.raw, world.mappings, name) for name in DATE_FIELDS])
        facts.append([book.category(status) for _, status in item.moves])
    return facts
