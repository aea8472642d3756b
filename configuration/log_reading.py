"""Reads log files back: rotated ones in order, while they are written, and past lines that were torn."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import chain
from logging import getLevelNamesMapping
from pathlib import Path
from typing import Any, BinaryIO

from configuration.log_fields import own_names
from configuration.redaction import scrub

LONGEST_LINE = 16 * 1024 * 1024
_TEXTS = ("timestamp", "level", "module", "function", "message")

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
        context, levels = entry["context"], getLevelNamesMapping()
        return (
            levels.get(entry["level"], 0) >= levels[self.level]
            and f"{entry['module']}.".startswith(f"{self.module}." if self.module else "")
            and fnmatchcase(str(context.get("event", "")), self.event)
            and self.request_id in {None, context.get("request_id")}
            and self.since <= entry["timestamp"] < self.until
        )


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
        """The newest first."""
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
            with suppress(FileNotFoundError):
                if path.is_file():
                    stream = stack.enter_context(path.open("rb"))
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
            with suppress(FileNotFoundError), (self.folder / f"{self.name}.1").open("rb") as copy:
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
            entry = _entry(line)
            if entry is None:
                self.torn += 1
            elif self._selection.takes(entry):
                yield scrub(entry)


def _identity(stream: BinaryIO) -> tuple[int, int]:
    facts = os.fstat(stream.fileno())
    return facts.st_dev, facts.st_ino


def _entry(line: bytes) -> Entry | None:
    try:
        entry = own_names(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    whole = all(isinstance(entry.get(name), str) for name in _TEXTS) and isinstance(entry.get("context"), dict)
    return entry if whole else None
