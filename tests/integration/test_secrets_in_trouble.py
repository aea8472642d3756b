"""Whatever answers in Jira's place, and however it repeats what it was told, no secret reaches a file, log or answer.

The secrets of the Jira account, of whoever deletes measurements, of the receiver of alerts, of the collector and of a
proxy are made up for each run, and looked for in every form in which they travel.
"""

from __future__ import annotations

import base64
import json
import secrets
import sqlite3
import zlib
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import BaseHTTPRequestHandler
from urllib.parse import quote, quote_plus

from app import create_app
from callbacks.boundary import told
from callbacks.team_source import Source
from callbacks.watching import start_watching
from configuration.redaction import MASK
from configuration.settings import JiraCredentials, load_settings
from data.jira_connection import connect
from data.jira_query_manager import RetryPolicy
from data.watch.webhook import Webhook
from tests.collector import collecting
from tests.demo_logs import logging_to
from tests.integration.page_events import ended
from tests.jira_sites import Waits
from tests.listening import listening
from tests.receiving import Receiver
from ui.pages import PAGES

EMAIL = "reader@example.com"
API = ("overview", "slow-routes", "route-trend", "cache-effectiveness", "health-score", "alerts", "nothing")
ANSWERS = {
    "401": (401, "application/json", '{{"errorMessages": ["{0}"], "errors": {{"{0}": "{0}"}}}}', {}),
    "403, HTML": (403, "text/html", "<html><title>{0}</title><pre>{0}</pre></html>", {"X-Seraph-LoginReason": "{0}"}),
    "400": (400, "application/json", '{{"errorMessages": ["{0}"]}}', {"X-AREQUESTID": "{0}"}),
    "500": (500, "text/plain", "{0}", {"atl-traceid": "{0}"}),
    "429": (429, "application/json", '{{"message": "{0}"}}', {"Retry-After": "{0}", "X-RateLimit-Reset": "{0}"}),
    "redirected": (302, "text/plain", "", {"Location": "http://ann:{0}@{0}.example.com/{0}?os_password={0}&a={0}"}),
    "not JSON": (200, "application/json", "{0}", {}),
    "other JSON": (200, "application/json", '{{"version": "{0}", "deploymentType": "{0}", "baseUrl": "{0}"}}', {}),
    "no gzip": (200, "application/json", "{0}", {"Content-Encoding": "gzip"}),
}


GREETINGS = (
    ("serverInfo", '{{"version": "9.12.4", "deploymentType": "Server", "serverTitle": "Jira"}}'),
    ("myself", '{{"name": "ann", "key": "ann", "displayName": "Ann", "timeZone": "UTC"}}'),
)


@dataclass
class Secrets:
    token: str = field(default_factory=lambda: f"{secrets.token_hex(12)}=/+{secrets.token_hex(6)}")
    metrics: str = field(default_factory=lambda: secrets.token_hex(20))
    hook_path: str = field(default_factory=lambda: secrets.token_hex(16))
    hook_key: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(24)).decode())
    collector: str = field(default_factory=lambda: secrets.token_hex(18))
    proxy: str = field(default_factory=lambda: secrets.token_hex(14))

    def forms(self):
        """Every secret in every form, as the bytes that a file or an answer would hold."""
        return {form.encode() for value in vars(self).values() for form in forms(value)}


def forms(value):
    yield from (value, quote(value), quote(value, safe=""), quote_plus(value), value.encode().hex())
    yield from (json.dumps(value)[1:-1], value.replace("/", "\\/"))
    for before in ("", ":", "ab", f"{EMAIL}:", "Bearer "):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield (
                encode(f"{before}{value}".encode()).decode()[4:-4]
                if before != f"{EMAIL}:"
                else encode(f"{before}{value}".encode()).decode().rstrip("=")
            )


def hostile(held, seen):
    """A server that answers with all that it was told, as the test says at the time."""

    class Handler(BaseHTTPRequestHandler):
        answer, friendly = ANSWERS["401"], {}

        def do_GET(self):
            sent = self.headers.get("Authorization", "nothing")
            seen.append(sent)
            greeting = self.friendly.get(self.path.rpartition("/")[2])
            status, kind, body, headers = (200, "application/json", greeting, {}) if greeting else self.answer
            repeated = f"{sent} {held.token} {quote(held.token, safe='')} {held.token.encode().hex()}"
            content = body.format(repeated).encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            for name, value in headers.items():
                self.send_header(name, value.format(held.token))
            self.end_headers()
            self.wfile.write(content)

        def do_CONNECT(self):
            sent = self.headers.get("Proxy-Authorization", "")
            seen.append(sent)
            self.send_response(407, f"Denied {sent} {held.proxy}")
            self.send_header("Proxy-Authenticate", f"Basic realm={held.proxy}")
            self.end_headers()

        def log_message(self, *_):
            """Nobody reads it."""

    return Handler


def readings(settings, handler, url):
    """What is told of a reading for each trouble: at the door, at the account's name, and at the first question."""
    waits = Waits()
    hasty = partial(connect, retry=RetryPolicy(attempts=2), clock=waits.clock, sleep=waits.sleep)
    for handler.friendly in ({}, dict(GREETINGS[:1]), dict(GREETINGS)):
        for handler.answer in ANSWERS.values():
            yield told(lambda: Source(settings, connect=hasty).synchronise("page"))
    for address in (url.replace("http:", "https:"), "https://jira.invalid"):
        elsewhere = JiraCredentials(address, EMAIL, settings.jira.token)
        yield told(lambda: Source(replace(settings, jira=elsewhere), connect=hasty).synchronise("page"))  # noqa: B023


def answers(settings, held):
    """What the program says to a browser that shows it the secrets everywhere."""
    client = create_app(replace(settings, telemetry=None)).server.test_client()
    shown = {"Authorization": f"Bearer {held.metrics}", "Cookie": f"a={held.token}", "X-Request-ID": held.token}
    yield ended(client)
    said = quote(held.token, safe="")
    paths = [page.path for page in PAGES] + [f"/metrics/api/{name}" for name in API]
    paths += ["/health", "/ready", "/metrics/prometheus", "/issues.csv", "/provenance/cfr.json", f"/nowhere/{said}"]
    for path in [*paths, *(f"{path}?days={said}&route={said}&{said}={said}" for path in paths)]:
        with client.get(path, headers=shown) as answer:
            yield answer.text + str(answer.headers)
    for body in (json.dumps({"days_to_keep": held.token}), held.token, f'{{"{held.metrics}": 1}}'):
        yield client.post("/metrics/api/rotate", data=body, headers=shown, content_type="application/json").text


def kept(folder):
    """All files, and what is packed inside databases."""
    for file in folder.rglob("*"):
        if not file.is_file():
            continue
        content = file.read_bytes()
        yield content
        if content.startswith(b"SQLite format 3"):
            with sqlite3.connect(file) as database:
                yield from (unpacked(value) for row in rows(database) for value in row if isinstance(value, bytes))
            database.close()


def rows(database):
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        yield from database.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - its own tables


def unpacked(value):
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value


def settings_of(url, folder, held, outside):
    """As the environment of the program gives them."""
    hook, collector = outside
    secret = {
        "JIRA_TOKEN": held.token,
        "SIGHTLINE_METRICS_TOKEN": held.metrics,
        "SIGHTLINE_ALERT_WEBHOOK_URL": hook.url.reveal(),
        "SIGHTLINE_ALERT_WEBHOOK_SECRET": held.hook_key,
        "SIGHTLINE_OTLP_HEADERS": f"Authorization=Bearer%20{held.collector}",
    }
    places = {
        "SIGHTLINE_LOG_DIR": str(folder / "logs"),
        "SIGHTLINE_CACHE_DIR": str(folder / "cache"),
        "SIGHTLINE_SETTINGS": str(folder / "app_settings.json"),
        "SIGHTLINE_OTLP_ENDPOINT": collector.url,
    }
    return load_settings({"JIRA_URL": url, "JIRA_EMAIL": EMAIL} | places | secret)


def test_no_secret_leaves_the_program_whatever_goes_wrong(tmp_path, monkeypatch, capsys):
    held, seen = Secrets(), []
    receiver, handler = Receiver(key=held.hook_key), hostile(held, seen)
    with (
        logging_to(tmp_path / "logs"),
        listening(handler) as url,
        collecting() as collector,
        receiver.standing(f"/services/{held.hook_path}") as hook,
    ):
        monkeypatch.setenv("HTTPS_PROXY", url.replace("//", f"//ann:{held.proxy}@"))
        settings = settings_of(url, tmp_path, held, (hook, collector))
        tracker = start_watching(settings)
        failures = [str(failure) for failure in readings(settings, handler, url)]
        said = list(answers(settings, held))
        tracker.recorder.flush()
        tracker.recorder.listeners[-1].close()
        collector.wait_for(1)
        known = [secret for name, secret in vars(held).items() if name != "proxy"]
        assert Webhook(hook).post("key", {"text": " ".join(known), "at": 1}).accepted
    told_outside = [str(collector.requests), *(f"{body}" for _, body in receiver.got)]
    texts = [*failures, *said, *told_outside, *capsys.readouterr(), *map(str, collector.paths)]
    everything = [text.encode() for text in texts] + list(kept(tmp_path))
    assert len(failures) == 3 * len(ANSWERS) + 2
    sent = {pair.removeprefix("Basic ").rstrip("=").encode() for pair in seen if pair != "nothing"}
    assert sent & held.forms(), "a secret was told, in a form that is looked for"
    assert sum(MASK.encode() in text for text in everything) > 3
    assert not [text[:300] for text in everything for form in held.forms() if form in text]
