"""The secrets this process holds, recognised by value in every form they travel in."""

from __future__ import annotations

import base64
import re
import threading
from dataclasses import dataclass

MASK = "[REDACTED]"
_SHORTEST_PLAIN = 10
_SHORTEST_MIXED = 6
_SHORTEST_CORE = 8
_RUNS = re.compile(r"[A-Za-z0-9]+")
_BACKSLASH = r"(?:\\|%(?:25){0,3}5c)"
_ENCODED_RUN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")


@dataclass(frozen=True)
class _Form:
    """One way of writing a secret. `mark` is a part that no way of escaping changes, quick to look for."""

    mark: str
    pattern: re.Pattern[str]
    is_base64: bool


_known: dict[str, tuple[_Form, ...]] = {}
_marks: tuple[str, ...] = ()
_lock = threading.Lock()
_harmless: set[str] = set()
_harmless_lines: set[bytes] = set()


def remember_secret(value: str, *, user: str | None = None) -> None:
    """Mask this value from now on: raw, escaped, quoted for URLs, in hexadecimal and inside base64 of any text.

    A short value may be a common word, so that only its encoded forms are masked everywhere.
    """
    if not value:
        return
    forms: list[_Form] = []
    if len(value) >= _SHORTEST_PLAIN or (len(value) >= _SHORTEST_MIXED and not value.isalpha()):
        forms += [_form(value), _form(value.encode().hex())]
    whole = {base64.b64encode(f"{before}{value}".encode()).decode().rstrip("=") for before in (f"{user}:", ":")}
    cores = {_base64_core(value.encode(), offset) for offset in range(3)} | whole
    forms += [
        _form(core, is_base64=True) for core in sorted(cores, key=len, reverse=True) if len(core) >= _SHORTEST_CORE
    ]
    with _lock:
        _known[f"{user}:{value}"] = tuple(forms)
        _refresh_marks()


def forget_secret(value: str, *, user: str | None = None) -> None:
    with _lock:
        _known.pop(f"{user}:{value}", None)
        _refresh_marks()


def _refresh_marks() -> None:
    global _marks, _harmless, _harmless_lines  # noqa: PLW0603 - read without a lock on every record
    _harmless, _harmless_lines = set(), set()
    _marks = tuple({folded(form.mark) for forms in _known.values() for form in forms})


_FOLD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789", b"abcdefghijklmnopqrstuvwxyz" + b"0" * 9)


def folded(text: str) -> str:
    """The text for quick looks: small letters, every digit a nought, one character a byte."""
    return text.encode("utf-8", "surrogatepass").translate(_FOLD).decode("latin-1")


def harmless_texts() -> set[str]:
    """Short texts found to hold nothing while these secrets are the known ones; another set once they change."""
    return _harmless


def harmless_lines() -> set[bytes]:
    return _harmless_lines


def may_hold_live_secret(low: str) -> bool:
    """`low` is the folded text."""
    return any(mark in low for mark in _marks)


def _base64_core(secret: bytes, offset: int) -> str:
    """The characters that base64 gives to the secret alone when `offset` bytes (modulo 3) stand before it."""
    encoded = base64.b64encode(bytes(offset) + secret)
    return encoded[-(-8 * offset // 6) : 8 * (offset + len(secret)) // 6].decode()


def _form(text: str, *, is_base64: bool = False) -> _Form:
    runs = _RUNS.findall(text)
    pattern = "".join(_base64_sign(char) if is_base64 else _any_escape(char) for char in text)
    return _Form(max(runs, key=len, default=""), re.compile(pattern, re.IGNORECASE), is_base64)


def _any_escape(char: str) -> str:
    """One character as itself, behind any number of backslashes, as `\\u0000`, as `\\x00`, or percent-encoded."""
    if char.isascii() and char.isalnum():
        return char
    number = ord(char)
    raw = char.encode("utf-8", "surrogatepass")
    ways = [re.escape(char), f"u{number:04x}" if number < 0x10000 else _surrogates(number)]
    ways.append("".join(f"%(?:25){{0,3}}{byte:02x}" for byte in raw))
    ways += [f"{_BACKSLASH}{{0,15}}".join(f"x{byte:02x}" for byte in raw), f"x{number:02x}"]
    ways += {" ": [r"\+"], "&": ["&amp;"], "<": ["&lt;"], ">": ["&gt;"]}.get(char, [])
    ways += {'"': ["&quot;", "&#34;"], "'": ["&#39;", "&#x27;", "&apos;"]}.get(char, [])
    if char == "\\":
        return f"{_BACKSLASH}{{1,16}}"
    return f"{_BACKSLASH}{{0,15}}(?:{'|'.join(ways)})"


def _surrogates(number: int) -> str:
    high, low = divmod(number - 0x10000, 0x400)
    return f"u{0xD800 + high:04x}{_BACKSLASH}{{1,15}}u{0xDC00 + low:04x}|U{number:08x}"


def _base64_sign(char: str) -> str:
    """Either alphabet of base64, also percent-encoded or with an escaped slash."""
    if char == "+":
        return r"(?:[+\- ]|%(?:25){0,3}2b|\\{1,15}u002b)"
    return r"(?:\\{0,15}[/_]|%(?:25){0,3}2f)" if char == "/" else char


def mask_known_secrets(text: str) -> str:
    line = folded(text)
    if not may_hold_live_secret(line):
        return text
    for forms in tuple(_known.values()):
        for form in forms:
            if folded(form.mark) in line:
                text = _masked(text, form)
    return text


def _masked(text: str, form: _Form) -> str:
    if not form.is_base64:
        return form.pattern.sub(MASK, text)
    kept, done = [], 0
    for match in form.pattern.finditer(text):
        start, end = match.span()
        if start < done:
            continue
        while start > done and text[start - 1] in _ENCODED_RUN:
            start -= 1
        while end < len(text) and (text[end] in _ENCODED_RUN or text[end] == "="):
            end += 1
        kept += [text[done:start], MASK]
        done = end
    return "".join([*kept, text[done:]])
