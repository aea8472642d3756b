"""Rows of issues as text: packed one by one, so that they can be found, copied and merged without reading the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple, Self
from zlib import crc32

from data.cache_entry import DamagedError, Encoded, Entry, decoded, encoded


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


class Place(NamedTuple):
    """Where a row is, and what it is known to hold without reading it."""

    path: Path
    start: int
    size: int
    check: int
    codec: str
    key: str | None
    updated: str | None
    parts: tuple[str, ...]


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
    """The rows as one JSON list, and the metadata by which `places` finds each of them."""
    shapes: dict[tuple[str, ...], int] = {}
    index: list[list[Any]] = []
    texts: list[bytes] = []
    codec = "fast"
    for row in rows:
        shape = shapes.setdefault(row.parts, len(shapes))
        index.append([row.id, row.key, row.updated, shape, len(row.packed.content)])
        texts.append(row.packed.content)
        codec = codec if row.packed.codec == "fast" else "plain"
    content = b"".join([b"[", b",".join(texts), b"]"])
    return {"rows": index, "shapes": [list(shape) for shape in shapes], "issue_count": len(index)}, Encoded(
        content, codec
    )


def places(entry: Entry, path: Path, start: int) -> Iterator[tuple[str, Place]]:
    """Every id of a block with its place; `start` is where the block's list begins in the file."""
    metadata, text, position = entry.metadata, memoryview(entry.content), 1
    shapes = [tuple(shape) for shape in metadata["shapes"]]
    for issue_id, key, updated, shape, size in metadata["rows"]:
        check = crc32(text[position : position + size])
        yield issue_id, Place(path, start + position, size, check, metadata["codec"], key, updated, shapes[shape])
        position += size + 1


class RowFiles:
    """Reads rows from their places; keeps the files open until it is left."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._open: dict[Path, BinaryIO] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def row(self, issue_id: str, place: Place) -> Row:
        file = self._open.get(place.path)
        if file is None:
            file = self._open[place.path] = self._stack.enter_context(place.path.open("rb"))
        file.seek(place.start)
        text = file.read(place.size)
        if crc32(text) != place.check:
            raise DamagedError(f"{place.path.name} has changed since it was verified")
        return Row(issue_id, place.key, place.updated, place.parts, Encoded(text, place.codec))
