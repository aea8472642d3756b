"""The arithmetic of a budget of requests: who may send when, so that no window ever holds more than it may."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass

from data.jira_requests.ledger import Document


@dataclass(frozen=True)
class Allowance:
    """At most `capacity` requests in any `period` seconds; `guard` seconds cover the uneven travel of requests."""

    capacity: int
    period: float
    guard: float

    @property
    def span(self) -> float:
        return self.period + self.guard


@dataclass(frozen=True)
class ServerRate:
    """The bucket that a server says it keeps: `limit` requests at once, `fill` more every `interval` seconds."""

    limit: float
    fill: float
    interval: float
    remaining: float | None = None


@dataclass(frozen=True)
class Slot:
    """When a request may be sent. `paused` are the seconds of a pause that it has to wait out."""

    ticket: int
    at: float
    asked_at: float
    paused: float


def agrees(document: Document, rate: ServerRate, now: float) -> bool:
    """Whether the server's bucket is no emptier than this document has it, and of the size it knows."""
    known: list[float] = document.get("rate", [0.0, 1.0, 1.0])
    limit, fill, interval = known
    owed = max(0.0, float(document.get("at", {}).get("full_at", now)) - now)
    remaining = limit if rate.remaining is None else rate.remaining
    return known == [rate.limit, rate.fill, rate.interval] and (limit - remaining) * interval / fill <= owed + 1e-9


def promised_to(document: Document, ticket: int) -> tuple[float | None, float]:
    """The instant that waits for a ticket, None if it has come or gone; and the end of the latest pause."""
    instants, tickets = document.get("at", {}), document.get("tickets", [])
    at = instants["promised"][tickets.index(ticket)] if ticket in tickets else None
    return at, float(instants.get("pause", "-inf"))


class Budget:
    """One document of a ledger, at one moment.

    It holds the instants at which requests were sent (`sent`, for one span), those promised to requests that still
    wait (`promised`, with their `tickets`, in the order of asking), the end of a pause, the capacity while it is
    reduced, and the server's own bucket where it tells of one (its theoretical arrival time `full_at`, as in GCRA).
    """

    def __init__(self, document: Document, allowance: Allowance, now: float) -> None:
        self._document, self._allowance, self._now = document, allowance, now
        self._at = document.setdefault("at", {})
        self._sent: list[float] = self._at.setdefault("sent", [])
        self._promised: list[float] = self._at.setdefault("promised", [])
        self._tickets: list[int] = document.setdefault("tickets", [])
        self._settle()

    @property
    def paused(self) -> float:
        return max(0.0, float(self._at.get("pause", self._now)) - self._now)

    @property
    def capacity(self) -> int:
        """Reduced capacity grows again by one with every quiet period."""
        reduced: int | None = self._document.get("capacity")
        if reduced is None:
            return self._allowance.capacity
        quiet = int((self._now - float(self._at["slowed"])) / self._allowance.period)
        return min(self._allowance.capacity, reduced + max(0, quiet))

    @property
    def left(self) -> int:
        """How many requests may be sent at this instant; those that already wait for one come first."""
        if self.paused or self._promised:
            return 0
        left = self.capacity - len(self._sent)
        if "rate" in self._document:
            owed = max(0.0, float(self._at.get("full_at", self._now)) - self._now)
            left = min(left, int(self._document["rate"][0] - owed / self._seconds_each()))
        return max(0, left)

    def promise(self) -> Slot:
        """The earliest instant after all that were promised before; not yet kept."""
        return Slot(self._document.get("next", 0), self._earliest(self._promised), self._now, self.paused)

    def keep(self, slot: Slot) -> None:
        self._document["next"] = slot.ticket + 1
        if slot.at <= self._now:
            insort(self._sent, slot.at)
            self._fill([slot.at])
        else:
            self._promised.append(slot.at)
            self._tickets.append(slot.ticket)

    def give_back(self, ticket: int) -> None:
        """Whoever had the ticket waits no longer; those behind keep their instants."""
        if ticket in self._tickets:
            place = self._tickets.index(ticket)
            del self._tickets[place], self._promised[place]

    def correct(self, promised: float, actual: float) -> None:
        """A request promised for one instant may have reached the server only at a later one."""
        place = bisect_left(self._sent, promised)
        if place < len(self._sent) and self._sent[place] == promised:
            del self._sent[place]
            insort(self._sent, actual)
            self._postpone()

    def pause(self, until: float) -> None:
        """Nobody goes before `until`, and after it they go one by one for a period."""
        if until > self._at.get("pause", float("-inf")):
            self._at["pause"] = until
            self._postpone()

    def slow_down(self, asked_at: float) -> None:
        """Halve the capacity, once for all requests that were under way together."""
        slowed = self._at.get("slowed", float("-inf"))
        if asked_at > slowed and self._now - slowed >= self._allowance.period:
            self._document["capacity"] = max(1, self.capacity // 2)
        elif "capacity" in self._document:
            self._document["capacity"] = self.capacity
        self._at["slowed"] = self._now
        self._postpone()

    def follow(self, rate: ServerRate) -> None:
        """Keep to the server's own bucket from now on, as full as it says it is."""
        known = "rate" in self._document
        self._document["rate"] = [rate.limit, rate.fill, rate.interval]
        if not known:
            self._fill(self._sent)
        if rate.remaining is not None:
            owed = max(0.0, rate.limit - rate.remaining) * self._seconds_each()
            self._at["full_at"] = max(self._at.get("full_at", self._now), self._now + owed)
        self._postpone()

    def _settle(self) -> None:
        """Promises whose instant has come count as sent; what is older than a span no longer counts."""
        come = bisect_right(self._promised, self._now)
        self._sent.extend(self._promised[:come])
        self._sent.sort()
        self._fill(self._promised[:come])
        del self._promised[:come], self._tickets[:come]
        del self._sent[: bisect_left(self._sent, self._now - self._allowance.span)]
        if self._document.get("capacity") is not None and self.capacity >= self._allowance.capacity:
            del self._document["capacity"]

    def _fill(self, sent: list[float]) -> None:
        """Take from the server's bucket, where it keeps one, what was sent at these instants."""
        if "rate" in self._document:
            for instant in sent:
                self._at["full_at"] = max(self._at.get("full_at", instant), instant) + self._seconds_each()

    def _seconds_each(self) -> float:
        _, fill, interval = self._document["rate"]
        return float(interval / fill * self._allowance.span / self._allowance.period)

    def _earliest(self, before: list[float]) -> float:
        """The first instant that keeps every limit, after those sent and those in `before`."""
        capacity, span = self.capacity, self._allowance.span
        pause = float(self._at.get("pause", "-inf"))
        earliest = max(self._now, pause, before[-1] if before else self._now)
        count = len(self._sent) + len(before)
        if count >= capacity:
            earliest = max(earliest, self._nth(before, count - capacity) + span)
        if count and earliest < pause + span:
            earliest = max(earliest, self._nth(before, count - 1) + span / capacity)
        return max(earliest, self._served_at(before)) if "rate" in self._document else earliest

    def _nth(self, before: list[float], place: int) -> float:
        return self._sent[place] if place < len(self._sent) else before[place - len(self._sent)]

    def _served_at(self, before: list[float]) -> float:
        """When the server's bucket has a token for one more."""
        each = self._seconds_each()
        full_at = float(self._at.get("full_at", self._now))
        for instant in before:
            full_at = max(full_at, instant) + each
        return full_at - (float(self._document["rate"][0]) - 1) * each

    def _postpone(self) -> None:
        """Promise again, in the same order and never earlier, what no longer keeps the limits."""
        anew: list[float] = []
        for instant in self._promised:
            anew.append(max(instant, self._earliest(anew)))
        self._promised[:] = anew
