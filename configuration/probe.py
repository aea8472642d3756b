"""Asks the Sightline on this machine how it is: `python -m configuration.probe /ready`; the exit code is the answer."""

from __future__ import annotations

import argparse
import http.client
import os
import sys
from collections.abc import Mapping, Sequence

from configuration.settings import ConfigurationError, load_settings

HEALTH, READY = "/health", "/ready"
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - not bound to, but reached
_LONGEST_ANSWER = 100_000


def main(arguments: Sequence[str] | None = None, *, environ: Mapping[str, str] = os.environ) -> int:
    """Exit code 0 when all is well, 1 when it is not, 2 when it cannot be asked."""
    parser = argparse.ArgumentParser(prog="python -m configuration.probe", description="Asks Sightline how it is.")
    parser.add_argument("path", nargs="?", choices=(HEALTH, READY), default=HEALTH, help="alive, or able to work")
    parser.add_argument("--timeout", type=float, default=5.0, metavar="SECONDS", help="how long it may take")
    wish = parser.parse_args(arguments)
    try:
        settings = load_settings(environ)
    except ConfigurationError as problem:
        return _told(str(problem), code=2)
    host = _ANYWHERE.get(settings.host, settings.host)
    # Not through a proxy that the environment may name for the way to Jira.
    connection = http.client.HTTPConnection(host, settings.port, timeout=wish.timeout)
    try:
        connection.request("GET", wish.path)
        answer = connection.getresponse()
        text = answer.read(_LONGEST_ANSWER).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as problem:
        return _told(f"Nothing answers at port {settings.port} of {host}: {problem!r}.", code=1)
    finally:
        connection.close()
    return _told(text.strip(), code=0 if answer.status == http.client.OK else 1)


def _told(text: str, *, code: int) -> int:
    print(text, file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main())
