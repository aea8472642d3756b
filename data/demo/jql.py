"""Answers a JQL query over a site's issues, with dates read in the zone of the account that asks."""

from __future__ import annotations

import operator as op
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from data.demo.jql_syntax import Clause, Group, JqlError, Node, Operand, Query, parse_jql
from data.demo.store import Record

Test = Callable[[Record], bool]

_ALIASES = {
    "issuekey": "key",
    "issue": "key",
    "id": "key",
    "createddate": "created",
    "updateddate": "updated",
    "resolved": "resolutiondate",
    "resolutiondate": "resolutiondate",
    "type": "issuetype",
    "component": "components",
    "fixversion": "fixVersions",
    "affectedversion": "versions",
}
_DATES = {"created", "updated", "resolutiondate"}
_NAMED = {"status", "issuetype", "priority", "resolution", "components", "fixVersions", "versions"}
_PEOPLE = {"assignee", "reporter", "creator"}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": op.eq,
    "!=": op.ne,
    "<": op.lt,
    "<=": op.le,
    ">": op.gt,
    ">=": op.ge,
}
_PERIOD = re.compile(r"(?P<sign>[+-])?(?P<parts>\s*\d+[yMwdhm](?:\s+\d+[yMwdhm])*)\s*")
_UNITS = {"y": 365 * 1440, "M": 30 * 1440, "w": 7 * 1440, "d": 1440, "h": 60, "m": 1}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORMATS = ("%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y-%m-%d")


@dataclass(frozen=True)
class JqlScope:
    """Who asks, and what that person can see; the known values are what Jira checks names against."""

    projects: tuple[Mapping[str, Any], ...]
    known: Mapping[str, frozenset[str]]
    fields: Mapping[str, str]
    find: Callable[[str], Record | None]
    timezone: str
    now: datetime
    strict: bool = True

    def search(self, text: str, records: Iterable[Record], *, bounded: bool) -> list[Record]:
        """Issues that answer the query, in its order; `bounded` refuses a query that restricts nothing."""
        query = parse_jql(text)
        if bounded and query.where is None:
            raise JqlError("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
        keys = self._sort_keys(query)
        test = self._node(query.where) if query.where else _everything
        found = sorted((record for record in records if test(record)), key=lambda record: -record.number)
        for key, descending in reversed(keys):
            found.sort(key=key, reverse=descending)
        return found

    def _sort_keys(self, query: Query) -> list[tuple[Callable[[Record], Any], bool]]:
        return [
            (_sort_key(name), descending if descending is not None else name in _DATES)
            for name, descending in ((self._field(written), descending) for written, descending in query.order)
        ]

    def _node(self, node: Node) -> Test:
        if isinstance(node, Clause):
            return self._clause(node)
        return _combine(node, [self._node(part) for part in node.parts])

    def _field(self, written: str) -> str:
        lowered = written.lower()
        name = _ALIASES.get(lowered, lowered)
        if name in _DATES or name in _NAMED or name in _PEOPLE:
            return name
        if name in {"key", "project", "labels", "summary", "statuscategory", "parent"}:
            return name
        identity = self.fields.get(lowered)
        if identity is None:
            raise JqlError(f"Field '{written}' does not exist or you do not have permission to view it.")
        return identity

    def _clause(self, clause: Clause) -> Test:
        name = self._field(clause.field)
        if clause.operator == "was":
            raise JqlError(f"History searches do not support the '{clause.field}' field.")
        self._check_operator(clause, name)
        if clause.operator in {"is", "is not"} or _asks_for_nothing(clause, name):
            return self._emptiness(clause, name)
        if name in _DATES:
            return self._date(clause, name)
        if name == "key":
            return self._issues(clause)
        wanted = self._values(clause, name)
        negative = clause.operator in {"!=", "not in", "!~"}
        if clause.operator in {"~", "!~"}:
            return lambda record: any(word in text for word in wanted for text in _texts(record, name)) != negative
        return lambda record: _matches(_texts(record, name), wanted, negative=negative)

    def _check_operator(self, clause: Clause, name: str) -> None:
        ordered = clause.operator in {"<", "<=", ">", ">="} and name not in _DATES and name != "key"
        like = clause.operator in {"~", "!~"} and name != "summary"
        if ordered or like or (name in _DATES and clause.operator in {"~", "!~"}):
            raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")

    def _emptiness(self, clause: Clause, name: str) -> Test:
        if not _asks_for_nothing(clause, name):
            raise JqlError(
                f"The operator '{clause.operator}' is not supported by the '{clause.field}' field "
                "for anything but EMPTY or NULL."
            )
        empty = clause.operator in {"is", "=", "in"}
        if name in _DATES:
            return lambda record: (record.instant(name) is None) == empty
        return lambda record: (not _texts(record, name)) == empty

    def _date(self, clause: Clause, name: str) -> Test:
        if clause.operator not in _COMPARE:
            instants = [self._instant(operand, clause.field) for operand in clause.operands]
            negative = clause.operator == "not in"
            return lambda record: (record.instant(name) in instants) != negative
        moment = self._instant(clause.operands[0], clause.field)
        compare = _COMPARE[clause.operator]

        def test(record: Record) -> bool:
            value = record.instant(name)
            return value is not None and compare(value, moment)

        return test

    def _instant(self, operand: Operand, field: str) -> datetime:
        try:
            return self._read_instant(operand, field)
        except OverflowError:
            raise _invalid_date(operand.text, field) from None

    def _read_instant(self, operand: Operand, field: str) -> datetime:
        text = operand.text.strip()
        if operand.kind == "function":
            if text.lower() == "now":
                return self.now
            raise JqlError(f"Unable to find JQL function '{text}()'.")
        if operand.kind == "word" and re.fullmatch(r"\d{5,}", text):
            return _EPOCH + timedelta(milliseconds=int(text))
        period = _PERIOD.fullmatch(text)
        if period:
            minutes = sum(int(part[:-1]) * _UNITS[part[-1]] for part in period["parts"].split())
            return self.now + timedelta(minutes=-minutes if period["sign"] == "-" else minutes)
        return self._local(text, field)

    def _local(self, text: str, field: str) -> datetime:
        for form in _FORMATS:
            try:
                local = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the account's
            except ValueError:
                continue
            return local.replace(tzinfo=ZoneInfo(self.timezone)).astimezone(UTC)
        raise _invalid_date(text, field)

    def _issues(self, clause: Clause) -> Test:
        if clause.operator not in {"=", "!=", "in", "not in"}:
            return self._key_order(clause)
        ids = {record.id for operand in clause.operands if (record := self._issue(operand.text, clause.field))}
        negative = clause.operator in {"!=", "not in"}
        return lambda record: (record.id in ids) != negative

    def _issue(self, text: str, field: str) -> Record | None:
        record = self.find(text)
        if record is None and self.strict:
            if text.isdigit():
                raise JqlError(f"A value with ID '{text}' does not exist for the field '{field}'.")
            raise JqlError(f"An issue with key '{text}' does not exist for field '{field}'.")
        return record

    def _key_order(self, clause: Clause) -> Test:
        record = self._issue(clause.operands[0].text, clause.field)
        compare = _COMPARE[clause.operator]
        return lambda other: record is not None and compare(other.number, record.number)

    def _values(self, clause: Clause, name: str) -> frozenset[str]:
        wanted = []
        for operand in clause.operands:
            if operand.kind == "function":
                raise JqlError(f"Unable to find JQL function '{operand.text}()'.")
            text = operand.text.casefold()
            if self.strict and name in self.known and text not in self.known[name]:
                raise JqlError(f"The value '{operand.text}' does not exist for the field '{clause.field}'.")
            wanted.append(text)
        return frozenset(wanted)


def _invalid_date(text: str, field: str) -> JqlError:
    return JqlError(
        f"Date value '{text}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )


def _asks_for_nothing(clause: Clause, name: str) -> bool:
    operand = clause.operands[0]
    unresolved = name == "resolution" and operand.text.casefold() == "unresolved"
    return len(clause.operands) == 1 and (operand.kind == "empty" or unresolved)


def _everything(_: Record) -> bool:
    return True


def _combine(group: Group, tests: list[Test]) -> Test:
    if group.kind == "not":
        return lambda record: not tests[0](record)
    join = all if group.kind == "and" else any
    return lambda record: join(test(record) for test in tests)


def _matches(texts: frozenset[str], wanted: frozenset[str], *, negative: bool) -> bool:
    """As Jira: an empty field is in no list, and `!=` does not find it either."""
    return bool(texts) and not (texts & wanted) if negative else bool(texts & wanted)


def _sort_key(name: str) -> Callable[[Record], Any]:
    if name in _DATES:
        return lambda record: record.instant(name) or datetime.max.replace(tzinfo=UTC)
    if name == "key":
        return lambda record: (record.key.rpartition("-")[0], record.number)
    return lambda record: _rank(record.fields.get(name))


def _rank(value: Any) -> tuple[int, str]:
    """Named values in the order in which the site lists them, which their ids follow; texts by the alphabet."""
    if isinstance(value, list):
        return _rank(value[0]) if value else (0, "")
    if isinstance(value, Mapping):
        identity = str(value.get("id", ""))
        return len(identity), identity
    return 0, "" if value is None else str(value).casefold()


def _texts(record: Record, name: str) -> frozenset[str]:
    """All the texts, case-folded, by which a query may name the field's values."""
    if name == "statuscategory":
        category = record.fields.get("status", {}).get("statusCategory") or {}
        return _folded([category])
    value = record.fields.get(name)
    return _folded(value if isinstance(value, list) else [value])


def _folded(values: list[Any]) -> frozenset[str]:
    return frozenset[str]().union(*(_names(value) for value in values))


def _names(value: Any) -> frozenset[str]:
    if isinstance(value, Mapping):
        get = value.get
        return _casefolded(get("id"), get("key"), get("name"), get("value"), get("accountId"))
    return frozenset() if value is None or value == "" else frozenset({str(value).casefold()})


@lru_cache(maxsize=65_536)
def _casefolded(*texts: Any) -> frozenset[str]:
    return frozenset(str(text).casefold() for text in texts if text)
