"""What the environment gives as text: what each kind of value must look like, and what is said of one that does not."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit

from configuration.redaction import remember_secret

SHORTEST_SECRET = 16


class ConfigurationError(Exception):
    """A setting that cannot be used: what is wrong, why it probably is, and what to do."""

    title = "The configuration cannot be used"

    def __init__(self, detail: str, *, likely_cause: str, next_step: str) -> None:
        self.detail = detail
        self.likely_cause = likely_cause
        self.next_step = next_step
        super().__init__(f"{self.title}: {detail} Likely cause: {likely_cause} What to do: {next_step}")


class Secret:
    """A credential that shows itself only to `reveal()`: no text, copy, pickle or JSON of it holds the value."""

    __slots__ = ("_value",)
    _value: str

    def __init__(self, value: str) -> None:
        object.__setattr__(self, "_value", value)

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "[REDACTED]"

    def __format__(self, format_spec: str) -> str:
        return format(repr(self), format_spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a Secret cannot be changed; make another")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled or copied into a file")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self


def own_secret(given: Mapping[str, str], name: str) -> Secret | None:
    """A secret that somebody made up for us, masked in every log from here on."""
    value = given.get(name)
    if value is None:
        return None
    if len(value) < SHORTEST_SECRET or not value.isascii() or not value.isprintable() or " " in value:
        raise ConfigurationError(
            f"{name} is shorter than {SHORTEST_SECRET} characters, or holds one that no header can carry.",
            likely_cause="It was made up by hand, or a space or line break came along.",
            next_step='Make one with python -c "import secrets; print(secrets.token_urlsafe(32))" and set it to that.',
        )
    remember_secret(value)
    return Secret(value)


def split_url(name: str, text: str, example: str) -> SplitResult:
    def refuse(problem: str, next_step: str) -> ConfigurationError:
        return ConfigurationError(
            f"{name} {problem}", likely_cause="The address was typed or pasted incompletely.", next_step=next_step
        )

    try:
        parts = urlsplit(text)
        port_is_readable = parts.port is None or parts.port > 0
    except ValueError:
        raise refuse("is not an address.", example) from None
    if parts.username is not None or parts.password is not None or "\\" in text:
        raise refuse("holds a user name, password or backslash.", "Write it without; secrets have variables.")
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_readable:
        raise refuse("is not an address that begins with https://.", example)
    return parts


def private_url(given: Mapping[str, str], name: str, example: str) -> SplitResult:
    """An address to which only this machine itself may be sent something unencrypted."""
    parts = split_url(name, given[name], example)
    if parts.scheme == "http" and not is_loopback((parts.hostname or "").lower()):
        raise ConfigurationError(
            f"{name} begins with http://, which would let anybody on the way read what is sent there.",
            likely_cause="The s of https is missing.",
            next_step="Use https://; only this machine itself may be reached with http://.",
        )
    return parts


def is_loopback(host: str) -> bool:
    """Whether the name or address means this machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def number(given: Mapping[str, str], name: str, *, default: int, low: int, high: int) -> int:
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and low <= int(text[:12]) <= high):
        raise ConfigurationError(
            f"{name} is {text[:40]!r}, not a whole number from {low} to {high}.",
            likely_cause="A typing mistake.",
            next_step=f"Set {name} to a number in that range, or unset it for {default}.",
        )
    return int(text)


def choice(given: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    """One of the choices, however it is capitalised."""
    text = given.get(name, default)
    found = next((choice for choice in choices if choice.casefold() == text.casefold()), None)
    if found is None:
        raise ConfigurationError(
            f"{name} is {text[:40]!r}, which is none of {', '.join(choices)}.",
            likely_cause="A typing mistake.",
            next_step=f"Set {name} to one of them, or unset it for {default}.",
        )
    return found
