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
    folded,
    forget_secret,
    harmless_lines,
    harmless_texts,
    mask_known_secrets,
    may_hold_live_secret,
    remember_secret,
)
from configuration.secret_context import looks_made_up, mask_named_values, mask_near_words
from configuration.secret_names import is_secret_name, keeps_secret, may_keep_secret
from configuration.secret_shapes import EMAIL, EMAIL_MASK, SHAPES, mask_emails, mask_shapes

__all__ = [
    "DEEPEST",
    "EMAIL_MASK",
    "LONGEST_TEXT",
    "MASK",
    "SENSITIVE_PATTERNS",
    "forget_secret",
    "is_harmless_line",
    "is_secret_name",
    "is_suspicious",
    "mask_known_secrets",
    "remember_secret",
    "safe_repr",
    "safe_text",
    "scrub",
    "scrub_text",
]  # fmt: skip

SENSITIVE_PATTERNS = tuple((shape.pattern, shape.replacement) for shape in (*SHAPES, EMAIL))
DEEPEST = 8
LONGEST_TEXT = 20_000
_LONGEST_SECRET = 4_096
_MOST_ITEMS = 1_000
_LARGE = 10**13  # a smaller number is no card's

_INVISIBLE = re.compile(
    r"\x1b(?:\[[0-9;?]{0,20}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|[@-Z\\-_])"
    r"|[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
# Every rule needs one of these, or what _needs_a_closer_look asks for; most texts have none and are done at once.
_MARKS = (
    *("pass", "pwd", "pswd", "secret", "token", "auth", "cred", "ookie", "sess", "jwt", "cvv", "cvc"),
    *("csrf", "xsrf", "signature", "bearer", "ticket", "negotiate", "basic", "otp", "@", "%0", "-----", "private"),
    *("slack.com", "webhook", "curl", "machine", "code=", "saml", "assertion="),
)
_SHORT_NAMES = tuple((name, re.compile(name + r"(?![a-z])")) for name in ("pat", "sig", "sid", "pw"))
_KEY_OWNERS = (
    *("api", "access", "sign", "signing", "encryption", "shared", "account", "master", "ssh"),
    *("deploy", "service", "storage", "crypt", "subscription", "license"),
)
_NAMES_ACCOUNT = re.compile(r"account[ _.\-]?id")
_RUNS = bytes(ord("a") if chr(code).isalnum() or chr(code) in "_-+/" else ord(" ") for code in range(128)) + b" " * 128
_RUN = b"a" * 14
_LIKE_DATA_CENTER_TOKEN = re.compile(r"(?:[MNO][DTjz][AEIMQUYcgk][0-9w-z]){4}O[g-v]")
_RUN_MARKS = tuple(dict.fromkeys(mark for shape in SHAPES for mark in shape.marks if shape.needs_run))
_NOUGHTS = bytes.maketrans(b"123456789", b"0" * 9)
_MOST_HARMLESS, _LONGEST_HARMLESS = 8_192, 600


def is_suspicious(text: str) -> bool:
    """Whether any rule could find something in this text; texts that differ in their digits only are alike."""
    low = folded(text)
    for mark in _MARKS:
        if mark in low:
            return True
    return _needs_a_closer_look(low, text) or may_hold_live_secret(low)


def _needs_a_closer_look(low: str, text: str) -> bool:
    for name, ending in _SHORT_NAMES:
        if name in low and ending.search(low):
            return True
    if "key" in low and _names_a_secret_key(low):
        return True
    if "account" in low and _NAMES_ACCOUNT.search(low):
        return True
    line = low.encode("latin-1")
    if b"00000000000000" in line.translate(None, b" -"):
        return True
    return _RUN in line.translate(_RUNS) and _may_hold_token(low, text)


def _may_hold_token(low: str, text: str) -> bool:
    return any(mark in low for mark in _RUN_MARKS) or _LIKE_DATA_CENTER_TOKEN.search(text) is not None


def _names_a_secret_key(low: str) -> bool:
    at = low.find("key")
    while at >= 0:
        if low[max(0, at - 14) : at].rstrip(" _.-").endswith(_KEY_OWNERS):
            return True
        at = low.find("key", at + 3)
    return False


def scrub_text(text: str) -> str:
    """The text without secrets and e-mail addresses, cut to a bounded length only after that."""
    harmless = harmless_texts()
    if text in harmless:
        return text
    if len(text) > LONGEST_TEXT:
        return _scrub_long(text)
    pattern = noughts(text)
    if pattern in harmless:
        return text
    visible = text if text.isascii() and "\x1b" not in text else _INVISIBLE.sub("", text)
    if is_suspicious(visible):
        return _masked(visible)
    if visible is text and len(text) <= _LONGEST_HARMLESS:
        note_harmless(harmless, pattern)
    return visible


def note_harmless(harmless: set[str], pattern: str) -> None:
    if len(harmless) >= _MOST_HARMLESS:
        harmless.clear()
    harmless.add(pattern)


def is_harmless_line(line: bytes) -> bool:
    """Whether this finished line of JSON in ASCII holds nothing, known from one like it or looked at now."""
    pattern = line.translate(_NOUGHTS)
    lines = harmless_lines()
    if pattern in lines:
        return True
    if b"\\u" in line or is_suspicious(line.decode("ascii")):
        return False
    if len(line) <= _LONGEST_HARMLESS:
        if len(lines) >= _MOST_HARMLESS:
            lines.clear()
        lines.add(pattern)
    return True


def noughts(text: str) -> str:
    """The text with every digit a nought."""
    return text.encode("utf-8", "surrogatepass").translate(_NOUGHTS).decode("utf-8", "surrogatepass")


def _scrub_long(text: str) -> str:
    """What the cut leaves of a secret stands in the last part, which therefore goes as well."""
    shown = _INVISIBLE.sub("", text[: LONGEST_TEXT + _LONGEST_SECRET])
    shown = _masked(shown) if is_suspicious(shown) else shown
    return f"{shown[:-_LONGEST_SECRET][:LONGEST_TEXT]}… ({len(text)} characters)"


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
    if value is None or value is True or value is False:
        return value
    if type(value) is dict:
        return _scrub_container(value, name, ancestors)
    if isinstance(value, _PLAIN) and not may_keep_secret(name):
        return _scrub_plain(value)
    if isinstance(value, _CONTAINERS):
        return _scrub_container(value, name, ancestors)
    single = _single(value)
    if single not in ("", None) and keeps_secret(name, str(single)):
        return MASK
    return None if single is None else _scrub_plain(single)


def _scrub_plain(value: str | float) -> str | int | float | None:
    if type(value) is str:
        return scrub_text(value)
    if type(value) is int and -_LARGE < value < _LARGE:
        return value
    single = _single(value)
    if isinstance(single, str):
        return scrub_text(single)
    if isinstance(single, int) and abs(single) >= _LARGE and scrub_text(str(single)) != str(single):
        return MASK
    return single


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


_VALUE_KEYS = frozenset({"value", "val", "content"})
_PLAIN = (str, int)
_CONTAINERS = (dict, list, tuple, Mapping, AbstractSet)  # the quick ones first
Container = Mapping[Any, Any] | list[Any] | tuple[Any, ...] | AbstractSet[Any]


def _scrub_container(value: Container, name: str, ancestors: tuple[int, ...]) -> Any:
    if len(ancestors) >= DEEPEST or id(value) in ancestors or (name and len(value) and is_secret_name(name)):
        return MASK
    inside = (*ancestors, id(value))
    if isinstance(value, dict | Mapping):
        return _scrub_mapping(value, inside)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return _scrub_mapping(dict(zip(value._fields, value, strict=False)), inside)
    if named := _pair_name(value):
        return [named, scrub(tuple(value)[1], named, inside)]
    items = [scrub(item, name, inside) for item in islice(value, _MOST_ITEMS)]
    return items if len(value) <= _MOST_ITEMS else [*items, f"… ({len(value)} items)"]


def _scrub_mapping(value: Mapping[Any, Any], inside: tuple[int, ...]) -> dict[str, Any]:
    """What every record goes through, so that names and values seen before are taken as they are."""
    cleaned: dict[str, Any] = {}
    harmless = harmless_texts()
    for key, item in islice(value.items(), _MOST_ITEMS) if len(value) > _MOST_ITEMS else value.items():
        if key in harmless and not may_keep_secret(key) and key not in _VALUE_KEYS:
            kind = type(item)
            plain = item in harmless if kind is str else kind is bool or (kind is int and -_LARGE < item < _LARGE)
            cleaned[key] = item if plain else scrub(item, key, inside)
            continue
        text = key if type(key) is str else _key_text(key)
        name = _named_by_sibling(value) if text.lower() in _VALUE_KEYS else ""
        cleaned[scrub_text(text)] = scrub(item, name or text, inside)
    if len(value) > _MOST_ITEMS:
        cleaned["…"] = f"{len(value)} entries"
    return cleaned


def _key_text(key: object) -> str:
    return key.decode(errors="backslashreplace") if isinstance(key, bytes) else safe_text(key)


def _named_by_sibling(value: Mapping[Any, Any]) -> str:
    """`{"name": "password", "value": "x"}` is a secret under its name."""
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
