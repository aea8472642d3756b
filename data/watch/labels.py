"""Keeps the number of names under which things are measured small, whatever is asked of the server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from data.watch.measurement import Kind

OTHER = "__other__"
"""All that came when there were names enough."""
UNKNOWN = "__404__"
"""All addresses at which there is nothing."""
LONGEST_LABEL = 200
SHARES: Mapping[Kind, int] = MappingProxyType(
    {Kind.REQUEST: 90, Kind.CALLBACK: 120, Kind.JOB: 20, Kind.JIRA: 40, Kind.CALCULATION: 30}
)
"""How many names each kind may have, `OTHER` included; 300 in all. A flood in one kind takes no name from another."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Labels:
    """The names given so far; a new one is admitted while there is room in its kind's share."""

    def __init__(self, known: Iterable[tuple[Kind, str]] = ()) -> None:
        self._known: dict[Kind, set[str]] = {kind: set() for kind in Kind}
        for kind, label in known:
            self._known[kind].add(label)

    def __len__(self) -> int:
        return sum(map(len, self._known.values()))

    def admit(self, kind: Kind, label: str) -> str:
        """The label itself, or `OTHER` when there are names enough of this kind."""
        known = self._known[kind]
        if label in known:
            return label
        label = label[:LONGEST_LABEL].encode(errors="backslashreplace").decode()
        if label not in known and len(known) - (OTHER in known) >= SHARES[kind] - 1:
            label = OTHER
        known.add(label)
        return label


def known_method(text: str) -> str:
    """The HTTP method, `OTHER` for one that somebody made up."""
    return text if text in METHODS else OTHER
