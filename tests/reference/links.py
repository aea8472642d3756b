"""Issue links as either end sees them, and which deployment an incident is laid at."""

from __future__ import annotations

from typing import Any

from tests.reference.fields import objects, text, text_id
from tests.reference.issues import Item


def _names(end: Any, item: Item) -> bool:
    """Whether the end of a link is this issue: by id when both have one, else by key."""
    if not isinstance(end, dict):
        return False
    ids = text_id(end.get("id")), text_id(item.raw.get("id"))
    if all(ids):
        return ids[0] == ids[1]
    return text(end.get("key")) is not None and end.get("key") == item.raw.get("key")


def _readings(of: Item, towards: Item) -> list[tuple[str, str]]:
    """For each link that `of` records towards another: how `of` reads it, and how the other end does."""
    found = []
    for link in objects(of.fields.get("issuelinks")):
        raw_type = link.get("type")
        kind = raw_type if isinstance(raw_type, dict) else {}
        inward, outward = str(kind.get("inward") or ""), str(kind.get("outward") or "")
        if _names(link.get("inwardIssue"), towards):
            found.append((inward, outward))
        if _names(link.get("outwardIssue"), towards):
            found.append((outward, inward))
    return found


def links_between(one: Item, other: Item) -> list[str]:
    """The readings, as `one` sees them, of every link between two issues, whichever of them records it."""
    if one is other:
        return []
    own = [mine for mine, _ in _readings(one, other)]
    return own + [theirs for _, theirs in _readings(other, one)]
