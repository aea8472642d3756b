"""Requests as nobody well-meaning sends them, to whatever lies below /metrics; the same for the same seed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from urllib.parse import quote, quote_from_bytes

METHODS = ("GET",) * 12 + ("HEAD", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "SNIFF", "get")
UPWARDS = (
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "%252e%252e%252f",
    "..\\",
    "..%5c",
    "%c0%ae%c0%ae/",
    "%e0%80%ae/",
    "..;/",
    "....//",
    "./",
    "//",
    "%2f",
    "\uff0e\uff0e/",
    "..%00/",
    "..%ef%bc%8f",
)
TEXTS = (
    "",
    " ",
    "0",
    "-1",
    "7",
    "90",
    "91",
    "1e3",
    "7.0",
    "-0.5",
    "+7",
    "NaN",
    "inf",
    "0x10",
    "9" * 400,
    "\u0667",
    "\u00b2",
    "true",
    "null",
    "[7]",
    '{"days":7}',
    "' OR 1=1 --",
    "';DROP TABLE route_metrics;--",
    "%s%n%x",
    "{0.__class__}",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=1>',
    "\r\nSet-Cookie: a=b",
    "\x00",
    "\x1b[31m",
    "\u202egnp.exe",
    "\ud7ff\uffff",
    "\U0001f4a5" * 50,
    "=1+1",
    "~",
    "C:\\Windows\\win.ini",
    "file:///etc/passwd",
    "/etc/passwd",
    "con",
    "a" * 5000,
)
NAMES = ("days", "limit", "route", "request_id", "Days", "days[]", "days[0]", "__proto__", "_", "", "path", "file")


class Hostile:
    """Makes one request after the other from the addresses there are and the names of files there should not be."""

    def __init__(self, seed: int, addresses: Sequence[str], files: Sequence[str], port: int) -> None:
        self._random = Random(seed)  # noqa: S311 - the same requests for the same seed
        self._addresses = addresses
        self._files = files
        self._port = port

    def request(self) -> bytes:
        """All of it, as it goes over the wire."""
        random = self._random
        body = self._body() if random.random() < 0.3 else b""
        lines = [f"{random.choice(METHODS)} {self.target()} HTTP/1.1", *self._headers(body), "", ""]
        return "\r\n".join(lines).encode("latin-1") + body

    def target(self) -> str:
        random = self._random
        path = "/metrics/" + self._path()
        if random.random() < 0.2:
            place = random.randrange(len(path) + 1)
            path = path[:place] + random.choice((*UPWARDS, *map(quote, TEXTS))) + path[place:]
        asked = [f"{self._name()}={self._value()}" for _ in range(random.choice((0, 0, 1, 1, 2, 3, 40)))]
        return self._on_the_wire(path + ("?" + "&".join(asked) if asked else ""))

    def _path(self) -> str:
        random = self._random
        match random.randrange(6):
            case 0 | 1:
                return random.choice(self._addresses)
            case 2:
                return (
                    f"api/export/{random.choice(self._addresses).split('/')[-1]}.{random.choice(('csv', 'json', 'db'))}"
                )
            case 3:
                steps = random.choice(UPWARDS) * random.randint(1, 8)
                return (
                    random.choice(("", "api/", "api/", "api/export/", "api/export/", "performance/"))
                    + steps
                    + random.choice(self._files)
                )
            case 4:
                return "api/" + quote(random.choice(TEXTS))
            case _:
                noise = quote_from_bytes(random.randbytes(random.randint(1, 60)))
                return noise if random.random() < 0.2 else f"api/{noise}"

    def _name(self) -> str:
        return quote(self._random.choice(NAMES), safe="[]")

    def _value(self) -> str:
        random = self._random
        if random.random() < 0.2:
            return quote_from_bytes(random.randbytes(random.randint(1, 40)))
        return quote(random.choice((*TEXTS, *self._files)), safe=random.choice(("", "/[]{}'\"<>")))

    def _on_the_wire(self, target: str) -> str:
        """Without what would end the line; other bytes may stand there as they are, or percent-encoded."""
        raw = "" if self._random.random() < 0.5 else "".join(map(chr, range(161, 256)))
        return quote(
            target.encode("utf-8", "surrogatepass").decode("latin-1"), safe="!#$%&'()*+,/:;=?@[]~\\\"<>{}|^`" + raw
        )

    def _headers(self, body: bytes) -> list[str]:
        random = self._random
        here = f"127.0.0.1:{self._port}"
        headers = [f"Host: {here if random.random() < 0.95 else 'evil.example'}", "Connection: close"]
        if body:
            kinds = (
                "application/json",
                "application/x-www-form-urlencoded",
                "text/plain",
                "application/json; charset=x",
            )
            headers += [f"Content-Length: {len(body)}", f"Content-Type: {random.choice(kinds)}"]
        more = (
            f"Origin: {random.choice(('null', f'http://{here}', 'https://evil.example', 'http://[', '*'))}",
            f"Sec-Fetch-Site: {random.choice(('same-origin', 'cross-site', 'none', 'x'))}",
            f"Authorization: Bearer {random.getrandbits(64):x}",
            f"X-Request-ID: {quote(random.choice(TEXTS)[:100])}",
            "Accept: text/html;q=bad, */*;q=",
            "Range: bytes=0-10,5-3,-9999999999",
            f"X-Forwarded-For: {quote(random.choice(TEXTS)[:100])}",
            f"Cookie: days={quote(random.choice(TEXTS)[:100])}",
            "If-None-Match: *",
            "Transfer-Encoding: identity",
        )
        return headers + [header for header in more if random.random() < 0.1]

    def _body(self) -> bytes:
        random = self._random
        return random.choice(
            (
                random.randbytes(random.randint(1, 2000)),
                json.dumps({"days_to_keep": random.choice(TEXTS)}).encode(),
                json.dumps({random.choice(NAMES): random.choice((1, None, [], {}, 1.5, 10**30))}).encode(),
                b"[" * random.randint(1, 3000),
                b'{"days_to_keep":1}',
                b"days_to_keep=1",
            )
        )
