"""Rows of issues as text: packed one by one, so that they can be found, copied and merged without reading the rest."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple, Self
from zlib import crc32

from data.storage.cache_entry import BETWEEN, DamagedError, Encoded, Entry, decoded, encoded


class Row(NamedTuple):
    """`parts` names the members of the row besides its id."""

    id: str
    key: str | None
    updated: str | None
    parts: tuple[str, ...]
    packed: Encoded

    def unpacked(self) -> dict[str, Any]:
        row: dict[str, Any] = decoded(*self.packed)
        return row


def pack(row: Mapping[str, Any]) -> Row:
    issue_id, fields = row.get("id"), row.get("fields")
    if not isinstance(issue_id, str) or not issue_id:
        raise ValueError("a row without an id cannot be kept")
    updated = fields.get("updated") if isinstance(fields, Mapping) else None
    parts = tuple(sorted(name for name in row if name != "id"))
    return Row(issue_id, _text(row.get("key")), _text(updated), parts, encoded(row))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def merged(rows: Iterable[Row]) -> Row:
    """One row of one id: of every member the last one given."""
    first, *others = rows
    if not others:
        return first
    whole = first.unpacked()
    for other in others:
        whole |= other.unpacked()
    return pack(whole)


def block(rows: Iterable[Row]) -> tuple[dict[str, Any], Encoded]:
    """The rows as one JSON list, and the metadata by which each of them is found in it."""
    shapes: dict[tuple[str, ...], int] = {}
    index: list[list[Any]] = []
    texts: list[bytes] = []
    codec = "fast"
    for row in rows:
        shape = shapes.setdefault(row.parts, len(shapes))
        index.append([row.id, row.key, row.updated, shape, len(row.packed.content)])
        texts.append(row.packed.content)
        codec = codec if row.packed.codec == "fast" else "plain"
    described = {"rows": index, "shapes": [list(shape) for shape in shapes], "issue_count": len(index)}
    return described, Encoded(b"".join([b"[", b",".join(texts), b"]"]), codec)


class Index:
    """What is known of the rows of a block without their text; each has a number."""

    def __init__(self, entry: Entry) -> None:
        rows, shapes = entry.metadata["rows"], [tuple(shape) for shape in entry.metadata["shapes"]]
        self.codec: str = entry.metadata["codec"]
        self.ids: list[str] = [row[0] for row in rows]
        self.keys: list[str | None] = [row[1] for row in rows]
        self.updated: list[str | None] = [row[2] for row in rows]
        self.parts: list[tuple[str, ...]] = [shapes[row[3]] for row in rows]
        # The list begins with a bracket, and a comma follows each row.
        self.starts = array("Q", accumulate((row[4] + 1 for row in rows), initial=1))
        text = memoryview(entry.content)
        self.checks = array("Q", (crc32(text[slice(*self.bounds(number))]) for number in range(len(rows))))

    def __len__(self) -> int:
        return len(self.ids)

    def bounds(self, number: int) -> tuple[int, int]:
        """From where to where in the data the row is."""
        return self.starts[number], self.starts[number + 1] - 1

    def row(self, number: int, text: bytes) -> Row:
        if crc32(text) != self.checks[number]:
            raise DamagedError("a row has changed since it was verified")
        packed = Encoded(text, self.codec)
        return Row(self.ids[number], self.keys[number], self.updated[number], self.parts[number], packed)


def rows_of(entry: Entry) -> list[Row]:
    """The rows of a block that was just verified."""
    index = Index(entry)
    return [index.row(number, entry.content[slice(*index.bounds(number))]) for number in range(len(index))]


class RowFiles:
    """Reads single rows of files that were verified before; keeps the files open until it is left."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._open: dict[Path, tuple[BinaryIO, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def row(self, path: Path, index: Index, number: int) -> Row:
        if path not in self._open:
            opened = self._stack.enter_context(path.open("rb"))
            self._open[path] = opened, len(opened.readline()) + len(BETWEEN.split(b"\n")[1])
        file, data = self._open[path]
        start, end = index.bounds(number)
        file.seek(data + start)
        return index.row(number, file.read(end - start))
