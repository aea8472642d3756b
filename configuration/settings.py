"""Where things are and how the team's Jira is reached, read once from the environment."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from configuration.given import (
    SHORTEST_SECRET,
    ConfigurationError,
    Secret,
    choice,
    is_loopback,
    number,
    own_secret,
    private_url,
    split_url,
)
from configuration.log_fields import NAMINGS
from configuration.redaction import remember_secret
from configuration.telemetry_target import TelemetryTarget, telemetry_target

__all__ = [
    "BUILD",
    "SCHEDULES",
    "VERSION",
    "AlertWebhook",
    "ConfigurationError",
    "JiraCredentials",
    "Secret",
    "Settings",
    "app_settings_path",
    "is_loopback",
    "load_settings",
]

VERSION = "0.1.0"
BUILD = {"version": VERSION, "python": platform.python_version()}
LONGEST_JQL = 8192
SCHEDULES = (0, 15, 30, 60, 240, 1440)
"""Minutes between two readings that nobody asks for; 0 is none."""
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_PAGE = re.compile(r"/(?:browse|projects|issues|secure|rest|plugins|servicedesk|login\.jsp)(?:/|$)")
_PROJECT_ROOT = Path(__file__).resolve().parent.parent


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
    telemetry: TelemetryTarget | None = None


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; the credentials found are masked in every log from here on."""
    given = {name: value.strip() for name, value in environ.items() if value.strip()}
    defaults = Settings()
    return Settings(
        host=_host(given),
        port=number(given, "SIGHTLINE_PORT", default=defaults.port, low=1, high=65535),
        log_dir=Path(given.get("SIGHTLINE_LOG_DIR", defaults.log_dir)),
        log_level=choice(given, "SIGHTLINE_LOG_LEVEL", defaults.log_level, _LOG_LEVELS),
        log_format=choice(given, "SIGHTLINE_LOG_FORMAT", defaults.log_format, tuple(NAMINGS)),
        cache_dir=Path(given.get("SIGHTLINE_CACHE_DIR", defaults.cache_dir)),
        app_settings_path=app_settings_path(given),
        jira=_credentials(given),
        jql=_jql(given),
        as_of=_as_of(given),
        history_days=_history_days(given),
        schedule_minutes=_schedule(given),
        demo_seed=number(given, "SIGHTLINE_DEMO_SEED", default=defaults.demo_seed, low=0, high=2**31),
        metrics_token=own_secret(given, "SIGHTLINE_METRICS_TOKEN"),
        alert_webhook=_alert_webhook(given),
        telemetry=telemetry_target(given),
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


def _alert_webhook(given: Mapping[str, str]) -> AlertWebhook | None:
    url, secret = "SIGHTLINE_ALERT_WEBHOOK_URL", "SIGHTLINE_ALERT_WEBHOOK_SECRET"
    key = own_secret(given, secret)
    if url not in given and key is None:
        return None
    if url not in given or key is None:
        raise ConfigurationError(
            f"{url if url not in given else secret} is not set, though {secret if key is not None else url} is.",
            likely_cause="The variable was forgotten, is spelt differently, or was set in another terminal.",
            next_step="Set both: the receiver tells by the secret that a message is Sightline's. Or unset both.",
        )
    private_url(given, url, "Give the address that alerts are posted to, such as https://example.com/hook.")
    return AlertWebhook(Secret(given[url]), key)


def _jira_url(given: Mapping[str, str]) -> str:
    example = "Give the address of your Jira, for example https://example.atlassian.net or https://jira.example.com."
    parts = split_url("JIRA_URL", given["JIRA_URL"], example)
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


def _host(given: Mapping[str, str]) -> str:
    host = given.get("SIGHTLINE_HOST", Settings.host)
    if not is_loopback(host) and given.get("SIGHTLINE_ALLOW_REMOTE") != "1":
        raise ConfigurationError(
            f"SIGHTLINE_HOST is {host[:100]}, which other machines can reach, and nobody would have to sign in.",
            likely_cause="The dashboard was meant to be opened from another machine.",
            next_step="Use 127.0.0.1, or set SIGHTLINE_ALLOW_REMOTE=1 behind a proxy that asks who is there.",
        )
    return host


def _history_days(given: Mapping[str, str]) -> int | None:
    if "SIGHTLINE_HISTORY_DAYS" not in given:
        return None
    return number(given, "SIGHTLINE_HISTORY_DAYS", default=730, low=1, high=36_500)


def _schedule(given: Mapping[str, str]) -> int:
    choices = tuple(str(minutes) for minutes in SCHEDULES)
    return int(choice(given, "SIGHTLINE_SCHEDULE_MINUTES", str(Settings.schedule_minutes), choices))


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
