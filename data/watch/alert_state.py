"""How a rule stands: fine, about to fire, firing or unknown, and what the next measured value makes of that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from data.watch.alert_rules import Rule

LONGEST_GAP = timedelta(minutes=3)
"""Nobody looked for longer than this: what was before says nothing about how long it lasted."""


class State(StrEnum):
    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"
    NO_DATA = "no_data"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`since` is when the state began. An incident, once on, stays on while the value is unknown.

    `broken_since` and `fine_since` are when the limit was first found broken, and kept to again, on end.
    """

    state: State
    since: datetime
    looked: datetime
    value: float | None = None
    broken_since: datetime | None = None
    fine_since: datetime | None = None
    is_on: bool = False


def first_standing(now: datetime) -> Standing:
    """Of a rule that nobody has looked at."""
    return Standing(state=State.NO_DATA, since=now, looked=now)


def next_standing(rule: Rule, before: Standing, value: float | None, now: datetime) -> Standing:
    """How the rule stands after this look.

    A broken limit fires when it was broken at every look for `for_minutes`; the incident is over when it was kept to
    for as long. Where nothing is known, or nobody looked, both spans begin anew.
    """
    if value is None:
        return _moved(
            before, State.NO_DATA, now, Standing(state=State.NO_DATA, since=now, looked=now, is_on=before.is_on)
        )
    was_watched = timedelta() <= now - before.looked <= LONGEST_GAP
    lasting = timedelta(minutes=rule.for_minutes)
    looked = Standing(state=State.OK, since=now, looked=now, value=value, is_on=before.is_on)
    if rule.is_broken_by(value):
        since = (before.broken_since if was_watched else None) or now
        is_on = before.is_on or now - since >= lasting
        after = replace(looked, broken_since=since, is_on=is_on)
        return _moved(before, State.FIRING if is_on else State.PENDING, now, after)
    since = (before.fine_since if was_watched else None) or now
    is_on = before.is_on and now - since < lasting
    return _moved(before, State.FIRING if is_on else State.OK, now, replace(looked, fine_since=since, is_on=is_on))


def _moved(before: Standing, state: State, now: datetime, after: Standing) -> Standing:
    return replace(after, state=state, since=min(before.since, now) if before.state is state else now)
