"""A process killed in the middle of a sync leaves the old data whole, a record, and work that is gone on with."""

from __future__ import annotations

import random
import secrets
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from configuration.clock import utc_now
from data.jira_simple import SyncRequest, kept_version, receipts, sync_status, team_data
from tests.held_jira import held
from tests.jira_sites import AS_OF, FLAVOURS, credentials, plain_issue, plain_site
from tests.patience import PATIENCE_SECONDS
from tests.property.effort import FACTOR
from tests.syncing import keeping

ROOT = Path(__file__).resolve().parents[2]
KILLS = 5 * FACTOR


def killed_when(kept, is_time):
    """Whether a process of its own was killed at that moment of its sync, before it had come to its end."""
    request = kept.request
    command = [sys.executable, "-m", "tests.syncer", request.credentials.url, request.credentials.token.reveal()]
    process = subprocess.Popen([*command, str(request.cache_dir)], cwd=ROOT, stdout=subprocess.PIPE)
    while process.poll() is None and not is_time():
        time.sleep(0.001)
    process.kill()
    told, _ = process.communicate(timeout=PATIENCE_SECONDS)
    return not told


def has_staged(kept, size):
    journal = kept.request.cache_dir / kept.request.key / "staging.jsonl"
    return lambda: journal.exists() and journal.stat().st_size > size


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_killed_sync_changes_nothing_and_is_gone_on_with(tmp_path, flavour):
    dice = random.Random(5)  # noqa: S311 - moments, no secret
    created = AS_OF - timedelta(days=100)
    site = plain_site([plain_issue(number, created + timedelta(hours=number)) for number in range(1, 701)])
    with keeping(tmp_path, site, flavour) as kept:
        token = secrets.token_hex(20)
        kept.request = SyncRequest(credentials(kept.request.credentials.url, token=token), None, {}, tmp_path)
        life, kills = kept.life(), 0
        for _ in range(KILLS):
            old, version = team_data(kept.request), kept_version(kept.request)
            with held(kept.jira, dice.randint(2, 13)) as is_time:
                is_killed = killed_when(kept, is_time.is_set)
            if not is_killed:
                continue
            kills += 1
            status = sync_status(kept.request)
            assert not status.running
            if kept_version(kept.request) == version:
                assert team_data(kept.request) == old
                assert receipts(kept.request, 1)[0].verdict == "interrupted"
                assert "goes on" in receipts(kept.request, 1)[0].next_step
            kept.passes(hours=1)
            life.pass_by(0.01)
            kept.passes(hours=1)
        assert kills >= KILLS // 2
        assert kept.sync(clock=utc_now).verdict == "complete"
        assert not kept.wrong()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_a_killed_process_had_read_is_not_read_again(tmp_path, flavour):
    created = AS_OF - timedelta(days=100)
    site = plain_site([plain_issue(number, created + timedelta(hours=number)) for number in range(1, 3001)])
    with keeping(tmp_path, site, flavour) as kept:
        with held(kept.jira, *((2, "/changelog/bulkfetch") if flavour == "cloud" else (10, "/search"))):
            assert killed_when(kept, has_staged(kept, 50_000))
        staged = kept.request.store().stage(kept.request.store().pending()).ids()
        before = len(kept.jira.requests)
        receipt = kept.sync(clock=utc_now)
        asked = [path for _, path in kept.jira.requests[before:]]
        assert not kept.wrong()
    assert (receipt.verdict, receipt.resumed, receipt.issues) == ("complete", True, 3000)
    assert len(staged) >= 100
    if flavour == "cloud":
        assert len([path for path in asked if path.endswith("/issue/bulkfetch")]) <= (3000 - len(staged)) / 100 + 1
