"""Prints the program's logs for people: `python -m configuration.logs --help`."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

from configuration.clock import log_timestamp, utc_now
from configuration.log_reading import Entry, LogFiles, Selection, plain
from configuration.log_summary import Summary
from configuration.redaction import remember_secret
from configuration.settings import Settings

FILES = ("app", "errors", "performance")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
POLL_SECONDS = 0.25
MOST_COUNTED = 10_000
_SPAN = re.compile(r"(\d{1,6})([smhd])")
_SPAN_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_COLOURS = {"WARNING": "33", "ERROR": "31", "CRITICAL": "1;31", "DEBUG": "2"}


def main(
    arguments: list[str] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    out: TextIO | None = None,
    now: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Exit code 0 when something was printed, 1 when nothing matched, 2 when the question cannot be understood."""
    parser = _parser(environ, now())
    wish = parser.parse_args(arguments)
    if wish.follow and wish.last:
        parser.error("--last is about what is there already; with --follow, give --since 5m instead")
    # The files are masked as they are written; lines of an older version may not be.
    remember_secret(environ.get("JIRA_TOKEN", ""), user=environ.get("JIRA_EMAIL"))
    chosen = Selection(wish.level, wish.module, wish.event, wish.request, wish.since or "", wish.until or "~")
    files, stream = LogFiles(wish.log_dir, f"{wish.file}.log", chosen), out or sys.stdout
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    try:
        if not wish.follow and not any(path.is_file() for path in files.paths()):
            return _complain(
                f"There is no {files.name} in {files.folder}. Likely cause: Sightline has not run yet, or logs "
                "elsewhere. What to do: give the folder with --log-dir or SIGHTLINE_LOG_DIR.",
                code=2,
            )
        printed = _print(wish, files, stream, sleep)
        stream.flush()
    except BrokenPipeError:
        _discard(stream)
        return 0
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        return _complain(
            f"The log cannot be read: {error.strerror}. Likely cause: it belongs to another account. "
            "What to do: run this as the account that runs Sightline.",
            code=2,
        )
    if files.torn:
        _complain(f"Skipped {files.torn} {'line that is' if files.torn == 1 else 'lines that are'} no whole record.")
    return 0 if printed else _complain("No record matches.", code=1)


def _print(wish: argparse.Namespace, files: LogFiles, stream: TextIO, sleep: Callable[[float], None]) -> bool:
    wanted = files.followed(lambda: _rest(stream, sleep)) if wish.follow else files.entries()
    printed = False
    for line in _lines(wish, wanted, coloured=stream.isatty() and not os.environ.get("NO_COLOR")):
        stream.write(line + "\n")
        printed = True
    return printed


def _lines(wish: argparse.Namespace, wanted: Iterable[Entry], *, coloured: bool) -> Iterator[str]:
    if wish.summary:
        return _summarised(wanted)
    if wish.count_by:
        return _counted(wanted, wish.count_by)
    return shown(deque(wanted, wish.last) if wish.last else wanted, coloured=coloured)


def _rest(stream: TextIO, sleep: Callable[[float], None]) -> None:
    stream.flush()
    sleep(POLL_SECONDS)


def shown(entries: Iterable[Entry], *, coloured: bool = False) -> Iterator[str]:
    """An entry as a line, its facts after the message; a trace follows indented. No character moves the cursor."""
    for entry in entries:
        level = f"{entry['level']:<8}"
        colour = _COLOURS.get(entry["level"]) if coloured else None
        facts = " ".join(f"{name}={_brief(value)}" for name, value in entry["context"].items())
        head = plain(f"{entry['timestamp']} {level} {entry['module']}: {entry['message']}")
        yield f"\x1b[{colour}m{head}\x1b[0m  {plain(facts)}" if colour else f"{head}  {plain(facts)}".rstrip()
        for line in str(entry.get("exception") or "").splitlines():
            yield f"    {plain(line)}"


def _brief(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    return repr(text) if " " in text or not text else text


def _summarised(entries: Iterable[Entry]) -> Iterator[str]:
    summary = Summary()
    for entry in entries:
        summary.add(entry)
    yield from map(plain, summary.lines()) if summary.records else ()


def _counted(entries: Iterable[Entry], by: str) -> Iterator[str]:
    counts: Counter[str] = Counter()
    for entry in entries:
        name = str(entry["context"].get("event", "(none)") if by == "event" else entry[by])
        counts[name if name in counts or len(counts) < MOST_COUNTED else "(others)"] += 1
    yield from (f"{times:8} {plain(name)}" for name, times in counts.most_common())


def _parser(environ: Mapping[str, str], now: datetime) -> argparse.ArgumentParser:
    def instant(text: str) -> str:
        return read_instant(text, now)

    parser = argparse.ArgumentParser(prog="python -m configuration.logs", description="Print Sightline's logs.")
    folder = environ.get("SIGHTLINE_LOG_DIR") or Settings.log_dir
    parser.add_argument("--log-dir", type=Path, default=Path(folder), help="folder of the logs")
    parser.add_argument("--file", choices=FILES, default="app", help="which log (default: app, which has all)")
    parser.add_argument("--level", type=str.upper, choices=LEVELS, default="NOTSET", help="this level and above")
    parser.add_argument("--module", default="", help="a module and those inside it: data, callbacks.team")
    parser.add_argument("--event", default="*", help="an event's name, or a pattern such as 'cache.*'")
    parser.add_argument("--request", metavar="ID", help="what was logged for one request")
    parser.add_argument("--since", type=instant, metavar="WHEN", help="2026-01-31T17:00 (UTC), or 90m ago")
    parser.add_argument("--until", type=instant, metavar="WHEN", help="likewise; not included")
    parser.add_argument("--last", type=_positive, metavar="N", help="only the last N of them")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--follow", action="store_true", help="go on with what is written from now on")
    what.add_argument("--count-by", choices=("event", "level", "module"), help="numbers instead of records")
    what.add_argument("--summary", action="store_true", help="cache hit rate, fetches, slowest calculations")
    return parser


def read_instant(text: str, now: datetime) -> str:
    """A date or time in UTC, or a span such as 90m, 2h, 3d before now, as the timestamps are written."""
    span = _SPAN.fullmatch(text.removesuffix(" ago"))
    try:
        given = now - timedelta(**{_SPAN_UNITS[span[2]]: int(span[1])}) if span else datetime.fromisoformat(text)
        utc = (given if given.tzinfo else given.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write 2026-01-31, 2026-01-31T17:00 or 90m") from None
    return log_timestamp(utc)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text[:9])


def _complain(sentence: str, code: int = 0) -> int:
    sys.stderr.write(f"{sentence}\n")
    return code


def _discard(stream: TextIO) -> None:
    """Whoever read the output has left; what is still buffered must not fail again when the program ends."""
    if stream is sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
