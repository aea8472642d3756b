"""What the whole program logs when a browser opens its first page, with the demo team behind it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app import create_app
from configuration.logging_config import setup_logging
from configuration.settings import Settings
from tests.patience import eventually


@contextmanager
def logging_to(folder: Path, level: str = "DEBUG", log_format: str = "sightline") -> Iterator[None]:
    """The product's own logging into this folder; the root logger is as before afterwards."""
    root = logging.getLogger()
    before, was = list(root.handlers), root.level
    setup_logging(folder, log_level=level, log_format=log_format)
    try:
        yield
    finally:
        for handler in set(root.handlers) - set(before):
            root.removeHandler(handler)
            handler.close()
        root.setLevel(was)


def entries_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def logged_by_a_demo_start(folder: Path, request_id: str = "first-page") -> list[dict[str, Any]]:
    """Everything in app.log once the first page's request has brought the team's numbers."""
    with logging_to(folder):
        client = create_app(Settings(log_dir=folder, cache_dir=folder / "cache")).server.test_client()
        assert client.get("/", headers={"X-Request-ID": request_id}).status_code == 200
        log = folder / "app.log"
        eventually(lambda: "team.ready" in log.read_text("utf-8"), told=lambda: log.read_text("utf-8")[-2000:])
    return entries_of(folder / "app.log")
