"""Lines go to the right file, files roll at their size in bytes, and no more of them are kept than asked for."""

from __future__ import annotations

import pytest

from configuration.shared_file import SharedFile


@pytest.fixture
def file(tmp_path):
    made = SharedFile(tmp_path / "some.log", max_bytes=20, backups=2)
    yield made
    made.close()


def contents(folder):
    return {path.name: path.read_text("utf-8") for path in sorted(folder.glob("some.log*"))}


def test_bytes_are_counted_not_characters(file, tmp_path):
    for _ in range(2):
        file.write("\u00fc" * 8 + "\n")
    assert contents(tmp_path) == {"some.log": "\u00fc" * 8 + "\n", "some.log.1": "\u00fc" * 8 + "\n"}


def test_the_oldest_file_goes_when_there_are_enough(file, tmp_path):
    for number in range(5):
        file.write(f"{number} {'x' * 15}\n")
    assert [text[0] for text in contents(tmp_path).values()] == ["4", "3", "2"]


def test_a_line_longer_than_a_file_stands_in_one_of_its_own(file, tmp_path):
    for text in ("short\n", "x" * 50 + "\n", "after\n"):
        file.write(text)
    assert list(contents(tmp_path).values()) == ["after\n", "x" * 50 + "\n", "short\n"]


def test_without_older_files_to_keep_the_file_just_grows(tmp_path):
    file = SharedFile(tmp_path / "some.log", max_bytes=20, backups=0)
    for _ in range(5):
        file.write("x" * 15 + "\n")
    file.close()
    assert len(contents(tmp_path)["some.log"]) == 80


def test_a_write_that_is_refused_leaves_the_file_as_it_was(file, tmp_path):
    file.write("before\n")
    (tmp_path / "some.log").unlink()
    (tmp_path / "some.log").mkdir()
    with pytest.raises(OSError, match=r"."):
        file.write("refused\n")
    (tmp_path / "some.log").rmdir()
    file.write("after\n")
    assert contents(tmp_path) == {"some.log": "after\n"}
