"""What a page may show of the logs: the end of a fixed list of files, masked once more, in bounded time and size."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypedDict

from configuration.clock import log_timestamp, utc_now
from configuration.log_reading import Entry, LogFiles, Selection, event_of, plain, read_entry, read_tail
from configuration.redaction import scrub
from configuration.request_notes import is_request_id

KINDS = ("app.log", "errors.log", "performance.log")
LONGEST_TAIL = 1024 * 1024
MOST_FILES = 20
MOST_EVENTS = 100
MOST_RECORDS = 500
LONGEST_MESSAGE, LONGEST_TRACE, LONGEST_FACT, MOST_FACTS = 2_000, 20_000, 500, 60
_BAD = {"WARNING": 1, "ERROR": 2, "CRITICAL": 3}
_MARKS_OF_BAD = tuple(f'"{level}"'.encode() for name in _BAD for level in (name, name.lower()))
_LINES_UNTIL_A_WHOLE_ONE = 100


class EventCount(TypedDict):
    """What was logged under one name and level; the message is that of the latest record."""

    event: str
    level: str
    count: int
    last_at: str
    last_request_id: str | None
    message: str


class Looked(TypedDict):
    """How far the answer reaches: nothing later than `complete_since` was missed, None when nothing was at all.

    `torn` counts lines that are no whole record, `unreadable` names the files that could not be opened.
    """

    complete_since: str | None
    unread_bytes: int
    torn: int
    unreadable: list[str]
    left_out: int


class LogEvents(Looked):
    days: int
    since: str
    events: list[EventCount]


class LogRecord(TypedDict):
    timestamp: str
    level: str
    module: str
    event: str
    message: str
    exception: str | None
    context: dict[str, Any]


class LogRecords(Looked):
    request_id: str
    records: list[LogRecord]


@dataclass(frozen=True)
class LogViewer:
    """The logs of one folder. All texts are without control characters, to be shown as text and never as markup."""

    folder: Path
    clock: Callable[[], datetime] = utc_now

    def log_events(self, days: int) -> LogEvents:
        """The warnings and errors of so many days by event, the worst first and of these the most frequent."""
        now = self.clock()
        since = log_timestamp(now - timedelta(days=days))
        look = _Look(self.folder, Selection(level="WARNING", since=since), log_timestamp(now))
        look.at(KINDS[:2], _MARKS_OF_BAD)
        counts: Counter[tuple[str, str]] = Counter()
        latest: dict[tuple[str, str], Entry] = {}
        for entry, times in look.entries():
            kind = (event_of(entry), entry["level"])
            counts[kind] += times
            if kind not in latest or latest[kind]["timestamp"] <= entry["timestamp"]:
                latest[kind] = entry
        ranked = sorted(counts, key=lambda kind: (-_BAD.get(kind[1], 0), -counts[kind], kind))
        events = [_event_count(counts[kind], latest[kind]) for kind in ranked[:MOST_EVENTS]]
        return {"days": days, "since": since, "events": events, **look.told(len(ranked) - len(events), since)}

    def log_records(self, request_id: str) -> LogRecords:
        """What was logged for one request, in the order of time; of very many records the last.

        An id that is not well formed is a ValueError: it is looked for nowhere.
        """
        if not is_request_id(request_id):
            raise ValueError("a request id has at most 64 letters, digits and hyphens")
        look = _Look(self.folder, Selection(request_id=request_id), log_timestamp(self.clock()))
        look.at(KINDS, (f'"{request_id}"'.encode(),))
        found = [entry for entry, times in look.entries() for _ in range(times)]
        found.sort(key=lambda entry: str(entry["timestamp"]))
        records = [_record(entry) for entry in found[-MOST_RECORDS:]]
        return {"request_id": request_id, "records": records, **look.told(len(found) - len(records), "")}


class _Look:
    """One look at the ends of the files, for lines that hold one of the marks."""

    def __init__(self, folder: Path, selection: Selection, now: str) -> None:
        self._folder, self._selection, self._now = folder, selection, now
        self._lines: Counter[bytes] = Counter()
        self._complete_since = ""
        self._unread = self._torn = 0
        self._unreadable: list[str] = []

    def at(self, kinds: tuple[str, ...], marks: tuple[bytes, ...]) -> None:
        """A record stands once in each kind of file that takes it, so the most frequent kind counts."""
        for name in kinds:
            self._lines |= Counter(self._of_kind(LogFiles(self._folder, name), marks))

    def entries(self) -> Iterator[tuple[Entry, int]]:
        """Not masked: for counting and choosing."""
        for line, times in self._lines.items():
            entry = read_entry(line)
            if entry is None:
                self._torn += times
            elif self._selection.takes(entry):
                yield entry, times

    def told(self, left_out: int, since: str) -> Looked:
        reached = self._complete_since
        return {
            "complete_since": _shown(scrub(reached), 40) if reached > since else None,
            "unread_bytes": self._unread,
            "torn": self._torn,
            "unreadable": self._unreadable,
            "left_out": left_out,
        }

    def _of_kind(self, files: LogFiles, marks: tuple[bytes, ...]) -> Iterator[bytes]:
        earliest, is_whole = self._now, True
        for path in files.paths()[:MOST_FILES]:
            try:
                tail = read_tail(path, LONGEST_TAIL)
            except OSError:
                self._unreadable.append(path.name)
                continue
            earliest = _firstlog_timestamp(tail.text) or earliest
            if tail.unread and is_whole:
                is_whole = False
                self._complete_since = max(self._complete_since, earliest)
            self._unread += tail.unread
            yield from _lines_with(tail.text, marks)


def _lines_with(text: bytes, marks: tuple[bytes, ...]) -> Iterator[bytes]:
    begins: set[int] = set()
    for mark in marks:
        at = text.find(mark)
        while at >= 0:
            begin, end = text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at)
            end = end if end >= 0 else len(text)
            if begin not in begins:
                begins.add(begin)
                yield text[begin:end]
            at = text.find(mark, end)


def _firstlog_timestamp(text: bytes) -> str:
    for line in islice(text.splitlines(), _LINES_UNTIL_A_WHOLE_ONE):
        entry = read_entry(line)
        if entry is not None:
            return str(entry["timestamp"])
    return ""


def _event_count(count: int, latest: Entry) -> EventCount:
    entry = scrub(latest)
    context = entry["context"]
    request_id = str(context.get("request_id", ""))
    return {
        "event": _shown(event_of(entry), 100),
        "level": _shown(entry["level"], 20),
        "count": count,
        "last_at": _shown(entry["timestamp"], 40),
        "last_request_id": request_id if is_request_id(request_id) else None,
        "message": _shown(entry["message"], LONGEST_MESSAGE),
    }


def _record(found: Entry) -> LogRecord:
    entry = scrub(found)
    trace = entry.get("exception")
    return {
        "timestamp": _shown(entry["timestamp"], 40),
        "level": _shown(entry["level"], 20),
        "module": _shown(entry["module"], 200),
        "event": _shown(event_of(entry), 100),
        "message": _shown(entry["message"], LONGEST_MESSAGE),
        "exception": None if trace is None else _shown_lines(str(trace)),
        "context": {
            _shown(name, 100): _shown_fact(value) for name, value in islice(entry["context"].items(), MOST_FACTS)
        },
    }


def _shown(value: Any, longest: int) -> str:
    text = plain(str(value))
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _shown_lines(text: str) -> str:
    cut = text if len(text) <= LONGEST_TRACE else f"{text[: LONGEST_TRACE - 1]}…"
    return "\n".join(plain(line) for line in cut.splitlines())


def _shown_fact(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return _shown(value if isinstance(value, str) else json.dumps(value), LONGEST_FACT)
