"""Where things are and how the team's Jira is reached, read once from the environment."""

from __future__ import annotations

import hmac
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit

from configuration.log_fields import NAMINGS
from configuration.redaction import remember_secret

LONGEST_JQL = 8192
SHORTEST_SECRET = 16
SCHEDULES = (0, 15, 30, 60, 240, 1440)
"""Minutes between two readings that nobody asks for; 0 is none."""
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_PAGE = re.compile(r"/(?:browse|projects|issues|secure|rest|plugins|servicedesk|login\.jsp)(?:/|$)")
_PROJECT_ROOT = Path(__file__).resolve().parent.parent


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


@dataclass(frozen=True)
class JiraCredentials:
    """Basic authentication with an e-mail (or user name), Bearer with a personal access token without one.

    The token of any credentials made is masked in every log and error text from then on.
    """

    url: str
    email: str | None
    token: Secret

    def __post_init__(self) -> None:
        remember_secret(self.token.reveal(), user=self.email)


@dataclass(frozen=True)
class AlertWebhook:
    """Where alerts are posted, and what they are signed with. The address of many a receiver is a secret itself."""

    url: Secret
    key: Secret

    def __post_init__(self) -> None:
        for secret in (self.key.reveal(), *re.split(r"[/?&=#]", self.url.reveal())):
            if len(secret) >= SHORTEST_SECRET and secret != urlsplit(self.url.reveal()).netloc:
                remember_secret(secret)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the environment decides. `jira` is None for the demo team; `as_of` None means the time of the fetch.

    `history_days` None reads everything; `schedule_minutes` holds until somebody chooses another on the page.
    Whoever holds `metrics_token` may delete measurements from another machine.
    """

    host: str = "127.0.0.1"
    port: int = 8050
    log_dir: Path = _PROJECT_ROOT / "logs"
    log_level: str = "INFO"
    log_format: str = "sightline"
    cache_dir: Path = _PROJECT_ROOT / "cache"
    app_settings_path: Path = _PROJECT_ROOT / "app_settings.json"
    jira: JiraCredentials | None = None
    jql: str | None = None
    as_of: datetime | None = None
    history_days: int | None = None
    schedule_minutes: int = 0
    demo_seed: int = 7
    metrics_token: Secret | None = None
    alert_webhook: AlertWebhook | None = None


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; the credentials found are masked in every log from here on."""
    given = {name: value.strip() for name, value in environ.items() if value.strip()}
    defaults = Settings()
    return Settings(
        host=_host(given),
        port=_number(given, "SIGHTLINE_PORT", default=defaults.port, low=1, high=65535),
        log_dir=Path(given.get("SIGHTLINE_LOG_DIR", defaults.log_dir)),
        log_level=_choice(given, "SIGHTLINE_LOG_LEVEL", defaults.log_level, _LOG_LEVELS),
        log_format=_choice(given, "SIGHTLINE_LOG_FORMAT", defaults.log_format, tuple(NAMINGS)),
        cache_dir=Path(given.get("SIGHTLINE_CACHE_DIR", defaults.cache_dir)),
        app_settings_path=app_settings_path(given),
        jira=_credentials(given),
        jql=_jql(given),
        as_of=_as_of(given),
        history_days=_history_days(given),
        schedule_minutes=_schedule(given),
        demo_seed=_number(given, "SIGHTLINE_DEMO_SEED", default=defaults.demo_seed, low=0, high=2**31),
        metrics_token=_secret(given, "SIGHTLINE_METRICS_TOKEN"),
        alert_webhook=_alert_webhook(given),
    )


def app_settings_path(environ: Mapping[str, str] = os.environ) -> Path:
    """The file of field mappings and team rules, which needs no Jira to be found."""
    return Path(environ.get("SIGHTLINE_SETTINGS") or Settings.app_settings_path)


def _credentials(given: Mapping[str, str]) -> JiraCredentials | None:
    names = ("JIRA_URL", "JIRA_EMAIL", "JIRA_TOKEN")
    if not any(name in given for name in names):
        return None
    missing = [name for name in ("JIRA_URL", "JIRA_TOKEN") if name not in given]
    if missing:
        raise ConfigurationError(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set, though another Jira setting is.",
            likely_cause="The variable was forgotten, is spelt differently, or was set in another terminal.",
            next_step=f"Set {' and '.join(missing)}, or unset {', '.join(names)} to see the demo team.",
        )
    email, token = given.get("JIRA_EMAIL"), given["JIRA_TOKEN"]
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigurationError(
            "JIRA_TOKEN holds a character that no token has.",
            likely_cause="Something else was pasted, or a quotation mark or line break came along.",
            next_step="Copy the token again from Jira and set JIRA_TOKEN to it alone.",
        )
    return JiraCredentials(url=_jira_url(given), email=email, token=Secret(token))


def _secret(given: Mapping[str, str], name: str) -> Secret | None:
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


def _alert_webhook(given: Mapping[str, str]) -> AlertWebhook | None:
    url, secret = "SIGHTLINE_ALERT_WEBHOOK_URL", "SIGHTLINE_ALERT_WEBHOOK_SECRET"
    key = _secret(given, secret)
    if url not in given and key is None:
        return None
    if url not in given or key is None:
        raise ConfigurationError(
            f"{url if url not in given else secret} is not set, though {secret if key is not None else url} is.",
            likely_cause="The variable was forgotten, is spelt differently, or was set in another terminal.",
            next_step="Set both: the receiver tells by the secret that a message is Sightline's. Or unset both.",
        )
    parts = _split_url(url, given[url], "Give the address that alerts are posted to, such as https://example.com/hook.")
    if parts.scheme == "http" and not is_loopback((parts.hostname or "").lower()):
        raise ConfigurationError(
            f"{url} begins with http://, which would let anybody on the way read the alerts.",
            likely_cause="The s of https is missing.",
            next_step="Use https://; only this machine itself may be reached with http://.",
        )
    return AlertWebhook(Secret(given[url]), key)


def _jira_url(given: Mapping[str, str]) -> str:
    example = "Give the address of your Jira, for example https://example.atlassian.net or https://jira.example.com."
    parts = _split_url("JIRA_URL", given["JIRA_URL"], example)
    host = (parts.hostname or "").lower()
    if parts.scheme == "http" and not is_loopback(host) and given.get("SIGHTLINE_ALLOW_HTTP") != "1":
        raise ConfigurationError(
            f"JIRA_URL for {host} begins with http://, which would send the token unencrypted.",
            likely_cause="The s of https is missing.",
            next_step="Use https://, or set SIGHTLINE_ALLOW_HTTP=1 if this network is trusted.",
        )
    # On Cloud no path belongs to the site; elsewhere it is a context path, unless it was copied from a page.
    path = "" if host.endswith((".atlassian.net", ".jira.com")) else _PAGE.split(parts.path)[0].rstrip("/")
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


def _split_url(name: str, text: str, example: str) -> SplitResult:
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


def is_loopback(host: str) -> bool:
    """Whether the name or address means this machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host(given: Mapping[str, str]) -> str:
    host = given.get("SIGHTLINE_HOST", Settings.host)
    if not is_loopback(host) and given.get("SIGHTLINE_ALLOW_REMOTE") != "1":
        raise ConfigurationError(
            f"SIGHTLINE_HOST is {host[:100]}, which other machines can reach, and nobody would have to sign in.",
            likely_cause="The dashboard was meant to be opened from another machine.",
            next_step="Use 127.0.0.1, or set SIGHTLINE_ALLOW_REMOTE=1 behind a proxy that asks who is there.",
        )
    return host


def _number(given: Mapping[str, str], name: str, *, default: int, low: int, high: int) -> int:
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and low <= int(text[:12]) <= high):
        raise ConfigurationError(
            f"{name} is {text[:40]!r}, not a whole number from {low} to {high}.",
            likely_cause="A typing mistake.",
            next_step=f"Set {name} to a number in that range, or unset it for {default}.",
        )
    return int(text)


def _history_days(given: Mapping[str, str]) -> int | None:
    if "SIGHTLINE_HISTORY_DAYS" not in given:
        return None
    return _number(given, "SIGHTLINE_HISTORY_DAYS", default=730, low=1, high=36_500)


def _schedule(given: Mapping[str, str]) -> int:
    choices = tuple(str(minutes) for minutes in SCHEDULES)
    return int(_choice(given, "SIGHTLINE_SCHEDULE_MINUTES", str(Settings.schedule_minutes), choices))


def _choice(given: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
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


def _jql(given: Mapping[str, str]) -> str | None:
    jql = given.get("JIRA_JQL")
    if jql is not None and len(jql) > LONGEST_JQL:
        raise ConfigurationError(
            f"JIRA_JQL is {len(jql)} characters long; at most {LONGEST_JQL} can be sent.",
            likely_cause="The query lists its issues one by one.",
            next_step="Name the project instead, for example JIRA_JQL='project = \"ABC\"'.",
        )
    return jql


def _as_of(given: Mapping[str, str]) -> datetime | None:
    text = given.get("SIGHTLINE_AS_OF")
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"SIGHTLINE_AS_OF is {text[:40]!r}, not a date.",
            likely_cause="It is written in another order than year, month, day.",
            next_step="Write it like 2026-01-31 or 2026-01-31T17:00:00Z, or unset it for now.",
        ) from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
