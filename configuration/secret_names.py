"""Which names keep secrets: `apiToken` and `os_password` do, `nextPageToken` and `issue_key` do not."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

LONGEST_NAME = 80

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET_WORDS = frozenset(
    {"password", "passwd", "passwort", "passphrase", "passcode", "pwd", "pswd", "pw", "secret", "secrets", "token"}
    | {"authorization", "authorisation", "authentication", "credential", "credentials", "cred", "creds", "apikey"}
    | {"cookie", "cookies", "jwt", "pat", "jsessionid", "sessionid", "phpsessid", "otp", "totp", "cvv", "cvc"}
    | {"csrf", "xsrf", "csrftoken", "signature", "sig", "secretkey", "privatekey", "accesskey", "pgpassword", "bearer"}
    | {"userpass", "dbpass", "authkey", "webhooksecret", "encryptionkey", "signingkey"}
)
_SECRET_ENDINGS = (
    "credential",
    "credentials",
    "authorization",
    "cookie",
    "passwort",
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "passphrase",
    "sessionid",
    "privatekey",
)
_KEY_OWNERS = (
    *("api", "private", "access", "signing", "encryption", "shared", "account", "master", "ssh", "deploy"),
    *("auth", "secret", "service", "storage", "subscription", "crypt", "license"),
)
_SECRET_PAIRS = frozenset({(owner, "key") for owner in _KEY_OWNERS} | {("session", "id"), ("pass", "word")})
_SECRET_WHOLES = frozenset({"auth", "basicauth", "httpauth", "proxyauth", "accountid", "authoraccountid"})
_HARMLESS_LAST = frozenset(
    {"count", "counts", "type", "source", "method", "at", "in", "configured", "bucket", "capacity", "available"}
    | {"length", "limit", "page", "url", "uri", "field", "name", "status", "used", "total", "reason", "header"}
    | {"required", "policy", "file", "path", "endpoint", "expiry", "expires", "age", "ttl", "scheme", "mode", "error"}
    | {"errors", "rate", "rates", "budget", "usage", "left", "remaining", "size", "enabled", "manager", "class"}
    | {"version", "seconds", "duration", "ms", "valid", "present", "set", "missing", "strength", "label", "title"}
)
_HARMLESS_FIRST = frozenset({"has", "is", "max", "min", "num", "next", "page", "needs", "use", "uses", "requires"})
_SECRET_WHEN_LONG = frozenset({"session", "sid", "ticket"})
_SECRET_UNLESS_NUMBER = frozenset({"tokens", "pass"})
_NUMBER = re.compile(r"[\d.,]+%?(?:/\d+)?")


@lru_cache(maxsize=2048)
def is_secret_name(name: str) -> bool:
    """Whether a value kept under this name is a secret."""
    words = [word.lower() for word in _WORDS.findall(name[-LONGEST_NAME:]) if not word.isdigit()]
    if not words or words[0] in _HARMLESS_FIRST or name.lower() == "x-atlassian-token":
        return False
    if "".join(words) in _SECRET_WHOLES or tuple(words[-2:]) == ("account", "id"):
        return True
    if not _SECRET_PAIRS.isdisjoint(pairwise(words)):
        return words[-1] not in _HARMLESS_LAST
    return words[-1] not in _HARMLESS_LAST and any(map(_is_secret_word, words))


def _is_secret_word(word: str) -> bool:
    return word in _SECRET_WORDS or word.endswith(_SECRET_ENDINGS)


@lru_cache(maxsize=2048)
def may_keep_secret(name: str) -> bool:
    """Whether a value under this name can be a secret; some names are ordinary words, and then the value decides."""
    return is_secret_name(name) or _last_word(name) in _SECRET_WHEN_LONG | _SECRET_UNLESS_NUMBER


def keeps_secret(name: str, value: str) -> bool:
    if is_secret_name(name):
        return True
    last = _last_word(name)
    if last in _SECRET_WHEN_LONG:
        return len(value) >= 16 and " " not in value
    return last in _SECRET_UNLESS_NUMBER and not _NUMBER.fullmatch(value)


def _last_word(name: str) -> str:
    words = _WORDS.findall(name[-LONGEST_NAME:])
    return "" if not words or words[0].lower() in _HARMLESS_FIRST else words[-1].lower()
