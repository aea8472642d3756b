"""A sync leaves exactly what Jira holds, asks for little, and says in its receipt what it did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.demo.faults import Faults
from data.demo.jira import Installation
from data.jira_simple import kept_version, receipts, sync_status, team_data
from data.metric import read_facts
from data.metric_catalogue import metric
from data.provenance.explain import explain_facts
from tests.jira_sites import AS_OF, FLAVOURS, few_issues, jira_time, plain_issue, plain_site
from tests.syncing import keeping

OTHER = {"id": "20", "key": "OT", "name": "Other"}


def plain(count, timezone="America/New_York", created=AS_OF - timedelta(days=100)):
    issues = [plain_issue(number, created + timedelta(hours=number)) for number in range(1, count + 1)]
    return plain_site(issues, timezone)


@pytest.fixture(params=FLAVOURS)
def flavour(request):
    return request.param


def test_the_first_sync_keeps_everything(tmp_path, flavour):
    with keeping(tmp_path, few_issues(), flavour) as kept:
        assert team_data(kept.request) is None
        assert kept_version(kept.request) is None
        receipt = kept.sync()
        assert not kept.wrong()
        assert receipt.calls == len(kept.jira.requests)
    count = len(few_issues().issues)
    assert (receipt.kind, receipt.verdict, receipt.cause, receipt.resumed) == ("full", "complete", None, False)
    assert receipt.flavour == flavour
    assert receipt.issues == receipt.expected == receipt.received == receipt.distinct == receipt.added == count
    assert (receipt.changed, receipt.moved, receipt.deleted, receipt.skipped) == (0, [], [], [])
    assert receipt.sentence == f"Complete: {count} issues, in less than a second, {receipt.calls} requests."
    assert receipt.data_version == kept_version(kept.request)
    data = kept.data()
    assert (data.verdict, data.lacks, data.fetched_at) == ("complete", [], AS_OF)
    assert data.versions
    assert data.statuses
    assert data.fields


def test_an_increment_brings_what_changed_came_moved_and_vanished(tmp_path, flavour):
    with keeping(tmp_path, few_issues(), flavour) as kept:
        kept.complete_sync()
        kept.passes(hours=3)
        happened = kept.life().pass_by(0.05)
        kept.passes(hours=3)
        receipt = kept.complete_sync()
        assert not kept.wrong()
        assert receipt.kind == "increment"
        surviving = set(happened.changed) | set(happened.moved)
        surviving -= set(happened.deleted) | set(happened.added)
        assert receipt.changed == len(surviving)
        assert receipt.added == len(set(happened.added) - set(happened.deleted))
        assert len(receipt.moved) == len(set(happened.moved) - set(happened.deleted) - set(happened.added))
        assert len(receipt.deleted) == len(set(happened.deleted) - set(happened.added))
        assert receipt.calls <= 17


def test_where_nothing_changed_a_sync_costs_seven_requests_or_eight(tmp_path, flavour):
    """Two to connect, three lists, the changes, and the ids or their count before and after."""
    with keeping(tmp_path, few_issues(), flavour) as kept:
        kept.complete_sync()
        kept.passes(hours=1)
        before = kept.data()
        asked = kept.requests_for_sync()
        assert len(asked) == (7 if flavour == "cloud" else 8)
        assert kept.data().issues == before.issues
        assert kept.data().fetched_at == kept.clock()


def test_versions_and_statuses_are_refreshed_although_no_issue_changed(tmp_path, flavour):
    with keeping(tmp_path, few_issues(), flavour) as kept:
        kept.complete_sync()
        before = {version["id"]: version.get("released") for version in kept.data().versions}
        assert kept.life()._release()
        kept.passes(hours=1)
        kept.complete_sync()
        after = {version["id"]: version.get("released") for version in kept.data().versions}
    assert after != before


def test_an_issue_that_leaves_the_query_leaves_what_is_kept_and_is_not_called_deleted(tmp_path, flavour):
    with keeping(
        tmp_path, plain(20), flavour, jql="project = PL", matches=lambda raw: raw["fields"]["project"]["key"] == "PL"
    ) as kept:
        kept.complete_sync()
        kept.passes(hours=1)
        kept.jira.store.move("PL-3", "OT-1", OTHER)
        receipt = kept.complete_sync()
        assert not kept.wrong()
        assert (receipt.left, receipt.deleted, receipt.moved) == (["PL-3"], [], ["PL-3 → OT-1"])


def test_a_moved_issue_that_stays_in_the_query_is_followed_and_found_by_its_old_key(tmp_path, flavour):
    with keeping(tmp_path, plain(20), flavour) as kept:
        kept.complete_sync()
        for key in ("OT-1", "OT-7"):
            kept.passes(hours=1)
            kept.jira.store.move("1003", key, OTHER)
            kept.complete_sync()
        assert not kept.wrong()
        (moved,) = [issue for issue in kept.data().issues if issue["id"] == "1003"]
        assert (moved["key"], moved["former_keys"]) == ("OT-7", ["PL-3", "OT-1"])


def test_an_issue_that_was_moved_before_the_first_sync_is_found_by_every_key_it_had(tmp_path, flavour):
    """Jira answers with the fields that it was asked for, and has none to ask for a change of key by."""
    with keeping(tmp_path, plain(20), flavour) as kept:
        for number, key in enumerate(("OT-1", "OT-7")):
            kept.passes(hours=1 + number)
            kept.jira.store.move("1003", key, OTHER)
        kept.passes(hours=1)
        kept.complete_sync()
        data = kept.data()
        facts = read_facts(data.issues, {}, as_of=kept.clock(), statuses=data.statuses)
        for old in ("PL-3", "OT-1"):
            assert explain_facts(metric("flow_velocity"), facts, 365, old).startswith(f"{old} is called OT-7 now. OT-7")
        (moved,) = [issue for issue in data.issues if issue["id"] == "1003"]
        told = [item["field"] for history in moved["changelog"]["histories"] for item in history["items"]]
        assert sorted(told) == ["Key", "Key", "status"]
        own = [path for _, path in kept.jira.requests if path.endswith("/issue/1003/changelog")]
        assert len(own) == (1 if flavour == "cloud" else 0)


def test_an_issue_that_comes_into_the_query_unnoticed_is_taken_in(tmp_path, flavour):
    """A permission that is given back, or a filter that now matches, changes no issue's date."""
    with keeping(tmp_path, plain(20), flavour) as kept:
        kept.jira.store.hide_project("PL")
        kept.complete_sync()
        assert kept.data().issues == []
        kept.jira.store.show_project("PL")
        kept.passes(days=2)
        receipt = kept.complete_sync()
        assert not kept.wrong()
        assert receipt.added == 20


ZONES = [
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Asia/Kolkata",
    "Pacific/Pago_Pago",
]
NIGHTS = {
    "America/New_York": datetime(2025, 11, 2, 3, 30, tzinfo=UTC),
    "Europe/Berlin": datetime(2025, 10, 25, 22, 30, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2025, 4, 5, 12, 30, tzinfo=UTC),
    "Pacific/Auckland": datetime(2025, 4, 5, 11, 30, tzinfo=UTC),
    "Asia/Kolkata": datetime(2025, 11, 2, 3, 30, tzinfo=UTC),
    "Pacific/Pago_Pago": datetime(2025, 11, 2, 3, 30, tzinfo=UTC),
}


@pytest.mark.parametrize("timezone", ZONES)
def test_no_change_is_missed_in_the_night_when_clocks_go_back(tmp_path, flavour, timezone):
    """A sync every 25 minutes, and a change just before and just after each."""
    site = plain(12, timezone, created=NIGHTS[timezone] - timedelta(days=30))
    with keeping(tmp_path, site, flavour, now=NIGHTS[timezone]) as kept:
        kept.complete_sync()
        for step in range(1, 13):
            kept.passes(minutes=12)
            issue = kept.jira.store.find(str(1000 + step))
            kept.jira.store.put({**issue.raw, "fields": {**issue.fields, "summary": f"Changed in step {step}"}})
            kept.passes(minutes=13)
            kept.complete_sync()
            assert not kept.wrong(), step


def test_a_change_that_the_search_sees_late_is_seen_in_time(tmp_path):
    """The index lags by two minutes, less than the syncs overlap."""
    installation = Installation(index_lag=timedelta(minutes=2))
    with keeping(tmp_path, plain(20), "cloud", installation=installation) as kept:
        kept.passes(minutes=10)
        kept.complete_sync()
        kept.passes(minutes=10)
        kept.life().pass_by(0.2)
        kept.complete_sync()
        kept.passes(minutes=3)
        kept.complete_sync()
        assert not kept.wrong()


def test_a_newly_mapped_field_is_read_for_every_issue_and_one_mapped_before_is_not(tmp_path, flavour):
    with keeping(tmp_path, few_issues(), flavour) as kept:
        kept.complete_sync()
        mapped = kept.asking(field_mappings={"team": "customfield_10016"})
        assert mapped.data().lacks == ["customfield_10016"]
        receipt = mapped.complete_sync()
        assert (receipt.kind, receipt.reason) == ("full", "not read before: customfield_10016")
        assert mapped.data().lacks == []
        assert any(issue["fields"].get("customfield_10016") for issue in mapped.data().issues)
        assert mapped.complete_sync().kind == kept.complete_sync().kind == "increment"
        assert mapped.request.key == kept.request.key


def test_a_longer_span_asks_only_for_the_missing_part(tmp_path, flavour):
    """Twenty issues were finished and last touched a year apart from the other twenty."""
    old = [plain_issue(number, AS_OF - timedelta(days=400)) for number in range(1, 21)]
    recent = [plain_issue(number, AS_OF - timedelta(days=20)) for number in range(21, 41)]
    open_long = plain_issue(41, AS_OF - timedelta(days=900), status={**few_issues().statuses[0]})
    with keeping(tmp_path, plain_site([*old, *recent, open_long]), flavour) as everything:
        kept = everything.asking(history_days=90)
        first = kept.complete_sync()
        assert kept.keys() == {f"PL-{number}" for number in range(21, 42)}
        assert first.issues == first.expected == 21
        kept.passes(hours=1)
        assert kept.complete_sync().kind == "increment"
        longer = everything.asking(history_days=500)
        receipt = longer.complete_sync()
        assert (receipt.kind, receipt.received, receipt.added) == ("extension", 20, 20)
        assert not longer.wrong()
        assert kept.complete_sync().kind == "increment", "a shorter span is a part of what is kept"
        assert everything.complete_sync().kind == "extension"
        assert not everything.wrong()


def test_a_shorter_span_read_anew_drops_the_rest_without_calling_it_deleted(tmp_path, flavour):
    old = [plain_issue(number, AS_OF - timedelta(days=400)) for number in range(1, 151)]
    recent = [plain_issue(number, AS_OF - timedelta(days=20)) for number in range(151, 171)]
    with keeping(tmp_path, plain_site([*old, *recent]), flavour) as everything:
        everything.complete_sync()
        kept = everything.asking(history_days=90)
        receipt = kept.complete_sync(full=True)
        assert (receipt.issues, receipt.deleted, receipt.left, receipt.held_back) == (20, [], [], 0)
        assert receipt.calls <= 12


def test_everything_is_read_anew_when_a_person_asks_for_it(tmp_path, flavour):
    with keeping(tmp_path, plain(30), flavour) as kept:
        kept.complete_sync()
        kept.jira.store.delete("1004")
        receipt = kept.complete_sync(full=True)
        assert (receipt.kind, receipt.received, receipt.deleted) == ("full", 29, ["PL-4"])
        assert not kept.wrong()


def test_the_receipts_are_kept_newest_first_and_nothing_runs_afterwards(tmp_path, flavour):
    with keeping(tmp_path, plain(5), flavour) as kept:
        told = [kept.complete_sync(trigger=trigger) for trigger in ("first visit", "schedule", "page")]
        assert receipts(kept.request) == told[::-1]
        assert [receipt.trigger for receipt in receipts(kept.request, 2)] == ["page", "schedule"]
        assert sync_status(kept.request).running is False


def test_histories_that_jira_kept_back_are_asked_for_again(tmp_path, flavour):
    with keeping(tmp_path, few_issues(), flavour, faults=Faults.named("without-changelog")) as kept:
        kept.sync()
        lacking = [issue for issue in kept.data().issues if "changelog" not in issue]
        assert len(lacking) > 200
        kept.jira.faults = Faults()
        kept.passes(hours=1)
        kept.complete_sync()
        assert len([issue for issue in kept.data().issues if "changelog" not in issue]) == len(lacking) - 200
        kept.complete_sync()
        assert not kept.wrong()
        assert all("changelog" in issue for issue in kept.data().issues)


def test_an_issue_that_is_changed_only_before_the_overlap_costs_one_row(tmp_path, flavour):
    with keeping(tmp_path, plain(30), flavour) as kept:
        kept.complete_sync()
        kept.passes(hours=1)
        raw = kept.jira.store.find("1007").raw
        kept.jira.store.put({**raw, "fields": {**raw["fields"], "summary": "New words"}})
        kept.passes(hours=1)
        receipt = kept.complete_sync()
        assert (receipt.received, receipt.changed, receipt.issues) == (1, 1, 30)
        assert receipt.sentence.startswith("Complete: 30 issues, 1 changed, ")


def test_the_fields_of_time_are_kept_as_jira_writes_them(tmp_path, flavour):
    created = AS_OF - timedelta(days=3)
    with keeping(tmp_path, plain_site([plain_issue(1, created)], "UTC"), flavour) as kept:
        kept.complete_sync()
        (issue,) = kept.data().issues
    assert issue["fields"]["created"] == jira_time(created)


def test_an_issue_that_comes_during_the_walk_does_not_make_up_for_one_that_was_deleted(tmp_path, flavour):
    """Data Center's count is then the same as before."""
    with keeping(tmp_path, plain(30), flavour) as kept:
        kept.complete_sync()
        kept.passes(hours=1)
        kept.jira.store.delete("1003")
        kept.passes(hours=1)

        def come(progress):
            if progress.stage == "sweep" and kept.jira.store.find("1999") is None:
                kept.jira.store.put(plain_issue(999, kept.clock()))

        receipt = kept.complete_sync(progress=come)
        assert receipt.deleted == ["PL-3"]
        kept.passes(hours=1)
        kept.complete_sync()
        assert not kept.wrong()


def test_a_sync_finds_its_own_way_to_jira_and_is_quicker_about_it_the_second_time(tmp_path, flavour):
    """Without a connection that is given, requests are counted for the whole machine."""
    with keeping(tmp_path, plain(30), flavour) as kept:
        for _ in range(2):
            kept.complete_sync(connect=None)
            kept.passes(hours=1)
        assert not kept.wrong()
    assert (tmp_path / "limits" / "requests.db").exists()


def test_lists_that_are_refused_later_stay_as_they_were_and_are_named(tmp_path, flavour):
    with keeping(tmp_path, few_issues(), flavour) as kept:
        kept.complete_sync()
        before = kept.data()
        kept.jira.faults = Faults.named("forbidden@/versions", "forbidden@/status", "forbidden@/field")
        kept.passes(hours=1)
        receipt = kept.complete_sync()
        after = kept.data()
    assert len(receipt.skipped) == 3
    assert "the list of statuses: The Jira account may not see this" in receipt.skipped
    assert (after.versions, after.statuses, after.fields) == (before.versions, before.statuses, before.fields)
    assert set(after.skipped) == set(receipt.skipped)
