"""The envelope of every kept file: metadata, data, and a digest that vouches for each byte of both."""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import os
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from data.model import iso_utc
from data.storage.quarantine import set_aside

logger = logging.getLogger(__name__)

CACHE_VERSION = "2.0"
_KEY = re.compile(r"[0-9a-f]{32}")
CLOCK_TOLERANCE = timedelta(minutes=5)
# No JSON encoder writes a line break, so the one between the two parts cannot be taken for anything else.
OPENING, BETWEEN, _CLOSING = b'{"metadata":', b',\n"data":', b"}"
_EXACT = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS


class Entry(NamedTuple):
    metadata: dict[str, Any]
    content: bytes

    @property
    def text(self) -> bytes:
        """The whole file."""
        return b"".join([OPENING, canonical(self.metadata), BETWEEN, self.content, _CLOSING])

    @property
    def data(self) -> Any:
        return decoded(self.content, self.metadata["codec"])

    @property
    def created_at(self) -> datetime:
        return datetime.fromisoformat(self.metadata["created_at"])


class Encoded(NamedTuple):
    """JSON text, and who can read it back exactly: "fast", or "plain" for huge integers and lone surrogates."""

    content: bytes
    codec: str


class DamagedError(Exception):
    """Not a file as this program writes it; the text says in what."""


def canonical(value: Any, *, in_order: bool = False) -> bytes:
    return json.dumps(value, sort_keys=not in_order, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def fingerprint(value: Any) -> str:
    """32 hexadecimal characters that stand for a JSON value, whatever the order of its keys."""
    return hashlib.sha256(canonical(value)).hexdigest()[:32]


def encoded(value: Any, *, in_order: bool = False) -> Encoded:
    """Numbers that are none (NaN, infinity) become null; what is not JSON is a TypeError or ValueError.

    Equal values become equal bytes, unless the names of objects are to stay `in_order`.
    """
    try:
        return Encoded(orjson.dumps(value, option=_EXACT if in_order else orjson.OPT_SORT_KEYS | _EXACT), "fast")
    except TypeError:
        return Encoded(canonical(value, in_order=in_order), "plain")


def decoded(content: bytes, codec: str) -> Any:
    try:
        return _fast(content) if codec == "fast" else json.loads(content)
    except (ValueError, RecursionError):
        raise DamagedError("its data is not JSON") from None


def _fast(content: bytes) -> Any:
    """Without the garbage collector, which would walk all the new objects again and again though none can be garbage.

    No other thread runs meanwhile.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        return orjson.loads(content)
    finally:
        if was_on:
            gc.enable()


def seal(metadata: Mapping[str, Any], data: Encoded) -> Entry:
    """The entry to be written; its metadata gains version, codec, size and digest."""
    described = {**metadata, "cache_version": CACHE_VERSION, "codec": data.codec, "data_size_bytes": len(data.content)}
    described["integrity"] = _digest(canonical(described), data.content)
    return Entry(described, data.content)


def created(when: datetime, cache_key: str, config_hash: str, kind: str) -> dict[str, Any]:
    """The metadata that everything kept has."""
    return {"cache_key": cache_key, "config_hash": config_hash, "kind": kind, "created_at": iso_utc(when)}


def _digest(described: bytes, content: bytes) -> str:
    digest = hashlib.sha256(described + b"\n")
    digest.update(content)
    return digest.hexdigest()


def _unsigned(described: bytes, sealed: str) -> bytes:
    """The metadata without the digest, as they were when it was made; `kind` always follows it."""
    return described.replace(b'"integrity":"%s",' % sealed.encode(), b"", 1)


def unseal(whole: bytes) -> Entry:
    """What `seal` made these bytes of; DamagedError for any other bytes."""
    head = whole[: max(whole.find(BETWEEN), 0)]
    content = whole[len(head) + len(BETWEEN) : -len(_CLOSING)]
    try:
        metadata = json.loads(head.removeprefix(OPENING))
        version, sealed = metadata["cache_version"], metadata["integrity"]
        described = canonical(metadata)
        sound = head == OPENING + described and sealed == _digest(_unsigned(described, sealed), content)
        is_dated = datetime.fromisoformat(metadata["created_at"]).tzinfo is not None
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise DamagedError("it is not as it was written") from None
    if not sound or not is_dated or not whole.endswith(_CLOSING):
        raise DamagedError("it is not as it was written")
    if version != CACHE_VERSION:
        raise DamagedError("another version wrote it")
    return Entry(metadata, content)


def entry_path(cache_key: str, cache_dir: str | Path) -> Path:
    if not _KEY.fullmatch(cache_key):
        raise ValueError(f"a cache key has 32 hexadecimal characters, unlike {cache_key[:40]!r}")
    return Path(cache_dir) / f"{cache_key}.json"


def read_entry(path: Path, root: Path, *, cache_key: str | None = None, kind: str | None = None) -> Entry | None:
    """The entry of a file, or None: absent, unreadable, or not what the name promises, which is then set aside."""
    try:
        with path.open("rb") as file:
            seen = os.fstat(file.fileno())
            whole = file.read()
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        set_aside(path, root, "a folder is in its place")
        return None
    except OSError as error:
        if path.is_dir():
            set_aside(path, root, "a folder is in its place")
            return None
        facts = {"file": path.name, "reason": error.strerror}
        logger.warning("A kept file cannot be read: %s", error.strerror, extra={"event": "cache.unreadable", **facts})
        return None
    try:
        return _promised(unseal(whole), cache_key, kind)
    except DamagedError as damage:
        set_aside(path, root, str(damage), seen)
        return None


def read_data(
    path: Path, root: Path, *, cache_key: str | None = None, kind: str | None = None
) -> tuple[Entry, Any] | None:
    """As `read_entry`, with the data read."""
    entry = read_entry(path, root, cache_key=cache_key, kind=kind)
    try:
        return None if entry is None else (entry, entry.data)
    except DamagedError as damage:
        set_aside(path, root, str(damage))
        return None


def _promised(entry: Entry, cache_key: str | None, kind: str | None) -> Entry:
    if cache_key is not None and entry.metadata.get("cache_key") != cache_key:
        raise DamagedError("it was made for another question")
    if kind is not None and entry.metadata.get("kind") != kind:
        raise DamagedError("it is of another kind")
    return entry
