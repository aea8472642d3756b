"""A file is replaced whole or not at all, whatever happens on the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from data.storage.atomic_file import write_atomically


def test_the_content_is_there_and_nothing_else(tmp_path):
    path = tmp_path / "new folder" / "file.json"
    write_atomically(path, b"first")
    write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("broken", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_on_the_way_leaves_the_old_content_and_no_rest(tmp_path, monkeypatch, broken):
    path = tmp_path / "file.json"
    write_atomically(path, b"old")

    def fail(number):
        raise broken

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(broken)):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_that_holds_the_file_for_a_moment_is_waited_for(tmp_path, monkeypatch):
    """Windows refuses to replace a file that somebody has open."""
    path, replace, refusals = tmp_path / "file.json", Path.replace, [1, 2]

    def busy(self, target):
        if refusals:
            refusals.pop()
            raise PermissionError(13, "in use")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    write_atomically(path, b"content")
    assert path.read_bytes() == b"content"
    assert not refusals


def test_a_file_held_for_ever_is_an_error_and_leaves_no_rest(tmp_path, monkeypatch):
    def busy(self, target):
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "replace", busy)
    with pytest.raises(PermissionError):
        write_atomically(tmp_path / "file.json", b"content")
    assert list(tmp_path.iterdir()) == []
