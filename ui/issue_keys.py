"""What an issue key looks like: only such text becomes a link or enters a chart."""

from __future__ import annotations

import re

_ISSUE_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-\d+")


def is_issue_key(text: str) -> bool:
    return _ISSUE_KEY.fullmatch(text) is not None
