"""Following a log: every record once, whatever happens to the files meanwhile."""

from __future__ import annotations

import io
import json

from configuration.logs import main
from tests.log_lines import line, numbers, write


def follow(folder, steps, *arguments):
    """What is printed while, at each pause, the next step happens to the files."""
    out, left = io.StringIO(), iter(steps)

    def pause(_seconds):
        step = next(left, None)
        if step is None:
            raise KeyboardInterrupt
        step()

    main(["--log-dir", str(folder), "--follow", *arguments], environ={}, out=out, sleep=pause)
    return numbers(out.getvalue().splitlines())


def rotate(folder):
    for number in (2, 1):
        if (folder / f"app.log.{number}").exists():
            (folder / f"app.log.{number}").rename(folder / f"app.log.{number + 1}")
    (folder / "app.log").rename(folder / "app.log.1")


def test_following_shows_new_records_also_those_written_in_two_parts(tmp_path):
    path = tmp_path / "app.log"
    write(path, [line(0)])
    text = json.dumps(line(1)) + "\n"

    def add(part):
        with path.open("a", encoding="utf-8") as file:
            file.write(part)

    steps = [lambda: add(text[:30]), lambda: None, lambda: add(text[30:]), lambda: write(path, [line(2)], mode="a")]

    assert follow(tmp_path, steps) == [0, 1, 2]


def test_following_loses_and_doubles_nothing_over_several_rotations_at_once(tmp_path):
    path = tmp_path / "app.log"
    write(path, [line(0)])

    def roll():
        write(path, [line(1)], mode="a")
        for number in (2, 3):
            rotate(tmp_path)
            write(path, [line(number)])

    steps = [roll, lambda: None, lambda: write(path, [line(4)], mode="a"), lambda: rotate(tmp_path), lambda: None]
    steps += [lambda: write(path, [line(5)]), lambda: None]

    assert follow(tmp_path, steps) == [0, 1, 2, 3, 4, 5]


def test_following_goes_on_where_a_file_is_copied_and_emptied_in_place(tmp_path):
    path = tmp_path / "app.log"
    write(path, [line(0), line(1)])

    def copy_and_empty():
        write(path, [line(2)], mode="a")
        (tmp_path / "app.log.1").write_bytes(path.read_bytes())
        write(path, [line(3)])

    assert follow(tmp_path, [copy_and_empty, lambda: write(path, [line(4)], mode="a")]) == [0, 1, 2, 3, 4]


def test_following_begins_with_older_files_and_goes_on_when_all_are_deleted(tmp_path):
    path = tmp_path / "app.log"
    write(tmp_path / "app.log.1", [line(0)])
    write(path, [line(1)])

    def delete():
        path.unlink()
        write(path, [line(2)])

    assert follow(tmp_path, [delete, lambda: None, lambda: write(path, [line(3)], mode="a")]) == [0, 1, 2, 3]


def test_following_waits_for_a_log_that_is_not_there_yet(tmp_path):
    assert follow(tmp_path, [lambda: write(tmp_path / "app.log", [line(7)]), lambda: None]) == [7]
