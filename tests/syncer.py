"""A process that does nothing but sync, to be killed: `python -m tests.syncer URL TOKEN FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from configuration.settings import JiraCredentials, Secret
from data.jira_simple import SyncRequest, synchronise
from tests.unhurried import give_nothing_up_early

if __name__ == "__main__":
    give_nothing_up_early()
    url, token, folder = sys.argv[1:]
    credentials = JiraCredentials(url, "reader@example.com", Secret(token))
    receipt = synchronise(SyncRequest(credentials, None, {}, Path(folder)), trigger="command")
    sys.stdout.write(receipt.verdict if receipt is not None else "busy")
