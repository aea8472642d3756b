"""Results kept from one visit to the next: derived once from a state of the data, dropped when the question changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from configuration.clock import utc_now
from configuration.request_notes import note_cache
from data.cache_manager import CacheInvalidationTrigger, generate_cache_key, invalidate_cache, kept_data, save_cache
from data.storage.cache_entry import fingerprint, read_entry
from data.storage.single_flight import single_flight
from data.storage.staleness import Kept, freshest

_KIND = "derived 1"


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """What a result answers, and from which state of the data.

    `source` is the key of the store, `what` names the calculation and `calculation` its version; `rules` are the
    team's, as JSON. A result of another `data_version`, `as_of` or `calculation` is a stale one of the same question.
    What depends on no period or instant has None for it.
    """

    source: str
    what: str
    jql: str | None
    field_mappings: Mapping[str, str]
    time_period_days: int | None
    rules: Any
    data_version: str
    as_of: datetime | None
    calculation: str

    @property
    def key(self) -> str:
        identity = {"source": self.source, "what": self.what, "rules": self.rules}
        return generate_cache_key(self.jql, self.field_mappings, self.time_period_days, **identity)

    @property
    def state(self) -> str:
        return fingerprint([self.data_version, self.as_of and self.as_of.isoformat(), self.calculation])

    @property
    def question(self) -> dict[str, Any]:
        mappings, days = dict(self.field_mappings), self.time_period_days
        asked = {"jql_query": (self.jql or "").strip(), "field_mappings": mappings, "time_period_days": days}
        return asked | {"source": self.source}


def derived(
    derivation: Derivation,
    compute: Callable[[], Any],
    cache_dir: Path,
    *,
    in_background: Callable[[Callable[[], Kept[Any]]], object] | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Kept[Any]:
    """The kept result, or the one of `compute`, which is JSON and is computed once however many ask.

    With `in_background`, which is given the computation, the result of an older state comes at once.
    """

    def look() -> Kept[Any] | None:
        found = kept_data(derivation.key, cache_dir, kind=_KIND, clock=clock)
        if found is None:
            return None
        entry, value = found
        is_stale = entry.metadata["config_hash"] != derivation.state
        return Kept(value, max(clock() - entry.created_at, timedelta()), is_stale)

    def fresh() -> Kept[Any] | None:
        kept = look()
        return None if kept is None or kept.is_stale else kept

    def work() -> Kept[Any]:
        value = compute()
        key, state, question = derivation.key, derivation.state, derivation.question
        save_cache(key, value, state, cache_dir, question=question, kind=_KIND, clock=clock)
        return Kept(value, timedelta())

    def renew() -> Kept[Any]:
        note_cache(hit=False)
        return single_flight(f"{derivation.key} {derivation.state}", cache_dir, look=fresh, work=work)

    found = freshest(look, renew, in_background)
    note_cache(hit=True)  # unless it was noted already that it had to be renewed
    return found


def drop_derived(cache_dir: Path, *, source: str, jql: str | None, field_mappings: Mapping[str, str]) -> int:
    """Remove what was derived from a store under another query or mapping; the number of entries removed.

    What answers the present question for another period stays, and so do the issues themselves.
    """
    trigger = CacheInvalidationTrigger()
    return sum(
        invalidate_cache(path.stem, cache_dir)
        for path, days in _derived_from(source, cache_dir)
        if trigger.should_invalidate(
            cache_file=path, current_jql=jql, current_field_mappings=field_mappings, current_time_period=days
        )
    )


def _derived_from(source: str, cache_dir: Path) -> Iterator[tuple[Path, int | None]]:
    """The results of a store, each with the days of its period."""
    for path in cache_dir.glob(f"{'[0-9a-f]' * 32}.json"):
        entry = read_entry(path, cache_dir)
        if entry is not None and entry.metadata.get("kind") == _KIND and entry.metadata["question"]["source"] == source:
            yield path, entry.metadata["question"]["time_period_days"]
