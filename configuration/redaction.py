"""What a log or an error text may not say, and how it is masked: known secrets first, then shapes, then names."""

from __future__ import annotations

import base64
import binascii
import json
import re
import reprlib
import sys
import threading
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import quote

MASK = "[REDACTED]"
EMAIL_MASK = "[EMAIL_REDACTED]"
DEEPEST = 8
LONGEST_TEXT = 20_000
_SHORTEST_PLAIN = 10

_known_forms: dict[str, tuple[str, ...]] = {}
_known_lock = threading.Lock()


def remember_secret(value: str, *, user: str | None = None) -> None:
    """Mask this value from now on, also URL-quoted, JSON-escaped and as the base64 of `user:value`.

    A short value may be a common word, so that only its encoded forms are masked everywhere.
    """
    if not value:
        return
    forms = {value, quote(value, safe=""), json.dumps(value)[1:-1]} if len(value) >= _SHORTEST_PLAIN else set()
    for text in (value, f"{user}:{value}", f":{value}"):
        encoded = base64.b64encode(text.encode()).decode().rstrip("=")
        forms |= {encoded, quote(encoded, safe=""), encoded.replace("+", "-").replace("/", "_")}
    with _known_lock:
        _known_forms[f"{user}:{value}"] = tuple(sorted(filter(_is_long, forms), key=len, reverse=True))


def _is_long(form: str) -> bool:
    return len(form) >= _SHORTEST_PLAIN


def forget_secret(value: str, *, user: str | None = None) -> None:
    with _known_lock:
        _known_forms.pop(f"{user}:{value}", None)


_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET_WORDS = frozenset(
    {"password", "passwd", "pwd", "passphrase", "secret", "secrets", "token", "authorization", "authentication"}
    | {"credential", "credentials", "cookie", "cookies", "apikey", "jwt", "pat", "jsessionid", "sessionid"}
)
_SECRET_PAIRS = frozenset(
    {("api", "key"), ("private", "key"), ("access", "key"), ("signing", "key"), ("session", "id")}
)
_HARMLESS_LAST = frozenset(
    {"count", "counts", "type", "source", "method", "at", "in", "configured", "bucket", "capacity", "available"}
    | {"length", "limit", "page", "url", "field", "name", "status", "used", "total", "reason", "header"}
    | {"required", "policy", "file", "path"}
)
_HARMLESS_FIRST = frozenset({"has", "is", "max", "min", "num", "next", "page", "needs"})


@lru_cache(maxsize=2048)
def is_secret_name(name: str) -> bool:
    """Whether a value kept under this name is a secret: `apiToken` and `os_password` are, `nextPageToken` is not."""
    words = [word.lower() for word in _WORDS.findall(name[:200]) if not word.isdigit()]
    if not words or (words[0] in _HARMLESS_FIRST) or name.lower() == "x-atlassian-token":
        return False
    if not _SECRET_PAIRS.isdisjoint(pairwise(words)):
        return True
    return words[-1] not in _HARMLESS_LAST and not _SECRET_WORDS.isdisjoint(words)


def _basic_or_nothing(match: re.Match[str]) -> str:
    """`Basic` is followed by credentials only when the next word decodes to `name:password`."""
    try:
        decoded = base64.b64decode(match[2] + "=" * (-len(match[2].rstrip("=")) % 4))
    except (binascii.Error, ValueError):
        return match[0]
    return f"{match[1]}{MASK}" if b":" in decoded else match[0]


def _data_center_token(match: re.Match[str]) -> str:
    """A Data Center token is base64 of twelve digits, a colon and 20 bytes; other texts of 44 letters stay."""
    decoded = base64.b64decode(match[0])
    return MASK if decoded[:12].isdigit() and decoded[12:13] == b":" else match[0]


_PLACEHOLDER = re.compile(
    r"(?i)(?:none|null|true|false|no-check|unset|<[^>]{0,40}>|\[REDACTED.*|\$\{.*|realm=.*|\*+)\Z"
)
_KEYWORD = r"passw|passphrase|pwd|secret|token|authori|authentication|credential|cookie|key|session|jwt|pat"
_SCHEME = r"(?:Bearer|Basic|JWT|Token|Negotiate|Digest|ApiKey)"


def _named_value(match: re.Match[str]) -> str:
    name, value = match["name"], match["value"]
    if not is_secret_name(name) or _PLACEHOLDER.match(value.strip("\"'\\")) or not value.strip("\"'\\,;"):
        return match[0]
    return f"{name}{match['between']}{match['scheme'] or ''}{match['open'] or ''}{MASK}"


Replacement = str | Callable[[re.Match[str]], str]

# Every repetition is bounded or cannot start over inside itself, so that a hostile megabyte costs linear time.
SENSITIVE_PATTERNS: tuple[tuple[re.Pattern[str], Replacement], ...] = (
    (
        re.compile(
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|\Z)"
        ),
        MASK,
    ),
    (re.compile(r"(?<![A-Za-z0-9])AT(?:AT|CT|BB|ST)[A-Za-z0-9_\-]{16,}(?:=[A-Fa-f0-9]{0,8})?"), MASK),
    (re.compile(r"(?<![A-Za-z0-9_\-])eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?"), MASK),
    (
        re.compile(
            r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_\-]{16,}"
            r"|xox[abprs]-[A-Za-z0-9\-]{10,}|npm_[A-Za-z0-9]{30,}|AKIA[A-Z0-9]{16}|AIza[A-Za-z0-9_\-]{30,})"
        ),
        MASK,
    ),
    (re.compile(r"(?i)(hooks\.slack\.com/services/)[^\s\"'<>]+"), rf"\1{MASK}"),
    (re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{43}[A-Za-z0-9+/=](?![A-Za-z0-9+/=])"), _data_center_token),
    (
        re.compile(
            r"(?i)(?<![A-Za-z0-9])((?:Bearer|JWT)(?:\s{1,4}|%20))"
            r"(?=[A-Za-z0-9._~+/=\-]{0,200}\d|[A-Za-z0-9._~+/=\-]{20})[A-Za-z0-9._~+/=\-]+"
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)(?<![A-Za-z0-9])(Basic(?:\s{1,4}|%20))([A-Za-z0-9+/_\-]{4,}={0,2})"), _basic_or_nothing),
    (
        re.compile(r"(?i)(?<![a-z0-9+.\-])([a-z][a-z0-9+.\-]{0,20}://)[^\s/@\"'<>]{1,500}@"),
        rf"\1{MASK}@",
    ),
    (
        re.compile(
            r"(?i)(?<![A-Za-z0-9_.\-])((?:JSESSIONID|cloud\.session\.token|tenant\.session\.token|"
            r"seraph\.rememberme\.cookie|atlassian\.xsrf\.token|session)=)[^;\s\"'&]+"
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)(?<![A-Za-z0-9\-])((?:Set-)?Cookie[\"']?\s{0,3}:\s{0,3})[^\r\n]+"), rf"\1{MASK}"),
    (
        re.compile(
            rf"(?<![A-Za-z0-9_.\-])(?P<name>[A-Za-z0-9_.\-]{{0,40}}(?i:{_KEYWORD})[A-Za-z0-9_.\-]{{0,30}})"
            r"(?P<between>\\{0,3}[\"']?\s{0,3}(?:=>|[=:])\s{0,3})"
            rf"(?P<open>\\{{0,3}}[\"'])?(?P<scheme>(?i:{_SCHEME})\s{{1,3}})?"
            r"(?P<value>(?(open)[^\"'\r\n]+|[^\s\"',;&)\]}]+))"
        ),
        _named_value,
    ),
    (
        re.compile(
            r"(?<![A-Za-z0-9._%+\-])(?!git@)[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,5}"
        ),
        EMAIL_MASK,
    ),
)

_INVISIBLE = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]|[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


# Every pattern above needs one of these; most texts have none and are done at once.
_SUSPICIOUS = re.compile(
    r"[@=:]|-----|[Ss][Ll][Aa][Cc][Kk]|xox|[A-Za-z0-9+/_.\-]{20}|[Bb][Ee][Aa][Rr]|[Bb][Aa][Ss][Ii][Cc]|[Jj][Ww][Tt]"
)


def mask_known_secrets(text: str) -> str:
    for forms in tuple(_known_forms.values()):
        for form in forms:
            text = text.replace(form, MASK)
    return text


def scrub_text(text: str) -> str:
    """The text without secrets and e-mail addresses, cut to a bounded length only after that."""
    text = mask_known_secrets(_INVISIBLE.sub("", text))
    if _SUSPICIOUS.search(text):
        for pattern, replacement in SENSITIVE_PATTERNS:
            text = pattern.sub(replacement, text)
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}… ({len(text)} characters)"


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
    return MASK if value not in ("", b"") and is_secret_name(name) else _scrub_single(value)


def _scrub_single(value: object) -> str | int | float:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, float) and value - value == 0:
        return float(value)
    if isinstance(value, int) and abs(value) < 2**63:
        return int(value)
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, bytes | bytearray):
        return scrub_text(value.decode(errors="backslashreplace"))
    return scrub_text(value.isoformat() if isinstance(value, date) else safe_repr(value))


Container = Mapping[Any, Any] | list[Any] | tuple[Any, ...] | AbstractSet[Any]


def _scrub_container(value: Container, name: str, ancestors: tuple[int, ...]) -> Any:
    if len(ancestors) >= DEEPEST or id(value) in ancestors or (len(value) and is_secret_name(name)):
        return MASK
    inside = (*ancestors, id(value))
    if isinstance(value, Mapping):
        named = ((safe_text(key), item) for key, item in value.items())
        return {scrub_text(key): scrub(item, key, inside) for key, item in named}
    return [scrub(item, name, inside) for item in value]
