"""Raw Jira records: which one counts, what came after what, which issues are tied to each other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from data.performance_utils import parse_instant
from data.reading.field_values import folded, objects

Record = Mapping[str, Any]

_EARLIEST = -(2**63)


def distinct_issues(issues: Iterable[object]) -> tuple[list[tuple[str, Record]], list[str]]:
    """One record per identity, sorted by identity, and the sorted labels of records that cannot be read."""
    chosen: dict[str, Record] = {}
    malformed: dict[str, str] = {}
    nameless = 0
    for record in issues:
        identity = _identity(record)
        if not identity:
            nameless += 1
        elif not isinstance(record, Mapping) or not isinstance(record.get("fields"), Mapping):
            malformed[identity] = max(label(record, identity), malformed.get(identity, ""))
        elif identity not in chosen or _rank(record) > _rank(chosen[identity]):
            chosen[identity] = record
    left_out = [label for identity, label in malformed.items() if identity not in chosen]
    ordered = sorted(chosen, key=identity_order)
    return [(identity, chosen[identity]) for identity in ordered], sorted(left_out + ["(no key)"] * nameless)


def identity_order(identity: str) -> tuple[int, str]:
    """Ids in numeric order, and any other text in a fixed one."""
    return len(identity), identity


def _identity(record: object) -> str:
    if not isinstance(record, Mapping):
        return ""
    return next((str(record[name]).strip() for name in ("id", "key") if str(record.get(name) or "").strip()), "")


def label(record: object, identity: str) -> str:
    return str(record.get("key") or identity) if isinstance(record, Mapping) else identity


def _rank(record: Record) -> tuple[int, str]:
    updated = parse_instant(record["fields"].get("updated"))
    return _EARLIEST if updated is None else updated, json.dumps(
        record, sort_keys=True, separators=(",", ":"), default=str
    )


def references(labels: Sequence[str], identities: Sequence[str]) -> dict[str, int]:
    """Every id and key to its row; an id wins over an equal key."""
    return {key.strip(): row for row, key in enumerate(labels)} | {name: row for row, name in enumerate(identities)}


def project_code(fields: Record, projects: dict[str, int]) -> int:
    project = fields.get("project")
    project_id = str(project.get("id") or "").strip() if isinstance(project, Mapping) else ""
    return projects.setdefault(project_id, len(projects)) if project_id else -1


def name_of(value: object) -> object:
    return value.get("name") if isinstance(value, Mapping) else value


def histories_of(record: Record) -> Sequence[object] | None:
    changelog = record.get("changelog")
    histories = changelog.get("histories") if isinstance(changelog, dict) else None
    return histories if isinstance(histories, list) else None


def is_cut(record: Record) -> bool:
    """Whether Jira says that a history which it delivered has more entries."""
    changelog = record["changelog"]
    total = changelog.get("total")
    return isinstance(total, int) and total > len(changelog["histories"])


def is_flagged(item: Record, side: str) -> bool:
    return bool(str(item.get(side) or "").strip())


Link = tuple[int, int]


def read_links(
    fields: Sequence[Record], references: Mapping[str, int], causing_links: Iterable[str]
) -> tuple[list[Link], list[Link]]:
    """All links between the issues at hand, in both directions, and (effect, cause) pairs of the causing link types."""
    causing = {folded(reading) for reading in causing_links}
    links: list[Link] = []
    causes: list[Link] = []
    for issue, issue_fields in enumerate(fields):
        for link in objects(issue_fields.get("issuelinks")):
            for side, here, there in (("inwardIssue", "inward", "outward"), ("outwardIssue", "outward", "inward")):
                other = _linked(link.get(side), references)
                if other is None:
                    continue
                links += [(issue, other), (other, issue)]
                if _reading(link, here) in causing:
                    causes.append((issue, other))
                if _reading(link, there) in causing:
                    causes.append((other, issue))
    return links, causes


def _reading(link: Record, side: str) -> str:
    kind = link.get("type")
    return folded(kind.get(side)) if isinstance(kind, Mapping) else ""


def _linked(value: object, references: Mapping[str, int]) -> int | None:
    if not isinstance(value, Mapping):
        return None
    names = (str(value.get(name) or "").strip() for name in ("id", "key"))
    return next((references[name] for name in names if name in references), None)
