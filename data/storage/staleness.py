"""When something kept may stand in for something newer, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Generic, TypeVar

from data.errors import AnonymousAccess, AuthenticationFailed, CaptchaRequired, PermissionDenied, SightlineError

LONGEST_STALE = timedelta(days=7)
_NOT_OURS_TO_SHOW = (AuthenticationFailed, CaptchaRequired, AnonymousAccess, PermissionDenied)

T = TypeVar("T")


@dataclass(frozen=True)
class Kept(Generic[T]):
    """A value with its age. A stale one stands in for a newer one; `error` says why there is none."""

    value: T
    age: timedelta
    is_stale: bool = False
    error: SightlineError | None = None


def may_stand_in(age: timedelta, error: SightlineError | None = None) -> bool:
    """Whether something of this age may be shown although it could not be renewed.

    Not after a week, and not to an account that Jira refuses: what it was once allowed to see may not be its any more.
    """
    return age <= LONGEST_STALE and not isinstance(error, _NOT_OURS_TO_SHOW)


def freshest(
    look: Callable[[], Kept[T] | None],
    renew: Callable[[], Kept[T]],
    in_background: Callable[[Callable[[], Kept[T]]], object] | None = None,
) -> Kept[T]:
    """What is kept if it is fresh; else a new one; else, with the reason, the stale one if that may stand in.

    With `in_background` the stale one is given at once, and the renewal handed over.
    """
    kept = look()
    if kept is not None and not kept.is_stale:
        return kept
    if kept is not None and in_background is not None and may_stand_in(kept.age):
        in_background(renew)
        return kept
    try:
        return renew()
    except SightlineError as error:
        if kept is None or not may_stand_in(kept.age, error):
            raise
        return replace(kept, error=error)
