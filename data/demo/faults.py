"""Switches for what goes wrong: by name, by path and for a number of requests, or at random like the weather."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from random import Random
from typing import Protocol

from data.demo.fault_names import FAULT_NAMES, STORM_FAULTS


@dataclass(frozen=True, slots=True)
class Fault:
    """One switch: `path` is a part of the path it applies to, `first` how many such requests, after `skip` of them."""

    name: str
    path: str = ""
    first: int | None = None
    skip: int = 0

    def __post_init__(self) -> None:
        if self.name not in FAULT_NAMES:
            raise ValueError(f"there is no fault {self.name!r}; choose from: {', '.join(sorted(FAULT_NAMES))}")

    @classmethod
    def parse(cls, text: str) -> Fault:
        """`NAME`, `NAME:COUNT`, `NAME@PATH` or `NAME@PATH:COUNT`."""
        head, colon, count = text.rpartition(":")
        if not colon:
            head, count = text, ""
        if colon and not count.isdigit():
            raise ValueError(f"{text!r} should be NAME, NAME:COUNT, NAME@PATH or NAME@PATH:COUNT")
        name, _, path = head.partition("@")
        return cls(name, path, int(count) if count else None)


class Hits(Protocol):
    """Knows which faults hit the next request; counts across threads."""

    def hit(self, path: str) -> frozenset[str]: ...


class Trouble(Protocol):
    """What goes wrong at one simulated Jira; `begin` counts from the start."""

    def begin(self) -> Hits: ...


@dataclass(frozen=True, slots=True)
class Faults:
    """All switches of one simulated Jira."""

    switches: tuple[Fault, ...] = ()

    def begin(self) -> Hits:
        return _FaultCounter(self)

    @classmethod
    def named(cls, *texts: str) -> Faults:
        return cls(tuple(Fault.parse(text) for text in texts))


class _FaultCounter:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._seen = [0] * len(faults.switches)
        self._lock = threading.Lock()

    def hit(self, path: str) -> frozenset[str]:
        names = set()
        with self._lock:
            for number, fault in enumerate(self._faults.switches):
                if fault.path not in path:
                    continue
                self._seen[number] += 1
                turn = self._seen[number] - fault.skip
                if turn > 0 and (fault.first is None or turn <= fault.first):
                    names.add(fault.name)
        return frozenset(names)


@dataclass(frozen=True, slots=True)
class Storm:
    """Each request is hit with the probability `share` by one of `names`, and at most `most` requests are."""

    seed: int
    share: float = 0.05
    names: tuple[str, ...] = STORM_FAULTS
    most: int | None = None

    def begin(self) -> Hits:
        return _Strikes(self)


class _Strikes:
    def __init__(self, storm: Storm) -> None:
        self._storm = storm
        self._random = Random(storm.seed)  # noqa: S311 - weather, no secret
        self._struck = 0
        self._lock = threading.Lock()

    def hit(self, path: str) -> frozenset[str]:
        del path
        with self._lock:
            spent = self._storm.most is not None and self._struck >= self._storm.most
            if spent or self._random.random() >= self._storm.share:
                return frozenset()
            self._struck += 1
            return frozenset({self._random.choice(self._storm.names)})
