"""Finds an installed browser of the Chromium family on Linux, macOS and Windows; downloads none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

_COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
_MAC_APPS = ("Google Chrome", "Chromium", "Microsoft Edge")
_WINDOWS_PLACES = (
    ("Google", "Chrome", "Application", "chrome.exe"),
    ("Chromium", "Application", "chrome.exe"),
    ("Microsoft", "Edge", "Application", "msedge.exe"),
)
_WINDOWS_ROOTS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")

NONE_FOUND = (
    "no Chrome, Chromium or Edge is installed, so the browser tests cannot run; "
    "install one, or name its program in CHROME_PATH"
)


def installed_browser(environ: Mapping[str, str] = os.environ) -> str | None:
    """The program to start, `CHROME_PATH` before all others; None when there is none."""
    return next((path for path in _candidates(environ) if Path(path).is_file()), None)


def _candidates(environ: Mapping[str, str]) -> Iterator[str]:
    if "CHROME_PATH" in environ:
        yield environ["CHROME_PATH"]
    for command in _COMMANDS:
        found = shutil.which(command, path=environ.get("PATH", ""))
        if found:
            yield found
    for app in _MAC_APPS:
        yield f"/Applications/{app}.app/Contents/MacOS/{app}"
    for root in _WINDOWS_ROOTS:
        for place in _WINDOWS_PLACES:
            if environ.get(root):
                yield str(Path(environ[root]).joinpath(*place))
