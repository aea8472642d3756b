"""A story of log records, and which of them a reader printed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any


def line(
    number: int,
    *,
    level: str = "INFO",
    module: str = "data.jira_simple",
    event: str = "fetch.finished",
    trace: str | None = None,
    **facts: Any,
) -> dict[str, Any]:
    """The entry of the second `number` of this story."""
    instant = datetime(2026, 1, 31, 12, tzinfo=UTC) + timedelta(seconds=number)
    record: dict[str, Any] = {
        "timestamp": instant.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": level,
        "module": module,
        "function": "run",
        "line": 7,
        "message": f"Message {number}",
    }
    return record | ({"exception": trace} if trace else {}) | {"context": {"event": event, **facts}}


def write(path: Path, entries: Iterable[dict[str, Any]], *, mode: str = "w") -> None:
    with path.open(mode, encoding="utf-8") as file:
        file.writelines(json.dumps(entry) + "\n" for entry in entries)


def numbers(lines: Iterable[str]) -> list[int]:
    return [int(text.split("Message ")[1].split()[0]) for text in lines]
