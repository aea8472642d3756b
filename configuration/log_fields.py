"""Other names for the fields of a log entry: those of the Elastic Common Schema and of OpenTelemetry's data model."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Entry = Mapping[str, Any]
Naming = Callable[[Entry], dict[str, Any]]

ECS_VERSION = "8.11"
SEVERITY_NUMBERS = {"DEBUG": 5, "INFO": 9, "WARNING": 13, "ERROR": 17, "CRITICAL": 21}
_OWN = {"request_id", "event", "error_type"}


def naming(name: str) -> Naming:
    """The function that renames a finished entry; `name` is sightline, ecs or otel."""
    if name not in NAMINGS:
        raise ValueError(f"there is no log format {name[:40]!r}; choose from {', '.join(NAMINGS)}")
    return NAMINGS[name]


def _error_message(trace: str, error_type: str) -> str | None:
    """What the exception says of itself: all that follows its name in the last place of the trace that has it."""
    named = list(re.finditer(rf"^(?:[\w.]{{1,200}}\.)?{re.escape(error_type)}(?:: |$)", trace, re.MULTILINE))
    return trace[named[-1].end() :].strip() or None if named else None


def _present(fields: Entry) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def to_ecs(entry: Entry) -> dict[str, Any]:
    """Names of the Elastic Common Schema; what it has no name for is below `sightline`."""
    context, trace = entry["context"], entry.get("exception")
    renamed = {
        "@timestamp": entry["timestamp"],
        "log.level": entry["level"].lower(),
        "message": entry["message"],
        "ecs.version": ECS_VERSION,
        "service.name": "sightline",
        "log.logger": entry["module"],
        "log.origin.function": entry["function"],
        "log.origin.file.line": entry["line"],
        "event.action": context.get("event"),
        "http.request.id": context.get("request_id"),
        "error.type": context.get("error_type"),
        "error.message": _error_message(trace, str(context.get("error_type"))) if trace else None,
        "error.stack_trace": trace,
    }
    rest = {name: value for name, value in context.items() if name not in _OWN}
    return {**_present(renamed), "sightline": rest}


def to_otel(entry: Entry) -> dict[str, Any]:
    """The log record of OpenTelemetry; the whole context is among its attributes."""
    context, trace = entry["context"], entry.get("exception")
    attributes = {
        "code.function.name": entry["function"],
        "code.line.number": entry["line"],
        "exception.type": context.get("error_type") if trace else None,
        "exception.message": _error_message(trace, str(context.get("error_type"))) if trace else None,
        "exception.stacktrace": trace,
    }
    return _present(
        {
            "Timestamp": entry["timestamp"],
            "SeverityText": entry["level"],
            "SeverityNumber": SEVERITY_NUMBERS.get(entry["level"]),
            "Body": entry["message"],
            "EventName": context.get("event"),
            "InstrumentationScope": {"name": entry["module"]},
            "Resource": {"service.name": "sightline"},
            "Attributes": {**_present(attributes), **context},
        }
    )


def as_written(entry: Entry) -> dict[str, Any]:
    return dict(entry)


NAMINGS: dict[str, Naming] = {"sightline": as_written, "ecs": to_ecs, "otel": to_otel}


def own_names(document: Entry) -> dict[str, Any]:
    """An entry by our own names again, whichever of the three it was written in; KeyError for anything else."""
    if "@timestamp" in document:
        return _from_ecs(document)
    return _from_otel(document) if "Body" in document else dict(document)


def _from_ecs(document: Entry) -> dict[str, Any]:
    own = {"event": "event.action", "request_id": "http.request.id", "error_type": "error.type"}
    context = {name: document[other] for name, other in own.items() if other in document}
    entry = {
        "timestamp": document["@timestamp"],
        "level": document["log.level"].upper(),
        "module": document["log.logger"],
        "function": document["log.origin.function"],
        "line": document["log.origin.file.line"],
        "message": document["message"],
        "exception": document.get("error.stack_trace"),
        "context": {**context, **document["sightline"]},
    }
    return _present(entry)


def _from_otel(document: Entry) -> dict[str, Any]:
    attributes = dict(document["Attributes"])
    entry = {
        "timestamp": document["Timestamp"],
        "level": document["SeverityText"],
        "module": document["InstrumentationScope"]["name"],
        "function": attributes.pop("code.function.name"),
        "line": attributes.pop("code.line.number"),
        "message": document["Body"],
        "exception": attributes.pop("exception.stacktrace", None),
    }
    for name in ("exception.type", "exception.message"):
        attributes.pop(name, None)
    return {**_present(entry), "context": attributes}
