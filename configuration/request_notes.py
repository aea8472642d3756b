"""Facts about the request or fetch being served, which every record logged meanwhile carries."""

from __future__ import annotations

from contextvars import ContextVar

current_request_id: ContextVar[str | None] = ContextVar("current_request_id", default=None)
