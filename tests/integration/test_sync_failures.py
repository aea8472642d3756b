"""Whatever goes wrong during a sync, what was kept stays whole, the receipt names it, and the next one heals."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from datetime import timedelta

import pytest

from data.demo.faults import Fault, Faults
from data.errors import AuthenticationFailed
from data.jira_simple import (
    SyncRequest,
    ask_to_stop,
    kept_version,
    next_attempt_at,
    receipts,
    sync_status,
    synchronise,
    team_data,
)
from data.sync.status import holding
from tests.jira_sites import AS_OF, FLAVOURS, plain_issue, plain_site
from tests.patience import PATIENCE_SECONDS
from tests.property.effort import FACTOR
from tests.syncing import keeping

OTHER = {"id": "20", "key": "OT", "name": "Other"}


ROUNDS = 12 * FACTOR


@pytest.fixture(params=FLAVOURS)
def flavour(request):
    return request.param


def plain(count, **fields):
    created = AS_OF - timedelta(days=100)
    return plain_site(
        [plain_issue(number, created + timedelta(hours=number), **fields) for number in range(1, count + 1)]
    )


def two_projects(first, second):
    """So many issues of one project and so many of another."""
    site = plain(first)
    created = AS_OF - timedelta(days=50)
    others = [plain_issue(500 + number, created, project=OTHER) for number in range(1, second + 1)]
    for issue in others:
        issue["key"] = issue["key"].replace("PL-", "OT-")
    return plain_site([*site.issues, *others])


def failing_at_each(paths):
    """A permanent refusal of one of these requests after the other, whenever it comes; everything else goes well."""
    met = Counter()
    for path in paths:
        yield Faults((Fault("gone", path, first=1, skip=met[path]),))
        met[path] += 1


def test_a_first_sync_that_fails_at_any_request_leaves_nothing_half_and_the_next_completes_it(tmp_path, flavour):
    with keeping(tmp_path / "all", plain(120), flavour) as kept:
        failures = 0
        for number, faults in enumerate(failing_at_each(kept.requests_for_sync())):
            one = kept.asking(cache_dir=tmp_path / str(number))
            kept.jira.faults = faults
            receipt = one.sync()
            if receipt.verdict == "failed":
                failures += 1
                assert receipt.cause.kind == "ApiRemoved"
                assert "replaced this part" in receipt.cause.likely_cause
                assert team_data(one.request) is None
                kept.jira.faults = Faults()
                one.complete_sync()
            assert not one.wrong(), number
            assert len(one.data().issues) == 120
        assert failures >= 6


def test_an_increment_that_fails_at_any_request_leaves_the_old_data_whole(tmp_path, flavour):
    with keeping(tmp_path, plain(60), flavour) as kept:
        kept.complete_sync()
        life, failures = kept.life(), 0

        def time_goes_on():
            kept.passes(hours=1)
            life.pass_by(0.05)
            kept.passes(hours=1)

        time_goes_on()
        ways = list(failing_at_each(kept.requests_for_sync()))
        for number in range(ROUNDS):
            time_goes_on()
            before, version = kept.data().issues, kept_version(kept.request)
            kept.jira.faults = ways[number % len(ways)]
            receipt = kept.sync()
            if receipt.verdict == "failed":
                failures += 1
                assert kept.data().issues == before, number
                assert kept_version(kept.request) == version
                assert receipt.data_version in {version, None}
                kept.jira.faults = Faults()
                kept.complete_sync()
            assert not kept.wrong(), number
        assert failures >= 7


def test_many_issues_that_seem_gone_are_kept_until_a_person_confirms_it(tmp_path, flavour):
    with keeping(tmp_path, two_projects(30, 10), flavour) as kept:
        kept.complete_sync()
        kept.passes(days=2)
        kept.jira.store.hide_project("OT")
        for _ in range(2):
            receipt = kept.sync()
            assert (receipt.verdict, receipt.held_back, receipt.deleted) == ("partial", 10, [])
            assert receipt.cause.kind == "RemovalHeldBack"
            assert "confirm" in receipt.next_step
            assert "10 issues not found any more, but kept" in receipt.sentence
            assert len(kept.data().issues) == 40
            assert kept.data().verdict == "partial"
        anew = kept.sync(full=True)
        assert (anew.verdict, anew.held_back, len(kept.data().issues)) == ("partial", 10, 40)
        confirmed = kept.complete_sync(full=True, accept_losses=True)
        assert len(confirmed.deleted) == 10
        assert len(kept.data().issues) == 30


def test_what_was_hidden_for_a_while_is_up_to_date_again_afterwards(tmp_path, flavour):
    """While issues are held back the watermark stays, as they may change unseen."""
    with keeping(tmp_path, two_projects(30, 10), flavour) as kept:
        kept.complete_sync()
        kept.passes(days=2)
        raw = kept.jira.store.find("1503").raw
        kept.jira.store.put({**raw, "fields": {**raw["fields"], "summary": "Changed just before it was hidden"}})
        kept.jira.store.hide_project("OT")
        kept.sync()
        kept.passes(days=1)
        assert kept.sync().verdict == "partial"
        kept.jira.store.show_project("OT")
        kept.passes(days=1)
        kept.complete_sync()
        assert not kept.wrong()


def test_a_few_deletions_are_no_cause_for_doubt(tmp_path, flavour):
    with keeping(tmp_path, plain(30), flavour) as kept:
        kept.complete_sync()
        kept.passes(hours=1)
        for number in range(1, 6):
            kept.jira.store.delete(str(1000 + number))
        receipt = kept.complete_sync()
        assert sorted(receipt.deleted) == [f"PL-{number}" for number in range(1, 6)]
        assert not kept.wrong()


def test_a_stranger_who_sees_nothing_never_empties_what_is_kept(tmp_path):
    """The token expires in the middle: Cloud answers 200 with what the public may see, which is nothing."""
    with keeping(tmp_path, plain(30), "cloud") as kept:
        kept.complete_sync()
        kept.passes(hours=1)
        before = kept.data().issues
        for path in ("/search", "/field", "/myself"):
            kept.jira.faults = Faults.named(f"anonymous@{path}")
            receipt = kept.sync(full=path == "/search")
            assert receipt.verdict == "failed"
            assert receipt.cause.kind in {"AnonymousAccess", "AuthenticationFailed"}
            assert kept.data().issues == before


def test_a_wrong_account_in_the_middle_of_a_sweep_removes_nothing(tmp_path):
    """Asked once more before anything is removed, Jira names somebody else."""
    with keeping(tmp_path, plain(30), "datacenter") as kept:
        kept.complete_sync()
        kept.passes(hours=1)
        kept.jira.store.delete("1001")
        kept.jira.faults = Faults((Fault("foreign-json", "/myself", skip=1),))
        receipt = kept.sync()
        assert (receipt.verdict, receipt.cause.kind) == ("failed", "AnonymousAccess")
        assert len(kept.data().issues) == 30


def test_a_sync_ends_with_the_program_and_the_next_goes_on_from_there(tmp_path, flavour):
    with keeping(tmp_path, plain(600), flavour) as kept:
        told = []
        receipt = kept.sync(progress=told.append, program_ends=lambda: any(one.issues >= 200 for one in told))
        assert (receipt.verdict, receipt.ended_with_program) == ("interrupted", True)
        assert 200 <= receipt.distinct < 600
        assert f"({receipt.distinct} issues) is safe" in receipt.next_step
        assert receipt.sentence == f"Broken off after {receipt.distinct} issues: the program ended."
        assert team_data(kept.request) is None
        asked = len(kept.jira.requests)
        second = kept.complete_sync()
        assert (second.resumed, second.issues) == (True, 600)
        assert not kept.wrong()
        whole = kept.asking(cache_dir=tmp_path / "whole").complete_sync()
        assert len(kept.jira.requests) - asked - whole.calls <= whole.calls + 2


def test_what_changes_while_a_sync_is_broken_off_is_there_when_it_is_finished(tmp_path, flavour):
    with keeping(tmp_path, plain(600), flavour) as kept:
        told = []
        kept.sync(progress=told.append, program_ends=lambda: any(one.issues >= 300 for one in told))
        life = kept.life()
        kept.passes(hours=20)
        life.pass_by(0.1)
        kept.passes(hours=20)
        assert kept.complete_sync().resumed
        assert not kept.wrong()


def test_another_process_may_ask_it_to_stop_and_sees_how_far_it_is(tmp_path, flavour):
    with keeping(tmp_path, plain(600), flavour) as kept:
        assert ask_to_stop(kept.request) is False
        seen = []

        def look(progress):
            status = sync_status(kept.request)
            seen.append((status, progress))
            if progress.issues >= 200:
                assert ask_to_stop(kept.request)
                assert sync_status(kept.request).stopping

        receipt = kept.sync(progress=look, trigger="schedule")
        assert receipt.verdict == "cancelled"
        assert all(status.running and status.trigger == "schedule" for status, _ in seen)
        assert {status.receipt_id for status, _ in seen} == {receipt.id}
        assert seen[0][0].progress.stage == "connecting"
        assert sync_status(kept.request).running is False
        assert kept.complete_sync().resumed, "the wish to stop was for the run that was on"


def test_a_second_sync_of_the_same_is_turned_away_and_one_of_another_question_is_not(tmp_path, flavour):
    with keeping(tmp_path, plain(30), flavour) as kept:
        with holding(kept.request) as is_free:
            assert is_free
            assert synchronise(kept.request, connect=kept.connect, wait_seconds=0) is None
            kept.asking(jql="project = PL").complete_sync()
        assert kept.complete_sync().issues == 30


def test_an_hour_long_quota_ends_the_sync_and_says_until_when(tmp_path, flavour):
    with keeping(tmp_path, plain(600), flavour) as kept:
        path = "/issue/bulkfetch" if flavour == "cloud" else "/search"
        kept.jira.faults = Faults((Fault("quota", path, skip=3),))
        receipt = kept.sync()
        assert receipt.verdict == "failed"
        assert receipt.rate_limited_until is not None
        assert receipt.refusals >= 1
        assert next_attempt_at([receipt], 15, receipt.ended_at) >= receipt.rate_limited_until
        assert "go" in receipt.next_step
        kept.jira.faults = Faults()
        kept.waits.sleep(2 * 3600)
        kept.passes(hours=2)
        assert kept.complete_sync().issues == 600
        assert not kept.wrong()


def test_a_sync_may_be_given_a_deadline(tmp_path, flavour):
    with keeping(tmp_path, plain(300), flavour) as kept:
        kept.jira.faults = Faults.named("rate-limited@/search")
        receipt = kept.sync(deadline_seconds=10)
        assert receipt.verdict == "failed"
        assert receipt.cause.kind in {"DeadlinePassed", "RateLimited"}
        assert kept.waits.clock() <= 10


def test_what_nobody_foresaw_comes_through_after_the_receipt(tmp_path, flavour):
    with keeping(tmp_path, plain(30), flavour) as kept:

        def stumble(progress):
            if progress.stage == "versions":
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            kept.sync(progress=stumble)
        (receipt,) = receipts(kept.request)
        assert (receipt.verdict, receipt.cause.kind, receipt.distinct) == ("failed", "Unexpected", 30)
        assert receipt.calls >= 5
        assert sync_status(kept.request).running is False
        assert kept.complete_sync().issues == 30


def test_refused_credentials_are_not_tried_again_by_themselves(tmp_path, flavour):
    with keeping(tmp_path, plain(30), flavour, token=secrets.token_hex(20)) as kept:
        receipt = kept.sync()
        assert receipt.cause.kind == AuthenticationFailed.__name__
        assert next_attempt_at([receipt], 15, receipt.ended_at) is None


def test_two_threads_at_once_make_one_sync(tmp_path, flavour):
    with keeping(tmp_path, plain(300), flavour) as kept:
        outcomes = []

        begun = threading.Event()
        release = threading.Event()

        def hold(progress):
            begun.set()
            assert release.wait(PATIENCE_SECONDS)

        def sync(**options):
            outcomes.append(synchronise(kept.request, connect=kept.connect, clock=kept.clock, **options))

        first = threading.Thread(target=sync, kwargs={"progress": hold})
        first.start()
        assert begun.wait(PATIENCE_SECONDS)
        sync(wait_seconds=0)
        release.set()
        first.join()
    assert [outcome.verdict if outcome else None for outcome in outcomes] == [None, "complete"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path, flavour):
    with keeping(tmp_path, plain(30), flavour) as kept:
        kept.complete_sync()
        (tmp_path / kept.request.key / "staging.jsonl").mkdir()
        receipt = kept.sync()
        assert receipt.verdict == "failed"
        assert receipt.cause.kind in {"StoreUnwritable", "StoreTaken"}
        assert len(kept.data().issues) == 30


def test_the_key_tells_accounts_and_questions_apart_but_not_mappings_or_spans(tmp_path):
    with keeping(tmp_path, plain(1), "cloud") as kept:
        request = kept.request
        assert kept.asking(field_mappings={"team": "customfield_1"}).request.key == request.key
        assert kept.asking(history_days=90).request.key == request.key
        assert kept.asking(jql="project = PL").request.key != request.key
        another = type(request.credentials)(request.credentials.url, "bob@example.com", request.credentials.token)
        assert SyncRequest(another, None, {}, tmp_path).key != request.key
