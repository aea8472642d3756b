"""How much Jira may be asked right now, as the shared books have it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

from data.jira_requests.budget import Allowance, Budget
from data.jira_requests.ledger import Document, Ledger


@dataclass(frozen=True)
class Room:
    """Requests of one kind that may be sent at once, of how many in ten seconds, and the pause that Jira asked for."""

    kind: str
    left: int
    capacity: int
    paused_seconds: float


@dataclass(frozen=True)
class Rest:
    """How long an account's quota is spent and its site left alone; 0 when it is not.

    `is_recovering` says that the rest is over and the next request shows whether the site answers again.
    """

    quota_seconds: float
    rest_seconds: float
    is_recovering: bool
    last_failure: str


@dataclass(frozen=True)
class Headroom:
    """Kinds of which nothing was ever asked are left out."""

    rooms: Sequence[Room]
    rest: Rest


def room(ledger: Ledger, name: str, allowance: Allowance, now: float) -> Room | None:
    """What the bucket of that name, which ends with its kind, may send now; None if it never sent anything."""

    def look(document: Document) -> Room | None:
        if not document:
            return None
        budget = Budget(copy.deepcopy(document), allowance, now)
        return Room(name.rpartition(" ")[2], budget.left, budget.capacity, budget.paused)

    return ledger.read(name, look)
