"""What a log or an error text may not say, and how it is masked: known secrets first, then shapes, then names."""

from __future__ import annotations

import re
import reprlib
import sys
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import islice
from numbers import Integral
from pathlib import PurePath
from typing import Any
from uuid import UUID

from configuration.live_secrets import (
    MASK,
    fold,
    folded,
    forget_secret,
    mask_known_secrets,
    may_hold_live_secret,
    remember_secret,
)
from configuration.secret_context import looks_made_up, mask_named_values, mask_near_words
from configuration.secret_names import is_secret_name, keeps_secret
from configuration.secret_shapes import DATA_CENTER_TOKEN, EMAIL, EMAIL_MASK, SHAPES, mask_emails, mask_shapes

__all__ = [
    "DEEPEST", "EMAIL_MASK", "LONGEST_TEXT", "MASK", "SENSITIVE_PATTERNS", "forget_secret", "is_secret_name",
    "is_suspicious", "mask_known_secrets", "remember_secret", "safe_repr", "safe_text", "scrub", "scrub_text",
]  # fmt: skip

SENSITIVE_PATTERNS = tuple((shape.pattern, shape.replacement) for shape in (*SHAPES, EMAIL))
DEEPEST = 8
LONGEST_TEXT = 20_000
_LONGEST_SECRET = 4_096
_MOST_ITEMS = 1_000

_INVISIBLE = re.compile(
    r"\x1b(?:\[[0-9;?]{0,20}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|[@-Z\\-_])"
    r"|[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_NAME_MARKS = (
    *(b"pass", b"pwd", b"pswd", b"secret", b"token", b"auth", b"cred", b"cookie", b"session", b"sessid", b"jwt"),
    *(b"cvv", b"cvc", b"csrf", b"xsrf", b"signature", b"bearer", b"ticket"),
)
_SHAPE_MARKS = tuple(dict.fromkeys(mark for shape in (*SHAPES, EMAIL) for mark in shape.marks))
_MARKS = tuple(dict.fromkeys((*_NAME_MARKS, *_SHAPE_MARKS)))
_SHORT_MARKS = re.compile(rb"(?:pat|sig|sid|otp|pw)(?![a-z])")
_NAMES_ACCOUNT = re.compile(rb"account[ _.\-]?id")
_KEY_OWNERS = (
    *(b"api", b"private", b"access", b"sign", b"signing", b"encryption", b"shared", b"account", b"master", b"ssh"),
    *(b"deploy", b"auth", b"service", b"storage", b"crypt", b"subscription", b"license"),
)
_DATA_CENTER_TOKEN = re.compile(DATA_CENTER_TOKEN.pattern.encode())


def is_suspicious(line: bytes) -> bool:
    """Whether any rule could find something in this UTF-8 text; most texts hold no mark and are done at once."""
    low = fold(line)
    for mark in _MARKS:  # the loop of a generator costs more than the looks
        if mark in low:
            return True
    return (
        _SHORT_MARKS.search(low) is not None
        or (b"key" in low and _names_a_secret_key(low))
        or (b"account" in low and _NAMES_ACCOUNT.search(low) is not None)
        or _DATA_CENTER_TOKEN.search(line) is not None
        or may_hold_live_secret(low)
    )


def _names_a_secret_key(low: bytes) -> bool:
    at = low.find(b"key")
    while at >= 0:
        if low[max(0, at - 14) : at].rstrip(b" _.-").endswith(_KEY_OWNERS):
            return True
        at = low.find(b"key", at + 3)
    return False


def scrub_text(text: str) -> str:
    """The text without secrets and e-mail addresses, cut to a bounded length only after that."""
    whole = len(text)
    too_long = whole > LONGEST_TEXT
    if too_long:
        text = text[: LONGEST_TEXT + _LONGEST_SECRET]
    if not text.isascii() or "\x1b" in text:
        text = _INVISIBLE.sub("", text)
    if is_suspicious(text.encode("utf-8", "surrogatepass")):
        text = _masked(text)
    # What the cut left of a secret stands in the last part, which therefore goes as well.
    return f"{text[:-_LONGEST_SECRET][:LONGEST_TEXT]}… ({whole} characters)" if too_long else text


def _masked(text: str) -> str:
    text = mask_known_secrets(text)
    text = mask_shapes(text, folded(text))
    text = mask_near_words(mask_named_values(text))
    return mask_emails(text)


_printer = reprlib.Repr()
_printer.maxother = sys.maxsize  # a text is cut only after the secrets in it were found


class _Text:
    """Lets reprlib, which answers also for objects whose own text methods raise, ask for `str`."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __repr__(self) -> str:
        return str(self._value)


def safe_text(value: object) -> str:
    """`str(value)`, or a description of the object when that raises."""
    return _printer.repr_instance(_Text(value), 0)


def safe_repr(value: object) -> str:
    """`repr(value)`, or a description of the object when that raises."""
    return _printer.repr_instance(value, 0)


def scrub(value: object, name: str = "", ancestors: tuple[int, ...] = ()) -> Any:
    """A JSON-ready copy of `value` without secrets; `name` is the key it is kept under.

    The caller's object is never changed. Below the deepest level, and where a container holds itself, the mask
    stands, never the value.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping | list | tuple | AbstractSet):
        return _scrub_container(value, name, ancestors)
    single = _single(value)
    if single not in ("", None) and keeps_secret(name, str(single)):
        return MASK
    return scrub_text(single) if isinstance(single, str) else single


def _single(value: object) -> str | int | float | None:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, float):
        return float(value) if value - value == 0 else None
    if isinstance(value, Integral) and abs(int(value)) < 2**63:
        return int(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode(errors="backslashreplace")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, PurePath | UUID | Decimal) else safe_repr(value)


Container = Mapping[Any, Any] | list[Any] | tuple[Any, ...] | AbstractSet[Any]


def _scrub_container(value: Container, name: str, ancestors: tuple[int, ...]) -> Any:
    if len(ancestors) >= DEEPEST or id(value) in ancestors or (len(value) and is_secret_name(name)):
        return MASK
    inside = (*ancestors, id(value))
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        value = dict(zip(value._fields, value, strict=False))
    if isinstance(value, Mapping):
        return _scrub_mapping(value, inside)
    if named := _pair_name(value):
        return [named, scrub(tuple(value)[1], named, inside)]
    items = [scrub(item, name, inside) for item in islice(value, _MOST_ITEMS)]
    return items if len(value) <= _MOST_ITEMS else [*items, f"… ({len(value)} items)"]


def _scrub_mapping(value: Mapping[Any, Any], inside: tuple[int, ...]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    for key, item in islice(value.items(), _MOST_ITEMS):
        text = safe_text(key) if not isinstance(key, bytes) else key.decode(errors="backslashreplace")
        cleaned[scrub_text(text)] = scrub(item, _named_by_sibling(value, text) or text, inside)
    if len(value) > _MOST_ITEMS:
        cleaned["…"] = f"{len(value)} entries"
    return cleaned


def _named_by_sibling(value: Mapping[Any, Any], key: str) -> str:
    """`{"name": "password", "value": "x"}` is a secret under its name."""
    if key.lower() not in {"value", "val", "content"}:
        return ""
    names = [value[kind] for kind in ("name", "key", "header", "field", "Name", "Key") if kind in value]
    return next((name for name in names if isinstance(name, str) and is_secret_name(name)), "")


def _pair_name(value: list[Any] | tuple[Any, ...] | AbstractSet[Any]) -> str:
    """The name, when this is a pair of a secret's name and the secret, as headers are often kept."""
    if isinstance(value, AbstractSet) or len(value) != 2:
        return ""
    first, second = value
    name = first.decode(errors="backslashreplace") if isinstance(first, bytes) else first
    if not isinstance(name, str) or not isinstance(second, str | bytes) or len(name) > 60 or not is_secret_name(name):
        return ""
    text = str(_single(second))
    is_pair = isinstance(value, tuple) or " " in text or looks_made_up(text)
    return name if is_pair and not is_secret_name(text) else ""
