"""A walk brings every issue with its whole history, whatever the Jira does meanwhile, or says clearly why not."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from data.demo.crowd import crowd_site
from data.demo.faults import Fault, Faults
from data.demo.jira import Installation
from data.errors import AuthenticationFailed, IncompleteAnswer, PermissionDenied
from data.jira_walk.bulk import GONE
from data.jira_walk.walk import walk_all, walk_ids
from tests.jira_sites import AS_OF, FLAVOURS, connected, few_issues, plain_issue, plain_site, serving, team_site
from tests.walking import EVERYTHING, SILENT, START, Walked, asked, hourly, meanwhile, read, told, truth, walked


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_issue_comes_once_and_finished(flavour, workers):
    found, true, _ = read(team_site(), flavour, workers=workers)
    assert told(found.rows) == true
    assert len(found.met) == len(true)
    assert found.skipped == {}
    assert found.batches[-1].expected == len(true)
    pages = [batch.pages for batch in found.batches]
    assert pages == sorted(pages)
    assert pages[-1] > 3


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_empty_query_gives_one_batch_that_says_so(flavour):
    found, _, _ = read(plain_site([]), flavour)
    assert [(batch.rows, batch.expected) for batch in found.batches] == [([], 0)]


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    "fault",
    ["newest-first", "without-items", "without-author", "without-field-id", "epoch-milliseconds", "epoch-seconds"],
)
def test_histories_in_an_unusual_form_lose_nothing(flavour, fault):
    found, true, _ = read(few_issues(), flavour, faults=Faults.named(fault))
    assert told(found.rows) == true
    assert found.skipped == {}


@pytest.mark.parametrize(
    ("flavour", "path"), [("cloud", "search/jql"), ("cloud", "issue/bulkfetch"), ("datacenter", "/search")]
)
def test_what_is_damaged_for_once_is_read_again_and_loses_nothing(flavour, path):
    found, true, _ = read(few_issues(), flavour, faults=Faults.named(f"malformed-issues@{path}:1"))
    assert told(found.rows) == true
    assert all(row["fields"] for row in found.rows.values())
    assert found.skipped == {}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_stays_unreadable_is_counted_and_the_others_kept(flavour):
    found, true, _ = read(few_issues(), flavour, faults=Faults.named("malformed-issues"))
    assert 0 < len(found.rows) < len(true)
    assert len(found.rows) + sum(found.skipped.values()) >= len(true)
    assert told(found.rows) == {identity: true[identity] for identity in found.rows}


SHAPES = [
    Fault("short-page", "search/jql"),
    Fault("no-is-last", "search/jql"),
    Fault("null-token", "search/jql"),
    Fault("duplicate-issues", "search/jql"),
    Fault("empty-page", "search/jql", first=2, skip=1),
    Fault("expired-token", "search/jql", first=1, skip=3),
]


@pytest.mark.parametrize("fault", SHAPES, ids=lambda fault: fault.name)
def test_pages_of_ids_in_an_unusual_form_lose_nothing(monkeypatch, fault):
    monkeypatch.setattr("data.jira_walk.ids.IDS_AT_ONCE", 70)
    found, true, _ = read(few_issues(), "cloud", faults=Faults((fault,)))
    assert told(found.rows) == true
    assert len(found.met) == len(true)
    assert found.skipped == {}


@pytest.mark.parametrize("fault", ["repeated-token", "lost-token", "expired-token", "empty-page"])
def test_a_listing_that_cannot_be_finished_is_an_error_not_a_part(monkeypatch, fault):
    monkeypatch.setattr("data.jira_walk.ids.IDS_AT_ONCE", 70)
    with pytest.raises(IncompleteAnswer):
        read(few_issues(), "cloud", faults=Faults.named(fault))


@pytest.mark.parametrize("refusal", ["forbidden", "dead-link", "gone", "bad-query"])
def test_where_issues_are_not_handed_out_by_id_cursors_side_by_side_read_them(monkeypatch, refusal):
    monkeypatch.setattr("data.jira_walk.slices.FEWEST_ISSUES", 20)
    found, true, jira = read(few_issues(), "cloud", faults=Faults.named(f"{refusal}@issue/bulkfetch"))
    assert told(found.rows) == true
    assert len(found.met) == len(true)
    assert found.batches[-1].expected == len(true)
    assert asked(jira, "search/jql") > 8


def test_a_refusal_after_issues_were_handed_out_is_an_error(monkeypatch):
    """The account lost a right meanwhile; another way round would only hide it."""
    monkeypatch.setattr("data.jira_walk.cloud.ISSUES_AT_ONCE", 100)
    with serving(hourly(800), "cloud", faults=Faults((Fault("forbidden", "issue/bulkfetch", skip=5),))) as (_, url):
        found = Walked()
        with connected(url) as client, pytest.raises(PermissionDenied):
            found.take(walk_all(client, EVERYTHING, skip=found.skip, workers=1))


@pytest.mark.parametrize("fault", SHAPES, ids=lambda fault: fault.name)
def test_cursors_side_by_side_meet_exactly_whatever_their_pages_look_like(monkeypatch, fault):
    monkeypatch.setattr("data.jira_walk.slices.FEWEST_ISSUES", 20)
    start = datetime(2025, 11, 2, 3, tzinfo=UTC)
    site = plain_site([plain_issue(number, start + timedelta(minutes=number)) for number in range(1, 361)])
    faults = Faults((Fault("forbidden", "issue/bulkfetch"), fault))
    installation = Installation(page_cap=25)
    found, true, _ = read(site, "cloud", faults=faults, installation=installation)
    assert told(found.rows) == true
    assert len(found.met) == len(true)


def test_issues_without_readable_fields_keep_their_histories_also_when_cursors_find_them():
    faults = Faults.named("forbidden@issue/bulkfetch", "malformed-issues")
    found, true, _ = read(hourly(60), "cloud", faults=faults)
    bare = [identity for identity, row in found.rows.items() if row["fields"] is None]
    assert bare
    assert told(found.rows) == {identity: true[identity] for identity in found.rows}


@pytest.mark.parametrize("fault", ["repeated-token", "lost-token", "expired-token"])
def test_a_cursor_that_cannot_be_finished_is_an_error_not_a_part(fault):
    faults = Faults.named("forbidden@issue/bulkfetch", fault)
    with pytest.raises(IncompleteAnswer):
        read(hourly(120), "cloud", faults=faults, installation=Installation(page_cap=25))


def test_an_issue_that_goes_between_listing_and_reading_is_skipped_with_its_reason():
    with serving(hourly(250), "cloud") as (jira, url), connected(url) as client:
        meanwhile(jira, "issue/bulkfetch", 1, lambda: jira.store.delete("1005"))
        found = walked(client)
        assert told(found.rows) == truth(jira)
    assert found.skipped == {GONE: 1}
    assert found.batches[-1].expected == 250


def test_when_nothing_that_was_listed_is_there_it_is_an_error():
    with serving(hourly(50), "cloud") as (jira, url), connected(url) as client:
        meanwhile(jira, "issue/bulkfetch", 1, lambda: jira.store.hide_project("PL"))
        with pytest.raises(IncompleteAnswer, match="hands out none"):
            walked(client)


def test_issues_that_jira_could_not_read_for_once_are_asked_for_again():
    found, true, _ = read(hourly(150), "cloud", faults=Faults.named("bulk-errors@bulkfetch:2"))
    assert told(found.rows) == true
    assert found.skipped == {}


def test_issues_that_jira_never_can_read_are_counted_with_what_it_says():
    found, true, _ = read(hourly(150), "cloud", faults=Faults.named("bulk-errors"))
    assert len(found.rows) + sum(found.skipped.values()) == len(true)
    assert all(reason.startswith("Jira could not read an issue: ") for reason in found.skipped)


def test_histories_split_over_pages_and_questions_are_put_together(monkeypatch):
    monkeypatch.setattr("data.jira_walk.changelogs.ENTRIES_AT_ONCE", 20)
    monkeypatch.setattr("data.jira_walk.cloud.ISSUES_AT_ONCE", 150)
    found, true, jira = read(few_issues(), "cloud")
    assert told(found.rows) == true
    assert asked(jira, "changelog/bulkfetch") > 40


def test_a_change_between_reading_an_issue_and_its_history_is_seen_as_a_change_later():
    """The history is read after the fields: newer, and never older, than the `updated` that is kept."""
    with serving(hourly(30), "cloud") as (jira, url), connected(url) as client:
        before = jira.store.find("1003").fields["updated"]
        gained = [{"field": "status", "fieldId": "status", "from": "3", "to": "1", "toString": "To Do"}]
        meanwhile(jira, "changelog/bulkfetch", 1, lambda: jira.store.change("1003", lambda _: gained))
        found = walked(client)
        assert told(found.rows) == truth(jira)
        assert datetime.fromisoformat(found.rows["1003"]["fields"]["updated"]) == datetime.fromisoformat(before)
        assert jira.store.find("1003").fields["updated"] != before


def changed_later(count):
    """Issues whose dates say that something was changed after they were created."""
    return hourly(count, updated="2025-06-01T00:00:00.000+0000")


def test_a_silence_about_all_histories_is_not_believed_at_once():
    found, true, _ = read(changed_later(30), "cloud", faults=Faults.named("without-changelog@bulkfetch:1"))
    assert told(found.rows) == true
    assert found.skipped == {}


def test_a_few_histories_that_are_not_handed_out_in_bulk_are_read_one_by_one():
    found, true, jira = read(changed_later(15), "cloud", faults=Faults.named("without-changelog@bulkfetch"))
    assert told(found.rows) == true
    assert asked(jira, "/changelog") == 15


def test_many_histories_that_are_not_handed_out_stay_unknown_not_empty():
    found, true, _ = read(changed_later(60), "cloud", faults=Faults.named("without-changelog@bulkfetch"))
    assert set(found.rows) == set(true)
    assert not [row for row in found.rows.values() if "changelog" in row]
    assert found.skipped == {SILENT: 60}


def test_issues_that_never_changed_have_empty_histories():
    site = plain_site([plain_issue(number, START) | {"changelog": {"histories": []}} for number in range(1, 31)])
    found, _, jira = read(site, "cloud")
    assert [row["changelog"] for row in found.rows.values()] == [{"histories": []}] * 30
    assert asked(jira, "changelog/bulkfetch") == 1


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_what_the_index_does_not_know_yet_is_left_to_a_later_increment(flavour):
    with serving(hourly(40), flavour, installation=Installation(index_lag=timedelta(hours=1))) as (jira, url):
        jira.store.put(plain_issue(77, AS_OF))
        with connected(url) as client:
            found = walked(client)
        assert set(found.rows) == set(truth(jira)) - {"1077"}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_closing_a_walk_stops_its_workers(flavour):
    with (
        serving(crowd_site(400, AS_OF), flavour, installation=Installation(page_cap=10)) as (jira, url),
        connected(url) as client,
    ):
        found = Walked()
        walk = walk_all(client, EVERYTHING, skip=found.skip, workers=2)
        next(walk)
        walk.close()
        under_way = len(jira.requests) + 2
        for thread in threading.enumerate():
            if thread.name.startswith("jira-walk"):
                thread.join()
        assert len(jira.requests) <= under_way


def test_no_more_pages_are_read_ahead_than_there_is_room_for():
    installation = Installation(page_cap=5)
    with serving(hourly(400), "datacenter", installation=installation) as (jira, url), connected(url) as client:
        found = Walked()
        walk = walk_all(client, EVERYTHING, skip=found.skip, workers=2)
        found.take([next(walk), next(walk)])
        assert asked(jira, "/search") <= 1 + 3 * 2
        found.take(walk)
        assert set(found.rows) == set(truth(jira))


@pytest.mark.parametrize(("flavour", "path"), [("cloud", "issue/bulkfetch"), ("datacenter", "/search")])
def test_the_first_error_ends_the_walk_and_what_waits(flavour, path, monkeypatch):
    """A question more than may be asked ahead of the second, which fails; the whole would take thirty and more."""
    monkeypatch.setattr("data.jira_walk.cloud.BULK_SIZE", 10)
    with serving(crowd_site(600, AS_OF), flavour, installation=Installation(page_cap=20)) as (jira, url):
        jira.faults = Faults((Fault("unauthorized", path, skip=1),))
        with connected(url) as client, pytest.raises(AuthenticationFailed):
            walked(client, workers=4)
        assert 2 <= asked(jira, path) <= 2 + 3 * 4


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_ids_of_a_query_come_whole_and_once(flavour, monkeypatch):
    monkeypatch.setattr("data.jira_walk.ids.IDS_AT_ONCE", 70)
    monkeypatch.setattr("data.jira_walk.ids.IDS_AT_ONCE_DATA_CENTER", 70)
    with serving(few_issues(), flavour) as (jira, url), connected(url) as client:
        pairs = [pair for page in walk_ids(client, EVERYTHING.where) for pair in page]
        assert sorted(pairs) == sorted((record.id, record.key) for record in jira.store.all())


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_list_of_ids_with_an_unreadable_entry_is_no_list_to_judge_by(flavour):
    faults = Faults.named("malformed-issues")
    with (
        serving(few_issues(), flavour, faults=faults) as (_, url),
        connected(url) as client,
        pytest.raises(IncompleteAnswer),
    ):
        list(walk_ids(client, EVERYTHING.where))
