"""Reads log files back: rotated ones in order, while they are written, and past lines that were torn."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import chain
from logging import getLevelNamesMapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from configuration.log_fields import own_names
from configuration.redaction import scrub

LONGEST_LINE = 16 * 1024 * 1024
_LEVELS = getLevelNamesMapping()
_TEXTS = ("timestamp", "level", "module", "function", "message")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_FLAGS |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)

Entry = dict[str, Any]


@dataclass(frozen=True)
class Selection:
    """Which entries are wanted; `since` and `until` are texts of the same form as the timestamps."""

    level: str = "NOTSET"
    module: str = ""
    event: str = "*"
    request_id: str | None = None
    since: str = ""
    until: str = "~"

    def takes(self, entry: Entry) -> bool:
        return (
            _LEVELS.get(entry["level"], 0) >= _LEVELS[self.level]
            and f"{entry['module']}.".startswith(f"{self.module}." if self.module else "")
            and fnmatchcase(event_of(entry), self.event)
            and (self.request_id is None or entry["context"].get("request_id") == self.request_id)
            and self.since <= entry["timestamp"] < self.until
        )


def event_of(entry: Entry) -> str:
    """Empty where another program wrote something that is no name."""
    event = entry["context"].get("event")
    return event if isinstance(event, str) else ""


class LogFiles:
    """One kind of log in a folder: `name` is the current file, `name.1` the one before it, and so on.

    Only entries of the selection are given out, masked once more. `torn` counts the lines that are no whole entry.
    """

    def __init__(self, folder: Path, name: str, selection: Selection | None = None) -> None:
        self.folder = folder
        self.name = name
        self.torn = 0
        self._selection = selection or Selection()

    def paths(self) -> list[Path]:
        """Of the current file and those before it, the newest first; whether they are there is not said."""
        numbered = {
            int(number): path
            for path in self.folder.glob(f"{self.name}.*")
            if (number := path.name.removeprefix(f"{self.name}.")).isdecimal()
        }
        return [self.folder / self.name, *(path for _, path in sorted(numbered.items()))]

    def entries(self) -> Iterator[Entry]:
        """The entries there are now, the oldest first."""
        with ExitStack() as stack:
            for stream in self._open(stack):
                yield from self._whole(self._lines(stream))

    def followed(self, wait: Callable[[], None]) -> Iterator[Entry]:
        """The entries there are and every one to come; `wait` is called when there is none, and may end it."""
        last, latest = (0, 0), ""
        while True:
            with ExitStack() as stack:
                streams = self._open(stack)
                known = [_identity(stream) for stream in streams]
                # The file read last has a higher number now; when it is gone altogether, times tell what is new.
                after = latest if last not in known else ""
                news = streams[known.index(last) + 1 :] if last in known else streams
                last = known[-1] if news else last
                for entry in self._whole(self._all_lines(news, wait)):
                    if entry["timestamp"] > after:
                        latest = max(latest, entry["timestamp"])
                        yield entry
            if not news:
                wait()

    def _open(self, stack: ExitStack) -> list[BinaryIO]:
        """Every file once, the oldest first: opened from the newest on, none can slip away by being renumbered."""
        streams: dict[tuple[int, int], BinaryIO] = {}
        for path in self.paths():
            stream = open_ordinary(path)
            if stream is not None:
                stack.enter_context(stream)
                streams.setdefault(_identity(stream), stream)
        return list(reversed(streams.values()))

    def _all_lines(self, streams: list[BinaryIO], wait: Callable[[], None]) -> Iterator[bytes]:
        for stream in streams[:-1]:
            yield from self._lines(stream)
        for stream in streams[-1:]:
            yield from self._growing(stream, wait)

    def _lines(self, stream: BinaryIO) -> Iterator[bytes]:
        while line := stream.readline(LONGEST_LINE):
            if len(line) < LONGEST_LINE or line.endswith(b"\n"):
                yield line
                continue
            self.torn += 1
            while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass

    def _growing(self, stream: BinaryIO, wait: Callable[[], None]) -> Iterator[bytes]:
        """Lines of the current file as they come, until another file has its name and this one is read to its end."""
        begun = b""
        while True:
            renamed = self._is_renamed(stream)
            for line in chain(self._moved_rest(stream), self._lines(stream)):
                begun += line
                if begun.endswith(b"\n") or len(begun) >= LONGEST_LINE:
                    yield begun
                    begun = b""
            if renamed:
                self.torn += bool(begun)
                return
            wait()

    def _moved_rest(self, stream: BinaryIO) -> Iterator[bytes]:
        """What was not read yet of a file that was copied to `name.1` and emptied, as Windows makes it necessary."""
        position = stream.tell()
        if os.fstat(stream.fileno()).st_size < position:
            copy = open_ordinary(self.folder / f"{self.name}.1")
            if copy is not None:
                with copy:
                    copy.seek(position)
                    yield from self._lines(copy)
            stream.seek(0)

    def _is_renamed(self, stream: BinaryIO) -> bool:
        try:
            now = (self.folder / self.name).stat()
        except FileNotFoundError:
            return False
        return (now.st_dev, now.st_ino) != _identity(stream)

    def _whole(self, lines: Iterator[bytes]) -> Iterator[Entry]:
        for line in lines:
            entry = read_entry(line)
            if entry is None:
                self.torn += 1
            elif self._selection.takes(entry):
                yield scrub(entry)


def _identity(stream: BinaryIO) -> tuple[int, int]:
    facts = os.fstat(stream.fileno())
    return facts.st_dev, facts.st_ino


def open_ordinary(path: Path) -> BinaryIO | None:
    """The file, if there is an ordinary one: no link is followed, and no pipe waited for."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        stream = os.fdopen(os.open(path, _FLAGS), "rb")
    except FileNotFoundError:
        return None
    if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        return stream
    stream.close()
    return None


@dataclass(frozen=True)
class Tail:
    """The end of a file: whole lines, and how many bytes before them were not read."""

    text: bytes = b""
    unread: int = 0


def read_tail(path: Path, longest: int) -> Tail:
    """At most so many bytes from the end of the file, none of them of a line that begins before."""
    stream = open_ordinary(path)
    if stream is None:
        return Tail()
    with stream:
        size = os.fstat(stream.fileno()).st_size
        stream.seek(max(0, size - longest))
        text = stream.read(longest)
    if size > longest:
        text = text[text.find(b"\n") + 1 or len(text) :]
    return Tail(text, max(0, size - len(text)))


def plain(text: str) -> str:
    """The text with every character that is obeyed rather than shown written out."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def _loaded(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return json.loads(line)  # takes numbers and halves of characters that the quick one refuses


def read_entry(line: bytes) -> Entry | None:
    """The entry of a line by our own names, not masked yet; None for what is no whole entry."""
    try:
        entry = own_names(_loaded(line))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    whole = all(isinstance(entry.get(name), str) for name in _TEXTS) and isinstance(entry.get("context"), dict)
    return entry if whole else None
