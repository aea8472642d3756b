"""A process that logs numbered records from several threads; arguments: folder, name, threads, records, how, limit."""

from __future__ import annotations

import logging
import sys
import threading
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

from pythonjsonlogger.json import JsonFormatter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from configuration import shared_file
from configuration.log_format import JSONFormatter
from configuration.log_handlers import LogFile, dropped_records

MANY = 5_000
REPLACE = Path.replace


class Faulty(LogFile):
    """Loses one record in twenty, writes one in twenty twice and tears one in twenty."""

    def emit(self, record):
        kind = record.number % 20
        if kind == 7:
            return
        super().emit(record)
        if kind == 11:
            super().emit(record)
        if kind == 13:
            self._file.append(b'{"torn": \n')


def handler(how, path, limit):
    if how == "others":
        made = RotatingFileHandler(path, maxBytes=limit, backupCount=MANY)
        made.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(funcName)s %(lineno)d %(message)s"))
        return made
    made = (Faulty if how == "faulty" else LogFile)(path, max_bytes=limit, backups=MANY)
    made.setFormatter(JSONFormatter())
    return made


def copying(file, target):
    """As on Windows, where a file that others have open cannot be moved."""
    if Path(file).name == "app.log":
        raise PermissionError(13, "in use by another process")
    return REPLACE(file, target)


def main(arguments):
    folder, name, threads, records, how, limit = arguments
    shared_file._LONGEST_WAIT = 120.0  # a slow machine makes nobody write without the lock
    log = logging.getLogger("data.writer")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(handler(how, Path(folder) / "app.log", int(limit)))
    if how == "unmovable":
        Path.replace = copying

    def write(thread):
        for number in range(int(records)):
            log.info("Record %d", number, extra={"writer": name, "thread_number": thread, "number": number})

    running = [threading.Thread(target=write, args=(thread,)) for thread in range(int(threads))]
    started = time.perf_counter()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    sys.stdout.write(f"{time.perf_counter() - started}\n")
    return 3 if dropped_records() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
