"""Kept files changed, cut, exchanged: each trial counts what was detected, what raised, what was shown of others."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from data.cache_manager import load_cache_with_validation, save_cache
from data.storage.cache_entry import BETWEEN
from tests.benchmarks.storage_rows import KEY, OTHER, row, store

_COUNT = 60


def _row(number, token):
    return row(number, token) | {"text": "x" * 500}


@dataclass
class Detected:
    trials: int = 0
    detected: int = 0
    raised: int = 0
    foreign_rows: int = 0

    def __str__(self) -> str:
        return f"{self.detected} of {self.trials}, {self.raised} exceptions, {self.foreign_rows} foreign rows"


@dataclass
class Subject:
    """A file, how to read what it belongs to (None: nothing), and all files to put back before each trial."""

    path: Path
    read: Callable[[], list | None]
    foreign: bytes

    def trial(self, content: bytes, files: dict[Path, bytes], verdict: Detected) -> None:
        for path, whole in files.items():
            if path == self.path or not path.exists():
                path.write_bytes(whole)
        self.path.write_bytes(content)
        verdict.trials += 1
        try:
            found = self.read()
        except Exception:  # noqa: BLE001 - whatever is raised is what is counted
            verdict.raised += 1
            return
        verdict.detected += found is None
        verdict.foreign_rows += sum(1 for one in found or [] if '"ours"' not in json.dumps(one))


def _entry(folder):
    rows = [_row(number, "ours") for number in range(_COUNT)]
    path = save_cache(KEY, rows, "c", folder, question={"jql_query": "project = A"})
    other = save_cache(OTHER, [_row(number, "theirs") for number in range(_COUNT)], "c", folder)
    return Subject(path, lambda: load_cache_with_validation(KEY, "c", cache_dir=folder)[1], other.read_bytes())


def _fill(folder, key, token):
    kept = store(folder, key)
    staging = kept.stage({})
    staging.append([_row(number, token) for number in range(_COUNT)], None)
    kept.commit(staging, {}, replace_all=True)
    return kept


def _read(folder):
    snapshot = store(folder).snapshot()
    return None if snapshot is None else list(snapshot.rows())


def _manifest(folder):
    for key, token in ((KEY, "ours"), (OTHER, "theirs")):
        _fill(folder, key, token)
    return Subject(folder / f"{KEY}.json", lambda: _read(folder), (folder / f"{OTHER}.json").read_bytes())


def _segment(folder):
    subject = _manifest(folder)
    largest = max((folder / KEY).glob("*.json"), key=lambda path: path.stat().st_size)
    theirs = max((folder / OTHER).glob("*.json"), key=lambda path: path.stat().st_size)
    return Subject(largest, subject.read, theirs.read_bytes())


def _journal(folder):
    """What is read of a staging area is the issues that can be committed from it."""
    for key, token in ((KEY, "ours"), (OTHER, "theirs")):
        store(folder, key).stage({}).append([_row(number, token) for number in range(_COUNT)], 1)
    ours, theirs = (folder / key / "staging.jsonl" for key in (KEY, OTHER))

    def read():
        kept = store(folder)
        return list(kept.commit(kept.stage({}), {}, replace_all=True).rows()) or None

    return Subject(ours, read, theirs.read_bytes())


def damaged(subject: Subject, folder: Path, step: int = 1) -> Detected:
    files = {path: path.read_bytes() for path in folder.rglob("*.json*")}
    whole, verdict = files[subject.path], Detected()
    header = whole.index(BETWEEN)
    for place in range(0, header, step):
        for flip in (0x01, 0xFF):
            subject.trial(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :], files, verdict)
    for length in range(0, len(whole), 1024):
        subject.trial(whole[:length], files, verdict)
    for place in range(header, len(whole), max(1, (len(whole) - header) // 300)):
        subject.trial(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :], files, verdict)
    subject.trial(whole.replace(b'"cache_version":"2.0"', b'"cache_version":"1.0"'), files, verdict)
    subject.trial(subject.foreign, files, verdict)
    return verdict


TRIALS = {
    "entry": lambda folder, step=1: damaged(_entry(folder), folder, step),
    "manifest": lambda folder, step=1: damaged(_manifest(folder), folder, step),
    "segment": lambda folder, step=1: damaged(_segment(folder), folder, step),
    "staging": lambda folder, step=1: damaged(_journal(folder), folder, step),
}
