"""Raw Jira records: which one counts, what came after what, which issues are tied to each other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, repeat
from typing import Any

from data.performance_utils import parse_instant
from data.reading.field_values import folded, objects_of_all, read_once

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


def project_codes(fields: Sequence[Record], projects: dict[str, int]) -> list[int]:
    """The number of each issue's project, by its id; -1 where there is none."""

    def code(project_id: object) -> int:
        name = str(project_id or "").strip()
        return projects.setdefault(name, len(projects)) if name else -1

    named = [issue_fields.get("project") for issue_fields in fields]
    return read_once(code, [project.get("id") if isinstance(project, Mapping) else None for project in named])


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


def is_raised(flag: object) -> bool:
    """Whether one side of a change of the flag says that it is raised."""
    return bool(str(flag or "").strip())


Link = tuple[int, int]


def read_links(
    fields: Sequence[Record], references: Mapping[str, int], causing_links: Iterable[str]
) -> tuple[list[Link], list[Link]]:
    """All links between the issues at hand, in both directions, and (effect, cause) pairs of the causing link types."""
    causing = {folded(reading) for reading in causing_links}
    links: list[Link] = []
    causes: list[Link] = []
    counts, told = objects_of_all([issue_fields.get("issuelinks") for issue_fields in fields])
    owners = chain.from_iterable(map(repeat, range(len(fields)), counts))
    for issue, link in zip(owners, told, strict=True):
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
