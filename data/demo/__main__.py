"""Runs a simulated Jira over HTTP: `python -m data.demo --flavour cloud --port 9100`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from data.demo.crowd import crowd_site
from data.demo.fault_names import FAULT_NAMES
from data.demo.faults import Faults
from data.demo.jira import Installation, SimulatedJira
from data.demo.loading import UnreadableFileError, load_site
from data.demo.server import running_server
from data.demo.site import Site
from data.demo.team import DEMO_SEED, demo_site

TOKEN_VARIABLE = "SIMULATED_JIRA_TOKEN"  # noqa: S105 - the name of a variable
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no instant; write for example 2026-01-31T12:00Z") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m data.demo",
        description="A Jira to try things on: a made-up team, or issues from files, served as a real one would.",
        epilog=f"With {TOKEN_VARIABLE} in the environment only that token is let in; without, any is.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=9100, help="port to listen on; 0 picks a free one")
    parser.add_argument("--flavour", choices=("cloud", "datacenter"), default="cloud")
    parser.add_argument("--load", type=Path, nargs="+", metavar="PATH", help=".jsonl or .json files, or folders")
    parser.add_argument("--versions", type=Path, metavar="FILE", help="the project whose versions belong to --load")
    parser.add_argument("--statuses", type=Path, metavar="FILE", help="the statuses that belong to --load")
    parser.add_argument("--seed", type=int, default=DEMO_SEED, help="seed of the made-up team")
    parser.add_argument(
        "--issues", type=int, metavar="N", help="instead of the team, so many plain issues, to try size"
    )
    parser.add_argument("--latency", type=float, default=0.0, metavar="MS", help="milliseconds that every answer takes")
    parser.add_argument("--as-of", type=_instant, metavar="ISO", help="the present of the simulated Jira")
    parser.add_argument("--page-cap", type=int, metavar="N", help="most issues in one page")
    parser.add_argument("--context-path", default="", metavar="PATH", help="for example /jira")
    parser.add_argument("--scoped", action="store_true", help="the token is right under the gateway only")
    parser.add_argument("--captcha-after", type=int, metavar="N", help="failed logins before a CAPTCHA is asked for")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[@PATH][:N]",
        help="something to go wrong, on paths that contain PATH, for the first N requests; may be repeated",
    )
    parser.add_argument("--list-faults", action="store_true", help="print the names of all faults and stop")
    return parser


def _site(arguments: argparse.Namespace) -> Site:
    if arguments.load:
        return load_site(
            arguments.load, versions=arguments.versions, statuses=arguments.statuses, as_of=arguments.as_of
        )
    if arguments.versions or arguments.statuses:
        raise UnreadableFileError("--versions and --statuses describe loaded issues. Add --load with their files.")
    as_of = arguments.as_of or datetime.now(UTC).replace(second=0, microsecond=0)
    if arguments.issues is not None:
        return crowd_site(arguments.issues, as_of)
    return demo_site(arguments.seed, as_of)


def build_jira(arguments: argparse.Namespace, token: str | None) -> SimulatedJira:
    installation = Installation(
        context_path=arguments.context_path,
        page_cap=arguments.page_cap,
        scoped=arguments.scoped,
        captcha_after=arguments.captcha_after,
        latency=max(arguments.latency, 0.0) / 1000,
    )
    return SimulatedJira(
        _site(arguments),
        flavour=arguments.flavour,
        token=token,
        faults=Faults.named(*arguments.fault),
        installation=installation,
    )


def instructions(jira: SimulatedJira, address: str) -> str:
    """What to type to see this Jira in the dashboard."""
    token = f"the token in {TOKEN_VARIABLE}" if os.environ.get(TOKEN_VARIABLE) else "anything"
    if jira.is_cloud:
        bash = f"JIRA_URL={address} JIRA_EMAIL=you@example.com JIRA_TOKEN=anything python app.py"
        windows = f'$env:JIRA_URL="{address}"; $env:JIRA_EMAIL="you@example.com"; $env:JIRA_TOKEN="anything"'
    else:
        bash = f"JIRA_URL={address} JIRA_TOKEN=anything python app.py"
        windows = f'$env:JIRA_URL="{address}"; $env:JIRA_TOKEN="anything"'
    return (
        f"{jira.site.name}: {len(jira.site.issues)} issues as Jira {jira.flavour}, at {address}\n"
        f"Token: {token}. To see it in the dashboard, in another terminal:\n"
        f"  bash        {bash}\n"
        f"  PowerShell  {windows}; python app.py\n"
        "Ctrl+C stops it."
    )


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    if arguments.list_faults:
        _say("\n".join(f"{name:22} {meaning}" for name, meaning in FAULT_NAMES.items()))
        return 0
    token = os.environ.get(TOKEN_VARIABLE) or None
    if token is None and arguments.host not in _LOOPBACK:
        _say(
            f"Listening on {arguments.host} without a token lets everybody in. Set {TOKEN_VARIABLE} first.", error=True
        )
        return 2
    try:
        jira = build_jira(arguments, token)
        with running_server(jira, arguments.port, arguments.host) as address:
            _say(instructions(jira, address))
            while True:
                time.sleep(3600)
    except (UnreadableFileError, ValueError) as problem:
        _say(str(problem), error=True)
    except OSError as problem:
        _say(f"Port {arguments.port} cannot be used ({problem.strerror}). Choose another with --port.", error=True)
    except KeyboardInterrupt:
        return 0
    return 2


def _say(text: str, *, error: bool = False) -> None:
    stream = sys.stderr if error else sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


if __name__ == "__main__":
    raise SystemExit(main())
