"""Issues to keep, and a process that opens them: `python -m tests.benchmarks.storage_rows opened|plain FOLDER`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from data.cache_manager import generate_cache_key
from data.issue_store.store import IssueStore

KEY = generate_cache_key("project = A", {}, None)
OTHER = generate_cache_key("project = B", {}, None)


def store(folder, key=KEY):
    return IssueStore(folder, key, "c")


def row(number, token):
    return {"id": str(number), "key": f"A-{number}", "fields": {"updated": "u", "token": token}, "changelog": {}}


def big_row(number, change):
    """About as much as is kept of an issue with ten changes."""
    item = {"field": "status", "fieldId": "status", "from": "1", "fromString": "To Do", "to": "3", "toString": "Doing"}
    histories = [
        {"id": f"{number}{step}", "created": "2026-01-01T10:00:00.000+0000", "items": [item]} for step in range(10)
    ]
    named = {
        "self": "https://jira.example.com/rest/api/3/thing/10000",
        "id": "10000",
        "name": "Something",
        "iconUrl": "",
    }
    fields = dict.fromkeys(("issuetype", "project", "status", "resolution", "priority", "parent"), named)
    fields |= {
        "updated": f"2026-01-0{1 + change}T00:00:00.000+0000",
        "summary": f"Issue {number}",
        "labels": ["a", "b"],
    }
    return {"id": str(number), "key": f"A-{number}", "fields": fields, "changelog": {"histories": histories}}


def main(what, folder):
    started = time.process_time()
    if what == "opened":
        found = sum(1 for _ in [*store(folder).snapshot().rows()])
    else:
        with (folder / "plain.json").open() as file:
            found = len(json.load(file))
    sys.stdout.write(json.dumps([time.process_time() - started, found]))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
