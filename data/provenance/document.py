"""Where a number comes from: its rule in words, every candidate in or out with its evidence, and what it rests on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from data.config_version import config_version
from data.facts import DeliveryFacts
from data.metric import Metric, PeriodText
from data.model import Reason, iso_utc
from data.provenance.candidates import Candidates, Contribution, candidates_of, contributions, evidence_of
from data.provenance.evidence import Evidence
from data.provenance.rule_sentences import rule_sentences
from data.reading.field_values import folded
from data.reasons import COUNTS, reason_code
from data.spreadsheet import Cell, csv_text


class Sources(TypedDict):
    """What a number rests on: the data as it was read, the sync that brought it, the rules in force."""

    data_version: str | None
    receipt_id: str | None
    config_version: str


class ProvenanceRow(TypedDict):
    """One candidate; `role` is included or excluded, `contribution` what an included one adds to the number."""

    key: str
    role: str
    reason: str | None
    reason_sentence: str | None
    in_numerator: bool
    evidence: list[Evidence]
    contribution: Contribution


class Provenance(TypedDict):
    """A number and all that it rests on, as plain JSON.

    `rows` are the candidates asked for; `matching` says how many there are of that sort, `counts` how many count
    (`included`) and how many are left out for each reason. `filters` holds, by facet, the values that work is looked
    at with; it is empty where all of it is.
    """

    metric: str
    title: str
    unit: str
    value: float | dict[str, float] | None
    status: str
    as_of: str
    period: PeriodText
    filters: dict[str, list[str]]
    rule: list[str]
    item_kind: str
    counts: dict[str, int]
    matching: int
    rows: list[ProvenanceRow]
    sources: Sources


@dataclass(frozen=True, slots=True)
class Selection:
    """Which candidates are asked for: those in, those out for one reason, those whose name holds a text, some of them.

    `group` is `included`, `numerator`, a reason or empty for all; `limit` None asks for everything from `offset` on.
    """

    group: str = ""
    search: str = ""
    offset: int = 0
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.group not in {"", "included", "numerator", *map(str, Reason)}:
            raise ValueError(f"no group {self.group!r}; use included, numerator or a reason such as no_start")
        if self.offset < 0 or (self.limit is not None and self.limit < 0):
            raise ValueError("offset and limit must be 0 or more")


def provenance(
    declared: Metric,
    facts: DeliveryFacts,
    days: int,
    *,
    selection: Selection = Selection(),
    data_version: str | None = None,
    receipt_id: str | None = None,
) -> Provenance:
    """The provenance of a metric's value over the period that ends at the facts' `as_of`.

    Evidence is looked up only for the rows of the selection. `data_version` and `receipt_id` are what the caller knows
    about the data.
    """
    measurement = declared.gauge(facts, days)
    figures, period = measurement.figures, measurement.period
    found = candidates_of(measurement)
    positions = _matching(found, selection)
    end = None if selection.limit is None else selection.offset + selection.limit
    return {
        "metric": declared.key,
        "title": declared.title,
        "unit": declared.unit,
        "value": figures["value"],
        "status": figures["status"],
        "as_of": iso_utc(facts.as_of),
        "period": {"days": days, "start": iso_utc(period.start), "end": iso_utc(period.end)},
        "filters": _filters(facts),
        "rule": rule_sentences(declared.key, facts, days),
        "item_kind": figures["item_kind"],
        "counts": found.counts(),
        "matching": len(positions),
        "rows": _rows(declared.key, facts, found, positions[selection.offset : end]),
        "sources": {
            "data_version": data_version,
            "receipt_id": receipt_id,
            "config_version": config_version(facts.history.rules, facts.history.index),
        },
    }


def _filters(facts: DeliveryFacts) -> dict[str, list[str]]:
    """What is asked of each facet, as the team spells it where an issue has it."""
    found = {}
    for facet, wanted in facts.filters.asked():
        spelt = {folded(name): name for name in facts.history.facets[facet].names}
        found[facet] = sorted(spelt.get(value, value) for value in wanted)
    return found


def _matching(found: Candidates, selection: Selection) -> list[int]:
    codes = np.concatenate([found.codes, [reason_code(reason) for _, reason in found.more]]).astype(np.int8)
    match selection.group:
        case "":
            positions = np.arange(len(found))
        case "included":
            positions = np.flatnonzero(codes == COUNTS)
        case "numerator":
            positions = np.flatnonzero(found.in_numerator)
        case reason:
            positions = np.flatnonzero(codes == reason_code(Reason(reason)))
    wanted = selection.search.strip().casefold()
    chosen: list[int] = positions.tolist()
    return [position for position in chosen if wanted in found.label(position).casefold()] if wanted else chosen


def _rows(metric_key: str, facts: DeliveryFacts, found: Candidates, positions: list[int]) -> list[ProvenanceRow]:
    counting = [position for position in positions if found.reason(position) is None]
    brought = dict(zip(counting, contributions(metric_key, facts, found.subjects[counting]), strict=True))
    rows = [_row(metric_key, facts, found, position) for position in positions]
    for position, row in zip(positions, rows, strict=True):
        row["contribution"] = brought.get(position, {})
    return rows


def _row(metric_key: str, facts: DeliveryFacts, found: Candidates, position: int) -> ProvenanceRow:
    reason = found.reason(position)
    told = position < len(found.codes)
    return {
        "key": found.label(position),
        "role": "included" if reason is None else "excluded",
        "reason": None if reason is None else str(reason),
        "reason_sentence": None if reason is None else reason.sentence,
        "in_numerator": told and bool(found.in_numerator[position]),
        "evidence": evidence_of(metric_key, facts, int(found.subjects[position]), reason) if told else [],
        "contribution": {},
    }


_COLUMNS = ("key", "role", "reason", "why", "counted_above_the_line")


def as_csv(found: Provenance) -> str:
    """The rows as a table for a spreadsheet, after lines that say what it is."""
    brought = list(dict.fromkeys(name for row in found["rows"] for name in row["contribution"]))
    told = list(dict.fromkeys(fact["what"] for row in found["rows"] for fact in row["evidence"]))
    facts = [f"{what}{end}" for what in told for end in ("", " from")]
    head = [*_heading(found), (*_COLUMNS, *brought, *facts)]
    return csv_text([*head, *(_cells(row, brought, told) for row in found["rows"])])


def _heading(found: Provenance) -> Iterator[tuple[str, str]]:
    yield "metric", found["title"]
    yield "value", json.dumps(found["value"], ensure_ascii=False)
    yield "unit", found["unit"]
    yield "status", found["status"]
    yield "as_of", found["as_of"]
    yield "period", f"{found['period']['start']} / {found['period']['end']}"
    for facet, values in found["filters"].items():
        yield "filter", f"{facet}: {' or '.join(values)}"
    if not found["filters"]:
        yield "filter", "none"
    for name, known in found["sources"].items():
        yield name, str(known or "not known")
    for sentence in found["rule"]:
        yield "rule", sentence


def _cells(row: ProvenanceRow, brought: list[str], told: list[str]) -> list[Cell]:
    cells: list[Cell] = [row["key"], row["role"], row["reason"], row["reason_sentence"], row["in_numerator"]]
    cells += [row["contribution"].get(name) for name in brought]
    for what in told:
        facts = [fact for fact in row["evidence"] if fact["what"] == what]
        cells.append("; ".join(fact["at"] or "" for fact in facts))
        cells.append("; ".join(f"{fact['from']} {fact['detail']}".strip() for fact in facts))
    return cells
