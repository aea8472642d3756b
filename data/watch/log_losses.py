"""Counts the log records that could not be written, for all processes together and across restarts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from configuration.log_handlers import losses
from data.watch.measurement import Measurement
from data.watch.store import MetricsStore, StoreUnavailable

DOCUMENT = "log-records-dropped"


def tell_log_losses(store: MetricsStore, _batch: Sequence[Measurement] = ()) -> None:
    """Add what this process has lost since; as a listener, in the thread of the recorder, which has the time."""
    lost = losses.take()
    if not lost:
        return
    try:
        store.change_document(DOCUMENT, lambda kept: _sum(kept, lost))
    except StoreUnavailable:
        losses.give_back(lost)


def log_records_dropped(store: MetricsStore, files: Sequence[str]) -> dict[str, int]:
    """By file, with a nought for each that has lost nothing."""
    return _sum(store.document(DOCUMENT), dict.fromkeys(files, 0))


def _sum(kept: Any, more: Mapping[str, int]) -> dict[str, int]:
    before: dict[str, int] = kept if isinstance(kept, dict) else {}
    return {file: before.get(file, 0) + more.get(file, 0) for file in {**before, **more}}
