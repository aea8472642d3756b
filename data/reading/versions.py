"""Project versions in columns: when each was released, and whether its name says that it is no release or a rework."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from data.model import TeamRules
from data.performance_utils import parse_instant
from data.reading.field_values import are_texts, is_filled, reference
from data.weeks import local_day

Record = Mapping[str, Any]
Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

UNKNOWN_PROJECT = -1
NO_DAY = 0
"""The day of a version without a readable release date; real ones are ordinals from 1."""

_DAY_TEXT = re.compile(r"\d{4}-\d{2}-\d{2}(?=$|T)")


@dataclass(frozen=True, eq=False, slots=True)
class VersionColumns:
    """One row per version met; `project` is that of the version itself, or of all issues that carry it."""

    identities: list[str]
    names: list[str]
    day: Codes
    released: Flags
    is_release: Flags
    rework: Flags
    project: Codes

    def __len__(self) -> int:
        return len(self.names)


class VersionBook:
    """The versions of a project list and of the issues; one without an id is recognised by its name."""

    def __init__(self, versions: Iterable[object]) -> None:
        self.records: list[Record] = []
        self._by_id: dict[str, int] = {}
        self._by_name: dict[str, list[int]] = {}
        self._add(version for version in versions if isinstance(version, Mapping))

    def learn(self, versions: list[Record]) -> None:
        """Add the versions that only issues name, those with an id first."""
        distinct = [*_firsts(_namings(versions), versions).values()]
        self._add(version for version in distinct if is_filled(version.get("id")))
        self._add(distinct)

    def codes(self, versions: Sequence[Record]) -> list[list[int]]:
        """For each version the positions of all records that are the same; each naming is looked up once."""
        names = _namings(versions)
        known = {name: self._same(version) for name, version in _firsts(names, versions).items()}
        return [known[name] for name in names]

    def _same(self, version: Record) -> list[int]:
        version_id, name = (str(version.get(part) or "").strip() for part in ("id", "name"))
        namesakes = self._by_name.get(name, []) if name else []
        if not version_id:
            return namesakes
        own = [self._by_id[version_id]] if version_id in self._by_id else []
        return own + [code for code in namesakes if not is_filled(self.records[code].get("id"))]

    def columns(self, rules: TeamRules, projects: Mapping[str, int], carried: tuple[Codes, Codes]) -> VersionColumns:
        """What the records say; `carried` pairs the project of an issue with a version that it carries."""
        zone = ZoneInfo(rules.timezone)
        identities = [reference(record) for record in self.records]
        names = [str(record.get("name") or identity) for record, identity in zip(self.records, identities, strict=True)]
        return VersionColumns(
            identities=identities,
            names=names,
            day=np.array([_release_day(record.get("releaseDate"), zone) for record in self.records], dtype=np.int32),
            released=np.array([record.get("released") is True for record in self.records], dtype=np.bool_),
            is_release=_is_release(names, rules),
            rework=_is_rework(names, rules),
            project=_projects(self.records, projects, carried),
        )

    def _add(self, versions: Iterable[Record]) -> None:
        for version in versions:
            version_id, name = (str(version.get(part) or "").strip() for part in ("id", "name"))
            if (version_id or name) and not self._same(version):
                self._by_name.setdefault(name, []).append(len(self.records))
                if version_id:
                    self._by_id[version_id] = len(self.records)
                self.records.append(version)


def _namings(versions: Sequence[Record]) -> Sequence[object]:
    """By what equal ones are told: id and name where both are texts throughout, else the place."""
    ids, names = ([version.get(part) for version in versions] for part in ("id", "name"))
    return [*zip(ids, names, strict=True)] if are_texts([*ids, *names]) else range(len(versions))


def _firsts(names: Sequence[object], versions: Sequence[Record]) -> dict[object, Record]:
    found: dict[object, Record] = {}
    for name, version in zip(names, versions, strict=True):
        found.setdefault(name, version)
    return found


def _is_release(names: Sequence[str], rules: TeamRules) -> Flags:
    no_release = re.compile(rules.version_exclude_pattern)
    return np.array([no_release.search(name) is None for name in names], dtype=np.bool_)


def _is_rework(names: Sequence[str], rules: TeamRules) -> Flags:
    rework = re.compile(rules.rework_pattern)
    return np.array([rework.search(name) is not None for name in names], dtype=np.bool_)


def _release_day(value: object, zone: ZoneInfo) -> int:
    """The day of a release: as written, or the day in the team's zone of an epoch number."""
    if isinstance(value, str) and _DAY_TEXT.match(value.strip()):
        try:
            written: date = datetime.fromisoformat(value.strip()[:10]).date()
        except ValueError:
            return NO_DAY
        return written.toordinal()
    instant = parse_instant(value)
    return NO_DAY if instant is None else local_day(instant, zone).toordinal()


def _projects(records: Sequence[Record], projects: Mapping[str, int], carried: tuple[Codes, Codes]) -> Codes:
    """The project named, else the one of all issues that carry a version; one that no issue has comes after all."""
    project, version = (column[carried[0] != UNKNOWN_PROJECT] for column in carried)
    least, most = np.full(len(records), len(projects)), np.full(len(records), UNKNOWN_PROJECT)
    np.minimum.at(least, version, project)
    np.maximum.at(most, version, project)
    found = np.where(least == most, most, UNKNOWN_PROJECT).astype(np.int32)
    for code, record in enumerate(records):
        named = str(record.get("projectId") or "").strip()
        if named:
            found[code] = projects.get(named, len(projects))
    return found
